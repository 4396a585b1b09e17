"""A case as a reader follows it: why, what was done, what was seen, what was measured and how well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reports.case import Case, verdict_of
from reports.facts import heading, show
from reports.figures import figures
from reports.markup import Html, tag
from reports.verdicts import badge
from reports.words import limit_text, margin_text, measurand, quantity, result_text, words
from rig.record.plain import number

if TYPE_CHECKING:
    from rig.record import Run

__all__ = ["section"]

_STIMULUS = {
    "peak_current": "Prospective peak current",
    "prospective_peak": "Prospective peak current",
    "steady_current": "Prospective steady current",
    "i2t": "Prospective I²t",
}
_BUDGET_COLUMNS = (
    "Input", "Type", "Distribution", "Half width", "Divisor", "u(x)", "Sensitivity", "Degrees of freedom",
    "u(y)", "Share",
)  # fmt: skip


def section(run: Run, case: Case) -> tuple[Html, tuple[str, ...]]:
    """The section of one case, and sentences about captures that could not be shown."""
    drawn = figures(run, case.verdicts)
    state = str(case.about.get("state", ""))
    broken = tag("p", f"This case broke: {case.about.get('reason') or 'no reason was recorded'}", class_="problem")
    clause = tag("span", case.clause, class_="clause")
    head = tag("header", tag("h3", case.title), tag("p", clause, badge(case.verdict)), class_="case")
    parts = [
        head,
        tag("p", case.why, class_="why") if case.why else "",
        _attempt(case),
        broken if state == "broken" else "",
        _stimulus(case.about.get("stimulus")),
        _air(case.about.get("air")),
        *drawn.html,
        _measurements(case.verdicts) if case.verdicts else "",
        tag("p", tag("code", case.key), class_="key"),
    ]
    return tag("section", *parts, id=case.anchor, class_="case"), drawn.problems


def _attempt(case: Case) -> Html:
    """Nobody takes a repeated case for one that was carried out once."""
    attempt = case.about.get("attempt")
    if not isinstance(attempt, int) or attempt < 2:
        return Html("")
    return tag("p", f"Attempt {attempt}: this case had been begun before.")


def _stimulus(stimulus: object) -> Html:
    if not isinstance(stimulus, Mapping):
        return Html("")
    shown = {name: value for name, value in stimulus.items() if name != "label" and value not in (None, "", [], ())}
    items = [
        tag("div", tag("dt", _STIMULUS.get(name) or heading(name)), tag("dd", show(value, str(name))))
        for name, value in shown.items()
    ]
    return tag("div", tag("h4", "Stimulus, ", stimulus.get("label") or "unnamed"), tag("dl", *items, class_="strip"))


def _air(air: object) -> Html:
    """What the climate chamber had around the device."""
    if not isinstance(air, Mapping):
        return Html("")
    told = ", ".join(f"{degc:.1f} degC {when}" for when, value in air.items() if (degc := number(value)) is not None)
    return tag("p", f"Air around the device, by the sensor of the climate chamber: {told}.")


def _measurements(verdicts: Sequence[Mapping[str, Any]]) -> Html:
    return tag(
        "div", tag("h4", "Measurements"), *(_measurement(verdict) for verdict in verdicts), class_="measurements"
    )


def _measurement(verdict: Mapping[str, Any]) -> Html:
    found, limit = verdict.get("measurement") or {}, verdict.get("limit") or {}
    unit = str(found.get("unit", ""))
    flags = [tag("span", words(flag), class_="flag") for flag in found.get("flags") or []]
    margin = margin_text(verdict)
    line = tag(
        "p",
        tag("b", measurand(str(found.get("measurand") or "nothing measured"))),
        tag("span", result_text(verdict), class_="number"),
        tag(
            "span", f"limit {limit_text(limit, unit)}" if limit else "no limit", f", margin {margin}" if margin else ""
        ),
        badge(verdict_of(verdict)),
        class_="result",
    )
    reason = verdict["decision"].get("reason")
    told = tag("p", reason, " " if flags else "", *flags, class_="reason") if reason or flags else ""
    definition = tag("p", "Definition: ", found["definition"], class_="definition") if found.get("definition") else ""
    return tag("div", line, told, definition, _budget(verdict, unit), class_="measurement")


def _budget(verdict: Mapping[str, Any], unit: str) -> Html:
    lines = (verdict.get("measurement") or {}).get("budget") or []
    u, U, k, dof = (number(verdict.get(name)) for name in ("u", "U", "k", "dof"))
    if not lines or u is None or U is None:
        found = verdict.get("measurement") or {}
        if found.get("value") is None:
            return Html("")
        counted = found.get("outcome") == "Counted"
        return tag("p", "A count has no uncertainty." if counted else "No valid uncertainty.", class_="quiet")
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in _BUDGET_COLUMNS)))
    rows = [_budget_line(line, unit, u) for line in lines]
    total = f"u = {quantity(u, unit, digits=3)}, U = {quantity(U, unit, digits=3)}"
    how = (verdict.get("measurement") or {}).get("method") or "GUM"
    by = "distributions propagated, JCGM 101" if how == "JCGM 101" else f"{_dof(dof)} effective degrees of freedom"
    covering = f" (k = {k:.2f}, 95 % coverage, {by})" if k is not None else ""
    summary = tag("summary", f"Uncertainty budget: {total}")
    foot = tag("tfoot", tag("tr", tag("td", total + covering, colspan=len(_BUDGET_COLUMNS))))
    return tag("details", summary, tag("table", head, tag("tbody", *rows), foot, class_="grid budget"))


def _budget_line(line: Mapping[str, Any], unit: str, u: float) -> Html:
    contribution = number(line.get("contribution"))
    share = "" if contribution is None or not u else f"{100 * (contribution / u) ** 2:.1f} %"
    cells = (
        line.get("name", ""),
        line.get("kind", ""),
        line.get("distribution", ""),
        _plain_number(line.get("half_width")) if line.get("divisor") != 1.0 else "",
        _plain_number(line.get("divisor")),
        _plain_number(line.get("u_input")),
        _plain_number(line.get("sensitivity")),
        _dof(number(line.get("dof"))),
        "" if contribution is None else quantity(contribution, unit, digits=3),
        share,
    )
    return tag("tr", *(tag("td", cell) for cell in cells))


def _plain_number(value: object) -> str:
    found = number(value)
    return "" if found is None else f"{found:.3g}"


def _dof(dof: float | None) -> str:
    return "" if dof is None else f"{dof:.0f}" if dof < 1e6 else "∞"
