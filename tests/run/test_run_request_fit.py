"""A request that does not fit the capture is told so before anything is measured, never in another unit."""

from __future__ import annotations

import numpy as np
import pytest

from rig.files.document import BadFile, load
from rig.files.request import Request
from rig.measure import Record, Trace, accuracy_of, rectangular
from rig.run.file_chain import as_signals
from rig.run.measure_file import answers, exit_of
from rig.waveforms import BadWaveform

CHECKED = accuracy_of(
    gain=(rectangular("gain", 0.01),), offset=(rectangular("offset", 1e-3),), timebase=(rectangular("time base", 1e-5),)
)


def trace(signal, unit, values, accuracy=CHECKED):
    codes = np.rint(np.asarray(values, np.float64) / 1e-3)
    return Trace(signal, unit, codes, 1e-3, 0.0, 1e-6, 0.0, -np.inf, np.inf, accuracy=accuracy)


RAMP = np.linspace(0.0, 10.0, 200)
HELD = Record(
    "fault",
    {
        "port_current": trace("port_current", "A", RAMP),
        "port_voltage": trace("port_voltage", "V", RAMP + 40.0),
        "bus": trace("bus", "V", 45.0 + np.tile([0.0, 1e-3, -1e-3, 0.0], 50)),
    },
    triggered=True,
)


def asked(tmp_path, rows: str) -> Request:
    (tmp_path / "r.yaml").write_text(f"schema: 1\nname: x\n{rows}\n")
    return load(tmp_path / "r.yaml", Request)


def judged(tmp_path, rows: str):
    return answers(HELD, asked(tmp_path, rows), "x.csv", "r.yaml", None, None)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("{measurand: port_voltage_peak, signal: port_current}", "signal: port_current is in A, and a voltage in V"),
        ("{measurand: port_voltage_peak, signal: v9}", "signal: the capture has no signal 'v9': it has port_current, "),
        ("{measurand: ripple_rms, signal: port_voltage, window: [1 s, 2 s]}", "window: lies outside the record"),
        (
            "{measurand: recovery_time, removal: {signal: port_voltage, level: 5 A}, low: 4 V, high: 50 V, hold: 1 us}",
            "removal.level: the signal is in V, this is a current",
        ),
        (
            "{measurand: recovery_time, removal: {signal: port_voltage, level: 5 V}, low: 4 A, high: 50 V, hold: 1 us}",
            "low: the signal is in V, this is a current",
        ),
        (
            "{measurand: inrush_current, begin: {signal: x, level: 5 V}, low: 4 A, high: 5 A, hold: 1 us}",
            "begin.signal: the capture has no signal 'x'",
        ),
        (
            "{measurand: level, signal: bus, window: [0 us, 9 us], limit: {high: 5 A, status: vendor, source: x}}",
            "limit.high: the signal is in V, this is a current",
        ),
    ],
)
def test_what_does_not_fit_is_one_sentence(tmp_path, row, sentence):
    with pytest.raises(BadFile) as bad:
        judged(tmp_path, f"measure:\n  - {row}")
    assert str(bad.value).startswith(f"r.yaml: measure[0].{sentence}")


def test_a_fault_in_the_unit_of_another_signal(tmp_path):
    fault = "fault: {injection: {signal: port_current, level: 10 V}, rated_current: 5 A, hold: 20 us}"
    with pytest.raises(BadFile) as bad:
        judged(tmp_path, f"{fault}\nmeasure:\n  - {{measurand: peak_current}}")
    assert str(bad.value) == "r.yaml: fault.injection.level: the signal is in A, this is a voltage"


@pytest.mark.parametrize(("rows", "sentence"), [
    ("measure:\n  - {measurand: ripple_rms, signal: v, window: [9 us, 1 us]}", "its earlier end first"),
    ("signals: {v: {column: a, clip: [1 V, -1 V]}}\nmeasure: [{measurand: port_voltage_peak}]", "its lower end first"),
    ("signals: {v: {column: a, step: 0 V}}\nmeasure: [{measurand: port_voltage_peak}]", "step is more than 0"),
])  # fmt: skip
def test_ends_in_the_wrong_order(tmp_path, rows, sentence):
    with pytest.raises(BadFile, match=sentence):
        asked(tmp_path, rows)


@pytest.mark.parametrize(
    ("high", "verdict", "code"), [("46 V", "PASS", 0), ("44 V", "FAIL", 1), ("45.05 V", "CONDITIONAL_PASS", 4)]
)
def test_a_level_is_judged_in_the_unit_of_its_signal(tmp_path, high, verdict, code):
    limit = f"limit: {{high: {high}, status: vendor, source: the maker}}"
    found = judged(tmp_path, f"measure:\n  - {{measurand: level, signal: bus, window: [0 s, 1 s], {limit}}}")
    assert found[0].measurement.value == pytest.approx(45.0, abs=1e-3)
    assert (found[0].measurement.unit, found[0].decision.verdict, exit_of(found)) == ("V", verdict, code)


def column(tmp_path, values, unit="V", more=""):
    """A column without accuracy in its file, as the signal `v` with what `more` states."""
    codes = np.asarray(values, np.float64)
    found = Record("x", {"CH1": Trace("CH1", unit, codes, 1.0, 0.0, 1e-6, 0.0, -np.inf, np.inf)}, triggered=True)
    rows = f"signals: {{v: {{column: CH1{more}}}}}\nmeasure:\n  - {{measurand: level, signal: v, window: [0 s, 1 s]}}"
    return as_signals(found, asked(tmp_path, rows), "x.csv").traces["v"]


ACCURACY = ", accuracy: {{gain: 1 %, offset: {}, time_base: 25 ppm, source: data sheet}}"


def test_offset_step_and_screen_are_in_the_columns_unit(tmp_path):
    assert column(tmp_path, RAMP, "A", ACCURACY.format("2 mA")).accuracy is not None
    for more in (ACCURACY.format("2 mV"), ", step: 1 mV", ", clip: [-1 V, 1 V]"):
        with pytest.raises(BadWaveform, match=r"column 'CH1' is in A, and its (offset|step|clip) is in V"):
            column(tmp_path, RAMP, "A", more)


def test_a_column_that_shows_no_step_needs_one(tmp_path):
    square = [0.0, 48.0] * 50
    with pytest.raises(BadWaveform, match="fewer than three different values, which show no step: state"):
        column(tmp_path, square, more=ACCURACY.format("2 mV"))
    assert column(tmp_path, square).accuracy is None, "without accuracy nothing is decided anyhow"
    stated = column(tmp_path, square, more=ACCURACY.format("2 mV") + ", step: 20 mV")
    assert stated.resolution == 0.02
    np.testing.assert_allclose(stated.values, square)


@pytest.mark.parametrize("step", ["", ", step: 10 mV", ", step: 4 V"])
def test_only_the_edge_of_the_screen_is_clipped(tmp_path, step):
    """However coarse the step: a value well inside the screen is not at its edge."""
    values = [-50.0, -49.0, 0.0, 30.0, 49.0, 50.0]
    assert column(tmp_path, values, more=f"{step}, clip: [-50 V, 50 V]").clipped().tolist() == [1, 0, 0, 0, 0, 1]
