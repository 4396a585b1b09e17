"""Captures for other programs: CSV, HDF5 and COMTRADE. A file that exists is never written over."""

import csv
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from rig.measure import Record, Span, Trace
from rig.record import RecordError
from rig.record.files import replacing
from rig.waveforms.comtrade import write_comtrade
from rig.waveforms.errors import BadWaveform

MISSING = "needs the extra 'waveforms': pip install 'nanogrid-rig[waveforms]'"


def export(record: Record, out: Path, span: Span | None = None) -> list[Path]:
    """Write the samples of `record` in `span` (s; all by default) in the format of the suffix; what was written.

    Raises BadWaveform: an unknown suffix, an existing file, traces that do not fit together, a disk that refuses.
    """
    write = EXPORTS.get(out.suffix.lower())
    if write is None:
        raise BadWaveform(f"{out}: cannot be written: end its name in {', '.join(EXPORTS)}.")
    if out.exists():
        raise BadWaveform(f"{out}: exists; name a new file.")
    parts = {name: trace.slice(span) for name, trace in record.traces.items()}
    if not any(part.stop > part.start for part in parts.values()):
        raise BadWaveform(f"{out}: there are no samples in that span: widen it.")
    try:
        return write(record, parts, out)
    except RecordError as error:
        raise BadWaveform(str(error)) from None


def together(record: Record, parts: dict[str, slice], what: str) -> Trace:
    """The first trace, when all were sampled at the same instants. BadWaveform when not."""
    traces = list(record.traces.values())
    first = traces[0]
    alike = all((one.dt, one.start, one.codes.size) == (first.dt, first.start, first.codes.size) for one in traces)
    if not alike:
        raise BadWaveform(f"{what}: its signals were not sampled at the same instants: export it as HDF5.")
    return first


def _csv(record: Record, parts: dict[str, slice], out: Path) -> list[Path]:
    """One row a sample, numbers that read back as they were; a lost sample is an empty cell."""
    first = together(record, parts, str(out))
    part = next(iter(parts.values()))
    columns = [first.times(part), *(trace.read(part) for trace in record.traces.values())]
    names = ["t (s)", *(f"{trace.signal} ({trace.unit})" for trace in record.traces.values())]
    with replacing(out) as beside, beside.open("w", encoding="utf-8", newline="\n") as file:
        csv.writer(file, lineterminator="\n").writerow(names)
        for row in zip(*columns, strict=True):
            file.write(",".join("" if math.isnan(value) else repr(float(value)) for value in row) + "\n")
    return [out]


def _hdf5(record: Record, parts: dict[str, slice], out: Path) -> list[Path]:
    """A group of data sets, one a signal: raw codes, with scale, offset, unit, dt, start, bandwidth as attributes."""
    try:
        import h5py  # type: ignore[import-untyped]  # it has no stubs
    except ImportError:
        raise BadWaveform(f"{out}: {MISSING}.") from None
    with replacing(out) as beside, h5py.File(beside, "w") as file:
        file.attrs.update({"schema": 1, "name": record.name, "source": record.source, "triggered": record.triggered})
        for name, trace in record.traces.items():
            part = parts[name]
            data = file.create_dataset(_inside(name), data=trace.codes[part], compression="gzip", shuffle=True)
            start = trace.start + part.start * trace.dt
            about = {
                "signal": name, "unit": trace.unit, "scale": trace.scale, "offset": trace.offset,
                "dt_s": trace.dt, "start_s": start,
                "code_min": trace.code_min, "code_max": trace.code_max, "lead_time_s": trace.lead_time,
                "bandwidth_hz": math.nan if trace.bandwidth is None else trace.bandwidth,
            }  # fmt: skip
            data.attrs.update(about)
    return [out]


def _inside(name: str) -> str:
    """A name of a data set: HDF5 takes a slash for a group and a dot for the group itself."""
    return name.replace("/", "_").strip(".") or "_"


def _comtrade(record: Record, parts: dict[str, slice], out: Path) -> list[Path]:
    first = together(record, parts, str(out))
    part = next(iter(parts.values()))
    dat = out.with_suffix(".dat")
    if dat.exists():
        raise BadWaveform(f"{dat}: exists; name a new file.")
    traces = list(record.traces.values())
    start = first.start + part.start * first.dt
    channels = [(trace.signal, trace.unit, np.asarray(trace.read(part))) for trace in traces]
    try:
        config, samples = write_comtrade(channels, first.dt, start, record.name)
    except ValueError as error:
        raise BadWaveform(f"{out}: cannot be written: {error}: export it as CSV or HDF5.") from None
    with replacing(dat) as beside:
        beside.write_bytes(samples)
    with replacing(out) as beside:
        beside.write_bytes(config)
    return [out, dat]


EXPORTS: dict[str, Callable[[Record, dict[str, slice], Path], list[Path]]] = {
    ".csv": _csv, ".h5": _hdf5, ".hdf5": _hdf5, ".cfg": _comtrade,
}  # fmt: skip
