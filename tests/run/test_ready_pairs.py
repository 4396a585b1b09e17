"""Two ready pairs through the whole rig: what is documented about a device decides its verdicts."""

from __future__ import annotations

import pytest

from tests.run.conftest import verdict, verdicts

SHORT = "SC-01-short-10-mohm"


def decided(run):
    return {measurand: one["decision"]["verdict"] for (case, measurand), one in verdicts(run).items() if case == SHORT}


def test_a_load_output_that_latches_after_a_short_fails_on_its_recovery_alone(rig, tmp_path):
    done = rig("run", "protection", "--device", "libresolar-charge-controller", "-k", "short", "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    assert decided(tmp_path / "run") == {
        "operate_time": "PASS",
        "peak_current": "PASS",
        "let_through_i2t": "PASS",
        "recovery_time": "FAIL",
        "port_voltage_peak": "PASS",
    }
    found = verdicts(tmp_path / "run")[SHORT, "recovery_time"]
    assert found["measurement"]["outcome"] == "NotRecovered"


def test_a_limiter_that_gives_up_after_60_ms_passes(rig, tmp_path):
    done = rig("run", "protection", "--device", "poe-like", "-k", "short", "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(decided(tmp_path / "run").values()) == {"PASS"}
    operate = verdicts(tmp_path / "run")[SHORT, "operate_time"]["measurement"]
    assert (operate["outcome"], operate["value"]) == ("Tripped", pytest.approx(60e-3, abs=0.5e-3))
    assert verdict(tmp_path / "run", SHORT, "recovery_time") == "PASS"
    back = verdicts(tmp_path / "run")[SHORT, "recovery_time"]["measurement"]["value"]
    assert back == pytest.approx(0.060 + 0.750 - 0.500, abs=0.02), "after a hold of 500 ms"
