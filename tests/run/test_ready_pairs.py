"""A ready pair through the whole rig: what is documented about a device decides its verdicts."""

from __future__ import annotations

from tests.run.conftest import verdicts

SHORT = "SC-01-short-10-mohm"


def test_a_load_output_that_latches_after_a_short_fails_on_its_recovery_alone(rig, tmp_path):
    """The device file's name picks the scene of the same name."""
    done = rig("run", "protection", "--device", "libresolar-charge-controller", "-k", "short", "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")
    assert {measurand: one["decision"]["verdict"] for (case, measurand), one in found.items() if case == SHORT} == {
        "operate_time": "PASS",
        "peak_current": "PASS",
        "let_through_i2t": "PASS",
        "recovery_time": "FAIL",
        "port_voltage_peak": "PASS",
    }
    assert found[SHORT, "recovery_time"]["measurement"]["outcome"] == "NotRecovered"


def test_what_a_limiter_lets_through_before_the_recorder_sees_it_held(rig, tmp_path):
    """Its capacitors are empty before the recorder's first sample: all until then counts."""
    done = rig("run", "protection", "--device", "limiter", "-k", "short", "--seed", "1", "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")[SHORT, "let_through_i2t"]["measurement"]
    assert 10.0 < found["value"] < 20.0
