"""Clauses of the standard in a report: which mandatory ones are open, and where every one stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.case import ORDER
from reports.markup import Html, tag
from reports.verdicts import badge

__all__ = ["clauses", "coverage", "open_clauses"]

Rows = Sequence[Mapping[str, Any]]


def clauses(told: object) -> Rows:
    """Rows of a record's coverage; none where it has none, or something else."""
    return [row for row in told if isinstance(row, Mapping)] if isinstance(told, list) else []


def open_clauses(rows: Rows) -> str:
    """One sentence for the first page; empty where the record says nothing of clauses."""
    asked = [row for row in rows if row.get("mandatory") is True and row.get("verdict") in ORDER]
    still = [str(row.get("clause", "?")) for row in asked if row.get("open") is not False]
    if not asked:
        return ""
    told = f"{len(asked)} mandatory clauses apply to this device, {len(asked) - len(still)} of them have a verdict"
    return f"{told}. Open: {', '.join(still)}." if still else f"{told}."


def coverage(rows: Rows) -> Html:
    """Every clause, section by section."""
    bodies = []
    for section in dict.fromkeys(str(row.get("section", "")) for row in rows):
        title = tag("tr", tag("th", section, colspan=5, scope="rowgroup"), class_="group")
        bodies.append(tag("tbody", title, *(_row(row) for row in rows if str(row.get("section", "")) == section)))
    titles = ("Clause", "What it asks for", "Cases", "Verdict", "Why")
    head = tag("thead", tag("tr", *(tag("th", title, scope="col") for title in titles)))
    table = tag("div", tag("table", head, *bodies, class_="grid"), class_="wide")
    return tag("details", tag("summary", f"All {len(rows)} clauses"), table)


def _row(row: Mapping[str, Any]) -> Html:
    verdict, cases = row.get("verdict"), row.get("cases")
    reason = str(row.get("reason", "")).removeprefix("does not apply: ")
    stands = badge(str(verdict)) if verdict in ORDER else "does not apply"
    heading = f"{row.get('heading', '')}{'' if row.get('mandatory') else ' (informative)'}"
    cells = (
        tag("span", str(row.get("clause", "?")), class_="clause"), heading,
        str(len(cases)) if isinstance(cases, list) and cases else "", stands, reason,
    )  # fmt: skip
    return tag("tr", *(tag("td", cell) for cell in cells))
