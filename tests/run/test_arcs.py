"""An arc's noise on the feed: who finds it in time, who does not, and that the bench put it there."""

from __future__ import annotations

import pytest

from rig.bench.file import load_bench
from rig.faults import Arc, Base, Chopper, prospective
from rig.files.device import Device
from rig.files.document import load, resolve
from rig.run.case import Case
from rig.run.kept import declaration, declared
from rig.run.needs import arc_refusals, missing, unfit
from rig.run.wired import SUPPLY_OVP, ceiling, topology_refusals
from tests.run.test_feeding import judged, with_defect

FULL = load_bench(resolve("benches", "full"))
ASKED = ("run", "feeding", "--bench", "full", "--device", "appliance", "--out", "run", "--only")
CASE = Case("ARC-01", Arc("50 mV"), hold="3 s", declares=("arc_detection",))


def device(name: str) -> Device:
    return load(resolve("devices", name), Device)


def test_a_sound_detector_is_in_time_and_its_time_is_the_true_one(rig, tmp_path):
    done = rig(*ASKED, "ARC-01")
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = judged(tmp_path / "run", "ARC-01", "operate_time")
    measured, U = found["measurement"], found["U"]
    assert (found["decision"]["verdict"], measured["outcome"]) == ("PASS", "Tripped")
    # 20 blocks of 20 ms, the first of which begins up to a block after the noise
    assert 0.4 - U <= measured["value"] <= 0.42 + 1e-3 + U
    assert U < 2e-3


def test_a_motor_drive_switches_off_what_is_jumpy(rig, tmp_path):
    """What is sound goes on, and what is late or deaf fails: `python -m studies.catch` has them, at 20 s each."""
    with_defect(tmp_path, "appliance", "jumpy-arc-detector: default")
    done = rig(*ASKED, "ARC-03", "--scene", "scene.yaml")
    assert done.returncode == 1, done.stdout + done.stderr
    (found,) = judged(tmp_path / "run", "ARC-03", "status_floor")
    assert (found["decision"]["verdict"], found["measurement"]["value"]) == ("FAIL", 3.0)


def test_who_is_put_through_it_and_on_which_bench():
    appliance = device("appliance")
    assert (unfit(CASE, appliance), missing(CASE, FULL, appliance)) == ("", [])
    assert unfit(CASE, device("grid-node")) == ""
    assert unfit(CASE, device("plain-load")) == "it is for a port whose maker declares arc_detection"
    assert "ac-adapter lives on its own" in unfit(CASE, device("ac-adapter"))
    assert missing(CASE, FULL.model_copy(update={"amplifier": None}), appliance) == ["an amplifier in the feed"]
    assert missing(Case("ARC-01", Arc("1 V")), FULL, appliance) == ["an amplifier of 6.916 V from peak to peak"]
    assert missing(Case("ARC-03", Chopper("1 V"), hold="25 s"), FULL, appliance) == [
        "an amplifier that stays in the feed for 30 s"
    ]


def test_a_hold_that_ends_before_the_declared_time_is_refused():
    port = device("appliance").port
    assert arc_refusals(CASE, port) == []
    (refusal,) = arc_refusals(Case("ARC-01", Arc("50 mV"), hold="1 s"), port)
    assert refusal == (
        "arc noise of 50 mV is held for 1 s, and to see whether the port is off 1 s after its begin takes 1.1 s"
    )
    assert arc_refusals(Case("ARC-03", Chopper("50 mV"), hold="1 s"), port) == []


def test_the_supply_gives_way_as_with_a_ripple():
    appliance = device("appliance")
    assert ceiling(CASE, FULL) == SUPPLY_OVP - 2.5
    assert topology_refusals(CASE, None, FULL, appliance) == []
    expected = prospective(CASE.fault, Base(load=0.9), 3.0, appliance.port, FULL, appliance)
    assert expected.energy == pytest.approx(52.0 * 5.0 * 3.0)


@pytest.mark.parametrize("fault", [Arc("50 mV"), Chopper("0.2 V")], ids=["arc", "chopper"])
def test_a_run_folder_keeps_it(fault):
    case = Case("ARC-01", fault, hold="3 s", declares=("arc_detection",))
    assert declared(declaration(case)) == case
