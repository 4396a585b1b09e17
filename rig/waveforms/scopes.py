"""Binary files of oscilloscopes, by RigolWFM: of its many formats those whose volts were compared with the maker's own.

An extra (`pip install nanogrid-rig[waveforms]`), BSD-3-Clause. Keysight's .bin, Rigol's .bin (DHO800/1000, MSO5000) and
LeCroy's .trc hold volts, or codes with their scale, and a unit. Rigol's .wfm is not documented: of DS1000B, DS1000D/E
and DS2000 the library gives the levels of the CSV that the scope saved beside it; of DS1000Z it does not (offsets are
wrong by volts, its issue 5), nor of DS4000 (by one to four steps). Of Siglent's .bin it reads one revision with the
wrong sign of the offset and without the probe (its pull request 34). A capture read wrongly is worse than one refused.
"""

import gc
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from rig.measure import Record
from rig.waveforms.errors import BadWaveform
from rig.waveforms.samples import Floats, trace_of, uniform

SUFFIXES = (".wfm", ".bin", ".trc")
COMPARED = ("agilent_bin", "dho1000", "bin5000", "lecroy_trc", "wfm1000b", "wfm1000e", "wfm2000")
"""The library's parsers that are trusted."""
UNITS = {"v": "V", "a": "A", "w": "W"}
WHERE = b"WAVEDESC"
VERTICAL = slice(196, 244)
"""LeCroy's vertical unit, from the beginning of its descriptor; the library takes it for volts whatever it says."""
MISSING = "reading it needs the extra 'waveforms': pip install 'nanogrid-rig[waveforms]', or export it as CSV"


def read_scope_file(path: Path) -> Record:
    """The record in a scope's own file; channels are named CH1 .. CH4, in the unit the scope showed. BadWaveform."""
    try:
        from RigolWFM.wfm import Wfm  # type: ignore[import-untyped]  # it has no stubs
    except ImportError:
        raise BadWaveform(f"{path}: {MISSING}.") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # it leaves the file to the collector to close
            found = Wfm.from_file(str(path))
            parser, model = str(found.parser_name), str(found.header_name)
            channels = _channels(found, _vertical(path) if parser == "lecroy_trc" else None)
            del found
            gc.collect()
    except Exception as error:  # a parser of binary files raises whatever the bytes make it
        why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise BadWaveform(f"{path}: is no waveform file that is understood ({why}): export it as CSV.") from None
    if parser not in COMPARED:
        raise BadWaveform(f"{path}: is of a scope ({model}) whose values are not read reliably: export it as CSV.")
    traces = {}
    for name, unit, times, values, interval in channels:
        spaced = uniform(times)
        if not unit:
            raise BadWaveform(f"{path}: {name} has no unit that is known in this file: save it as .bin or as CSV.")
        if not isinstance(spaced, tuple):
            raise BadWaveform(f"{path}: {name}: sample {spaced} is not evenly spaced: export it as CSV.")
        if name in traces:
            raise BadWaveform(f"{path}: holds {name} more than once, as segments do: save one of them, or use CSV.")
        if not abs(spaced[0] / interval - 1.0) * times.size < 2.0:  # it spreads DS1000B over one interval too many
            raise BadWaveform(f"{path}: {name}: its times do not fit its sample interval: export it as CSV.")
        traces[name] = trace_of(name, unit, values, interval, spaced[1])
    if not traces:
        raise BadWaveform(f"{path}: holds no channel with samples.")
    return Record(path.stem, traces, triggered=True, source=path.name)


def _channels(found: Any, unit: str | None) -> list[tuple[str, str, Floats, Floats, float]]:
    """(name, unit or nothing, times in s, values, sample interval in s) of the channels that hold samples."""
    return [
        (
            channel.name.replace(" ", ""),
            UNITS.get(str(getattr(channel.unit, "name", "")), "") if unit is None else unit,
            np.array(channel.times, np.float64),
            np.array(channel.volts, np.float64),
            float(channel.seconds_per_point),
        )
        for channel in found.channels
        if channel.enabled and channel.volts is not None and channel.times is not None and len(channel.times)
    ]


def _vertical(path: Path) -> str:
    """The vertical unit of a LeCroy file; empty for one that is not known."""
    head = path.read_bytes()[:1024]
    text = head[head.find(WHERE) :][VERTICAL].split(b"\0")[0].decode("ascii", "replace").strip()
    return UNITS.get(text.lower(), "")
