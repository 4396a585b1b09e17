"""The request file of `rig measure`: which column is which signal, how well it was measured, and what to judge."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from rig.files.document import Entry, Finding
from rig.files.explain import choices
from rig.files.limits import AnyQuantity, Status
from rig.files.limits_checks import MEASURANDS, unit_findings
from rig.files.quantity import Amps, Fraction, Hertz, Seconds
from rig.files.transducers import Transducer

FAULT = ("operate_time", "peak_current", "let_through_i2t", "let_through_energy", "charge")
"""Measurands that rest on the fault, as `fault:` describes it."""
NEEDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(FAULT, ()),
    "port_voltage_peak": (),
    "recovery_time": ("removal", "low", "high", "hold"),
    "inrush_current": ("begin", "low", "high", "hold"),
    "inrush_i2t": ("begin", "low", "high", "hold"),
    "overshoot": ("signal", "initial", "final", "window"),
    "settling_time": ("signal", "initial", "final", "begin", "band", "hold"),
    "ripple_rms": ("signal", "window"),
    "ripple_peak_to_peak": ("signal", "window"),
    "level": ("signal", "window"),
}
"""What each needs to be told. Measurands that are not here need more than one file or a device to talk to."""


def _in_order(span: tuple[float, float]) -> tuple[float, float]:
    if not span[0] < span[1]:
        raise ValueError("a span has its earlier end first, such as [0 us, 10 us]")
    return span


Span = Annotated[tuple[Seconds, Seconds], Field(strict=False), AfterValidator(_in_order)]


class Accuracy(Entry):
    """Limits of error of the instrument, at its input; the transducer has its own. Left out: not known, no verdict."""

    gain: Annotated[Fraction, Field(ge=0)]
    offset: AnyQuantity
    skew: Annotated[Seconds, Field(ge=0)] | None = None
    time_base: Annotated[Fraction, Field(ge=0)]
    source: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _limit_of_error(self) -> Self:
        if self.offset.value < 0.0:
            raise ValueError("offset is a limit of error, which is not negative")
        return self


class SignalColumn(Entry):
    """A column (or channel) as a signal at the device.

    `clip`: the ends of the screen, `step`: the step of the converter where the file does not show it; these, and the
    offset of the accuracy, are in the column's own unit.
    """

    column: str
    transducer: Transducer | None = None
    bandwidth: Annotated[Hertz, Field(gt=0)] | None = None
    clip: Annotated[tuple[AnyQuantity, AnyQuantity], Field(strict=False)] | None = None
    step: AnyQuantity | None = None
    accuracy: Accuracy | None = None

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.clip is not None and not self.clip[0].value < self.clip[1].value:
            raise ValueError("clip has its lower end first, such as [-1 V, 1 V]")
        if self.step is not None and self.step.value <= 0.0:
            raise ValueError("step is more than 0")
        return self


class Crossing(Entry):
    """An edge: `signal` crosses `level`."""

    signal: str
    level: AnyQuantity
    direction: Literal["rising", "falling"] = "rising"
    absolute: bool = False


class FaultFacts(Entry):
    """The fault of the capture: where it begins, and what its end is."""

    injection: Crossing
    rated_current: Annotated[Amps, Field(gt=0)]
    hold: Annotated[Seconds, Field(gt=0)]
    limit_current: Annotated[Amps, Field(gt=0)] | None = None
    window: Annotated[Seconds, Field(gt=0)] | None = None
    floor: Annotated[Fraction, Field(gt=0, lt=1)] = 0.1


class InlineLimit(Entry):
    """A limit written in the request."""

    low: AnyQuantity | None = None
    high: AnyQuantity | None = None
    uncertainty_max: AnyQuantity | None = None
    rule: Literal["guarded", "simple"] = "guarded"
    guard: Annotated[float, Field(gt=0, le=5)] = 1.0
    status: Status
    source: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.low is None and self.high is None:
            raise ValueError("a limit says low, high or both")
        return self


class Asked(Entry):
    """One measurand with what it needs, and its limit: written here, or of `clause` in the limits file."""

    measurand: str
    signal: str | None = None
    removal: Crossing | None = None
    begin: Crossing | None = None
    low: AnyQuantity | None = None
    high: AnyQuantity | None = None
    hold: Annotated[Seconds, Field(gt=0)] | None = None
    band: Annotated[Fraction, Field(gt=0, lt=1)] | None = None
    initial: Span | None = None
    final: Span | None = None
    window: Span | None = None
    limit: InlineLimit | None = None
    clause: str | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        if self.limit is not None and self.clause is not None:
            raise ValueError("has a limit and a clause; keep one of them")
        return self


class Request(Entry):
    """A request file. `signals` may be left out for captures of this rig, which say themselves what they are."""

    version: Literal[1] = Field(alias="schema")
    name: str
    signals: dict[str, SignalColumn] = Field(default_factory=dict)
    fault: FaultFacts | None = None
    measure: Annotated[tuple[Asked, ...], Field(strict=False, min_length=1)]

    @staticmethod
    def cross_check(data: Mapping[Any, Any]) -> Iterator[Finding]:
        """What a measurand lacks, and limits whose unit is not its own."""
        rows = data.get("measure")
        for index, row in enumerate(rows if isinstance(rows, list) else []):
            name = row.get("measurand") if isinstance(row, Mapping) else None
            if not isinstance(name, str):
                continue
            here = ("measure", index)
            if name not in NEEDS:
                yield (*here, "measurand"), f"unknown measurand {name!r} ({choices(name, list(NEEDS))})"
                continue
            lacking = [need for need in NEEDS[name] if need not in row]
            if lacking:
                yield here, f"{name} needs {', '.join(lacking)}"
            if name in FAULT and not isinstance(data.get("fault"), Mapping):
                yield here, f"{name} needs the section `fault`"
            limit = row.get("limit")
            if isinstance(limit, Mapping) and name in MEASURANDS:  # a level is in the unit of its signal
                yield from unit_findings(limit, (*here, "limit"), name)
