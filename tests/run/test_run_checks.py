"""Check standards: a known resistor and two records of one moment, where all is well and where a channel lies."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import testplans
from rig.run.checks import Check
from tests.run.conftest import verdicts

OVERLOAD = "OC-01-overload-1_5-x"
DRIFT = """schema: 1
name: drifting
extends: healthy
bench: {faults: [{fault: drift_gain, part: scope.3, size: -30 %, at: 10 s}]}
"""


def evidence(run) -> dict[str, dict]:
    lines = [json.loads(line) for line in (run / "journal.jsonl").read_text().splitlines()]
    found = [line["data"]["checks"] for line in lines if line["kind"] == "session" and "checks" in line["data"]]
    return {one["check"]: one for case in found for one in case}


def bench_with_a_known_resistor(folder, value: str, policy: str = "flag") -> str:
    today, yaml = dt.datetime.now(dt.UTC).date(), YAML()
    yaml.dump(
        {"schema": 1, "number": "R-7", "laboratory": "Lab of the tests", "tap": "tap_1", "serial": "R-1",
         "calibrated": str(today - dt.timedelta(days=30)), "due": str(today + dt.timedelta(days=300)),
         "temperature": "25 degC", "k": 2, "resistance": {"value": value, "U": "10 mohm"}},
        folder / "tap.yaml",
    )  # fmt: skip
    bench = yaml.load(Path(testplans.__file__).parent / "benches" / "twin.yaml")
    bench["calibration"] = {"policy": policy, "certificates": ["tap.yaml"]}
    yaml.dump(bench, folder / "bench.yaml")
    return str(folder / "bench.yaml")


def test_agreement_is_the_difference_over_both_uncertainties():
    one = Check("x", 10.0, 0.3, 10.5, 0.4, "ohm", "")
    assert one.normalised == pytest.approx(1.0)
    assert not one.alarm
    assert Check("x", 10.0, 0.3, 11.1, 0.4, "ohm", "").alarm
    assert Check("x", 10.0, 0.0, 10.1, 0.0, "ohm", "").alarm


def test_a_known_resistor_is_found_by_both_records(rig, tmp_path):
    bench = bench_with_a_known_resistor(tmp_path, "19.5 ohm")
    done = rig("run", "protection", "--bench", bench, "-k", "1.05", "--out", "run", report=True)
    assert done.returncode == 0, done.stdout + done.stderr
    found = evidence(tmp_path / "run")
    resistors = [one for name, one in found.items() if name.startswith("known resistor")]
    assert [one["check"] for one in resistors] == [
        "known resistor tap_1 by the recorder", "known resistor tap_1 by the digitizer",
    ]  # fmt: skip
    for one in found.values():
        assert one["standing"] == "agrees"
        assert one["E_n"] <= 1.0
    assert "R-7" in resistors[0]["source"]
    assert "check standards, " in (tmp_path / "run" / "report.html").read_text()


def test_a_certificate_that_does_not_fit_the_resistor_marks_every_verdict(rig, tmp_path):
    bench = bench_with_a_known_resistor(tmp_path, "17 ohm")
    done = rig("run", "protection", "--bench", bench, "-k", "1.05", "--out", "run")
    assert "Check standard: known resistor tap_1 by the recorder" in done.stdout
    cases = [entry for (case, _), entry in verdicts(tmp_path / "run").items() if "1_05" in case]
    assert cases
    assert all("check-standard-failed" in entry["measurement"]["flags"] for entry in cases)


def test_a_channel_that_drifts_is_found_without_any_certificate(rig, tmp_path):
    (tmp_path / "drift.yaml").write_text(DRIFT)
    done = rig("run", "protection", "--scene", "drift.yaml", "-k", "1.5", "--out", "run")
    found = evidence(tmp_path / "run")["injector_current by the digitizer against the recorder"]
    assert found["standing"] == "does not agree"
    assert found["found"] == pytest.approx(0.7 * found["reference"], rel=0.05)
    assert "Check standard: injector_current by the digitizer" in done.stdout
    entry = verdicts(tmp_path / "run")[OVERLOAD, "operate_time"]
    assert "check-standard-failed" in entry["measurement"]["flags"]
    healthy = evidence(tmp_path / "run")["port_voltage by the digitizer against the recorder"]
    assert healthy["standing"] == "agrees"
    assert done.returncode == 3, "the proof after the run sees it too, and no verdict stands"
    assert "Bench proof: injector_current (digitizer 3" in done.stdout


def test_a_lab_may_give_no_verdict_then(rig, tmp_path):
    bench = bench_with_a_known_resistor(tmp_path, "17 ohm", "inconclusive")
    done = rig("run", "protection", "--bench", bench, "-k", "1.05", "--out", "run")
    assert done.returncode == 4
    reasons = [entry["decision"]["reason"] for entry in verdicts(tmp_path / "run").values()]
    assert all("check-standard-failed" in reason for reason in reasons)
