"""The five scenes and the healthy device get the right verdict on the right clause, over real sockets."""

from __future__ import annotations

import json

import pytest
from ruamel.yaml import YAML

from tests.run.conftest import verdict, verdicts

SHORT = "SC-01-short-10-mohm"


def test_the_healthy_device_passes_everything(whole_run):
    done, folder = whole_run
    assert done.returncode == 0, done.stdout + done.stderr
    found = verdicts(folder)
    assert {one["decision"]["verdict"] for one in found.values()} == {"PASS"}
    assert len({case for case, _ in found}) == 8
    assert all((case, "port_voltage_peak") in found for case, _ in found)
    short = found[SHORT, "operate_time"]
    assert short["measurement"]["outcome"] == "Tripped"
    assert short["measurement"]["value"] < 100e-6
    for case, measurand in found:
        entry = found[case, measurand]
        assert entry["U"] is not None or entry["measurement"]["outcome"] in ("NotTripped", "Counted"), (case, measurand)
    peak = found[SHORT, "port_voltage_peak"]
    assert peak["U"] <= 0.3, "transfer calibration brings the port voltage to U <= 0.3 V"
    run = json.loads((folder / "run.json").read_text())
    assert run["exit"]["code"] == 0
    assert run["safe_state"] == "verified"
    for name in ("journal.jsonl", "measurements.parquet", "report.html", "junit.xml", "log.txt"):
        assert (folder / name).stat().st_size >= (0 if name == "log.txt" else 100), name
    assert len(list((folder / "allure-results").glob("*-result.json"))) == 8


def test_a_run_says_what_it_believes_of_its_instruments(whole_run):
    _, folder = whole_run
    lines = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    rows = next(line["data"]["accuracy"] for line in lines if "accuracy" in line["data"])
    assert {row["channel"].split()[0] for row in rows} == {"digitizer", "recorder"}
    fine, slow = rows[0], next(row for row in rows if row["channel"] == "recorder AIN0")
    assert (fine["read_in_the_maker's_document"], fine["gain"]) == (True, 0.02)
    assert fine["source"].startswith("DHO800 Data Sheet")
    assert (slow["range_V"], slow["offset_V"], slow["temperature_coefficient"]) == (10.0, 0.002, "stated")
    assert slow["source"].startswith("not verified: T-Series Datasheet")
    marks = {measurand: set(one["measurement"]["flags"]) for (_, measurand), one in verdicts(folder).items()}
    assert "datasheet-only" in marks["operate_time"]
    assert "datasheet-not-checked" in marks["port_voltage_peak"]
    report = (folder / "report.html").read_text()
    for told in ("DHO800 Data Sheet", "not verified: T-Series Datasheet", "datasheet-only", "datasheet-not-checked"):
        assert told in report


def test_a_slow_trip_fails_on_its_time(rig, tmp_path):
    done = rig("run", "protection", "--scene", "slow-trip", "-k", "short", "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")[SHORT, "operate_time"]
    assert found["decision"]["verdict"] == "FAIL"
    assert found["measurement"]["value"] == pytest.approx(900e-6, abs=40e-6)


def test_no_trip_is_not_a_number_and_fails(rig, tmp_path):
    done = rig("run", "protection", "--scene", "no-trip", "-k", "short or 1.5", "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")
    for case in (SHORT, "OC-01-overload-1_5-x"):
        entry = found[case, "operate_time"]
        assert entry["measurement"]["outcome"] == "NotTripped"
        assert entry["measurement"]["value"] is None
        assert entry["decision"]["verdict"] == "FAIL"


def test_a_limiter_is_judged_against_the_limiters_limit(rig, tmp_path):
    done = rig(
        "run", "protection", "--scene", "current-limiter", "--device", "limiter", "-k", "short or 1.5", "--out", "run"
    )
    # The let-through of a current that is only limited rests on the slow record: where no sample of it falls into the
    # first pulse, it is open, and says so. Everything else passes.
    found = {key: one["decision"]["verdict"] for key, one in verdicts(tmp_path / "run").items()}
    assert found.pop((SHORT, "let_through_i2t")) in {"PASS", "INCONCLUSIVE"}
    assert set(found.values()) == {"PASS"}, done.stdout + done.stderr
    assert done.returncode in {0, 4}
    entry = verdicts(tmp_path / "run")[SHORT, "operate_time"]
    assert entry["measurement"]["outcome"] == "Limited"
    assert entry["measurement"]["inputs"]["limited_current"] == pytest.approx(6.5, abs=0.1)
    assert entry["limit"]["high"] == pytest.approx(75e-3)
    assert entry["limit"]["status"] == "borrowed"
    assert entry["decision"]["verdict"] == "PASS"


def test_a_limiter_under_a_declaration_that_it_trips_fails(rig, tmp_path):
    """The declaration decides what is judged: a port that should switch off must not go on feeding a short."""
    scene = tmp_path / "scene.yaml"
    scene.write_text(
        "schema: 1\nname: limits-instead\nextends: current-limiter\ndevice: {serial: REF-0001}\n", encoding="utf-8"
    )
    done = rig("run", "protection", "--scene", str(scene), "-k", "short", "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    assert verdict(tmp_path / "run", SHORT, "operate_time") == "FAIL"


def test_no_recovery_fails_on_recovery_alone(rig, tmp_path):
    done = rig("run", "protection", "--scene", "no-recovery", "-k", "short", "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")
    assert found[SHORT, "recovery_time"]["measurement"]["outcome"] == "NotRecovered"
    assert found[SHORT, "recovery_time"]["clause"] == "REC-01"
    failed = {measurand for (_, measurand), one in found.items() if one["decision"]["verdict"] != "PASS"}
    assert failed == {"recovery_time"}


def test_an_overshoot_fails_even_where_the_channel_clips(rig, tmp_path):
    done = rig("run", "protection", "--scene", "overshoot", "-k", "short", "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    entry = verdicts(tmp_path / "run")[SHORT, "port_voltage_peak"]
    assert entry["clause"] == "SELV-01"
    assert "clipped" in entry["measurement"]["flags"]
    assert entry["measurement"]["bound"] == "lower"
    assert entry["decision"]["verdict"] == "FAIL"


def test_too_low_a_sample_rate_leaves_the_integral_open_and_the_time_decided(rig, served, tmp_path):
    twin = served(scene="healthy", seed=1)
    yaml = YAML()
    data = yaml.load(twin.twin.bench)
    data["digitizer_rate_max"] = "200 kHz"
    slow = tmp_path / "slow.yaml"
    with slow.open("w") as file:
        yaml.dump(data, file)
    done = rig("run", "protection", "--bench", str(slow), "-k", "short", "--out", "run")
    assert done.returncode == 4, done.stdout + done.stderr
    assert verdict(tmp_path / "run", SHORT, "let_through_i2t") == "INCONCLUSIVE"
    entry = verdicts(tmp_path / "run")[SHORT, "operate_time"]
    assert entry["decision"]["verdict"] == "PASS"
    assert entry["U"] > 1e-6


def test_a_digitizer_that_never_triggers_is_the_benchs_fault_and_never_a_pass(rig, tmp_path):
    scene = tmp_path / "scene.yaml"
    scene.write_text(
        "schema: 1\nname: unplugged\nextends: healthy\n"
        "bench: {faults: [{fault: channel_open, part: scope.3, at: 10 s}]}\n",  # the bench proof is over by then
        encoding="utf-8",
    )
    done = rig("run", "protection", "--scene", str(scene), "-k", "short", "--out", "run")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "The digitizer did not trigger on the injector current, and the port did leave its band" in done.stdout
    assert verdicts(tmp_path / "run") == {}
