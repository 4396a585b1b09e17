"""Tables as text: a time column and one column a signal, as spreadsheets and the scopes of several makers write them.

Understood are: a line of names with units ("t (s),i (A)"), a line of names and one of units ("x-axis,1" and
"second,Volt" of Keysight's InfiniiVision, "Source,CH1" and "Second,Volt" of Siglent), any lines before them, and
"X,CH1,Start,Increment" of Rigol, whose first column counts. Separators are comma, semicolon and tab; with the latter
two numbers may have a decimal comma. Nothing is guessed: a column without a unit, times that are not evenly spaced or
text among numbers are refused.
"""

import csv
import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from rig.measure import Record
from rig.waveforms.errors import BadWaveform
from rig.waveforms.samples import Floats, trace_of, uniform

HEAD = 200
"""Lines among which the numbers have to begin."""
SECONDS = {"s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
UNITS = {
    "v": "V", "volt": "V", "volts": "V", "a": "A", "amp": "A", "ampere": "A", "amperes": "A", "w": "W", "watt": "W",
}  # fmt: skip
_WITH_UNIT = re.compile(r"(.*?)\s*[(\[]\s*([^)\]]+?)\s*[)\]]")
_RIGOL = re.compile(r"((?:CH|MATH|REF)\d+)([VA])")
_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class _Head:
    """Names and units of the columns; where the numbers begin (line from 0); Rigol's start and increment, s."""

    names: list[str]
    units: list[str]
    first: int
    separator: str
    decimal: str
    counted: tuple[float, float] | None


def read_table(path: Path) -> Record:
    """The record in a text table. BadWaveform with file, line, what and what to do."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text; save it as UTF-8 CSV"
        raise BadWaveform(f"{path}: cannot be read: {why}.") from None
    head = _head(path, text.splitlines()[:HEAD])
    columns = _numbers(path, head)
    if head.counted is not None:
        dt, start = head.counted[1], head.counted[0]
    else:
        dt, start = _times(path, head, columns[0])
    traces = {
        name: trace_of(name, unit, values, dt, start)
        for name, unit, values in zip(head.names[1:], head.units[1:], columns[1:], strict=True)
    }
    return Record(path.stem, traces, triggered=True, source=path.name)


def _head(path: Path, lines: list[str]) -> _Head:
    for first, line in enumerate(lines):
        for separator in (";", "\t", ","):
            cells = _cells(line, separator)
            decimal = "," if separator != "," and any(map(_COMMA.fullmatch, cells)) else "."
            lost = [cell for cell in cells if not cell]
            if len(cells) < 2 or not all(_is_number(cell, decimal) for cell in cells if cell) or cells[0] in lost:
                continue
            above = [_stripped(_cells(one, separator)) for one in lines[:first]]
            named = max((len(row) for row in above), default=0)
            count = max(len(_stripped(cells)), min(len(cells), named))  # a separator at the end begins no column
            return _named(path, above, first, separator, decimal, count)
    raise BadWaveform(f"{path}: has no table of numbers in its first {HEAD} lines: export it as CSV with a header.")


def _named(path: Path, above: list[list[str]], first: int, separator: str, decimal: str, count: int) -> _Head:
    """The names and units in the lines above the numbers."""
    rows = [row for row in above if len(row) >= count and all(row[:count])]
    if not rows:
        raise BadWaveform(
            f"{path}:{first + 1}: numbers begin without a line of {count} names: write one such as 't (s),i (A)'."
        )
    last = rows[-1]
    if {"start", "increment"} <= {cell.lower() for cell in (rows[-2] if len(rows) > 1 else [])}:
        return _rigol(path, rows[-2], last, first, separator, decimal, count)
    units = [_unit(cell) for cell in last[:count]]
    if len(rows) > 1 and all(units) and _seconds(last[0]) is not None:  # a line of units below the names
        names = rows[-2][:count]
    else:
        split = [_split(cell) for cell in last[:count]]
        names, units = [name for name, _ in split], [unit for _, unit in split]
    lacking = [name for name, unit in zip(names[1:], units[1:], strict=True) if not unit]
    if lacking or not units[0]:
        which = "its first column (time)" if not units[0] else f"column {lacking[0]!r}"
        cure = "write it as 'name (V)', 'name (A)' or 't (s)'"
        raise BadWaveform(f"{path}:{first}: {which} has no unit that is known: {cure}.")
    if len(set(names)) < len(names):
        raise BadWaveform(f"{path}:{first}: two columns have the same name: rename one.")
    return _Head(names, units, first, separator, decimal, None)


def _rigol(
    path: Path, names: list[str], values: list[str], first: int, separator: str, decimal: str, count: int
) -> _Head:  # fmt: skip
    """Names, and below them "Sequence,Volt,start,increment"."""
    lower = [cell.lower() for cell in names]
    start, increment = (_float(values[lower.index(word)], decimal) for word in ("start", "increment"))
    used = [k for k, word in enumerate(lower) if word not in {"start", "increment"}][:count]
    units = ["s", *(_unit(values[k]) for k in used[1:])]
    if not all(units) or not (math.isfinite(start) and math.isfinite(increment) and increment > 0.0):
        raise BadWaveform(f"{path}:{first}: its units, start and increment cannot be read: export it again as CSV.")
    return _Head([names[k] for k in used], units, first, separator, decimal, (start, increment))


def _numbers(path: Path, head: _Head) -> list[Floats]:
    try:
        frame = pd.read_csv(
            path, skiprows=head.first, header=None, sep=head.separator, decimal=head.decimal, encoding="utf-8-sig",
            usecols=range(len(head.names)), skip_blank_lines=False, low_memory=False,
        )  # fmt: skip
    except (ValueError, pd.errors.ParserError) as error:
        why = str(error).strip().splitlines()[0]
        raise BadWaveform(f"{path}: its rows are not alike ({why}): export it again.") from None
    while len(frame) and frame.iloc[-1].isna().all():  # empty lines at the end
        frame = frame.iloc[:-1]
    found = []
    for k in range(len(head.names)):
        column = frame[k]
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
        wrong = np.flatnonzero(np.isnan(numbers) & column.notna().to_numpy())
        words = [n for n in wrong if str(column.iloc[int(n)]).strip().lower() not in {"nan", ""}]
        if words:
            line = head.first + int(words[0]) + 1
            raise BadWaveform(f"{path}:{line}: {column.iloc[int(words[0])]!r} is no number: correct it or cut it off.")
        if np.isinf(numbers).any():
            line = head.first + int(np.flatnonzero(np.isinf(numbers))[0]) + 1
            raise BadWaveform(f"{path}:{line}: a value is infinite: leave a lost sample empty.")
        found.append(numbers)
    return found


def _times(path: Path, head: _Head, column: Floats) -> tuple[float, float]:
    times = column * SECONDS[head.units[0]]
    if np.isnan(times).any():
        line = head.first + int(np.flatnonzero(np.isnan(times))[0]) + 1
        raise BadWaveform(f"{path}:{line}: a row has no time: give every row its time.")
    found = uniform(times)
    if isinstance(found, tuple):
        return found
    if times.size < 2:
        raise BadWaveform(f"{path}: holds fewer than two samples.")
    line = head.first + found + 1
    raise BadWaveform(
        f"{path}:{line}: time {column[found]:g} is not where even steps would have it: export the samples as they were "
        "taken, in order and without gaps."
    )


def _cells(line: str, separator: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]


def _stripped(cells: list[str]) -> list[str]:
    """Without the empty cells at its end."""
    filled = [k for k, cell in enumerate(cells) if cell]
    return cells[: filled[-1] + 1] if filled else []


def _float(cell: str, decimal: str) -> float:
    try:
        return float(cell.replace(",", ".") if decimal == "," else cell)
    except ValueError:
        return math.nan


def _is_number(cell: str, decimal: str) -> bool:
    return cell.lower() == "nan" or not math.isnan(_float(cell, decimal))


def _seconds(cell: str) -> float | None:
    return SECONDS.get(cell.lower().replace("μ", "µ"))


def _unit(cell: str) -> str:
    """The unit in a line of units: seconds as written (a key of SECONDS), else SI; empty for none that is known."""
    word = cell.lower().replace("μ", "µ")
    return word if word in SECONDS else UNITS.get(word, "")


def _split(cell: str) -> tuple[str, str]:
    """ "i (A)", "Time(s)" and Rigol's "CH1V" as name and unit."""
    found = _WITH_UNIT.fullmatch(cell) or _RIGOL.fullmatch(cell)
    return (found[1], _unit(found[2])) if found else (cell, "")
