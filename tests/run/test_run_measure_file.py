"""`rig measure FILE` as a user runs it: what a file holds, what a request makes of it, and other formats."""

from __future__ import annotations

import json
import re
import subprocess
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from rig.files.document import BadFile, load
from rig.files.request import Request
from tests.run.conftest import verdicts

PAGE = Path(__file__).parents[2] / "docs" / "measure-a-file.md"
SHORT = "SC-01-short-10-mohm"


@pytest.fixture(scope="module")
def capture(whole_run):
    """The fault record of the short in a whole run."""
    return whole_run[1] / "captures" / f"{SHORT}-fault.parquet"


@pytest.fixture
def measure(rig):
    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return rig("measure", *map(str, arguments))

    return run


def example() -> str:
    """The request of the page."""
    return re.search(r"```yaml\n(# trip\.yaml.*?)```", PAGE.read_text(), re.DOTALL)[1]


def a_trip(path: Path, *, peak=150.0, trip=8e-6) -> None:
    """A short at t = 0 that ends after `trip`, seen by two shunts of 5 mohm and a 12-bit scope."""
    t = np.arange(-2000, 8000) * 1e-8
    ramp = np.clip(t, 0.0, trip) / trip * peak * np.exp(-np.clip(t - trip, 0.0, None) / 1.5e-6)
    rng = np.random.default_rng(4)
    volts = [np.round((i * 5e-3 + rng.normal(0, 1e-3, t.size)) / 5e-4) * 5e-4 for i in (ramp, ramp + 2.5 * (t < 0))]
    rows = "".join(f"{a:.9g},{b:.6f},{c:.6f}\n" for a, b, c in zip(t, *volts, strict=True))
    path.write_text(f"t (s),CH1 (V),CH2 (V)\n{rows}")


def test_the_example_of_the_page(measure, tmp_path):
    a_trip(tmp_path / "trip.csv")
    (tmp_path / "trip.yaml").write_text(example())
    done = measure("trip.csv", "--request", "trip.yaml", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    results = {one["measurand"]: one for one in told["results"]}
    assert [one["decision"]["verdict"] for one in results.values()] == ["PASS"] * 3
    peak = results["peak_current"]
    assert abs(peak["value"] - 150.0) <= peak["U"]
    operate = results["operate_time"]
    true = 8e-6 + 1.5e-6 * np.log(150.0 / 0.5) - 8e-6 * 10 / 150
    assert abs(operate["value"] - true) <= operate["U"]
    assert "datasheet-only" in operate["flags"]
    shown = measure("trip.csv", "--request", "trip.yaml", "--budget")
    assert "let through i2t" in shown.stdout
    assert "gain of the instrument" in shown.stdout
    assert "data sheet of the scope" in shown.stdout


def test_without_accuracy_nothing_is_decided(measure, tmp_path):
    a_trip(tmp_path / "trip.csv")
    (tmp_path / "trip.yaml").write_text(re.sub(r"    accuracy: .*\n", "", example()))
    done = measure("trip.csv", "--request", "trip.yaml")
    assert done.returncode == 4, done.stdout + done.stderr
    assert done.stdout.count("INCONCLUSIVE") == 3
    assert "accuracy-absent" in done.stdout


def test_a_device_that_violates_a_limit(measure, tmp_path):
    a_trip(tmp_path / "trip.csv")
    (tmp_path / "trip.yaml").write_text(example().replace("high: 300 A", "high: 100 A"))
    done = measure("trip.csv", "--request", "trip.yaml")
    assert done.returncode == 1
    assert "FAIL" in done.stdout


def test_a_clipped_screen_is_a_bound(measure, tmp_path):
    a_trip(tmp_path / "trip.csv", peak=400.0)
    text = (tmp_path / "trip.csv").read_text().splitlines()
    rows = [
        ",".join([a, *(f"{min(float(v), 1.0):.6f}" for v in rest)]) for a, *rest in (r.split(",") for r in text[1:])
    ]
    (tmp_path / "trip.csv").write_text("\n".join([text[0], *rows]) + "\n")
    (tmp_path / "trip.yaml").write_text(example().replace("high: 300 A", "high: 100 A"))
    told = json.loads(measure("trip.csv", "--request", "trip.yaml", "--json").stdout)
    peak = next(one for one in told["results"] if one["measurand"] == "peak_current")
    assert (peak["outcome"], peak["bound"], peak["decision"]["verdict"]) == ("Clipped", "lower", "FAIL")


def test_a_capture_of_a_run_measures_as_in_the_run(measure, tmp_path, capture, whole_run):
    request = """schema: 1
name: again
fault: {injection: {signal: injector_current, level: 5 A}, rated_current: 5 A, hold: 200 us}
measure:
  - {measurand: peak_current, clause: SC-01}
  - {measurand: let_through_i2t, clause: SC-01}
"""
    (tmp_path / "again.yaml").write_text(request)
    asked = (capture, "--request", "again.yaml", "--json")
    done = measure(*asked, "--limits", "draft-48v", "--device", "reference")
    assert done.returncode == 0, done.stdout + done.stderr
    for one in json.loads(done.stdout)["results"]:
        before = verdicts(whole_run[1])[SHORT, one["measurand"]]
        assert one["value"] == pytest.approx(before["measurement"]["value"], rel=1e-9)
        assert one["decision"]["verdict"] == before["decision"]["verdict"]
    without = measure(*asked)
    assert without.returncode == 4
    assert "clause SC-01 needs --limits and --device" in without.stdout


def test_exported_and_measured_again(measure, tmp_path, capture):
    assert measure(capture, "--export", "short.csv", "--from", "-5 us", "--to", "100 us").returncode == 0
    held = json.loads(measure("short.csv", "--json").stdout)["signals"]
    before = json.loads(measure(capture, "--json").stdout)["signals"]
    assert [one["signal"] for one in held] == [one["signal"] for one in before]
    port = {
        name: next(one for one in file if one["signal"] == "port_current")
        for name, file in (("csv", held), ("run", before))
    }
    assert port["csv"]["highest"] == pytest.approx(port["run"]["highest"], rel=1e-9)
    assert port["csv"]["samples"] == 5250
    assert measure(capture, "--export", "short.cfg").stdout == "Written: short.cfg, short.dat\n"
    again = measure(capture, "--export", "short.csv")
    assert (again.returncode, again.stderr) == (2, "short.csv: exists; name a new file.\n")


def test_what_a_table_does_not_say_is_not_a_number(measure, tmp_path):
    (tmp_path / "x.csv").write_text("t (s),v (V)\n0,1\n1e-3,\n2e-3,1\n")
    (signal,) = json.loads(measure("x.csv", "--json").stdout)["signals"]
    assert (signal["lost"], signal["clipped"], signal["step"], signal["accuracy"]) == (1, None, None, "not stated")


def test_the_request_that_is_shown_is_one(measure, tmp_path):
    a_trip(tmp_path / "trip.csv")
    shown = measure("trip.csv").stdout
    (tmp_path / "shown.yaml").write_text(shown[shown.index("schema: 1") :])
    done = measure("trip.csv", "--request", "shown.yaml", "--json")
    assert done.returncode == 4, "nothing was judged"
    (level,) = json.loads(done.stdout, parse_constant=pytest.fail)["results"]
    assert (level["measurand"], level["unit"], level["decision"]) == ("level", "A", None)
    assert level["U"] > 0.0


def test_the_document_is_kept_with_what_it_was_made_of(measure, tmp_path):
    a_trip(tmp_path / "trip.csv")
    (tmp_path / "trip.yaml").write_text(example())
    asked = ("trip.csv", "--request", "trip.yaml", "--out", "kept")
    done = measure(*asked, "--json")
    assert done.returncode == 0, done.stderr
    kept = json.loads((tmp_path / "kept" / "measure.json").read_text())
    assert kept == json.loads(done.stdout)
    digest = [sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("trip.csv", "trip.yaml")]
    assert [kept["sha256"], kept["request_sha256"]] == digest
    again = measure(*asked)
    assert (again.returncode, again.stderr) == (2, "command line: --out: kept is not empty; name a new folder\n")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--limits", "draft-48v", "--budget"), "--limits, --budget: needs --request"),
        (("--out", "x"), "--out: needs --request"),
        (("--export", "y.csv", "--request", "trip.yaml"), "--export: writes the file as it is; leave out --request"),
        (("--request", "trip.yaml", "--limits", "draft-48v"), "--limits: no measurand of trip.yaml names a clause"),
        (("--request", "trip.yaml", "--device", "reference"), "--device: no measurand of trip.yaml names a clause"),
    ],
)
def test_no_option_is_ignored(measure, tmp_path, options, sentence):
    a_trip(tmp_path / "trip.csv")
    (tmp_path / "trip.yaml").write_text(example())
    done = measure("trip.csv", *options)
    assert (done.returncode, done.stderr) == (2, f"command line: {sentence}\n")
    assert {path.name for path in tmp_path.iterdir()} == {"trip.csv", "trip.yaml"}


def test_what_a_file_holds(measure, capture):
    done = measure(capture)
    assert done.returncode == 0
    assert "port_current" in done.stdout
    assert "100000" in done.stdout
    assert "write a request" in done.stdout


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("CH2", "CH7"), "trip.csv: has no column 'CH7' for port_current: it has CH1, CH2."),
        (("peak_current,", "peek_current,"), "trip.yaml:23: measure[1].measurand: unknown measurand 'peek_current'"),
        (("high: 300 A", "high: 300 V"), "trip.yaml:23: measure[1].limit.high: peak_current is a current in A"),
        (("fault:", "falt:"), "trip.yaml:15: falt: unknown key 'falt'"),
        (("status: vendor", "status: mine"), "trip.yaml:23: measure[1].limit.status: "),
    ],
)
def test_mistakes_are_one_sentence_each(measure, tmp_path, change, sentence):
    a_trip(tmp_path / "trip.csv")
    (tmp_path / "trip.yaml").write_text(example().replace(*change, 1))
    done = measure("trip.csv", "--request", "trip.yaml")
    assert done.returncode == 2, done.stdout
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_and_options_that_make_no_sense(measure):
    done = measure("gone.csv", "--from", "5")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        'command line: --from: write a quantity with a unit, for example "500 ms"',
        "command line: --from, --to: belong to --export",
    ]
    assert measure("gone.csv").stderr == "gone.csv: no such file.\n"


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("{measurand: recovery_time, low: 40 V, high: 50 V}", "recovery_time needs removal, hold"),
        ("{measurand: overshoot, signal: v}", "overshoot needs initial, final, window"),
        ("{measurand: droop_slope}", "unknown measurand 'droop_slope'"),
        (
            "{measurand: port_voltage_peak, clause: X, limit: {high: 60 V, status: standard, source: x}}",
            "keep one of them",
        ),
        ("{measurand: port_voltage_peak, limit: {status: standard, source: x}}", "a limit says low, high or both"),
        ("{measurand: peak_current}", "peak_current needs the section `fault`"),
    ],
)
def test_a_request_that_lacks_something(tmp_path, row, sentence):
    (tmp_path / "r.yaml").write_text(f"schema: 1\nname: x\nmeasure:\n  - {row}\n")
    with pytest.raises(BadFile) as bad:
        load(tmp_path / "r.yaml", Request)
    assert sentence in str(bad.value)
