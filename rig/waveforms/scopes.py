"""Binary files of oscilloscopes, by RigolWFM: Rigol .wfm and .bin, Keysight .bin, Siglent .bin, LeCroy .trc.

An extra (`pip install nanogrid-rig[waveforms]`), BSD-3-Clause. It decides by the file's own header what it is; new
firmware may write what it does not know, and then it says so.
"""

import gc
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from rig.measure import Record
from rig.waveforms.errors import BadWaveform
from rig.waveforms.samples import Floats, trace_of, uniform

SUFFIXES = (".wfm", ".bin", ".trc", ".isf")
MISSING = "reading it needs the extra 'waveforms': pip install 'nanogrid-rig[waveforms]', or export it as CSV"


def read_scope_file(path: Path) -> Record:
    """The record in a scope's own file; channels are named CH1 .. CH4, in volts at the probe's tip. BadWaveform."""
    try:
        from RigolWFM.wfm import Wfm  # type: ignore[import-untyped]  # it has no stubs
    except ImportError:
        raise BadWaveform(f"{path}: {MISSING}.") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # it leaves the file to the collector to close
            channels = _channels(Wfm.from_file(str(path)))
            gc.collect()
    except Exception as error:  # a parser of binary files raises whatever the bytes make it
        why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise BadWaveform(f"{path}: is no waveform file that is understood ({why}): export it as CSV.") from None
    traces = {}
    for name, unit, times, volts in channels:
        spaced = uniform(times)
        if not isinstance(spaced, tuple):
            raise BadWaveform(f"{path}: {name}: sample {spaced} is not evenly spaced: export it as CSV.")
        traces[name] = trace_of(name, unit, volts, *spaced)
    if not traces:
        raise BadWaveform(f"{path}: holds no channel with samples.")
    return Record(path.stem, traces, triggered=True, source=path.name)


def _channels(found: Any) -> list[tuple[str, str, Floats, Floats]]:
    """(name, unit, times in s, values) of the channels that hold samples."""
    return [
        (
            channel.name.replace(" ", ""),
            {"v": "V", "a": "A", "w": "W"}.get(str(getattr(channel.unit, "name", channel.unit)).lower(), "V"),
            np.array(channel.times, np.float64),
            np.array(channel.volts, np.float64),
        )
        for channel in found.channels
        if channel.enabled and channel.volts is not None and channel.times is not None and len(channel.times)
    ]
