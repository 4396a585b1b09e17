"""The device's own counter and word against the bench, on the twin: sound ones pass, defects fail on their clause."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from rig.faults import Metered, metering
from rig.files.bench import Bench
from rig.files.device import Device
from rig.files.document import load, resolve
from rig.measure import Capture
from rig.record import read_run
from rig.run import Case
from rig.run.counted import Counted, Reading, wrong_reports
from rig.run.metered import metered
from rig.run.needs import counter_refusals, missing, unfit
from rig.run.perform import Taken

REFERENCE = load(resolve("devices", "reference"), Device)
APPLIANCE = load(resolve("devices", "appliance"), Device)
BATTERY = load(resolve("devices", "small-battery"), Device)
BENCH = load(resolve("benches", "twin"), Bench)
STEP = REFERENCE.port.counter.step


def verdicts(folder) -> dict[tuple[str, str], tuple[str, float | None]]:
    return {
        (one["clause"], one["measurement"]["measurand"]): (one["decision"]["verdict"], one["measurement"]["value"])
        for one in read_run(folder).entries("verdict")
    }


def with_defect(tmp_path, defect: str) -> list[str]:
    text = f"schema: 1\nname: defective\nextends: healthy\ndevice: {{defects: {{{defect}}}}}\n"
    (tmp_path / "scene.yaml").write_text(text, encoding="utf-8")
    return ["--scene", "scene.yaml"]


def test_a_sound_counter_passes_and_the_record_can_be_judged_again(rig, tmp_path):
    done = rig("run", "metering", "-k", "90", "--out", "run", report=True)
    assert done.returncode == 0, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")
    verdict, error = found["MTR-01", "energy_error"]
    # The twin's meter sits in front of the port's bleeder of 33 kohm: 1.64 mA of 4.5 A, and U is below 0.25 %.
    assert verdict == "PASS"
    assert error == pytest.approx(54 / 33e3 / 4.5, abs=0.0025)
    assert found["MTR-03", "counter_step"] == ("PASS", 1.0)
    assert found["TMP-02", "counter_decreases"] == ("PASS", 0.0)
    assert found["MTR-02", "lost_energy"][1] < STEP / 4
    again = rig("rejudge", "run", "--limits", "draft-48v", "--out", "again")
    assert again.returncode == 0, again.stdout + again.stderr
    assert verdicts(tmp_path / "again") == found
    assert (tmp_path / "run" / "report.html").stat().st_size > 10_000


def test_what_a_power_cut_takes_from_a_counter_is_lost_and_shows(rig, tmp_path):
    done = rig("run", "metering", "-k", "MTR-02", *with_defect(tmp_path, "nvm-lost: 2 h"), "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")
    assert found["TMP-02", "counter_decreases"] == ("FAIL", 1.0)
    verdict, lost = found["MTR-02", "lost_energy"]
    assert verdict == "FAIL"
    assert 2 * STEP < lost < 4 * STEP, "the three steps before the cut"


def test_a_device_that_reports_something_else_fails(rig, tmp_path):
    done = rig("run", "metering", "-k", "reported", *with_defect(tmp_path, "false-trip-report: 7"), "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    assert verdicts(tmp_path / "run")["SC-01", "wrong_reports"] == ("FAIL", 1.0)
    sound = rig("run", "metering", "-k", "reported", "--out", "sound")
    assert sound.returncode == 0, sound.stdout + sound.stderr
    assert verdicts(tmp_path / "sound")["SC-01", "wrong_reports"] == ("PASS", 0.0)


def test_a_device_that_does_not_answer_is_not_tested(rig, tmp_path):
    text = resolve("devices", "reference").read_text(encoding="utf-8")
    (tmp_path / "device.yaml").write_text(text.replace("address: 106", "address: 90"), encoding="utf-8")
    done = rig(
        "run", "metering", "-k", "metered-at-90", "--device", "device.yaml", "--scene", "healthy", "--out", "run"
    )
    assert done.returncode == 4, done.stdout + done.stderr
    (ended, _) = [one for one in read_run(tmp_path / "run").entries("case") if one.get("verdict")]
    assert ended["verdict"] == "NOT_TESTED"
    assert "does not say what is in register 90 of its map" in ended["reason"]


@pytest.mark.parametrize(
    ("fault", "device", "why"),
    [
        (Metered(0.5), REFERENCE, ""),
        (Metered(0.5), BATTERY, ""),
        (Metered(0.5), APPLIANCE, "it is for a port that gives current"),
        (Metered(), APPLIANCE, ""),
        (Metered(), REFERENCE, "it is for a consumer"),
        (Metered(0.5, cut="1 s"), BATTERY,
         "it is for a device that the bench feeds, and small-battery lives on its own"),
        (Metered(0.5), load(resolve("devices", "limiter"), Device),
         "it is for a port whose maker declares an energy counter for that way"),
    ],
)  # fmt: skip
def test_whose_counter_is_watched(fault, device, why):
    assert unfit(Case("MTR-01", fault), device) == why


def test_a_hold_that_is_too_short_for_the_counter_is_refused_with_what_it_takes():
    assert counter_refusals(Case("MTR-01", Metered(0.1), hold="5 min"), REFERENCE.port) == []
    (why,) = counter_refusals(Case("MTR-01", Metered(0.1), hold="1 min"), REFERENCE.port)
    assert why == (
        "metered at 10 %: with steps of 0.1 Wh the counter has to be watched for up to 91.43 s, and the case holds for "
        "60 s"
    )


def test_a_bench_of_real_instruments_needs_a_link_to_the_device():
    case = Case("MTR-01", Metered(0.5), needs=frozenset({"communication"}))
    assert missing(case, BENCH, REFERENCE) == []
    real = BENCH.model_copy(update={"kind": "hardware"})
    assert missing(case, real, REFERENCE) == ["a link to the device's registers (device_link)"]


class Grid:
    """A stage whose device counts `watts`; it knows how often it was asked."""

    rate = 2500.0

    def __init__(self, watts) -> None:
        self.port, self.registers, self.monitor, self.watts = REFERENCE.port, self, self, watts
        self.t, self.looks, self.joules = 0.0, 0, 0.0

    def wait(self, seconds):
        for _ in range(round(seconds * 1000)):  # by the millisecond, for watts that change
            self.joules += self.watts(self.t) * 1e-3
            self.t += 1e-3

    def now(self):
        return round(self.t * self.rate)

    def energy(self, counter, _register):
        self.looks += 1
        return math.floor(self.joules / counter.step) * counter.step

    def check_interlock(self): ...

    energise = await_port = check_interlock

    def base_load(self, _base): ...


@pytest.mark.parametrize(
    ("watts", "most", "widest"),
    [
        (lambda _: 243.0, 800, 0.021),  # steady: half of the looks, each step as narrow as before
        (lambda t: 243.0 if t < 20.0 else 486.0, 1000, 1.3),  # steps that come early are seen late, and count so
    ],
)  # fmt: skip
def test_the_next_step_of_a_counter_is_looked_for_when_it_can_be_there(watts, most, widest):
    case, grid, taken = Case("MTR-01", Metered(0.9), hold="5 min"), Grid(watts), Taken(None)
    metered(case, case.fault, grid, taken, lambda: None)
    plan = metering(case.fault, grid.port)
    first, *changes = taken.readings
    assert changes[-1].at - changes[0].at > plan.apart
    assert grid.looks < most < grid.t / plan.poll
    assert max(one.at - one.after for one in changes) <= widest
    assert all(b.joules - a.joules >= STEP for a, b in pairwise(changes))
    for one in changes:  # what is said of a change holds: it showed before `at`, and not yet at `after`
        assert one.joules <= energy_at(watts, one.at) + 1.0
        assert one.joules >= energy_at(watts, one.after) - 1.0
    assert first.joules <= changes[0].joules


def energy_at(watts, until):
    return sum(watts(k * 1e-3) * 1e-3 for k in range(round(until * 1000)))


def counted(*joules: float, capture=None) -> Counted:
    readings = [Reading(float(n), n + 0.1, value) for n, value in enumerate(joules)]
    return Counted(REFERENCE.port.counter, capture or Capture({}), readings, (0.0, float(len(joules))), into=False)


def test_steps_and_decreases_are_counted():
    assert counted(0.0, 720.0, 1080.0).step().value == 1.0
    assert counted(0.0, 720.0, 2160.0).step().value == 2.0
    assert counted(0.0, 360.0, 0.0, 360.0, 0.0).decreases().value == 2.0


def test_a_counter_that_never_moved_without_a_record_is_unknown():
    found = counted(0.0).step()
    assert (found.outcome, found.value) == ("Unresolved", None)


@pytest.mark.parametrize(
    ("reports", "value"),
    [
        ({"during": "overcurrent", "after": "none"}, 0.0),
        ({"during": "code 4", "after": "none"}, 1.0),
        ({"during": "none", "after": "overcurrent"}, 2.0),
        ({"during": "overcurrent"}, None),
        ({}, None),
    ],
)
def test_what_is_reported_wrongly(reports, value):
    assert wrong_reports(reports).value == value
