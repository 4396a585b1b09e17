"""Verdicts as badge, tally, margin bar and the table clause by clause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.case import ORDER, Case, verdict_of, worst
from reports.markup import Html, join, raw, tag
from reports.provenance import Limits
from reports.words import finite, limit_text, margin_text, measurand, result_text, words
from rig.record.plain import number

__all__ = ["badge", "tally", "verdict_table"]

_SIGNS = {
    "PASS": "✓",
    "CONDITIONAL_PASS": "✓?",
    "CONDITIONAL_FAIL": "✕?",
    "FAIL": "✕",
    "INCONCLUSIVE": "?",
    "NOT_TESTED": "–",
}
_COLUMNS = ("Case", "Measurement", "Result (y ± U)", "Limit", "Margin", "Limit from", "Verdict")


def badge(verdict: str) -> Html:
    """Sign, word and colour; never colour alone."""
    return tag("span", tag("i", _SIGNS[verdict], aria_hidden="true"), words(verdict), class_=f"badge {verdict.lower()}")


def tally(verdicts: Sequence[str]) -> Html:
    """How many of each, best first; what did not occur is left out except PASS and FAIL."""
    tiles = []
    for name in reversed(ORDER):
        count = sum(verdict == name for verdict in verdicts)
        if count or name in ("PASS", "FAIL"):
            muted = "" if count else " none"
            tiles.append(tag("div", tag("b", count), badge(name), class_=f"tile{muted}"))
    return tag("div", *tiles, class_="tally")


def verdict_table(verdicts: Sequence[Mapping[str, Any]], limits: Limits, cases: Mapping[str, Case]) -> Html:
    """All judged measurements under their clause, each with the way to its case."""
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in _COLUMNS)))
    bodies = []
    for clause in sorted({str(verdict["clause"]) for verdict in verdicts}):
        own = [verdict for verdict in verdicts if verdict["clause"] == clause]
        counted = f"{len(own)} judged" if len(own) > 1 else ""
        title = tag(
            "th",
            tag("span", clause, class_="clause"),
            tag("span", counted, class_="quiet"),
            colspan=6,
            scope="rowgroup",
        )
        bodies.append(
            tag(
                "tbody",
                tag("tr", title, tag("td", badge(worst(own))), class_="group"),
                *(_row(verdict, limits, cases) for verdict in own),
            )
        )
    return tag("table", head, *bodies, class_="verdicts")


def margin_bar(verdict: Mapping[str, Any]) -> Html:
    """Value ± U against its limits, drawn to scale; empty where there is no value or no limit."""
    found, limit = verdict.get("measurement") or {}, verdict.get("limit") or {}
    value, low, high = (finite(item) for item in (found.get("value"), limit.get("low"), limit.get("high")))
    if value is None or limit.get("must_not") or (low is None and high is None):
        return Html("")
    U = finite(verdict.get("U")) or 0.0
    width = 110.0
    sides = [side for side in (low, high) if side is not None]
    first, last = _scale([*sides, value - U, value + U], two_sided=len(sides) == 2)

    def x(at: float) -> str:
        return f"{min(max((at - first) / (last - first), 0.0), 1.0) * width:.1f}"

    begin, end = x(first if low is None else low), x(last if high is None else high)
    zone = f'<rect class="zone" x="{begin}" y="3" width="{float(end) - float(begin):.1f}" height="10"/>'
    ticks = "".join(f'<path class="limit" d="M{x(side)} 0V16"/>' for side in sides)
    spread = f'<path class="spread" d="M{x(value - U)} 8H{x(value + U)}M{x(value - U)} 5V11M{x(value + U)} 5V11"/>'
    dot = f'<circle class="{verdict_of(verdict).lower()}" cx="{x(value)}" cy="8" r="2.6"/>'
    body = f'<rect class="ground" x="0" y="3" width="{width:.0f}" height="10"/>{zone}{ticks}{spread}{dot}'
    return raw(f'<svg class="bar" viewBox="-3 0 116 16" aria-hidden="true">{body}</svg>')


def _scale(points: list[float], *, two_sided: bool) -> tuple[float, float]:
    """What the bar shows: from zero for a single limit, else the points with room around them."""
    low, high = min(points), max(points)
    if not two_sided:  # from zero, unless the value lies clearly on the other side
        size = max(abs(low), abs(high))
        low, high = (0.0 if low > -0.02 * size else low), (0.0 if high < 0.02 * size else high)
    if low == high == 0.0:  # none found where none is allowed
        return 0.0, 1.0
    room = 0.18 * ((high - low) or 1.0)
    return (low if low == 0.0 else low - room), (high if high == 0.0 else high + room)


def _row(verdict: Mapping[str, Any], limits: Limits, cases: Mapping[str, Case]) -> Html:
    found, limit = verdict.get("measurement") or {}, verdict.get("limit") or {}
    case = cases[str(verdict["case"])]
    flags = [tag("span", words(flag), class_="flag") for flag in found.get("flags") or []]
    attempt = verdict.get("attempt")
    again = tag("span", f"attempt {attempt}", class_="flag") if isinstance(attempt, int) and attempt > 1 else ""
    rule = words(limit.get("rule") or "")
    return tag(
        "tr",
        tag("td", tag("a", case.title, href=f"#{case.anchor}") if case.ran else case.title, again),
        tag("td", measurand(str(found.get("measurand") or "not measured")), tag("div", *flags) if flags else ""),
        tag("td", result_text(verdict), class_="number"),
        tag("td", limit_text(limit, str(found.get("unit", ""))), tag("small", rule), class_="number"),
        tag("td", margin_text(verdict), margin_bar(verdict), class_="number"),
        tag("td", limits.reference(verdict)),
        tag("td", badge(verdict_of(verdict)), join(_p_conform(verdict))),
    )


def _p_conform(verdict: Mapping[str, Any]) -> list[Html]:
    p = number(verdict["decision"].get("p_conform"))
    if p is None:
        return []
    shown = "> 99.9 %" if p > 0.999 else "< 0.1 %" if p < 0.001 else f"{100 * p:.1f} %"
    return [tag("small", f"p conform {shown}", class_="nowrap")]
