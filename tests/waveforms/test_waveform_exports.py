"""HDF5 and COMTRADE, read back by libraries of others."""

from __future__ import annotations

import warnings

import comtrade
import h5py
import numpy as np
import pytest

from rig.measure import Record, Trace
from rig.waveforms import BadWaveform, export

rng = np.random.default_rng(3)


def trace(signal="port_current", unit="A", codes=None, dt=1e-6, start=-50e-6, scale=0.01):
    codes = rng.integers(-3000, 3000, 400).astype(np.int16) if codes is None else codes
    return Trace(signal, unit, codes, scale, 0.5, dt, start, -32000, 32000, bandwidth=20e6, lead_time=0.0)


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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = comtrade.load(str(tmp_path / "x.cfg"), str(tmp_path / "x.dat"))
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


def test_constant_and_empty_channels(tmp_path):
    flat = Trace("i", "A", np.full(10, 4.0), 1.0, 0.0, 1e-3, 0.0, -np.inf, np.inf)
    lost = Trace("v", "V", np.full(10, np.nan), 1.0, 0.0, 1e-3, 0.0, -np.inf, np.inf)
    export(Record("fault", {"i": flat, "v": lost}, triggered=True), tmp_path / "x.cfg")
    found = comtrade.load(str(tmp_path / "x.cfg"), str(tmp_path / "x.dat"))
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
