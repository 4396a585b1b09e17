"""The head of a table: what its columns are called, their units, and where the numbers begin.

Understood are: a line of names with units ("t (s),i (A)"), a line of names and one of units ("x-axis,1" and
"second,Volt" of Keysight's InfiniiVision, "Source,CH1" and "Second,Volt" of Siglent), any lines before them, and
"X,CH1,Start,Increment" of Rigol, whose first column counts.
"""

import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rig.waveforms.errors import BadWaveform
from rig.waveforms.units import split, unit_of

HEAD = 200
"""Lines among which the numbers have to begin."""
_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
_LENGTH = re.compile(r"(?:\w+:)?\s*(\d+)")


@dataclass(frozen=True, slots=True)
class Head:
    """Names, units and factors of the columns; `first`: the line (from 0) of the first numbers; cells: of every row;
    counted: start and increment in s where the first column counts samples; announced: samples the head speaks of."""

    names: list[str]
    units: list[tuple[str, float]]
    first: int
    separator: str
    decimal: str
    cells: int
    counted: tuple[float, float] | None = None
    announced: int | None = None


def find_head(path: Path, lines: Sequence[str]) -> Head:
    """The head among the first lines of a file. Raises BadWaveform."""
    for first, line in enumerate(lines[:HEAD]):
        for separator in (";", "\t", ","):
            here = cells_of(line, separator)
            decimal = _decimal(lines[first:HEAD], separator)
            if len(here) >= 2 and here[0] and all(_is_number(cell, decimal) for cell in here if cell):
                above = [_stripped(cells_of(one, separator)) for one in lines[:first]]
                return _head(path, above, first, separator, decimal, here)
    raise BadWaveform(f"{path}: has no table of numbers in its first {HEAD} lines: export it as CSV with a header.")


def cells_of(line: str, separator: str) -> list[str]:
    """The cells of one line, without the spaces around them."""
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]


def _head(
    path: Path, above: list[list[str]], first: int, separator: str, decimal: str, here: list[str]
) -> Head:  # fmt: skip
    rows = [row for row in above if len(row) >= 2 and all(row[1:])]
    where = f"{path}:{first + 1}"
    if not rows:
        raise BadWaveform(f"{where}: numbers begin without a line of names: write one such as 't (s),i (A)'.")
    announced = _announced(above)
    if len(rows) > 1 and {"start", "increment"} <= {cell.lower() for cell in rows[-2]}:
        return _rigol(path, rows[-2], rows[-1], Head([], [], first, separator, decimal, len(here), None, announced))
    count, filled = len(rows[-1]), len(_stripped(here))
    if separator == "," and filled == 2 * count:
        cure = "export it with semicolons, or with decimal points"
        raise BadWaveform(f"{where}: has twice as many numbers as names, as decimal commas between commas do: {cure}.")
    if filled > count or len(here) < count:
        raise BadWaveform(f"{where}: has {filled} numbers under {count} names: give every column its name and unit.")
    units = [unit_of(cell) for cell in rows[-1]]
    if len(rows) > 1 and len(rows[-2]) == count and all(units):  # a line of units below the names
        names = rows[-2]
    else:
        both = [split(cell) for cell in rows[-1]]
        names, units = [name for name, _ in both], [unit for _, unit in both]
    return Head(names, _known(f"{path}:{first}", names, units), first, separator, decimal, len(here), None, announced)


def _rigol(path: Path, names: list[str], values: list[str], found: Head) -> Head:
    """Names, and below them "Sequence,Volt,start,increment"."""
    where, lower = f"{path}:{found.first}", [cell.lower() for cell in names]
    begin, step = lower.index("start"), lower.index("increment")
    start, increment = (
        _float(values[k], found.decimal) if k < len(values) else math.nan for k in (begin, step)
    )  # fmt: skip
    if not (math.isfinite(start) and math.isfinite(increment) and increment > 0.0):
        raise BadWaveform(f"{where}: its start and increment cannot be read: export it again as CSV.")
    used = [k for k in range(len(names)) if k not in {begin, step}]
    if len(used) > found.cells:
        raise BadWaveform(
            f"{path}:{found.first + 1}: has {found.cells} cells under {len(used)} names: export it again."
        )
    units = [("s", 1.0), *(unit_of(values[k]) if k < len(values) else None for k in used[1:])]
    columns = [names[k] for k in used]
    known = _known(where, columns, units)
    return Head(
        columns, known, found.first, found.separator, found.decimal, found.cells, (start, increment), found.announced
    )  # fmt: skip


def _known(where: str, names: list[str], units: Sequence[tuple[str, float] | None]) -> list[tuple[str, float]]:
    """The units, all known: seconds first, then what is measured. BadWaveform."""
    cure = "write it as 'name (V)', 'name (A)' or 't (s)'"
    if units[0] is None or units[0][0] != "s":
        raise BadWaveform(f"{where}: its first column (time) has no unit of time that is known: {cure}.")
    for name, unit in zip(names[1:], units[1:], strict=True):
        if unit is None:
            raise BadWaveform(f"{where}: column {name!r} has no unit that is known: {cure}.")
        if unit[0] == "s":
            raise BadWaveform(f"{where}: column {name!r} is a second column of times: cut it off.")
        if not name:
            raise BadWaveform(f"{where}: a column has no name: {cure}.")
    twice = next((name for name in names[1:] if names[1:].count(name) > 1), None)
    if twice is not None:
        raise BadWaveform(f"{where}: two columns have the same name {twice!r}: rename one.")
    return [unit for unit in units if unit is not None]


def _announced(above: list[list[str]]) -> int | None:
    """Siglent and Tektronix say how many samples follow: "Record Length,Analog:1400"."""
    for row in above:
        if len(row) > 1 and row[0].lower().startswith("record length"):
            found = _LENGTH.fullmatch(row[1])
            return None if found is None else int(found[1])
    return None


def _decimal(lines: Sequence[str], separator: str) -> str:
    """The decimal mark of the numbers that begin here: a comma where a cell has one, quoted where commas separate."""
    return "," if any(_COMMA.fullmatch(cell) for line in lines for cell in cells_of(line, separator)) else "."


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
