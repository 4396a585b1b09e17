"""`rig check`: the right bench passes, a wrong one is named before the device is touched."""

from __future__ import annotations

import json

import pytest

WRONG = (
    ("reversed", "load_line", "", "load_line, as the load sees it: "),
    ("cable_resistance", "load_line", "", "load_line, as the load sees it: 4.42"),
    ("ovp_dead", "supply", "", "supply's over-voltage protection: 4.98"),
    ("drift_gain", "scope.3", ", size: 10 %", "injector_current (digitizer 3 behind injector_shunt), against AIN2: "),
    ("injector_closes_late", "injector", "", "injector's current after its gate: 0.0012 s"),
    ("one_shot_dead", "injector", "", "injector's one-shot: 66"),
    ("late", "relays", "", "reply of relays: 0.502 s"),
    ("output_stuck_on", "supply", "", "supply off after 5 V through energy_input"),
    ("injector_stuck_closed", "injector", "", "injector_current (AIN2 behind injector_shunt): 3.93"),
    ("injector_opens_late", "injector", ", size: 200 ms", "injector's current after its gate has fallen: 0.1"),
    ("welds", "tap_2", "", "contactors isolate: closed: tap_2"),
)


def test_the_right_bench_is_proved(rig):
    done = rig("check", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["exit"], told["bench"]) == (0, 0, "twin")
    assert len(told["findings"]) == 177
    assert all(one["ok"] for one in told["findings"])


@pytest.mark.parametrize(("fault", "part", "more", "sentence"), WRONG)
def test_a_wrong_bench_is_named(rig, tmp_path, fault, part, more, sentence):
    scene = tmp_path / "wrong.yaml"
    scene.write_text(
        f"schema: 1\nname: wrong\nextends: healthy\nbench:\n  faults:\n    - {{fault: {fault}, part: {part}{more}}}\n"
    )
    done = rig("check", "--scene", str(scene))
    assert done.returncode == 3
    assert sentence in done.stderr
