"""Value, uncertainty and limit in; verdict and reason out.

The table of the guarded rule with a guard band w = r U for an upper limit TL; a lower limit mirrors it; of two limits
the worse side counts. r = 1 unless the limit declares another (0.83 is ISO 14253-1's 5 % rule):

    y + w <= TL            PASS
    y <= TL < y + w        CONDITIONAL_PASS
    y - w <= TL < y        CONDITIONAL_FAIL
    y - w >  TL            FAIL
    no valid value, no uncertainty, or U above the limit's own U_max    INCONCLUSIVE

Simple acceptance gives PASS for y <= TL and FAIL otherwise. Sources: ILAC-G8:09/2019 section 4.2 (non-binary statement,
guard band w = U), JCGM 106:2012 sections 7 and 8 (conformance probability, guarded acceptance).

U above U_max is INCONCLUSIVE first of all, also when y - U > TL: a limit that states U_max says which evidence it
takes. A lower bound b (clipped, undersampled, not ended) against an upper limit: b - U > TL is FAIL, never hidden
behind U_max, anything else INCONCLUSIVE; it never passes. Against a lower limit the same bound may pass. NotTripped
and NotRecovered
are lower bounds whose number is the window: the event did not come within it, so an upper limit inside the window is
violated for certain, and one beyond the window is not decided.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from rig.measure.decision.risk import conformance, conformance_of
from rig.measure.result import Measurement
from rig.measure.uncertainty.budget import Budget
from rig.measure.uncertainty.monte_carlo import drawn_errors

Verdict = Literal["PASS", "CONDITIONAL_PASS", "CONDITIONAL_FAIL", "FAIL", "INCONCLUSIVE", "NOT_TESTED"]
Rule = Literal["guarded", "simple"]
PREFIXED = ("s", "V", "A", "W", "J", "Hz")
PREFIXES = {-12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}
WORST_FIRST: tuple[Verdict, ...] = (
    "FAIL",
    "CONDITIONAL_FAIL",
    "INCONCLUSIVE",
    "NOT_TESTED",
    "CONDITIONAL_PASS",
    "PASS",
)


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, one sentence why, the conformance probability where a value has one, and the limits, rule and guard
    factor that were applied."""

    verdict: Verdict
    reason: str
    p_conform: float | None
    low: float | None
    high: float | None
    rule: Rule
    guard: float = 1.0


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict that counts for the whole; NOT_TESTED for nothing."""
    found = set(verdicts)
    return next((verdict for verdict in WORST_FIRST if verdict in found), "NOT_TESTED")


def decide(
    measurement: Measurement,
    *,
    low: float | None = None,
    high: float | None = None,
    uncertainty_max: float | None = None,
    rule: Rule = "guarded",
    guard: float = 1.0,
    must_not: bool = False,
    window: float | None = None,
) -> Decision:
    """Judge one measurement; limits, uncertainty_max and window in its unit; guard: r of the guard band w = r U.

    must_not: the event must not happen within `window` s: NotTripped over at least the window passes, but only with a
    verified stimulus (see rig.measure.events.stimulus); a trip before the window's end fails. ValueError for a limit
    that says nothing or contradicts itself.
    """
    _check(measurement, low, high, must_not=must_not, window=window, rule=rule, guard=guard)
    verdict, reason = (
        _must_not(measurement, window, uncertainty_max)
        if must_not
        else _against_limits(measurement, low, high, uncertainty_max, guard if rule == "guarded" else 0.0)
    )
    p = None
    valued = measurement.value is not None and measurement.bound is None and not must_not
    if valued and measurement.value is not None and measurement.u is not None and measurement.u > 0.0:
        p = _probability(measurement.value, measurement.budget, low, high)
    return Decision(verdict, reason, p, low, high, rule, guard)


def by_policy(decision: Decision, measurement: Measurement, refused: Collection[str]) -> Decision:
    """The decision of a lab that gives no verdict on a measurement with one of these flags; says what it would be."""
    found = [flag for flag in measurement.flags if flag in refused]
    if not found or decision.verdict == "INCONCLUSIVE":
        return decision
    would_be = f"it would be {decision.verdict}: {decision.reason}"
    reason = f"the lab's policy gives no verdict with {', '.join(found)}; {would_be}"
    return replace(decision, verdict="INCONCLUSIVE", reason=reason)


def _probability(y: float, budget: Budget | None, low: float | None, high: float | None) -> float | None:
    """Of conformance: by the distribution that U was had from."""
    if budget is None:
        return None
    if budget.method == "GUM":
        return conformance(y, budget.u, low, high)
    return conformance_of(y + drawn_errors(budget), low, high)


def _check(
    m: Measurement,
    low: float | None,
    high: float | None,
    *,
    must_not: bool,
    window: float | None,
    rule: str,
    guard: float,
) -> None:
    if rule not in {"guarded", "simple"}:
        raise ValueError(f"{m.measurand}: decision rule '{rule}' is unknown; write 'guarded' or 'simple'")
    if not (math.isfinite(guard) and guard > 0.0):
        raise ValueError(f"{m.measurand}: a guard band of {guard} U guards nothing; give a factor above 0")
    if must_not and window is None:
        raise ValueError(f"{m.measurand}: a must-not limit needs the window within which the event must not happen")
    if not must_not and low is None and high is None:
        raise ValueError(f"{m.measurand}: there is no limit to judge against; give low, high or both")
    if any(limit is not None and not math.isfinite(limit) for limit in (low, high, window)):
        raise ValueError(f"{m.measurand}: limits {low}, {high}, window {window} must be finite numbers")
    if low is not None and high is not None and low > high:
        raise ValueError(f"{m.measurand}: the lower limit {low:g} is above the upper limit {high:g}")


def _valid(m: Measurement, uncertainty_max: float | None) -> tuple[float, float] | str:
    """(y, U), or the reason why there is no valid pair."""
    noted = f" ({', '.join(m.flags)})" if m.flags else ""
    if m.value is None:
        return f"{m.measurand}: {m.outcome}{noted}, there is no value to judge"
    if m.outcome == "Counted":
        return m.value, 0.0
    U = m.U
    if U is None or not math.isfinite(U) or U <= 0.0:
        return f"{m.measurand} = {_said(m.value, m.unit)} has no valid uncertainty{noted}"
    if uncertainty_max is not None and uncertainty_max < U:
        return (
            f"{m.measurand}: U = {_said(U, m.unit)} is above the {_said(uncertainty_max, m.unit)} that the limit allows"
        )
    return m.value, U


def _must_not(m: Measurement, window: float | None, uncertainty_max: float | None) -> tuple[Verdict, str]:
    assert window is not None
    if m.outcome == "Tripped":
        valid, surely = _valid(m, uncertainty_max), _valid(m, None)
        if isinstance(valid, str):  # too uncertain to pass, and perhaps not to fail
            if isinstance(surely, str) or surely[0] + surely[1] >= window:
                return "INCONCLUSIVE", valid
            valid = surely
        if valid[0] - valid[1] < window:
            return (
                "FAIL",
                f"tripped at {_said(valid[0], 's')} (U = {_said(valid[1], 's')}) but must not within {window:g} s",
            )
    elif m.outcome == "NotTripped" and (m.window is None or m.window < window):
        return "INCONCLUSIVE", f"did not trip, but only {m.window or 0.0:.6g} s of the {window:g} s were observed"
    elif m.outcome not in {"NotTripped", "Limited"}:
        return "INCONCLUSIVE", f"{m.measurand}: {m.outcome}, nothing is known about the window of {window:g} s"
    missing = _stimulus_gap(m, window)
    if missing is not None:
        return "INCONCLUSIVE", f"did not trip within {window:g} s, but {missing}"
    return "PASS", f"did not trip within {window:g} s under the verified stimulus"


def _stimulus_gap(m: Measurement, window: float) -> str | None:
    """What is missing for 'the stimulus was there all the time'; None when nothing is."""
    if m.inputs.get("stimulus_verified") is not True:
        return f"the stimulus is not verified: {m.inputs.get('stimulus_reason', 'it was not checked')}"
    covered = m.inputs.get("stimulus_window")
    if isinstance(covered, int | float) and covered >= window:
        return None
    return f"the stimulus was verified over {covered} s only"


def _against_limits(
    m: Measurement, low: float | None, high: float | None, uncertainty_max: float | None, guard: float
) -> tuple[Verdict, str]:
    if m.outcome in {"NotTripped", "NotRecovered"} and m.window is not None:
        return _no_event(m, m.window, low, high)
    valid = _valid(m, uncertainty_max)
    if isinstance(valid, str):
        beyond = _surely_beyond(m, low, high)
        return ("INCONCLUSIVE", valid) if beyond is None else ("FAIL", beyond)
    y, U = valid
    sides: list[tuple[Verdict, str]] = []
    if high is not None:
        sides.append(
            (
                _side(y, U, high, guard, m.bound),
                f"{_said(y, m.unit)} (U = {_said(U, m.unit)}), at most {_said(high, m.unit)}",
            )
        )
    if low is not None:
        mirrored: Literal["lower", "upper"] | None = (
            None if m.bound is None else "upper" if m.bound == "lower" else "lower"
        )
        verdict = _side(-y, U, -low, guard, mirrored)
        sides.append((verdict, f"{_said(y, m.unit)} (U = {_said(U, m.unit)}), at least {_said(low, m.unit)}"))
    verdict = worst(side[0] for side in sides)
    reason = next(text for found, text in sides if found == verdict)
    known = "" if m.bound is None else f"; the value is a {m.bound} bound ({', '.join(m.flags) or m.outcome})"
    return verdict, f"{m.measurand}: {reason}{known}"


def _surely_beyond(m: Measurement, low: float | None, high: float | None) -> str | None:
    """Why a value violates a limit for certain, though it is too uncertain to pass any; None when it does not."""
    valid = _valid(m, None)
    if isinstance(valid, str):
        return None
    y, U = valid
    flags = ", ".join(m.flags) or m.outcome
    if m.bound != "upper" and high is not None and y - U > high:
        return f"{m.measurand}: at least {_said(y - U, m.unit)} ({flags}) against at most {_said(high, m.unit)}"
    if m.bound != "lower" and low is not None and y + U < low:
        return f"{m.measurand}: at most {_said(y + U, m.unit)} ({flags}) against at least {_said(low, m.unit)}"
    return None


def _said(value: float, unit: str) -> str:
    """A value for a sentence: four digits, with an SI prefix where the unit takes one."""
    if value == 0.0 or not math.isfinite(value) or unit not in PREFIXED:
        return f"{value:.4g}{'' if unit in {'1', 'count'} else f' {unit}'}"
    exponent = min(max(3 * math.floor(math.log10(abs(value)) / 3 + 1e-12), -12), 9)
    return f"{value / 10.0**exponent:.4g} {PREFIXES[exponent]}{unit}"


def _side(y: float, U: float, limit: float, guard: float, bound: Literal["lower", "upper"] | None) -> Verdict:
    """One upper limit. A lower bound can only fail it, an upper bound can only pass it."""
    margin = guard * U
    if bound == "lower":
        return "FAIL" if y - U > limit else "INCONCLUSIVE"
    if bound == "upper":
        return "PASS" if y + U <= limit else "INCONCLUSIVE"
    if y + margin <= limit:
        return "PASS"
    if y <= limit:
        return "CONDITIONAL_PASS"
    return "FAIL" if y - margin > limit else "CONDITIONAL_FAIL"


def _no_event(m: Measurement, window: float, low: float | None, high: float | None) -> tuple[Verdict, str]:
    """The event did not come within `window`: it came later or never."""
    seen = f"{m.measurand}: {m.outcome} within {window:.6g} s"
    if high is not None:
        if window >= high:
            return "FAIL", f"{seen}, but must within {high:.6g} s"
        return "INCONCLUSIVE", f"{seen}, which is shorter than the limit of {high:.6g} s"
    if low is not None and window >= low:
        missing = _stimulus_gap(m, low)
        if missing is None:
            return "PASS", f"{seen}, and must not before {low:.6g} s"
        return "INCONCLUSIVE", f"{seen}, but {missing}"
    return "INCONCLUSIVE", f"{seen}, which is shorter than the limit of {low:.6g} s"
