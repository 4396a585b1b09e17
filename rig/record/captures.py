"""Records as Parquet: raw codes, one column a signal, and all that turns them into volts and amps as metadata.

Codes are stored as the digitizer gave them (DELTA_BINARY_PACKED, zstd level 1: smallest and quick to write for
noisy 12-bit data), so that a run can be judged again with another calibration or another rule.
"""

from __future__ import annotations

import json
import re
from dataclasses import fields
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rig.record.errors import BrokenRun
from rig.record.files import replacing
from rig.record.folder import SCHEMA, RunFolder
from rig.record.plain import number, plain

if TYPE_CHECKING:
    import pyarrow as pa

    from rig.measure.captures.capture import Record, Trace

__all__ = ["load_record", "save_record"]

ROW_GROUP = 131_072
_KEY = b"nanogrid-rig"
_FLOATS = ("<class 'float'>", "float | None", "float")
_Made = TypeVar("_Made")


def save_record(folder: RunFolder, case_key: str, record: Record) -> str:
    """Write one record; returns its path relative to the run folder.

    A capture is evidence and is never overwritten: a second one of the same case and name gets a number.
    Raises RecordError when the disk refuses.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    traces = record.traces
    longest = max((len(trace.codes) for trace in traces.values()), default=0)
    columns = {signal: _column(trace, longest) for signal, trace in traces.items()}
    meta = {
        "schema": SCHEMA,
        "case": case_key,
        "name": record.name,
        "triggered": record.triggered,
        "source": record.source,
        "traces": {signal: _describe(trace) for signal, trace in traces.items()},
    }
    table = pa.table(columns).replace_schema_metadata({_KEY: json.dumps(meta, allow_nan=False).encode()})
    path = _unused(folder.captures, f"{_safe(case_key)}-{_safe(record.name)}")
    with replacing(path) as beside:
        pq.write_table(
            table,
            beside,
            compression="zstd",
            compression_level=1,
            use_dictionary=False,
            column_encoding={
                signal: "DELTA_BINARY_PACKED" if trace.codes.dtype.kind in "iu" else "BYTE_STREAM_SPLIT"
                for signal, trace in traces.items()
            },
            row_group_size=ROW_GROUP,
        )
    return path.relative_to(folder.path).as_posix()


def load_record(path: Path) -> Record:
    """The record as it was saved, code for code. Raises BrokenRun."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from rig.measure.captures.capture import Record

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise BrokenRun(f"{path}: is not a readable capture ({str(error).splitlines()[0]}).") from None
    try:
        meta = json.loads((table.schema.metadata or {})[_KEY])
        if meta["schema"] != SCHEMA:
            raise BrokenRun(f"{path}: is a capture of schema {meta['schema']}; this rig reads schema {SCHEMA}.")
        traces = {signal: _trace(table.column(signal), about) for signal, about in meta["traces"].items()}
        return Record(name=meta["name"], traces=traces, triggered=meta["triggered"], source=meta["source"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BrokenRun(f"{path}: is no capture of this rig ({type(error).__name__}: {error}).") from None


def _column(trace: Trace, length: int) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    codes = trace.codes
    small = codes.dtype.kind in "iu" and codes.dtype.itemsize <= 2  # Parquet has no 16-bit integers
    filled = pa.array(codes.astype(np.int32) if small else codes)
    if len(codes) == length:
        return filled
    return pa.concat_arrays([filled, pa.nulls(length - len(codes), type=filled.type)])  # a shorter trace of the record


def _describe(trace: Trace) -> dict[str, Any]:
    about = {name: plain(getattr(trace, name)) for name in _fields(trace) if name != "codes"}
    return {**about, "codes": {"dtype": trace.codes.dtype.str, "count": len(trace.codes)}}


def _trace(column: pa.ChunkedArray, about: dict[str, Any]) -> Trace:
    from rig.measure.captures.accuracy import TraceAccuracy
    from rig.measure.captures.capture import Trace

    stored, accuracy = about["codes"], about["accuracy"]
    codes = column.slice(0, stored["count"]).to_numpy().astype(stored["dtype"], copy=False)
    known = None
    if accuracy is not None:
        known = _made(
            TraceAccuracy, {**accuracy, "parts": _parts(accuracy), "flags": tuple(accuracy.get("flags") or ())}
        )
    return _made(Trace, {**about, "codes": codes, "accuracy": known})


def _parts(accuracy: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    """The lines that an accuracy is made of."""
    from rig.measure.uncertainty.budget import Line

    stored = accuracy.get("parts") or {}
    return {what: tuple(_made(Line, line) for line in lines) for what, lines in stored.items()}


def _fields(kind: Any) -> dict[str, str]:
    """Names and types of what a dataclass is made from."""
    return {field.name: str(field.type) for field in fields(kind) if field.init}


def _made(kind: type[_Made], values: dict[str, Any]) -> _Made:
    """A dataclass from plain values; its float fields may be words such as "inf"."""
    types = _fields(kind)
    plain_floats = {name for name, type_ in types.items() if type_ in _FLOATS}
    return kind(**{name: number(value) if name in plain_floats else value for name, value in values.items()})


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:100] or "case"


def _unused(folder: Path, stem: str) -> Path:
    names = chain([f"{stem}.parquet"], (f"{stem}-{again}.parquet" for again in count(2)))
    return next(folder / name for name in names if not (folder / name).exists())
