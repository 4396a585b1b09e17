"""A scope's own file, by the library that knows them; built here from the maker's description of the format."""

from __future__ import annotations

import builtins
import struct

import numpy as np
import pytest

from rig.waveforms import BadWaveform, read_waveform


def keysight_bin(volts: np.ndarray, dt: float, start: float) -> bytes:
    """A file of one channel as InfiniiVision's programming guide describes it: file, waveform and data headers."""
    data = volts.astype("<f4").tobytes()
    wave = struct.pack(
        "<5if3d2i16s16s24s16sdI", 140, 1, 1, volts.size, 0, float(dt * volts.size), start, dt, start, 2, 1,
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
