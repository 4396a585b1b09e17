"""The bench proof in a report: whether the bench was what its file says, before the first case and after the last."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from reports.markup import Html, join, tag
from reports.words import quantity

__all__ = ["AFTER", "BEFORE", "bench_proof", "is_proof"]

BEFORE, AFTER = "bench_proof", "bench_proof_after"
Findings = Sequence[Mapping[str, Any]]


def is_proof(data: object) -> bool:
    """Whether a record has findings there, in whatever state they are."""
    return isinstance(data, list) and bool(data) and all(isinstance(one, Mapping) for one in data)


def bench_proof(before: Findings, after: Findings | None) -> Html:
    """How much was looked at, what was outside, and every finding beside what the bench file allows."""
    told = [f"Before the first case {_inside(before)}"]
    told.append(
        f"after the last case {_inside(after)}." if after is not None else "after the last case not proved again."
    )
    wrong = [
        f"{one.get('part', '?')} ({one.get('step', '?')})"
        for one in (*before, *(after or ()))
        if one.get("ok") is not True
    ]
    found = [tag("p", "; ".join(told), class_="problem" if wrong or after is None else None)]
    if wrong:
        found.append(tag("p", f"Outside: {'; '.join(dict.fromkeys(wrong))}.", class_="problem"))
    again = after if after is not None and len(after) == len(before) else [{}] * len(before)
    rows = [_row(one, other) for one, other in zip(before, again, strict=True)]
    titles = ("Step", "Part", "Allowed", "Before", "After")
    head = tag("thead", tag("tr", *(tag("th", title, scope="col") for title in titles)))
    table = tag("div", tag("table", head, tag("tbody", *rows), class_="grid"), class_="wide")
    return join([*found, tag("details", tag("summary", f"All {len(before)} findings"), table)])


def _inside(findings: Findings) -> str:
    inside = sum(one.get("ok") is True for one in findings)
    return f"{inside} of {len(findings)} findings inside what the bench file allows"


def _row(one: Mapping[str, Any], other: Mapping[str, Any]) -> Html:
    unit = str(one.get("unit", ""))
    allowed = f"{_value(one.get('low'), unit)} to {_value(one.get('high'), unit)}"
    cells = (
        one.get("step", ""),
        one.get("part", ""),
        allowed,
        _value(one.get("found"), unit),
        _value(other.get("found"), unit),
    )
    right = one.get("ok") is True and other.get("ok", True) is True
    return tag("tr", *(tag("td", cell) for cell in cells), class_=None if right else "problem")


def _value(value: object, unit: str) -> str:
    """A missing one is never a number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return "—"
    return quantity(float(value), unit)
