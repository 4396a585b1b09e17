"""The table of judged measurements: one row each, the columns of the public contract, in that order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rig.record.errors import BrokenRun, RecordError
from rig.record.files import replacing
from rig.record.plain import number

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["COLUMNS", "MeasurementTable", "frame_of", "read_measurements", "row"]

# name -> Arrow type. Text may be empty, never null; a float is null when there is no such number.
COLUMNS = {
    "clause": "string",
    "case": "string",
    "dut": "string",
    "serial": "string",
    "port": "string",
    "attempt": "int32",
    "repetition": "int32",
    "measurand": "string",
    "outcome": "string",
    "value": "float64",
    "unit": "string",
    "u": "float64",
    "U": "float64",
    "k": "float64",
    "dof": "float64",
    "limit_low": "float64",
    "limit_high": "float64",
    "limit_status": "string",
    "limit_source": "string",
    "rule": "string",
    "p_conform": "float64",
    "verdict": "string",
    "flags": "string",
    "capture": "string",
}


def row(verdict: dict[str, Any], *, dut: str, serial: str, repetition: int = 1) -> dict[str, Any]:
    """One row from the data of a "verdict" journal entry, so that table and journal cannot disagree.

    `flags` are joined by ", "; `capture` is the record that the first mark lies in, else the case's first.
    """
    measurement = verdict.get("measurement") or {}
    limit, decision = verdict.get("limit") or {}, verdict["decision"]
    return {
        "clause": verdict["clause"],
        "case": verdict["case"],
        "dut": dut,
        "serial": serial,
        "port": verdict.get("port") or "",
        "attempt": int(verdict.get("attempt") or 1),
        "repetition": repetition,
        "measurand": measurement.get("measurand") or "",
        "outcome": measurement.get("outcome") or "",
        "value": number(measurement.get("value")),
        "unit": measurement.get("unit") or "",
        **{name: number(verdict.get(name)) for name in ("u", "U", "k", "dof")},
        "limit_low": number(limit.get("low")),
        "limit_high": number(limit.get("high")),
        "limit_status": limit.get("status") or "",
        "limit_source": limit.get("source") or "",
        "rule": limit.get("rule") or "",
        "p_conform": number(decision.get("p_conform")),
        "verdict": decision["verdict"],
        "flags": ", ".join(measurement.get("flags") or ()),
        "capture": _capture(measurement, verdict.get("captures") or {}),
    }


class MeasurementTable:
    """Rows in memory; `flush` rewrites the file whole (about 2 ms), cheap enough for the end of every case."""

    def __init__(self, path: Path, *, development: bool = False) -> None:
        """`development`: the run's report is not for a customer; the file's metadata say so too."""
        self._path, self._development = path, development
        self._rows: list[dict[str, Any]] = []

    def append(self, row: dict[str, Any]) -> None:
        """Add a row that has exactly the columns of the contract; raises RecordError otherwise."""
        if row.keys() != COLUMNS.keys():
            wrong = ", ".join(sorted(row.keys() ^ COLUMNS.keys()))
            raise RecordError(f"{self._path}: a measurement row has missing or unknown columns: {wrong}.")
        self._rows.append(row)

    def flush(self) -> None:
        """Write all rows so far; the file on the disk is always a whole one. Raises RecordError."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            table = pa.Table.from_pylist(self._rows, schema=_schema(development=self._development))
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise RecordError(f"{self._path}: a measurement row holds a value of the wrong type: {error}.") from None
        with replacing(self._path) as beside:
            pq.write_table(table, beside, compression="zstd")


def read_measurements(path: Path) -> pd.DataFrame:
    """The table with its exact columns; missing floats are NaN. Raises BrokenRun."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise BrokenRun(f"{path}: is not a readable Parquet file ({str(error).splitlines()[0]}).") from None
    if not table.schema.equals(_schema()):
        raise BrokenRun(f"{path}: does not have the columns of schema 1; was it written by another version?")
    return _frame(table)


def frame_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The same table from rows in memory."""
    import pyarrow as pa

    return _frame(pa.Table.from_pylist(rows, schema=_schema()))


def _frame(table: pa.Table) -> pd.DataFrame:
    result: pd.DataFrame = table.to_pandas()
    return result


def _schema(*, development: bool = False) -> pa.Schema:
    import pyarrow as pa

    columns = [pa.field(name, getattr(pa, kind)(), nullable=kind == "float64") for name, kind in COLUMNS.items()]
    return pa.schema(columns, metadata={"schema": "1", **({"development": "yes"} if development else {})})


def _capture(measurement: dict[str, Any], captures: dict[str, str]) -> str:
    for mark in measurement.get("marks") or ():
        if captures.get(mark["record"]):
            return captures[mark["record"]]
    return next((capture for capture in captures.values() if capture), "")
