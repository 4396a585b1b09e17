"""The shapes of journal entries that reports and tables read: verdicts and cases, from rig.measure's results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rig.record.plain import number, plain

if TYPE_CHECKING:
    from rig.measure.decision.decide import Decision
    from rig.measure.result import Measurement
    from rig.measure.uncertainty.budget import Budget

__all__ = ["budget_to_list", "decision_to_dict", "measurement_to_dict", "uncertainty_to_dict", "verdict_entry"]

CASE_STATES = ("started", "finished", "broken", "not run", "carried over")
_BUDGET_NUMBERS = ("u_input", "sensitivity", "dof", "contribution")
VERDICTS = ("PASS", "CONDITIONAL_PASS", "CONDITIONAL_FAIL", "FAIL", "INCONCLUSIVE", "NOT_TESTED")


def verdict_entry(
    *,
    case: str,
    title: str,
    why: str,
    clause: str,
    port: str,
    attempt: int,
    measurement: Measurement | None,
    limit: Mapping[str, Any],
    decision: Decision,
    captures: Mapping[str, str],
) -> dict[str, Any]:
    """Data of a "verdict" entry. `measurement` is None where there was nothing to measure (NOT_TESTED).

    `limit` has low, high, must_not, window, uncertainty_max, status, source, rule; `captures` names the records'
    files, relative to the run folder.
    """
    return {
        "case": case,
        "title": title,
        "why": why,
        "clause": clause,
        "port": port,
        "attempt": attempt,
        "measurement": None if measurement is None else measurement_to_dict(measurement),
        **uncertainty_to_dict(None if measurement is None else measurement.budget),
        "limit": plain(limit),
        "decision": decision_to_dict(decision),
        "captures": dict(captures),
    }


def measurement_to_dict(measurement: Measurement) -> dict[str, Any]:
    """A measurement in plain words; `inputs` and marks included, so that a reader need not measure again."""
    return {
        "measurand": measurement.measurand,
        "outcome": measurement.outcome,
        "value": plain(measurement.value),
        "unit": measurement.unit,
        "bound": measurement.bound,
        "window": plain(measurement.window),
        "flags": list(measurement.flags),
        "definition": measurement.definition,
        "source": measurement.source,
        "marks": plain(measurement.marks),
        "inputs": plain(measurement.inputs),
        "method": None if measurement.budget is None else measurement.budget.method,
        "interval": None if measurement.budget is None else plain(measurement.budget.interval),
        "budget": budget_to_list(measurement.budget),
    }


def budget_to_list(budget: Budget | None) -> list[dict[str, Any]]:
    """Lines of the budget, largest first, each as `Budget.as_table` has it."""
    return [] if budget is None else plain(budget.as_table())


def uncertainty_to_dict(budget: Budget | None) -> dict[str, Any]:
    """u, U, k and dof; all None where the uncertainty is not known, for unknown is not zero."""
    return {name: None if budget is None else plain(getattr(budget, name)) for name in ("u", "U", "k", "dof")}


def decision_to_dict(decision: Decision) -> dict[str, Any]:
    """verdict, reason and p_conform; the limit and its rule stand beside it in the entry."""
    return {"verdict": decision.verdict, "reason": decision.reason, "p_conform": plain(decision.p_conform)}


def shape_problem(kind: str, data: dict[str, Any]) -> str:
    """What is wrong with an entry that readers rely on, as the end of a sentence; empty when it is in order."""
    if kind == "verdict":
        return _verdict_problem(data)
    if kind == "case":
        if not isinstance(data.get("case"), str):
            return "a case entry without `case`"
        if data.get("state") not in CASE_STATES:
            return f"a case entry in the unknown state {data.get('state')!r}"
    if kind == "files" and not all(isinstance(digest, str) for digest in data.values()):
        return "a files entry that is not {path: SHA-256}"
    return ""


def _verdict_problem(data: dict[str, Any]) -> str:
    for name in ("case", "clause"):
        if not isinstance(data.get(name), str):
            return f"a verdict entry without `{name}`"
    decision = data.get("decision")
    if not isinstance(decision, dict) or decision.get("verdict") not in VERDICTS:
        return "a verdict entry without one of the known verdicts"
    for name in ("measurement", "limit", "captures"):
        if not isinstance(data.get(name) or {}, dict):
            return f"a verdict entry whose `{name}` is not a mapping"
    measurement, limit = data.get("measurement") or {}, data.get("limit") or {}
    for name in ("marks", "budget"):
        items = measurement.get(name) or []
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            return f"a verdict entry whose measurement's `{name}` are not mappings"
    numbers = [data.get(name) for name in ("u", "U", "k", "dof")] + [
        measurement.get("value"),
        measurement.get("window"),
    ]
    numbers += [limit.get(name) for name in ("low", "high", "window", "uncertainty_max")] + [decision.get("p_conform")]
    numbers += [mark.get("t") for mark in measurement.get("marks") or ()]
    numbers += [line.get(name) for line in measurement.get("budget") or () for name in _BUDGET_NUMBERS]
    try:
        for value in numbers:
            number(value)
    except ValueError as error:
        return f"a verdict entry in which {error}"
    return ""
