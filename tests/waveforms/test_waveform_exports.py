"""HDF5 and COMTRADE, read back by libraries of others."""

from __future__ import annotations

import warnings

import comtrade
import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from rig.measure import Record, Trace
from rig.waveforms import BadWaveform, export, read_waveform

rng = np.random.default_rng(3)


def trace(signal="port_current", unit="A", codes=None, dt=1e-6, start=-50e-6, scale=0.01):
    codes = rng.integers(-3000, 3000, 400).astype(np.int16) if codes is None else codes
    return Trace(signal, unit, codes, scale, 0.5, dt, start, -32000, 32000, bandwidth=20e6, lead_time=0.0)


def load(folder):
    """What another's reader makes of x.cfg. It warns that Python's dates have no nanoseconds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return comtrade.load(str(folder / "x.cfg"), str(folder / "x.dat"))


@pytest.fixture
def record():
    one, two = trace(), trace("port_voltage", "V", scale=0.002)
    return Record("fault", {"port_current": one, "port_voltage": two}, triggered=True, source="scope")


def test_hdf5_has_the_codes_and_what_turns_them_into_values(record, tmp_path):
    assert export(record, tmp_path / "x.h5", (-10e-6, 20e-6)) == [tmp_path / "x.h5"]
    with h5py.File(tmp_path / "x.h5") as file:
        assert (file.attrs["name"], file.attrs["source"]) == ("fault", "scope")
        data, about = file["port_current"][:], dict(file["port_current"].attrs)
    assert (data.dtype, data.size, about["unit"], about["dt_s"]) == (np.int16, 31, "A", 1e-6)
    assert about["start_s"] == pytest.approx(-10e-6)
    expected = record.traces["port_current"].read(record.traces["port_current"].slice((-10e-6, 20e-6)))
    np.testing.assert_allclose(data * about["scale"] + about["offset"], expected)


@pytest.mark.parametrize("dt", [1e-3, 1e-6, 20e-9, 0.3e-9])
def test_comtrade_reads_back_within_half_a_step(tmp_path, dt):
    values = rng.normal(0.0, 30.0, 500)
    values[7] = np.nan
    one = Trace("port current, x", "A", values, 1.0, 0.0, dt, -100 * dt, -np.inf, np.inf)
    paths = export(Record("fault", {"i": one}, triggered=True), tmp_path / "x.cfg")
    assert [path.name for path in paths] == ["x.cfg", "x.dat"]
    found = load(tmp_path)
    assert (found.rev_year, found.total_samples, found.analog_channel_ids) == ("2013", 500, ["port current  x"])
    assert found.cfg.analog_channels[0].uu == "A"
    read = np.array(found.analog[0])
    step = np.ptp(values[np.isfinite(values)]) / 65534
    good = np.isfinite(values)
    assert np.abs(read[good] - values[good]).max() <= 0.51 * step
    assert found.cfg.sample_rates[0][0] == pytest.approx(1.0 / dt)
    raw = np.frombuffer((tmp_path / "x.dat").read_bytes(), np.dtype([("n", "<u4"), ("t", "<u4"), ("v", "<i2")]))
    assert raw["v"][7] == -32768, "a missing value (IEEE C37.111-2013, 8.6)"
    assert (np.diff(raw["t"].astype(np.int64)) > 0).all()
    assert found.trigger_time == pytest.approx(min(100 * dt, 1.0), abs=1e-6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    npst.arrays(np.float64, st.integers(1, 40), elements=st.floats(-1e12, 1e12) | st.just(np.nan)),
    st.floats(1e-10, 10.0), st.integers(-50, 50),
)  # fmt: skip
def test_any_samples_read_back_within_half_a_step(tmp_path, values, dt, before):
    for name in ("x.cfg", "x.dat"):
        (tmp_path / name).unlink(missing_ok=True)
    one = Trace("i", "A", values, 1.0, 0.0, dt, before * dt, -np.inf, np.inf)
    export(Record("fault", {"i": one}, triggered=True), tmp_path / "x.cfg")
    found, good = load(tmp_path), np.isfinite(values)
    assert np.isnan(np.array(found.analog[0])).tolist() == (~good).tolist()
    raw = np.frombuffer((tmp_path / "x.dat").read_bytes(), np.dtype([("n", "<u4"), ("t", "<u4"), ("v", "<i2")]))
    channel = found.cfg.analog_channels[0]
    read = raw["v"] * channel.a + channel.b  # the reader itself calculates in single precision
    half = np.ptp(values[good]) / 65534 / 2 if good.any() else 0.0
    rounding = 1e-9 * np.abs(values[good]).max(initial=1e-290)
    assert (np.abs(read[good] - values[good]) <= half + rounding).all()
    assert found.cfg.sample_rates == [[pytest.approx(1.0 / dt), values.size]]
    unit, expected = found.cfg.time_base * found.cfg.timemult, np.arange(values.size) * dt
    assert np.abs(raw["t"] * unit - expected).max() <= 0.51 * unit + 1e-9 * expected[-1]


@pytest.mark.parametrize(
    ("start", "first", "trigger"),
    [
        (-50e-6, "00:00:00.000000000", "00:00:00.000050000"),
        (-60e-9, "00:00:00.000000000", "00:00:00.000000060"),
        (2e-3, "00:00:00.002000000", "00:00:00.000000000"),
        (-3661.5, "00:00:00.000000000", "01:01:01.500000000"),
    ],
)
def test_the_trigger_is_where_the_time_is_0(tmp_path, start, first, trigger):
    one = Trace("i", "A", np.arange(4.0), 1.0, 0.0, 20e-9, start, -np.inf, np.inf)
    export(Record("fault", {"i": one}, triggered=True), tmp_path / "x.cfg")
    lines = (tmp_path / "x.cfg").read_text().splitlines()
    assert [line.removeprefix("01/01/1970,") for line in lines if line.startswith("01/01/1970,")] == [first, trigger]


def test_a_trigger_days_away_is_refused(tmp_path):
    one = Trace("i", "A", np.arange(4.0), 1.0, 0.0, 1.0, -1e5, -np.inf, np.inf)
    with pytest.raises(BadWaveform, match="more than a day apart"):
        export(Record("fault", {"i": one}, triggered=True), tmp_path / "x.cfg")
    assert list(tmp_path.iterdir()) == []


def test_names_that_mean_something_to_the_format(tmp_path):
    one = Record("fault", {"a/b, c": trace("a/b, c")}, triggered=True)
    export(one, tmp_path / "x.h5")
    with h5py.File(tmp_path / "x.h5") as file:
        assert {name: file[name].attrs["signal"] for name in file} == {"a_b, c": "a/b, c"}
    export(one, tmp_path / "x.csv")
    assert list(read_waveform(tmp_path / "x.csv").traces) == ["a/b, c"]


def test_constant_and_empty_channels(tmp_path):
    flat = Trace("i", "A", np.full(10, 4.0), 1.0, 0.0, 1e-3, 0.0, -np.inf, np.inf)
    lost = Trace("v", "V", np.full(10, np.nan), 1.0, 0.0, 1e-3, 0.0, -np.inf, np.inf)
    export(Record("fault", {"i": flat, "v": lost}, triggered=True), tmp_path / "x.cfg")
    found = load(tmp_path)
    assert set(found.analog[0]) == {4.0}


def test_what_cannot_be_written_is_one_sentence(record, tmp_path):
    (tmp_path / "x.csv").write_text("mine")
    for out, span, sentence in (
        (tmp_path / "x.csv", None, "exists; name a new file"),
        (tmp_path / "x.mat", None, "end its name in .csv, .h5, .hdf5, .cfg"),
        (tmp_path / "y.csv", (5.0, 6.0), "no samples in that span"),
        (tmp_path / "gone" / "y.csv", None, "cannot be written"),
    ):
        with pytest.raises(BadWaveform, match=sentence):
            export(record, out, span)
    assert (tmp_path / "x.csv").read_text() == "mine"
    apart = Record("fault", {"a": trace(), "b": trace(dt=2e-6)}, triggered=True)
    with pytest.raises(BadWaveform, match="not sampled at the same instants"):
        export(apart, tmp_path / "z.csv")
