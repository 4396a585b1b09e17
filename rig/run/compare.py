"""Verdicts of a run beside those of the same captures judged again: what is different, and in which words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from rig.files.quantity import format_quantity
from rig.record.plain import number
from rig.run.progress import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from rig.record import Run

__all__ = ["Compared", "compared", "print_compared"]

Entry = dict[str, Any]
Key = tuple[str, int, str, str]
NONE = "-"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was, in words."""

    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One verdict: data of the old journal's entry and of the new one's; None where there is none."""

    old: Entry | None
    new: Entry | None

    @property
    def identical(self) -> bool:
        """Whether every digit of value, uncertainty, limit and decision is the same."""
        return self.old == self.new

    @property
    def either(self) -> Entry:
        """The new entry, else the old one."""
        entry = self.new or self.old
        assert entry is not None, "one of them is what was compared"
        return entry

    @property
    def changes(self) -> list[Change]:
        """What is different, largest things first; empty when nothing a person asks for is."""
        pairs = zip(_facts(self.old), _facts(self.new), strict=True)
        return [Change(what, old, new) for (what, old), (_, new) in pairs if old != new]

    def as_json(self) -> dict[str, object]:
        """For scripts; `old` and `new` are the journals' entries."""
        entry = self.either
        measurand = (entry["measurement"] or {}).get("measurand")
        return {
            "case": entry["case"], "clause": entry["clause"], "measurand": measurand,
            "old_verdict": _verdict(self.old), "new_verdict": _verdict(self.new), "identical": self.identical,
            "changes": [{"what": one.what, "old": one.old, "new": one.new} for one in self.changes],
            "old": self.old, "new": self.new,
        }  # fmt: skip


def compared(old: Run, new: Run) -> list[Compared]:
    """Every verdict of either, in the order of the new one; what only the old one has comes last."""
    before, after = dict(_numbered(old)), dict(_numbered(new))
    return [Compared(before.get(key), after.get(key)) for key in {**after, **before}]


def print_compared(rows: list[Compared], console: Console) -> None:
    """One line a verdict, then why those that changed are what they are now."""
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for name in ("clause", "case", "measurement", "value", "was", "is", "changed"):
        table.add_column(name, overflow="fold")
    for row in rows:
        entry = row.either
        measurand = (entry["measurement"] or {}).get("measurand", NONE).replace("_", " ")
        changed = "; ".join(f"{one.what} {one.old} → {one.new}" for one in row.changes if one.what != "verdict")
        cells = (
            entry["clause"], entry["case"], measurand, _value(entry), _verdict(row.old), _verdict(row.new),
            changed or ("nothing" if row.identical else "details, see --json"),
        )  # fmt: skip
        table.add_row(*(Text(printable(cell)) for cell in cells))
    if rows:
        console.print(table)
    for row in rows:
        if row.new is not None and _verdict(row.old) != _verdict(row.new):
            entry = row.new
            measurand = (entry["measurement"] or {}).get("measurand", NONE)
            text = f"{entry['case']} {measurand}: {_verdict(row.new)}: {entry['decision']['reason']}"
            console.print(Text(printable(text)), soft_wrap=True)


def _numbered(run: Run) -> Iterator[tuple[tuple[object, ...], Entry]]:
    """Verdict entries with what tells them apart: a body may judge the same thing twice."""
    seen: Counter[Key] = Counter()
    for entry in run.entries("verdict"):
        measurand = (entry["measurement"] or {}).get("measurand", "")
        key = entry["case"], entry["attempt"], entry["clause"], measurand
        seen[key] += 1
        yield (*key, seen[key]), entry


def _facts(entry: Entry | None) -> list[tuple[str, str]]:
    measurement, limit = (entry or {}).get("measurement") or {}, (entry or {}).get("limit") or {}
    return [
        ("verdict", _verdict(entry)),
        ("value", NONE if entry is None else _value(entry)),
        ("value in full", str(measurement.get("value", NONE))),
        ("U in full", NONE if entry is None else str(entry.get("U"))),
        ("flags", ", ".join(measurement.get("flags") or ()) or NONE),
        ("limit", NONE if entry is None else _limit(entry)),
        ("largest U", NONE if limit.get("uncertainty_max") is None else str(limit["uncertainty_max"])),
        *((name, str(limit.get(name, NONE))) for name in ("status", "source", "rule")),
    ]


def _verdict(entry: Entry | None) -> str:
    return NONE if entry is None else str(entry["decision"]["verdict"])


def _value(entry: Entry) -> str:
    measurement = entry["measurement"] or {}
    value, unit, expanded = number(measurement.get("value")), measurement.get("unit", ""), number(entry.get("U"))
    if value is None:
        return str(measurement.get("outcome", NONE))
    text = format_quantity(value, unit)
    return text if expanded is None else f"{text} ± {format_quantity(expanded, unit, digits=2)}"


def _limit(entry: Entry) -> str:
    limit, unit = entry["limit"] or {}, (entry["measurement"] or {}).get("unit", "")
    low, high, window = (number(limit.get(name)) for name in ("low", "high", "window"))
    if limit.get("must_not"):
        return f"not within {format_quantity(window, 's')}" if window else "never"
    ends = [f"≥ {format_quantity(low, unit)}"] if low is not None else []
    ends += [f"≤ {format_quantity(high, unit)}"] if high is not None else []
    return " and ".join(ends) or "none"
