"""What feeds a device is cut off for a moment: sound devices pass, defects fail, and the switch itself is proved."""

from __future__ import annotations

import pytest

from rig.record import read_run
from tests.run.test_feeding import judged, rows, with_defect

FULL = ("--bench", "full", "--only", "UV-02")


def bench_with(tmp_path, fault: str) -> None:
    text = f"schema: 1\nname: wrong\nextends: healthy\nbench: {{faults: [{{fault: {fault}, part: series_switch}}]}}\n"
    (tmp_path / "scene.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("device", ["plain-load"])
def test_a_sound_device_rides_through_and_returns(rig, tmp_path, device):
    done = rig("run", "feeding", *FULL, "-k", "100-us or -3-ms or -1-s", "--device", device, "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows(tmp_path / "run")["UV-02"]["verdict"] == "PASS"
    (floor,) = judged(tmp_path / "run", "UV-02", "status_floor")
    assert floor["measurement"]["value"] == 1.0


def test_the_reference_is_back_after_what_its_start_takes(rig, tmp_path):
    done = rig("run", "feeding", *FULL, "-k", "-1-ms or -30-ms", "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    values = [one["measurement"]["value"] for one in judged(tmp_path / "run", "UV-02", "status_return")]
    assert values == pytest.approx([0.063, 0.063], abs=0.003)  # 50 ms of delay, 10 ms of ramp, and its soft start


def test_a_device_whose_capacitor_is_too_small_fails_on_the_shortest(rig, tmp_path):
    with_defect(tmp_path, "healthy", "small-input-capacitor: default")
    done = rig("run", "feeding", *FULL, "-k", "100-us", "--scene", "scene.yaml", "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    (floor,) = judged(tmp_path / "run", "UV-02", "status_floor")
    assert (floor["decision"]["verdict"], floor["measurement"]["value"]) == ("FAIL", 3.0)


def test_a_bench_without_the_switch_says_so(rig, tmp_path):
    done = rig("run", "feeding", "--only", "UV-02", "-k", "100-us", "--out", "run")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "The bench lacks a series switch in the feed" in rows(tmp_path / "run")["UV-02"]["reason"]


@pytest.mark.parametrize("fault", ["series_stuck_closed"])
def test_a_switch_that_does_not_move_is_found_by_the_proof(rig, tmp_path, fault):
    bench_with(tmp_path, fault)
    done = rig("run", "feeding", *FULL, "-k", "100-us", "--scene", "scene.yaml", "--out", "run")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "Bench proof: " in done.stdout + done.stderr
    assert read_run(tmp_path / "run").run["safe_state"] == "verified"


@pytest.mark.parametrize(("fault", "code"), [("series_one_shot_dead", 3)])
def test_the_check_of_the_bench_waits_for_its_one_shot(rig, tmp_path, fault, code):
    bench_with(tmp_path, fault or "series_stuck_closed, until: 1 ms")
    done = rig("check", "--bench", "full", "--scene", "scene.yaml")
    assert done.returncode == code, done.stdout + done.stderr
    assert ("one-shot" in done.stdout + done.stderr) or not code
