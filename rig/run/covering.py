"""Coverage of the standard by the cases of a plan, before a run or after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from rig.run import parameters
from rig.run.progress import printable
from rig.standard import Evidence, covered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console

    from rig.run.case import Case
    from rig.run.planned import Planned
    from rig.run.setup import Setup
    from rig.standard import Covered

__all__ = ["ALWAYS", "clauses_of", "coverage", "print_coverage"]

ALWAYS = "SELV-01"
"""Judged in every case, asked for or not."""


def coverage(setup: Setup, plan: Iterable[Planned], unfit: Mapping[str, str] | None = None) -> list[Covered]:
    """Every clause and where it stands with what has been judged so far; `unfit`: why cases of it were left out."""
    return covered(setup.clauses, setup.device, (_tested(planned) for planned in plan), unfit or {})


def clauses_of(case: Case) -> tuple[str, ...]:
    """All that a case judges: its own clause, what its body judges besides, and what is judged asked for or not."""
    left_behind = (parameters.CLAUSE,) if parameters.checked(case.fault) else ()
    return tuple(dict.fromkeys((case.clause, *case.also, ALWAYS, *left_behind)))


def _tested(planned: Planned) -> Evidence:
    case = planned.case
    judged = tuple((one.clause, one.measurement.measurand, one.decision.verdict) for one in planned.judged)
    why_not = planned.reason or ("planned, not run" if planned.state == "not run" else planned.state)
    return Evidence(planned.key, clauses_of(case), judged, why_not)


def print_coverage(rows: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Entries of `Covered` as a table for people, section by section, and what is open."""
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for name in ("clause", "what it asks for", "", "cases", "verdict", "why"):
        table.add_column(name, overflow="fold", justify="right" if name == "cases" else "left")
    section = None
    for row in rows:
        if row["section"] != section:
            section = row["section"]
            table.add_section()
            table.add_row("", Text(printable(str(section)), style="bold"))
        words = (row["clause"], row["heading"], "" if row["mandatory"] else "informative", len(row["cases"]) or "")
        table.add_row(*(_text(word) for word in (*words, row["verdict"] or "-", _short(row))))
    console.print(table)
    mandatory = [row for row in rows if row["mandatory"] and row["verdict"] is not None]
    still = [row["clause"] for row in mandatory if row["open"]]
    closed = len(mandatory) - len(still)
    told = f"{len(rows)} clauses; {len(mandatory)} mandatory ones apply, {closed} of them have a verdict"
    console.print(_text(f"{told}; open: {', '.join(still)}." if still else f"{told}."), soft_wrap=True)


def _short(row: Mapping[str, Any]) -> str:
    """Why, once: many cases have the same reason."""
    cases, reason = row["cases"], str(row["reason"])
    whys = list(dict.fromkeys(part.partition(": ")[2] or part for part in reason.split("; "))) if cases else [reason]
    return "; ".join(whys)


def _text(word: object) -> Text:
    return Text(printable(str(word)))
