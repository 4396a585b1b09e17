"""A device that lives on the mains: what it does while that is away, and how the rig knows that it was."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from rig.bench.file import load_bench
from rig.faults import OWN_SHARED, BackFeed, Outage, Start, route
from rig.files.device import Device
from rig.files.document import load, resolve
from rig.measure import Capture, Record, Trace
from rig.run.case import Case
from rig.run.duty import supply_gap
from rig.run.needs import missing, unfit
from tests.run.conftest import verdicts

FULL = load_bench(resolve("benches", "full"))
ASKED = ("run", "source_port", "--bench", "full", "--device", "ac-adapter", "-k", "AC-01", "--out", "run")
SHORT, LONG, INTO = (
    "AC-01-mains-away-for-20-ms", "AC-01-mains-away-for-3-s", "AC-01-another-source-on-a-dead-port"
)  # fmt: skip


STARTS = "SC-02 or (PNP-01 and start and not live)"


def device(name: str) -> Device:
    return load(resolve("devices", name), Device)


def changed(folder, change: str) -> str:
    (folder / "scene.yaml").write_text(f"schema: 1\nname: changed\nextends: ac-adapter\n{change}\n", encoding="utf-8")
    return "scene.yaml"


def test_a_sound_adapter_carries_a_period_and_comes_back(rig, served, tmp_path):
    twin = served(bench="full", device="ac-adapter", seed=2)
    done = rig(*ASKED[:3], twin.bench, *ASKED[4:])
    assert done.returncode == 0, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")
    floor, back = found[SHORT, "voltage_floor"], found[LONG, "recovery_time"]
    assert floor["measurement"]["value"] == pytest.approx(54.0 - 0.05 * 0.9 * 4.2, abs=0.1), "its droop, and no dip"
    assert found[SHORT, "recovery_time"]["measurement"]["value"] == 0.0
    lines = [line.split() for line in twin.truth.ask("log")["lines"]]
    away, there = (
        [int(line[0]) for line in lines if line[-2:] == ["device_mains", state]] for state in ("away", "present")
    )  # fmt: skip
    ends = [next(t for t in there if t > at) for at in away]
    assert [round((end - at) * 1e-12, 2) for at, end in zip(away[:2], ends, strict=False)] == [0.02, 3.0]
    up = twin.truth.ask("crossings", probe="port_voltage", level=54.0 * 0.95, from_ps=ends[1], to_ps=ends[1] + 10**12)
    truth = (next(t for t, way in up["crossings"] if way > 0) - ends[1]) * 1e-12
    assert abs(back["measurement"]["value"] - truth) < back["U"]
    assert found[INTO, "back_fed_current"]["measurement"]["value"] < 0.01
    twin.truth.assert_safe()


def test_defects_that_an_outage_shows(rig, tmp_path):
    scene = changed(tmp_path, "device: {defects: {small-hold-up: default, feeds-the-mains: default}}")
    done = rig(*ASKED, "--scene", scene)
    assert done.returncode == 1, done.stdout + done.stderr
    failed = {key for key, entry in verdicts(tmp_path / "run").items() if entry["decision"]["verdict"] == "FAIL"}
    assert failed == {(SHORT, "voltage_floor"), (INTO, "back_fed_current")}


def test_a_mains_that_never_went_is_no_pass(rig, tmp_path):
    scene = changed(tmp_path, "bench: {faults: [{fault: mains_stuck_closed, part: mains_switch}]}")
    done = rig(*ASKED, "--scene", scene)
    assert done.returncode == 4, done.stdout + done.stderr
    assert "the mains was to be away for 3 s, and was for 0 s; look at its switch" in done.stdout
    assert "The port still stood at 53.8" in done.stdout
    assert "PASS" not in {entry["decision"]["verdict"] for entry in verdicts(tmp_path / "run").values()}


def test_killed_while_the_mains_is_away_and_another_source_is_on_the_port(started_rig, served, tmp_path):
    twin = served(bench="full", device="ac-adapter", seed=1, pace=1.0)
    asked = ("run", "source_port", "--bench", twin.bench, "--device", "ac-adapter", "-k", "OC-03 and dead")
    process = started_rig(*asked, "--out", "run")
    twin.truth.until_beside(tmp_path / "run")
    process.kill()
    text, _ = process.communicate(timeout=120)  # until the guard, which has its pipe, has ended too
    assert "the guard made the bench safe" in text
    twin.truth.assert_safe()
    lines = [line for line in twin.truth.ask("log")["lines"] if "mains switch" in line or "neighbour output" in line]
    assert [line.split()[-1] for line in lines[-4:]] == ["open", "on", "off", "conducts"], lines


def test_who_is_put_through_it_and_on_which_bench():
    case, into = Case("AC-01", Outage("20 ms")), Case("AC-01", BackFeed(dead=True), hold="4 s")
    adapter = device("ac-adapter")
    start = Case("SC-02", Start("10 mohm"))
    assert unfit(case, device("reference")) == "it is for a device that lives on the mains"
    assert (unfit(start, adapter), missing(start, FULL, adapter)) == ("", [])
    assert unfit(start, device("small-battery")).endswith("lives on its own")
    assert (unfit(case, adapter), unfit(into, adapter)) == ("", "")
    assert route(into.fault, adapter) == OWN_SHARED
    assert missing(case, FULL, adapter) == missing(into, FULL, adapter) == []
    without = FULL.model_copy(update={"mains_switch": None, "signals": {}})
    lacking = ["a relay in the mains of the device (mains_switch)", "a signal mains_voltage"]
    assert missing(case, without, adapter) == missing(start, without, adapter) == lacking
    assert missing(start, without, device("reference")) == []
    assert missing(Case("AC-01", Outage("30 s")), FULL, adapter) == ["a mains switch that stays open for 30 s"]
    assert "a relay in the mains" not in "".join(missing(into, without, device("reference")))


def test_it_starts_when_its_mains_comes(rig, served, tmp_path):
    """Also into a short; what it took, from the mains' return, is what the twin knows."""
    twin = served(bench="full", device="ac-adapter", seed=2)
    done = rig(*ASKED[:3], twin.bench, "--device", "ac-adapter", "-k", STARTS, "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")
    back = found["PNP-01-start", "recovery_time"]
    lines = [line.split() for line in twin.truth.ask("log")["lines"]]
    there = [int(line[0]) for line in lines if line[-2:] == ["device_mains", "present"]]
    assert len(there) == 3, "from the beginning, and once for each case"
    up = twin.truth.ask("crossings", probe="port_voltage", level=54.0 * 0.95, from_ps=there[2], to_ps=there[2] + 10**12)
    truth = (next(t for t, way in up["crossings"] if way > 0) - there[2]) * 1e-12
    assert abs(back["measurement"]["value"] - truth) < back["U"]
    assert found["SC-02-start-into-10-mohm", "retries"]["measurement"]["value"] == 4.0
    twin.truth.assert_safe()


def test_an_adapter_that_comes_up_late_or_hammers_a_short_fails(rig, tmp_path):
    scene = changed(tmp_path, "device: {defects: {slow-start: 20 s, hasty-retry: default}}")
    done = rig(*ASKED[:6], "--scene", scene, "-k", STARTS, "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    failed = {key for key, entry in verdicts(tmp_path / "run").items() if entry["decision"]["verdict"] == "FAIL"}
    assert ("PNP-01-start", "recovery_time") in failed


@pytest.mark.parametrize(
    ("off", "on", "why"),
    [
        (400, 1100, None),
        (400, 2000, "the mains was to go and come back, and its image had 4.6, 0, 0 V; look at its switch"),
        (900, 900, "the mains was to go and come back, and its image had 4.6, 4.6, 4.6 V; look at its switch"),
    ],
)
def test_a_start_that_the_mains_did_not_make_says_nothing_of_the_device(off, on, why):
    """Milliseconds at which its image goes and comes; the case has it dark at the end of the first second."""
    image = np.full(2000, 4600, dtype=np.int32)
    image[off:on] = 0
    trace = Trace("mains_voltage", "V", image, 1e-3, 0.0, 1e-3, 0.0, -(2**30), 2**30)
    shot = SimpleNamespace(
        taken=SimpleNamespace(spans={"dark": (0.0, 1.0)}), case=SimpleNamespace(fault=Start()),
        capture=Capture({"slow": Record("slow", {"mains_voltage": trace}, triggered=True)}),
    )  # fmt: skip
    assert supply_gap(shot) == why
    shot.capture = Capture({"slow": Record("slow", {}, triggered=True)})
    assert supply_gap(shot) == "nobody saw whether the mains came back (mains voltage)"
