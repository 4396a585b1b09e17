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
from tests.run.conftest import verdicts
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


def test_a_detector_that_takes_too_long_fails(rig, tmp_path):
    with_defect(tmp_path, "appliance", "late-arc-detector: default")
    done = rig(*ASKED, "ARC-01", "--scene", "scene.yaml")
    assert done.returncode == 1, done.stdout + done.stderr
    (found,) = judged(tmp_path / "run", "ARC-01", "operate_time")
    assert (found["decision"]["verdict"], found["measurement"]["outcome"]) == ("FAIL", "NotTripped")
    assert found["measurement"]["window"] == pytest.approx(1.2, abs=0.1)


@pytest.mark.parametrize(("defects", "code", "value"), [("{}", 0, 1.0), ("{jumpy-arc-detector: default}", 1, 3.0)])
def test_a_motor_drive_switches_off_what_is_jumpy_alone(rig, tmp_path, defects, code, value):
    text = f"schema: 1\nname: own\nextends: appliance\ndevice: {{defects: {defects}}}\n"
    (tmp_path / "scene.yaml").write_text(text, encoding="utf-8")
    done = rig(*ASKED, "ARC-03", "--scene", "scene.yaml")
    assert done.returncode == code, done.stdout + done.stderr
    (found,) = judged(tmp_path / "run", "ARC-03", "status_floor")
    assert found["measurement"]["value"] == value


def test_a_noise_that_never_came_is_no_verdict(rig, tmp_path):
    fault = "{fault: amplifier_bypassed, part: amplifier}"
    text = f"schema: 1\nname: wrong\nextends: appliance\nbench: {{faults: [{fault}]}}\n"
    (tmp_path / "scene.yaml").write_text(text, encoding="utf-8")
    done = rig(*ASKED, "ARC-01", "--scene", "scene.yaml")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "the feed was to have a noise of 50 mV rms" in done.stdout
    assert "look at the amplifier, its bypass and the generator" in done.stdout
    assert "FAIL" not in {entry["decision"]["verdict"] for entry in verdicts(tmp_path / "run").values()}


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
