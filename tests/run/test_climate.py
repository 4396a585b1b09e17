"""Cases in another air than the room's: who fails in it, that the chamber has made it, and that its end is off."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from rig.bench.file import load_bench
from rig.faults import Base, Level, Short
from rig.files.device import Device
from rig.files.document import load, resolve
from rig.record import read_run
from rig.run.case import Case
from rig.run.climate import ROOM_DEGC, Climate, to_move_s
from rig.run.hooks import running_order
from rig.run.needs import missing, unfit
from rig.run.stage import DeviceNotReady
from tests.run.conftest import verdicts
from tests.run.test_feeding import judged, with_defect

FULL = load_bench(resolve("benches", "full"))
CHAMBER = FULL.chamber
ASKED = ("run", "climate", "--bench", "full", "--out", "run", "-k")


def device(name: str) -> Device:
    return load(resolve("devices", name), Device)


# -- whole runs


def test_what_shows_in_the_heat_alone_is_caught_there(rig, tmp_path):
    with_defect(tmp_path, "healthy", "late-when-warm: default, meter-drift: default")
    done = rig(*ASKED, "short or (energy and 45)", "--scene", "scene.yaml")
    assert done.returncode == 1, done.stdout + done.stderr
    asked = (("TMPR-01", "operate_time"), ("TMPR-03", "energy_error"))
    found = [one for clause, measurand in asked for one in judged(tmp_path / "run", clause, measurand)]
    assert {one["case"]: one["decision"]["verdict"] for one in found} == {
        "TMPR-01-short-10-mohm-at--10-degC": "PASS", "TMPR-01-short-10-mohm-at-45-degC": "FAIL",
        "TMPR-03-metered-at-90-%-at-45-degC": "FAIL",
    }  # fmt: skip
    air = {one["case"]: one["air"] for one in read_run(tmp_path / "run").entries("shot")}
    assert air["TMPR-01-short-10-mohm-at--10-degC"] == {"before": -10.0, "after": -10.0}
    told = [line for line in done.stdout.splitlines() if line.startswith("climate: ")]
    assert len(told) == 19  # once in five minutes of the two hours


def test_a_chamber_that_does_nothing_is_no_pass_and_nothing_was_injected(rig, tmp_path):
    text = "schema: 1\nname: wrong\nextends: healthy\nbench: {faults: [{fault: chamber_dead, part: chamber}]}\n"
    (tmp_path / "scene.yaml").write_text(text, encoding="utf-8")
    done = rig(*ASKED, "short and 45", "--scene", "scene.yaml")
    assert done.returncode == 4, done.stdout + done.stderr
    told = " ".join(done.stdout.split())
    assert "The chamber was to bring its air to 45 degC and keep it for 1800 s, and has 25.4 degC after 42" in told
    assert verdicts(tmp_path / "run") == {}
    assert '"kind":"intent"' not in (tmp_path / "run" / "journal.jsonl").read_text()


def test_killed_while_the_device_soaks(started_rig, served, tmp_path):
    twin = served(bench="full", seed=1, pace=3.0)
    process = started_rig("run", "climate", "--bench", twin.bench, "--out", "run", "-k", "short and 45")
    twin.truth.until(chamber_on=True)
    process.kill()
    text, _ = process.communicate(timeout=120)  # until the guard, which has its pipe, has ended too
    assert "the guard made the bench safe" in text
    twin.truth.assert_safe()


# -- the chamber's way


class Air:
    """A chamber, its clock and a recorder: `way` gives the air for the seconds since it was sent somewhere."""

    def __init__(self, way=lambda seconds, degc: degc) -> None:
        self.way, self.ns, self.sent_ns, self.degc, self.on = way, 0, 0, ROOM_DEGC, False
        self.streams, self.told = 1, []

    def set_temperature(self, degc):
        self.degc, self.sent_ns = degc, self.ns

    def run(self, on):
        self.on = on

    def temperature(self):
        return self.way((self.ns - self.sent_ns) * 1e-9, self.degc)

    def now_ns(self):
        return self.ns

    def sleep(self, seconds):
        assert self.streams == 0, "an hour of nothing is recorded"
        self.ns += round(seconds * 1e9)

    @contextmanager
    def resting(self):
        self.streams -= 1
        try:
            yield
        finally:
            self.streams += 1

    def climate(self) -> Climate:
        return Climate(CHAMBER, self, self, self, self.told.append)


def test_the_device_soaks_for_as_long_as_declared_once_for_all_cases_of_a_climate():
    air = Air()
    climate = air.climate()
    with climate.of(45.0) as seen:
        assert air.on
        assert air.ns * 1e-9 == pytest.approx(CHAMBER.soak, abs=10.0)
        assert air.ns * 1e-9 >= CHAMBER.soak
    assert seen == {"before": 45.0, "after": 45.0}
    there = air.ns
    with climate.of(45.0):
        assert air.ns == there
    assert air.streams == 1
    assert air.told[0] == "climate: 45.0 of 45 degC, 1800 s to soak"
    assert len(air.told) == 7


def test_soaking_begins_anew_when_the_air_has_left():
    slipped = Air(lambda seconds, degc: degc - (5.0 if 900.0 < seconds < 950.0 else 0.0))
    with slipped.climate().of(45.0):
        assert slipped.ns * 1e-9 >= 950.0 + CHAMBER.soak


def test_one_that_does_not_get_there_is_said_so_and_the_recorder_goes_on():
    cold = Air(lambda _, degc: min(degc, 41.9))
    with pytest.raises(DeviceNotReady) as said, cold.climate().of(45.0):
        pytest.fail("the case was begun")
    assert str(said.value).startswith(
        "The chamber was to bring its air to 45 degC and keep it for 1800 s, and has 41.9 degC after 42"
    )
    assert cold.streams == 1


def test_air_that_has_left_by_the_end_of_the_case_is_said_so():
    air = Air()
    with pytest.raises(DeviceNotReady) as said, air.climate().of(-10.0):
        air.way = lambda _, degc: degc + 2.1
    assert str(said.value) == "The chamber's air was to have -10 degC in the case, and had -7.9 degC."


def test_back_in_the_room_it_rests():
    air = Air()
    climate = air.climate()
    with climate.of(45.0):
        pass
    with climate.of(None) as seen:
        assert (air.degc, air.on) == (ROOM_DEGC, False)
    assert seen == {}
    there = air.ns
    with climate.of(None):
        assert air.ns == there


@pytest.mark.parametrize(("found", "moved"), [(22.0, False), (36.0, True), (-10.0, True)])
def test_what_is_found_at_the_begin_is_the_room_if_it_is_as_warm(found, moved):
    air = Air(lambda _, degc: degc if air.on else found)
    with air.climate().of(None):
        assert bool(air.ns) is moved


def test_without_a_chamber_nobody_is_asked():
    with Climate(None, None, None, None).of(None) as seen:
        assert seen == {}
    assert to_move_s(None) == 0.0
    assert to_move_s(CHAMBER) == 4200.0


# -- the plan


def test_each_climate_comes_once_after_the_room_and_before_what_takes_consent():
    def item(**declared):
        return SimpleNamespace(callspec=SimpleNamespace(params={"rig_case": Case("X-1", Short("1 ohm"), **declared)}))

    plan = [item(ambient="45 degC"), item(consent="it may burn"), item(), item(hold="24 h", note="a day")]
    plan += [item(ambient="-10 degC"), item(note="last")]
    order = [one.callspec.params["rig_case"] for one in running_order(plan)]
    told = [(case.ambient, case.consent, case.note) for case in order]
    assert told == [
        (None, "", ""), (None, "", "last"), (None, "", "a day"), ("-10 degC", "", ""), ("45 degC", "", ""),
        (None, "it may burn", ""),
    ]  # fmt: skip


def test_who_is_put_into_it_and_on_which_bench():
    case, reference = Case("TMPR-01", Short("10 mohm"), ambient="45 degC"), device("reference")
    assert (unfit(case, reference), missing(case, FULL, reference)) == ("", [])
    assert (case.label, case.degc) == ("short 10 mΩ at 45 degC", 45.0)
    without = FULL.model_copy(update={"chamber": None})
    assert missing(case, without, reference) == ["a climate chamber"]
    hotter = Case("TMPR-01", Short("10 mohm"), ambient="60.5 degC")
    assert missing(hotter, FULL, reference) == ["a climate chamber of 60.5 degC"]
    assert unfit(hotter, reference) == "it is for a device that is declared to work at 60.5 degC"
    untold = reference.model_copy(update={"operating_temperature": None})
    assert unfit(case, untold) == "it is for a device that is declared to work at 45 degC"
    assert unfit(Case("UV-04", Level("50 %"), base=Base(load=0.5)), untold) == ""


@pytest.mark.parametrize(("ambient", "why"), [("45", "write a quantity with a unit"), ("45 K", "expected a temp")])
def test_what_is_no_temperature_is_refused_where_it_is_declared(ambient, why):
    with pytest.raises(ValueError, match=f"Case: ambient: {why}"):
        Case("TMPR-01", Short("10 mohm"), ambient=ambient)
