"""A measurement: what was found, how well it is known, and what was not found.

`outcome` says what kind of result it is; only the first five carry a number:

- Measured: a plain value
- Counted: a whole number of things seen, or 1 and 0 for yes and no; it has no uncertainty
- Tripped: the fault current ended; value = time from t0 in s
- Limited: the fault current stayed at or below the declared limit; value = time from t0 in s,
  inputs["limited_current"] in A
- Clipped: the channel saturated; value is a lower bound
- NotTripped: nothing of the sort within `window` s
- NotRecovered: the voltage did not stay in its band within `window` s
- NotArmed: the record was not triggered (or not taken): nothing is known
- Unresolved: the record exists but cannot answer; the flags say why
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from rig.measure.captures.capture import Trace
from rig.measure.uncertainty.budget import Budget

Outcome = Literal[
    "Measured", "Counted", "Tripped", "Limited", "Clipped", "NotTripped", "NotRecovered", "NotArmed", "Unresolved"
]
Input = float | int | str | bool | None


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant to draw: s on the axis of `record`."""

    record: str
    signal: str
    t: float
    label: str


@dataclass(frozen=True, slots=True)
class Instant:
    """A point in time on one record's axis with its standard uncertainty, both in s; label says what it is and where it
    comes from."""

    record: str
    t: float
    u: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measured quantity. budget None = no valid uncertainty. bound "lower": the true value is at least `value` (or
    `window`). source: the standard or document that `definition` follows."""

    measurand: str
    outcome: Outcome
    value: float | None
    unit: str
    definition: str
    budget: Budget | None = None
    bound: Literal["lower", "upper"] | None = None
    window: float | None = None
    flags: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    inputs: Mapping[str, Input] = field(default_factory=dict)
    source: str = ""

    def __post_init__(self) -> None:
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"{self.measurand} = {self.value}: a result that is not a finite number must be None")
        if self.value is not None and self.outcome in {"NotTripped", "NotRecovered", "NotArmed", "Unresolved"}:
            raise ValueError(f"{self.measurand}: outcome {self.outcome} cannot carry the number {self.value}")

    @property
    def u(self) -> float | None:
        """Standard uncertainty in `unit`."""
        return None if self.budget is None else self.budget.u

    @property
    def U(self) -> float | None:  # noqa: N802  the GUM's symbol
        """Expanded uncertainty for 95 % in `unit`."""
        return None if self.budget is None else self.budget.U

    @property
    def k(self) -> float | None:
        """Coverage factor."""
        return None if self.budget is None else self.budget.k

    @property
    def dof(self) -> float | None:
        """Effective degrees of freedom."""
        return None if self.budget is None else self.budget.dof

    def with_inputs(self, inputs: Mapping[str, Input], flags: Iterable[str] = ()) -> "Measurement":
        """A copy that also carries these inputs and flags."""
        return replace(self, inputs={**self.inputs, **inputs}, flags=merged(self.flags, flags))


def holding(conditions: Mapping[str, bool]) -> tuple[str, ...]:
    """The flags whose condition holds."""
    return tuple(flag for flag, holds in conditions.items() if holds)


def merged(*groups: Iterable[str]) -> tuple[str, ...]:
    """Flags in order of first appearance, each once."""
    return tuple(dict.fromkeys(flag for group in groups for flag in group))


def accuracy_flags(*traces: Trace) -> tuple[str, ...]:
    """What a verdict on these traces has to be marked with: data-sheet figures, read or not, and none at all."""
    flags = []
    for trace in traces:
        if trace.accuracy is None:
            flags.append("accuracy-absent")
        elif not trace.accuracy.checked:
            flags.append("datasheet-not-checked")
        elif not trace.accuracy.verified:
            flags.append("datasheet-only")
        flags += trace.accuracy.flags if trace.accuracy is not None else ()
    return merged(sorted(flags))


def no_result(measurand: str, unit: str, definition: str, *, armed: bool, flags: Iterable[str] = ()) -> Measurement:
    """The measurement that found nothing: NotArmed, or Unresolved when the record was there; never a number."""
    outcome: Outcome = "Unresolved" if armed else "NotArmed"
    return Measurement(measurand, outcome, None, unit, definition, flags=tuple(flags))
