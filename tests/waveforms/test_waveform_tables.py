"""Tables of spreadsheets and scopes: what is understood, what is refused, and that nothing is changed on the way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from rig.measure import Record, Trace
from rig.waveforms import BadWaveform, export, read_waveform

GENERIC = "t (s),i (A),v (V)\n0,1.5,48\n1e-6,2.5,47\n2e-6,3.5,46\n"
KEYSIGHT = "x-axis,1,2\nsecond,Volt,Volt\n-1.0e-06,+1.0E-03,2\n+0.0e+00,+2.0E-03,3\n1.0e-06,+4.0E-03,5\n"
SIGLENT = (
    "Record Length,Analog:3\nSample Interval,Analog:1e-6\nVertical Units,CH1:V\nSource,CH1,CH2\nSecond,Volt,Volt\n"
    "0,0.1,1\n1e-6,0.2,2\n2e-6,0.4,4\n"
)
RIGOL = "X,CH1,CH2,Start,Increment\nSequence,Volt,Volt,-2.0e-03,1.0e-06\n0,0.1,1\n1,0.2,2\n2,0.4,4\n"
DHO = "Time(s),CH1V,CH2V\n-1e-06,0.1,1\n0,0.2,2\n1e-06,0.4,4\n"
UNITS_BELOW = ",CH2\nSecond,Volt\n-1e-06,0.1, \n0,0.2, \n1e-06,0.4, \n"
PART = "X,CH1,Start,Increment,\nSequence,Volt,-1.4e-03,2.0e-06,\n22,0.1,\n23,0.2,\n24,0.4,\n"
PICO = "Time,Channel A,Channel B\n(us),(mV),(mA)\n\n-1,100,1\n0,200,2\n1,400,4\n"
QUOTED = 't (s),i (A)\n"0,0","1,5"\n"0,5","2,5"\n"1,0","3,75"\n'
LATE = "t (s);i (A)\n0;1\n1;2,5\n2;3\n"
GERMAN = "t (ms);i (A)\n0;1,5\n0,5;2,5\n1,0;3,75\n"


def read(tmp_path, text: str, name: str = "x.csv") -> Record:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return read_waveform(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "dt", "start", "signals"),
    [
        (GENERIC, 1e-6, 0.0, {"i": ("A", [1.5, 2.5, 3.5]), "v": ("V", [48, 47, 46])}),
        (KEYSIGHT, 1e-6, -1e-6, {"1": ("V", [1e-3, 2e-3, 4e-3]), "2": ("V", [2, 3, 5])}),
        (SIGLENT, 1e-6, 0.0, {"CH1": ("V", [0.1, 0.2, 0.4]), "CH2": ("V", [1, 2, 4])}),
        (RIGOL, 1e-6, -2e-3, {"CH1": ("V", [0.1, 0.2, 0.4]), "CH2": ("V", [1, 2, 4])}),
        (DHO, 1e-6, -1e-6, {"CH1": ("V", [0.1, 0.2, 0.4]), "CH2": ("V", [1, 2, 4])}),
        (GERMAN, 5e-4, 0.0, {"i": ("A", [1.5, 2.5, 3.75])}),
        (UNITS_BELOW, 1e-6, -1e-6, {"CH2": ("V", [0.1, 0.2, 0.4])}),
        (PART, 2e-6, -1.356e-3, {"CH1": ("V", [0.1, 0.2, 0.4])}),
        (PICO, 1e-6, -1e-6, {"Channel A": ("V", [0.1, 0.2, 0.4]), "Channel B": ("A", [1e-3, 2e-3, 4e-3])}),
        (QUOTED, 0.5, 0.0, {"i": ("A", [1.5, 2.5, 3.75])}),
        (LATE, 1.0, 0.0, {"i": ("A", [1.0, 2.5, 3.0])}),
        (GENERIC.replace("\n", "\r"), 1e-6, 0.0, {"i": ("A", [1.5, 2.5, 3.5]), "v": ("V", [48, 47, 46])}),
        (GENERIC.replace(",", "\t"), 1e-6, 0.0, {"i": ("A", [1.5, 2.5, 3.5]), "v": ("V", [48, 47, 46])}),
        (
            GENERIC.replace("\n", "\r\n") + "\r\n\r\n",
            1e-6,
            0.0,
            {"i": ("A", [1.5, 2.5, 3.5]), "v": ("V", [48, 47, 46])},
        ),
    ],
)
def test_tables_that_are_understood(tmp_path, text, dt, start, signals):
    found = read(tmp_path, text)
    assert list(found.traces) == list(signals)
    for name, (unit, values) in signals.items():
        trace = found.traces[name]
        assert (trace.unit, trace.dt, trace.start) == (unit, pytest.approx(dt), pytest.approx(start, abs=1e-15))
        assert trace.values.tolist() == pytest.approx(values)
        assert trace.accuracy is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no table of numbers"),
        ("hello\nworld\n", "has no table of numbers"),
        ("0,1\n1,2\n2,3\n", "x.csv:1: numbers begin without a line of names"),
        ("t (s),i\n0,1\n1,2\n", "x.csv:1: column 'i' has no unit that is known"),
        ("t,i (A)\n0,1\n1,2\n", "x.csv:1: its first column (time) has no unit of time"),
        ("t (s),i (A),i (A)\n0,1,1\n1,2,2\n", "two columns have the same name"),
        ("t (s),i (A)\n0,1\n1,2\n1,3\n2,4\n", "x.csv:4: time 1 is not where even steps would have it"),
        ("t (s),i (A)\n2,1\n1,2\n0,3\n", "x.csv:3: time 1 is not"),
        ("t (s),i (A)\n0,1\n1,2\n5,3\n6,3\n", "is not where even steps"),
        ("t (s),i (A)\n0,1\n", "fewer than two samples"),
        ("t (s),i (A)\n0,1\n1,abc\n2,3\n", "x.csv:3: 'abc' is no number"),
        ("t (s),i (A)\n0,1\n1,inf\n2,3\n", "x.csv:3: a value is infinite"),
        ("t (s),i (A)\n0,1\n,2\n2,3\n", "x.csv:3: a row has no time"),
        ("t (s),i (A),v (V)\n0,1,2\n1,3\n2,4,5\n", "x.csv:3: has 2 cells, the rows above have 3"),
        ("t (s),i (A),v (V)\n0,1,2\n1,3,4\n2,4", "x.csv:4: has 2 cells, the rows above have 3"),
        ("t (s),i (A),v (V)\n0,1\n1,3,4\n2,4,5\n", "x.csv:2: has 2 numbers under 3 names"),
        ("t (s),i (A)\n0,1\n1,3,9\n2,4\n", "x.csv:3: has 3 cells, the rows above have 2"),
        ("t (s),i (A)\n0,1,7\n1,3,9\n", "x.csv:2: has 3 numbers under 2 names"),
        ("t (s),i (A)\n0,1,\n1,3,9\n", "x.csv:3: has a number in a column without a name"),
        ("t (s),i (A)\n0,1\n\n1,2\n", "x.csv:3: has 0 cells"),
        ("t (s),i (A)\r\n0,1\n1,2\r2,x\n", "x.csv:4: 'x' is no number"),
        ("t (s),i (A)\n0,1\n1,N/A\n2,3\n", "x.csv:3: 'N/A' is no number"),
        ("t (s),i (A)\n0,1\n1,null\n2,3\n", "x.csv:3: 'null' is no number"),
        ("t (s),i (A)\n0,1\n1,True\n2,3\n", "x.csv:3: 'True' is no number"),
        ("t (s),i (A)\n0," + "1" * 5000 + "\n1,2\n", f"x.csv:2: '{'1' * 20}...' is no number"),
        ("t (s),i (A)\n0,0,1,5\n0,1,2,5\n", "x.csv:2: has twice as many numbers as names, as decimal commas"),
        ("t (s);i (A)\n0;1,5\n1;2.5\n", "x.csv:2: '1,5' is no number"),
        ('t (s),i (A)\n0,1\n1,"2\n2,3\n', "never closed"),
        ("v (V),i (A)\n0,1\n1,2\n", "x.csv:1: its first column (time) has no unit of time"),
        ("t (MS),i (A)\n0,1\n1,2\n", "x.csv:1: its first column (time) has no unit of time"),
        ("t (s),w (ms)\n0,1\n1,2\n", "x.csv:1: column 'w' is a second column of times"),
        ("t (s),v (MV)\n0,1\n1,2\n", "x.csv:1: column 'v' has no unit that is known"),
        ("t (s), (V)\n0,1\n1,2\n", "x.csv:1: a column has no name"),
        ("t (s),i (A)\n-1e308,1\n1e308,2\n", "x.csv:3: time 1e+308 is not where even steps"),
        (RIGOL.replace("2,0.4,4", "1,0.4,4"), "x.csv:5: sample 1 does not follow"),
        (RIGOL.replace("2,0.4,4", "7,0.4,4"), "x.csv:5: sample 7 does not follow"),
        (RIGOL.replace("CH2", "CH1"), "x.csv:2: two columns have the same name 'CH1'"),
        (RIGOL.replace("1.0e-06", "x"), "x.csv:2: its start and increment cannot be read"),
        (SIGLENT.replace("Analog:3", "Analog:30"), "x.csv:8: ends after 3 of 30 samples"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_its_line(tmp_path, text, sentence):
    with pytest.raises(BadWaveform) as bad:
        read(tmp_path, text)
    assert sentence in str(bad.value)
    assert len(str(bad.value).splitlines()) == 1


def test_a_lost_sample_is_lost_and_not_a_number(tmp_path):
    trace = read(tmp_path, "t (s),i (A)\n0,1\n1e-3,\n2e-3,3\n3e-3,nan\n4e-3,2\n").traces["i"]
    assert np.isnan(trace.values).tolist() == [False, True, False, True, False]


def test_files_of_no_known_kind(tmp_path):
    (tmp_path / "x.docx").write_text("x")
    with pytest.raises(BadWaveform, match=r"files ending in '\.docx' are not known"):
        read_waveform(tmp_path / "x.docx")
    with pytest.raises(BadWaveform, match="no such file"):
        read_waveform(tmp_path / "y.csv")
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadWaveform, match="not UTF-8"):
        read_waveform(tmp_path / "x.csv")
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    with pytest.raises(BadWaveform, match="is not a readable capture"):
        read_waveform(tmp_path / "x.parquet")


def test_the_converters_steps_are_found_again(tmp_path):
    codes = np.random.default_rng(1).integers(-2000, 2000, 3000)
    rows = "".join(f"{n * 1e-6:.9g},{code * 0.0125:.6f}\n" for n, code in enumerate(codes))
    trace = read(tmp_path, "t (s),v (V)\n" + rows).traces["v"]
    assert trace.codes.dtype.kind == "i"
    assert trace.resolution == pytest.approx(0.0125, rel=1e-6)
    assert np.abs(trace.values - codes * 0.0125).max() < 1e-9


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    npst.arrays(np.float64, st.integers(2, 60), elements=st.floats(-1e6, 1e6) | st.just(np.nan)),
    st.floats(1e-9, 1e-3), st.floats(-1.0, 1.0),
)  # fmt: skip
def test_what_is_written_reads_back(tmp_path, values, dt, start):
    (tmp_path / "again.csv").unlink(missing_ok=True)
    trace = Trace("i", "A", values, 1.0, 0.0, dt, start, -np.inf, np.inf)
    export(Record("fault", {"i": trace}, triggered=True), tmp_path / "again.csv")
    found = read_waveform(tmp_path / "again.csv").traces["i"]
    assert found.dt == pytest.approx(dt, rel=1e-6)
    assert found.start == pytest.approx(start, abs=1e-12)
    np.testing.assert_allclose(
        found.values, values, rtol=1e-9, atol=1e-9 * max(np.nanmax(np.abs(values), initial=0), 1e-9)
    )
