"""Numbers and names as people read them: SI prefixes, uncertainty to two digits, limits, margins."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rig.record.plain import number

__all__ = ["finite", "limit_text", "margin_text", "measurand", "quantity", "result_text", "stated", "words"]

NBSP = "\u00a0"
NOT_RECORDED = "not recorded"
_PREFIXES = {-12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}
_SYMBOLS = {"A2s": "A²s", "ohm": "Ω", "1": "", "count": ""}
_NO_PREFIX = {"A2s", "1", "count", "%", ""}
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_MEASURANDS = {"let_through_i2t": "Let-through I²t"}
_OUTCOMES = {
    "NotTripped": "no trip",
    "NotRecovered": "no recovery",
    "NotArmed": "digitizer did not trigger",
    "Unresolved": "record cannot answer",
}


def words(name: object) -> str:
    """A name of the code as words: `not_tested` -> `not tested`."""
    return str(name).replace("_", " ").replace("i2t", "I²t")


def measurand(name: str) -> str:
    """A measurand as a heading."""
    plain = words(name)
    return _MEASURANDS.get(name, plain[:1].upper() + plain[1:])


def stated(value: float, unit: str) -> str:
    """An exact number, such as a limit, with as few digits as say it (at most six)."""
    for digits in range(1, 7):
        exponent = _exponent(abs(value), unit)
        if math.isclose(float(f"{value:.{digits - 1}e}"), value, rel_tol=1e-9) and digits > _order(
            value / 10**exponent
        ):
            return quantity(value, unit, digits=digits)
    return quantity(value, unit, digits=6)


def quantity(value: float, unit: str, U: float | None = None, digits: int = 4) -> str:
    """`value` in `unit` with an SI prefix, and ± U when given.

    U is rounded up to two significant digits (JCGM 100, 7.2.6: rounding must not make it look better) and the
    value to the same place; without U the value has `digits` significant digits.
    """
    if not math.isfinite(value):
        return f"{value}{NBSP}{_SYMBOLS.get(unit, unit)}".strip()
    if unit == "count" and value == int(value):
        return f"{value:.0f}"
    exponent = _exponent(max(abs(value), U or 0.0), unit)
    scaled, tail = value / 10**exponent, _tail(exponent, unit)
    if not U or not math.isfinite(U):
        body, paired = _fixed(scaled, digits - 1 - _order(scaled)), False
    else:
        spread = U / 10**exponent
        places = 1 - _order(spread)
        rounded = math.ceil(spread * 10.0**places - 1e-9) / 10.0**places
        body, paired = f"{_fixed(scaled, places)} ± {_fixed(rounded, places)}", True
    if tail.startswith("×"):
        body = f"({body})" if paired else body
        return f"{body} {tail}"
    return f"{body}{NBSP}{tail}".rstrip(NBSP)


def finite(value: object) -> float | None:
    """A plain number; None for a missing one and for an infinite one, which as a limit is none."""
    found = number(value)
    return found if found is not None and math.isfinite(found) else None


def result_text(verdict: Mapping[str, Any]) -> str:
    """What was found: value ± U, a bound, or the words for a result that is no number."""
    found = verdict.get("measurement") or {}
    value, outcome, unit = number(found.get("value")), str(found.get("outcome", "")), str(found.get("unit", ""))
    if value is None:
        said = _OUTCOMES.get(outcome, words(outcome) or "nothing measured")
        window = finite(found.get("window"))
        within = f" within {stated(window, 's')}" if window and outcome in ("NotTripped", "NotRecovered") else ""
        return said + within
    sign = {"lower": "≥ ", "upper": "≤ "}.get(str(found.get("bound")), "")
    return sign + quantity(value, unit, number(verdict.get("U")))


def limit_text(limit: Mapping[str, Any], unit: str) -> str:
    """The limit as a reader of a standard writes it."""
    low, high = finite(limit.get("low")), finite(limit.get("high"))
    if limit.get("must_not"):
        window = finite(limit.get("window"))
        return f"must not occur within {stated(window, 's')}" if window else "must not occur"
    if low is not None and high is not None:
        return f"{stated(low, unit)} to {stated(high, unit)}"
    if high is not None:
        return f"≤{NBSP}{stated(high, unit)}"
    return "none" if low is None else f"≥{NBSP}{stated(low, unit)}"


def margin_text(verdict: Mapping[str, Any]) -> str:
    """Distance from the value to the nearer limit, negative beyond it; empty when there is no value or limit."""
    found, limit = verdict.get("measurement") or {}, verdict.get("limit") or {}
    value, low, high = (finite(item) for item in (found.get("value"), limit.get("low"), limit.get("high")))
    if value is None or limit.get("must_not"):
        return ""
    sides = [(high - value, high)] if high is not None else []
    sides += [(value - low, low)] if low is not None else []
    if not sides:
        return ""
    margin, nearest = min(sides)
    share = f" ({_fixed(100 * margin / abs(nearest), 0)}{NBSP}%)" if nearest and len(sides) == 1 else ""
    return quantity(margin, str(found.get("unit", "")), digits=3) + share


def _exponent(magnitude: float, unit: str) -> int:
    if magnitude == 0.0:
        return 0
    exponent = 3 * math.floor(_order(magnitude) / 3)
    if unit in _NO_PREFIX:
        return 0 if 1e-3 <= magnitude < 1e5 else exponent
    return min(max(exponent, -12), 9)


def _tail(exponent: int, unit: str) -> str:
    symbol = _SYMBOLS.get(unit, unit)
    if exponent and unit in _NO_PREFIX:
        return f"×{NBSP}10{str(exponent).translate(_SUPERSCRIPT)}{NBSP}{symbol}".rstrip(NBSP)
    return _PREFIXES[exponent] + symbol


def _order(value: float) -> int:
    """Decimal order of magnitude after rounding to nine digits, so that 0.9999999999 counts as 1."""
    return 0 if value == 0.0 else int(f"{abs(value):.8e}".split("e")[1])


def _fixed(value: float, places: int) -> str:
    rounded = round(value, places) + 0.0  # no negative zero
    return f"{rounded:.{max(places, 0)}f}".replace("-", "\u2212")
