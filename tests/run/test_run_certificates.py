"""Certificates in a run: a laboratory has calibrated the twin's recorder and divider, and the rig believes it.

The laboratory is the test: it knows the errors that the twin's seed has drawn, and adds one of its own.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import testplans
from rig.twin.bench.recorder_class import LABJACK_T7
from rig.twin.draw import rectangular
from tests.run.conftest import verdicts

SHORT = "SC-01-short-10-mohm"
U_VOLTS, U_RATIO = 60e-6, 0.00012
"""Of the laboratory, k = 2."""


def channel(seed: int, lab: float) -> list[dict[str, str]]:
    """What a laboratory whose own error is `lab` U writes of the T7's AIN0."""
    gain = 1.0 + rectangular(seed, "daq AIN0 10 V gain", LABJACK_T7.gain)
    offset = rectangular(seed, "daq AIN0 10 V offset", LABJACK_T7.ranges[10.0].offset)
    return [
        {"reading": f"{gain * volts + offset:.7f} V", "applied": f"{volts + lab * U_VOLTS:.7f} V", "U": "60 uV"}
        for volts in (-10.0, -5.0, 0.0, 5.0, 10.0)
    ]


def calibrated(folder: Path, seed: int, *, lab: float = 0.5, policy: str = "flag", due: int = 300) -> Path:
    """A bench file with certificates beside it; they were due in `due` days."""
    today = dt.datetime.now(dt.UTC).date()
    dates = {"calibrated": str(today - dt.timedelta(days=400)), "due": str(today + dt.timedelta(days=due))}
    common = {"schema": 1, "laboratory": "Lab of the tests", **dates, "temperature": "25 degC", "k": 2}
    ratio = 8.0 * (1.0 + rectangular(seed, "transducer port_divider_dc", 2e-4)) + lab * U_RATIO
    yaml = YAML()
    yaml.dump(
        {**common, "number": "T7", "instrument": "daq", "serial": "470012345",
         "channels": [{"channel": "AIN0", "range": "10 V", "drift": "2 ppm", "points": channel(seed, lab)}]},
        folder / "daq.yaml",
    )  # fmt: skip
    yaml.dump(
        {**common, "number": "D", "transducer": "port_divider_dc", "serial": "D-1",
         "ratio": {"value": round(ratio, 7), "U": U_RATIO, "drift": "2 ppm"}},
        folder / "divider.yaml",
    )  # fmt: skip
    bench = yaml.load(Path(testplans.__file__).parent / "benches" / "twin.yaml")
    bench["calibration"] = {"policy": policy, "certificates": ["daq.yaml", "divider.yaml"]}
    bench["ambient"] = {"low": "25 degC", "high": "25 degC"}
    yaml.dump(bench, folder / "bench.yaml")
    return folder / "bench.yaml"


@pytest.mark.parametrize("seed", [2])
def test_a_calibrated_voltage_holds_the_truth_within_a_much_smaller_uncertainty(rig, served, tmp_path, seed):
    bench = calibrated(tmp_path, seed, lab=(-0.5, 0.0, 0.5)[seed - 1])
    twin = served(bench=str(bench), seed=seed)
    done = rig("run", "protection", "--bench", twin.bench, "-k", "short", "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")[SHORT, "port_voltage_peak"]
    true = twin.truth.ask("peak", probe="port_voltage", from_ps=0, to_ps=twin.truth.ask("summary")["now_ps"])["value"]
    value, U = found["measurement"]["value"], found["U"]
    assert abs(value - true) <= U
    assert U < 0.003, "21 mV by the makers' figures"
    sources = {line["source"] for line in found["measurement"]["budget"]}
    assert {"certificate T7, Lab of the tests", "certificate D, Lab of the tests"} <= sources
    assert not {"datasheet-only", "datasheet-not-checked"} & set(found["measurement"]["flags"])


def test_the_chain_is_in_the_record_and_in_the_report(rig, served, tmp_path):
    twin = served(bench=str(calibrated(tmp_path, 1)), seed=1)
    asked = ("--ambient", "24.5 degC", "--case-temperature", "31 degC")
    done = rig("run", "protection", "--bench", twin.bench, "-k", "short", "--out", "run", *asked, report=True)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads((tmp_path / "run" / "run.json").read_text())
    assert told["calibration"] == {"policy": "flag", "certificates": ["T7", "D"]}
    assert told["temperatures"] == {"ambient_degC": [24.5, 24.5], "case_degC": 31.0}
    lines = [json.loads(line) for line in (tmp_path / "run" / "journal.jsonl").read_text().splitlines()]
    session = next(line["data"] for line in lines if "certificates" in line["data"])
    assert [(one["number"], one["for"], one["standing"]) for one in session["certificates"]] == [
        ("T7", "daq", "valid"), ("D", "port_divider_dc", "valid"),
    ]  # fmt: skip
    chain = {one["channel"]: one for one in session["chain"]}
    assert chain["recorder AIN0"]["certificate"] == "T7, valid"
    assert chain["recorder AIN0"]["transducer's_certificate"] == "D, valid"
    assert chain["recorder AIN0"]["corrected_gain"] != 1.0
    assert chain["recorder AIN1"]["certificate"] == "T7, not covering: it has no results for channel AIN1 at 1 V"
    report = (tmp_path / "run" / "report.html").read_text()
    assert "certificates T7, D; without a valid one: flag" in report
    assert "24.5 degC, 31 degC" in report


def test_an_expired_certificate_is_flagged_or_inconclusive_by_the_labs_policy(rig, tmp_path):
    bench = calibrated(tmp_path, 1, due=-1)
    done = rig("run", "protection", "--bench", str(bench), "-k", "short", "--out", "flagged")
    assert done.returncode == 0, done.stdout + done.stderr
    peak = verdicts(tmp_path / "flagged")[SHORT, "port_voltage_peak"]
    assert "calibration-expired" in peak["measurement"]["flags"]
    assert peak["decision"]["verdict"] == "PASS"
    bench = calibrated(tmp_path, 1, due=-1, policy="inconclusive")
    done = rig("run", "protection", "--bench", str(bench), "-k", "short", "--out", "refused")
    assert done.returncode == 4, done.stdout + done.stderr
    decision = verdicts(tmp_path / "refused")[SHORT, "port_voltage_peak"]["decision"]
    assert decision["verdict"] == "INCONCLUSIVE"
    assert decision["reason"].startswith("the lab's policy gives no verdict with ")
    assert "calibration-expired" in decision["reason"]
    assert "it would be PASS" in decision["reason"]


def test_what_is_wrong_in_a_certificate_stops_a_run_before_anything_is_opened(rig, tmp_path):
    bench = calibrated(tmp_path, 1)
    text = (tmp_path / "divider.yaml").read_text()
    (tmp_path / "divider.yaml").write_text(text.replace("port_divider_dc", "port_divider_ac"))
    done = rig("run", "protection", "--bench", str(bench), "--ambient", "24")
    assert done.returncode == 2
    assert "divider.yaml: transducer: bench twin has no transducer 'port_divider_ac'" in done.stderr
    assert "command line: --ambient: write a quantity with a unit" in done.stderr
    assert not (tmp_path / "runs").exists()
