"""Tables as text: a time column and one column a signal, as spreadsheets and the scopes of several makers write them.

Separators are comma, semicolon and tab; numbers may have a decimal comma where that cannot be a separator. Nothing is
guessed and nothing dropped: a column without a unit, a row with another number of cells, times that are not evenly
spaced and text among numbers are refused. A lost sample is an empty cell or "nan".
"""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rig.measure import Record
from rig.waveforms.errors import BadWaveform
from rig.waveforms.header import Head, find_head
from rig.waveforms.samples import Floats, trace_of, uniform

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 20
"""Characters of a cell that an error shows."""


def read_table(path: Path) -> Record:
    """The record in a text table. BadWaveform with file, line, what and what to do."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")  # of all kinds of line end
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text; save it as UTF-8 CSV"
        raise BadWaveform(f"{path}: cannot be read: {why}.") from None
    try:
        head = find_head(path, lines)
        rows = _rows(path, head, lines)
    except csv.Error as error:
        raise BadWaveform(f"{path}: is no table ({error}): export it again.") from None
    columns = _numbers(path, head, rows)
    dt, start = _times(path, head, columns[0])
    traces = {
        name: trace_of(name, unit, values * factor, dt, start)
        for name, (unit, factor), values in zip(head.names[1:], head.units[1:], columns[1:], strict=True)
    }
    return Record(path.stem, traces, triggered=True, source=path.name)


def _rows(path: Path, head: Head, lines: Sequence[str]) -> Sequence[str]:
    """The lines with numbers; each has as many cells as the first."""
    last = len(lines)
    while last > head.first and not lines[last - 1].strip():  # empty lines at the end
        last -= 1
    rows = lines[head.first : last]
    for number, cells in enumerate(_counts(rows, head.separator), head.first + 1):
        if rows[number - head.first - 1].count('"') % 2:
            raise BadWaveform(f"{path}:{number}: a quotation mark is never closed: take it out, or export it again.")
        if cells != head.cells:
            cure = "leave a lost sample empty, and export a file that broke off again"
            raise BadWaveform(f"{path}:{number}: has {cells} cells, the rows above have {head.cells}: {cure}.")
    if head.announced is not None and len(rows) < head.announced:
        cure = "export it again, or correct that number where the rest was cut off on purpose"
        raise BadWaveform(f"{path}:{last}: ends after {len(rows)} of {head.announced} samples of its head: {cure}.")
    return rows


def _counts(rows: Sequence[str], separator: str) -> Iterable[int]:
    """Cells in each row; 0 for an empty line."""
    for row in rows:
        quoted = '"' in row
        yield (len(next(csv.reader([row], delimiter=separator), [])) if quoted else row.count(separator) + 1) * bool(
            row.strip()
        )


def _numbers(path: Path, head: Head, rows: Sequence[str]) -> list[Floats]:
    import pandas as pd  # slow to import; most commands read no table

    try:
        frame = pd.read_csv(
            io.StringIO("\n".join(rows)), header=None, sep=head.separator, decimal=head.decimal,
            names=list(range(head.cells)), index_col=False, skipinitialspace=True, skip_blank_lines=False,
            low_memory=False, keep_default_na=False, na_values=["", "nan", "NaN", "NAN"],
        )  # fmt: skip
    except (ValueError, OverflowError, pd.errors.ParserError) as error:
        raise BadWaveform(f"{path}: its rows are not alike ({_first_line(error)}): export it again.") from None
    found = [_column(path, head, frame[k]) for k in range(head.cells)]
    for values in found[len(head.names) :]:
        extra = np.flatnonzero(~np.isnan(values))
        if extra.size:
            where = f"{path}:{head.first + int(extra[0]) + 1}"
            raise BadWaveform(f"{where}: has a number in a column without a name: name it, or cut it off.")
    return found[: len(head.names)]


def _column(path: Path, head: Head, column: "pd.Series[float]") -> Floats:
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    missing = column.isna().to_numpy()
    words = np.arange(numbers.size) if column.dtype == bool else np.flatnonzero(np.isnan(numbers) & ~missing)
    if words.size:
        line, text = head.first + int(words[0]) + 1, str(column.iloc[int(words[0])])
        shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
        raise BadWaveform(f"{path}:{line}: {shown!r} is no number: correct it, or cut it off.")
    endless = np.flatnonzero(np.isinf(numbers))
    if endless.size:
        raise BadWaveform(f"{path}:{head.first + int(endless[0]) + 1}: a value is infinite: leave a lost sample empty.")
    return numbers


def _times(path: Path, head: Head, column: Floats) -> tuple[float, float]:
    """(dt, start) in s. BadWaveform."""
    lost = np.flatnonzero(np.isnan(column))
    if lost.size:
        raise BadWaveform(f"{path}:{head.first + int(lost[0]) + 1}: a row has no time: give every row its time.")
    if column.size < 2:
        raise BadWaveform(f"{path}: holds fewer than two samples.")
    cure = "export the samples as they were taken, in order and without gaps"
    if head.counted is not None:
        start, increment = head.counted
        wrong = np.flatnonzero(column != column[0] + np.arange(column.size))
        if wrong.size:
            line, number = head.first + int(wrong[0]) + 1, column[wrong[0]]
            raise BadWaveform(f"{path}:{line}: sample {number:g} does not follow the one above it: {cure}.")
        return increment, start + float(column[0]) * increment  # a part of the screen does not begin at 0
    found = uniform(column * head.units[0][1])
    if isinstance(found, tuple):
        return found
    line = head.first + found + 1
    raise BadWaveform(f"{path}:{line}: time {column[found]:g} is not where even steps would have it: {cure}.")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
