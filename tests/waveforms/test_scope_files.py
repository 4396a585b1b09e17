"""A scope's own file, by the library that knows them; built here from the maker's description of the format."""

from __future__ import annotations

import builtins
import struct
from types import SimpleNamespace

import numpy as np
import pytest

from rig.waveforms import BadWaveform, read_waveform


def keysight_bin(volts: np.ndarray, dt: float, start: float, unit: int = 1) -> bytes:
    """A file of one channel as InfiniiVision's programming guide describes it: file, waveform and data headers."""
    data = volts.astype("<f4").tobytes()
    wave = struct.pack(
        "<5if3d2i16s16s24s16sdI", 140, 1, 1, volts.size, 0, float(dt * volts.size), start, dt, start, 2, unit,
        b"26 NOV 2026", b"16:00:00", b"DSO-X 3024A:MY1", b"1", 0.0, 0,
    )  # fmt: skip
    body = wave + struct.pack("<ihhi", 12, 1, 4, len(data)) + data
    return b"AG10" + struct.pack("<ii", 12 + len(body), 1) + body


def test_a_keysight_file(tmp_path):
    volts = np.sin(np.arange(500) / 20.0)
    (tmp_path / "x.bin").write_bytes(keysight_bin(volts, 1e-6, -1e-4))
    found = read_waveform(tmp_path / "x.bin")
    assert list(found.traces) == ["CH1"]
    trace = found.traces["CH1"]
    assert (trace.unit, trace.codes.size, trace.dt) == ("V", 500, pytest.approx(1e-6))
    np.testing.assert_allclose(trace.values, volts, atol=1e-6)


@pytest.mark.parametrize(
    "content", [b"", b"AG10", b"\x00" * 100, b"nonsense" * 50, keysight_bin(np.ones(9), 1e-6, 0.0)[:160]]
)
def test_what_is_no_such_file_is_one_sentence(tmp_path, content):
    (tmp_path / "x.bin").write_bytes(content)
    with pytest.raises(BadWaveform) as bad:
        read_waveform(tmp_path / "x.bin")
    assert len(str(bad.value).splitlines()) == 1
    assert str(bad.value).startswith(f"{tmp_path / 'x.bin'}: ")


def test_without_the_library_the_extra_is_named(tmp_path, monkeypatch):
    (tmp_path / "x.wfm").write_bytes(b"x")
    real = builtins.__import__

    def without(name, *args, **named):
        if name.startswith("RigolWFM"):
            raise ImportError
        return real(name, *args, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(BadWaveform, match=r"needs the extra 'waveforms'"):
        read_waveform(tmp_path / "x.wfm")


@pytest.mark.parametrize(("unit", "expected"), [(1, "V"), (4, "A")])
def test_a_current_probe_is_in_amperes(tmp_path, unit, expected):
    (tmp_path / "x.bin").write_bytes(keysight_bin(np.arange(50.0), 1e-6, 0.0, unit))
    assert read_waveform(tmp_path / "x.bin").traces["CH1"].unit == expected


@pytest.mark.parametrize("unit", [0, 5, 6])
def test_another_unit_is_not_taken_for_volts(tmp_path, unit):
    (tmp_path / "x.bin").write_bytes(keysight_bin(np.arange(50.0), 1e-6, 0.0, unit))
    with pytest.raises(BadWaveform, match="CH1 has no unit that is known"):
        read_waveform(tmp_path / "x.bin")


class Channel:
    """A channel as the library gives it."""

    def __init__(self, name="CH 1", times=None, interval=1e-6, unit="v"):
        self.name, self.enabled, self.unit = name, True, SimpleNamespace(name=unit)
        self.times = np.arange(100) * 1e-6 if times is None else times
        self.volts, self.seconds_per_point = np.sin(np.arange(100) / 9.0), interval


def read_as(monkeypatch, path, parser, *channels):
    """The file as if the library's `parser` had read it."""
    found = SimpleNamespace(parser_name=parser, header_name="its model", channels=channels)
    monkeypatch.setattr("RigolWFM.wfm.Wfm.from_file", lambda _path: found)
    path.touch()
    return read_waveform(path)


@pytest.mark.parametrize("parser", ["wfm1000z", "wfm4000", "siglent_bin", "anything new"])
def test_what_was_not_compared_with_the_maker_is_refused(tmp_path, monkeypatch, parser):
    with pytest.raises(BadWaveform, match=r"is of a scope \(its model\) whose values are not read reliably"):
        read_as(monkeypatch, tmp_path / "x.wfm", parser, Channel())


def test_the_interval_is_the_scopes_and_not_that_of_times_spread_too_far(tmp_path, monkeypatch):
    spread = Channel(times=np.linspace(-50e-6, 50e-6, 100))
    trace = read_as(monkeypatch, tmp_path / "x.wfm", "wfm1000b", spread).traces["CH1"]
    assert (trace.dt, trace.start) == (1e-6, -50e-6)
    with pytest.raises(BadWaveform, match="CH1: its times do not fit its sample interval"):
        read_as(monkeypatch, tmp_path / "x.wfm", "wfm1000b", Channel(interval=1.1e-6))


def test_segments_are_refused(tmp_path, monkeypatch):
    with pytest.raises(BadWaveform, match="holds CH1 more than once"):
        read_as(monkeypatch, tmp_path / "x.bin", "agilent_bin", Channel(), Channel())


@pytest.mark.parametrize(("text", "unit"), [(b"V", "V"), (b"A", "A"), (b"dB", None)])
def test_the_unit_of_a_lecroy_file_is_its_own(tmp_path, monkeypatch, text, unit):
    path = tmp_path / "x.trc"
    path.write_bytes(b"#9000000000" + b"WAVEDESC".ljust(196, b"\0") + text.ljust(48, b"\0"))
    if unit is not None:
        assert read_as(monkeypatch, path, "lecroy_trc", Channel()).traces["CH1"].unit == unit
    else:
        with pytest.raises(BadWaveform, match="CH1 has no unit that is known"):
            read_as(monkeypatch, path, "lecroy_trc", Channel())
