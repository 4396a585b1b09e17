"""Limits resolved for one measurement of one port: the number to judge by, and where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rig.files.device import Port, declared
from rig.files.limits import Bound, DeviceValue, LimitRow, Limits, Quantity, When
from rig.files.limits_checks import MEASURANDS
from rig.standard.mask import crossing_slope, crossing_time


class NoLimit(Exception):
    """No limit applies, or more than one does; the message lists every row consulted and why it does not decide."""


class SeveralLimits(NoLimit):
    """More than one limit applies."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A time-current curve at the applied current.

    Attributes:
        name: of the curve in the limits file.
        multiple: applied current over rated current.
        must_not_trip_before: s; infinite where tripping is never allowed.
        must_trip_by: s; infinite where tripping is never required.
        must_not_trip_slope: |dt/dI| of the first, s/A.
        must_trip_slope: |dt/dI| of the second, s/A.
    """

    name: str
    multiple: float
    must_not_trip_before: float
    must_trip_by: float
    must_not_trip_slope: float
    must_trip_slope: float


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit in SI, ready for a decision.

    Attributes:
        clause: clause of the standard.
        measurand: what is limited.
        low: lowest allowed value; None without one.
        high: highest allowed value; None without one.
        unit: key of rig.files.quantity.UNITS.
        must_not: the event must not happen within `window`.
        window: s; only with must_not.
        uncertainty_max: largest expanded uncertainty that still allows a decision; None without one.
        rule: decision rule.
        guard: factor r of the guard band w = r U.
        status: standing of the source; only "standard" supports a statement of conformity.
        source: where the number comes from.
        curve: detail when the limit is a curve.
        slope: |dt/dI| of the steeper side of the curve at the applied current, s/A; 0 for limits that are no curve.
    """

    clause: str
    measurand: str
    low: float | None
    high: float | None
    unit: str
    must_not: bool
    window: float | None
    uncertainty_max: float | None
    rule: Literal["guarded", "simple"]
    guard: float
    status: Literal["standard", "borrowed", "rig-default", "vendor"]
    source: str
    curve: CurvePoint | None
    slope: float

    @property
    def rule_text(self) -> str:
        """The rule as the record and the report print it, with its guard band where that is not U itself."""
        return self.rule if self.rule == "simple" or self.guard == 1.0 else f"{self.rule}, w = {self.guard:g} U"


def find_limit(limits_file: Limits, clause: str, measurand: str, port: Port, facts: Mapping[str, float]) -> Limit:
    """The one limit of `measurand` under `clause` for `port`.

    `facts` of the case: "multiple", the applied current over the rated one, where rows depend on it.
    Raises NoLimit when no row applies or the device file lacks the declared number, SeveralLimits when several do.
    """
    rows = [(index, row) for index, row in enumerate(limits_file.limits) if row.clause == clause]
    about = [(index, row) for index, row in rows if row.measurand == measurand]
    consulted, applying = [], []
    for index, row in about:
        if row.variant is not None and row.variant != limits_file.variant:
            consulted.append(f'limits[{index}] ("{row.source}") is of variant {row.variant}')
        elif why_not := _why_not(row.when, port, facts):
            consulted.append(f'limits[{index}] ("{row.source}") {why_not}')
        else:
            applying.append((index, row))
    file = f"limits {limits_file.title}"
    if not about:
        others = ", ".join(dict.fromkeys(row.measurand for _, row in rows))
        has = f"under {clause} it has only {others}" if others else f"it has nothing under {clause}"
        elsewhere = ", ".join(dict.fromkeys(row.clause for row in limits_file.limits if row.measurand == measurand))
        cure = f"judge it under {elsewhere}, where it has rows, or add one" if elsewhere else "add a row"
        raise NoLimit(f"no limit for {clause} {measurand}: {file}: {has}; {cure}")
    if not applying:
        raise NoLimit(f"no limit for {clause} {measurand}: {file}: {'; '.join(consulted)}; add a row that applies")
    if len(applying) > 1:
        both = " and ".join(f'limits[{index}] ("{row.source}")' for index, row in applying)
        raise SeveralLimits(f"more than one limit for {clause} {measurand}: {file}: {both} apply; narrow their `when`")
    index, row = applying[0]
    return _resolved(row, limits_file, f"{clause} {measurand}: {file}: limits[{index}]", port, facts)


RANGES = (
    ("multiple", "applied multiple of the rated current", "x rated current"),
    ("feed", "voltage that feeds the device", "V"),
)
"""Facts of a case that a row may depend on: key, in words, and the unit of its bounds."""


def _why_not(when: When, port: Port, facts: Mapping[str, float]) -> str | None:
    declared = {
        "role": ("port", port.role),
        "protection": ("protection", port.protection.type),
        "function_class": ("functions of class", port.consumption and port.consumption.function_class),
    }
    for name, (what, own) in declared.items():
        wanted = getattr(when, name)
        if wanted is not None and wanted != own:
            return f"is for {what} {wanted}, the port declares {own or 'none'}"
    return next(
        (why for name, what, unit in RANGES if (why := _outside(when, facts.get(name), name, what, unit))), None
    )


def _outside(when: When, found: float | None, name: str, what: str, unit: str) -> str | None:
    low, high = getattr(when, f"{name}_min"), getattr(when, f"{name}_max")
    if low is None and high is None:
        return None
    if found is None:
        return f"depends on the {what}, which this case does not state"
    here = f"this case applies {found:.4g} {unit.split(maxsplit=1)[0]}"
    if low is not None and found < low:
        return f"applies from {low:g} {unit}, {here}"
    if high is not None and found > high:
        return f"applies up to {high:g} {unit}, {here}"
    return None


def _resolved(row: LimitRow, limits_file: Limits, where: str, port: Port, facts: Mapping[str, float]) -> Limit:
    low, high, curve = _number(row.low, port, where), _number(row.high, port, where), None
    if row.curve is not None:
        if "multiple" not in facts:
            raise NoLimit(
                f"no limit for {where} is a curve and needs the applied multiple, which this case does not state"
            )
        curve = _point(limits_file, row.curve, port, facts["multiple"])
        if curve.must_not_trip_before > curve.must_trip_by:
            raise NoLimit(
                f"no limit for {where}: at {curve.multiple:.4g} x rated current curve {curve.name} forbids a trip "
                f"before {curve.must_not_trip_before:.4g} s and demands one by {curve.must_trip_by:.4g} s; "
                "correct its masks"
            )
        low, high = curve.must_not_trip_before, curve.must_trip_by
    return Limit(
        clause=row.clause,
        measurand=row.measurand,
        low=low,
        high=high,
        unit=MEASURANDS[row.measurand],
        must_not=row.must_not,
        window=row.window,
        uncertainty_max=None if row.uncertainty_max is None else row.uncertainty_max.value,
        rule=row.rule,
        guard=row.guard if row.guard is not None else 1.0,
        status=row.status,
        source=row.source,
        curve=curve,
        slope=max(curve.must_not_trip_slope, curve.must_trip_slope) if curve else 0.0,
    )


def _number(bound: Bound | None, port: Port, where: str) -> float | None:
    if isinstance(bound, Quantity):
        return bound.value
    if isinstance(bound, DeviceValue):
        value = declared(port, bound.path)
        if value is None:
            raise NoLimit(f"no limit for {where} takes {bound.path} from the device file, which does not declare it")
        return value * bound.times + bound.plus
    return None


def _point(limits_file: Limits, name: str, port: Port, multiple: float) -> CurvePoint:
    curve = limits_file.curves[name]
    return CurvePoint(
        name=name,
        multiple=multiple,
        must_not_trip_before=crossing_time(curve.must_not_trip, multiple),
        must_trip_by=crossing_time(curve.must_trip, multiple),
        must_not_trip_slope=crossing_slope(curve.must_not_trip, multiple) / port.rated_current,
        must_trip_slope=crossing_slope(curve.must_trip, multiple) / port.rated_current,
    )
