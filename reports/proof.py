"""The bench proof in a report: whether the bench was what its file says, before the first case and after the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from reports.markup import Html, join, tag
from reports.words import finite, quantity

__all__ = ["AFTER", "BEFORE", "bench_proof", "is_proof"]

BEFORE, AFTER = "bench_proof", "bench_proof_after"
Findings = Sequence[Mapping[str, Any]]


def is_proof(data: object) -> bool:
    """Whether a record has findings there, in whatever state they are."""
    return isinstance(data, list) and bool(data) and all(isinstance(one, Mapping) for one in data)


def bench_proof(before: Findings, after: Findings | None) -> Html:
    """How much was looked at, what was outside, and every finding beside what the bench file allows."""
    again = list(after or ())
    whole = len(again) >= len(before)
    said = f"after the last case {_inside(again)}" if again else "after the last case not proved again"
    told = f"Before the first case {_inside(before)}; {said}{'' if whole or not again else ', where it ended'}."
    wrong = [
        f"{one.get('part', '?')} ({one.get('step', '?')})" for one in (*before, *again) if one.get("ok") is not True
    ]
    found = [tag("p", told, class_="problem" if wrong or not whole else None)]
    if wrong:
        found.append(tag("p", f"Outside: {'; '.join(dict.fromkeys(wrong))}.", class_="problem"))
    pairs: zip_longest[tuple[Mapping[str, Any], Mapping[str, Any]]] = zip_longest(before, again, fillvalue={})
    rows = [_row(one, other) for one, other in pairs]
    titles = ("Step", "Part", "Allowed", "Before", "After")
    head = tag("thead", tag("tr", *(tag("th", title, scope="col") for title in titles)))
    table = tag("div", tag("table", head, tag("tbody", *rows), class_="grid"), class_="wide")
    return join([*found, tag("details", tag("summary", f"All {len(before)} findings"), table)])


def _inside(findings: Findings) -> str:
    inside = sum(one.get("ok") is True for one in findings)
    return f"{inside} of {len(findings)} findings inside what the bench file allows"


def _row(one: Mapping[str, Any], other: Mapping[str, Any]) -> Html:
    about = one or other
    unit = str(about.get("unit", ""))
    allowed = f"{_value(about.get('low'), unit)} to {_value(about.get('high'), unit)}"
    found = (_value(each.get("found"), unit) for each in (one, other))
    cells = (about.get("step", ""), about.get("part", ""), allowed, *found)
    right = one.get("ok") is True and other.get("ok", True) is True
    return tag("tr", *(tag("td", cell) for cell in cells), class_=None if right else "problem")


def _value(value: object, unit: str) -> str:
    """A missing one is never a number."""
    try:
        found = finite(value)
    except ValueError:  # what a damaged record has there
        found = None
    return "—" if found is None else quantity(found, unit)
