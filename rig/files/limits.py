"""The limits file: numbers to judge by, each with its source and standing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, PlainValidator, PrivateAttr, Tag, WithJsonSchema, model_validator

from rig.files import limits_checks
from rig.files.device import declared_unit
from rig.files.document import BadFile, Entry, Finding, Mistake, load, resolve
from rig.files.explain import choices
from rig.files.quantity import UNITS, Seconds, Volts, parse_any

Status = Literal["standard", "borrowed", "rig-default", "vendor"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a limits file: SI value and unit (a key of rig.files.quantity.UNITS)."""

    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class DeviceValue:
    """A limit that the maker declares: a path in the device file below the port, times a factor, and something more."""

    path: str
    plus: float = 0.0
    times: float = 1.0


def _quantity(value: Any) -> Quantity:
    return Quantity(*parse_any(value))


def _bound(value: Any) -> Quantity | DeviceValue:
    if not isinstance(value, Mapping):
        return _quantity(value)
    if set(value) - {"plus", "times"} != {"device"} or not isinstance(value["device"], str):
        raise ValueError("write a quantity, or {device: path below the port}, with plus: a quantity or times: a number")
    unit = declared_unit(value["device"])
    if unit is None:
        raise ValueError(f"a port declares no quantity {value['device']!r}")
    plus = _quantity(value["plus"]) if "plus" in value else Quantity(0.0, unit.text)
    if UNITS[plus.unit] != unit:
        raise ValueError(f"plus is {UNITS[plus.unit].dimension}, and {value['device']} is {unit.dimension}")
    times = value.get("times", 1.0)
    if isinstance(times, bool) or not isinstance(times, int | float) or not 0.0 < times < float("inf"):
        raise ValueError(f"times must be a number above 0, found {times!r}")
    return DeviceValue(value["device"], plus.value, float(times))


_QUANTITY_SCHEMA = {"type": "string", "description": "a quantity with its unit", "examples": ["60 V"]}
_DEVICE_SCHEMA = {
    "type": "object",
    "properties": {
        "device": {"type": "string", "description": "path in the device file below the port"},
        "plus": _QUANTITY_SCHEMA,
        "times": {"type": "number", "exclusiveMinimum": 0},
    },
    "required": ["device"],
    "additionalProperties": False,
}
AnyQuantity = Annotated[Quantity, PlainValidator(_quantity), WithJsonSchema(_QUANTITY_SCHEMA)]
Bound = Annotated[
    Quantity | DeviceValue, PlainValidator(_bound), WithJsonSchema({"oneOf": [_QUANTITY_SCHEMA, _DEVICE_SCHEMA]})
]


class When(Entry):
    """When a row applies: the port's role, protection type and class of functions, what the device is fed with, and the
    applied current as a multiple of the rated one.
    """

    role: Literal["source", "sink", "bidirectional"] | None = None
    protection: Literal["trip", "limit"] | None = None
    function_class: Literal["I", "II"] | None = None
    feed_min: Annotated[Volts, Field(gt=0)] | None = None
    feed_max: Annotated[Volts, Field(gt=0)] | None = None
    multiple_min: Annotated[float, Field(ge=0)] | None = None
    multiple_max: Annotated[float, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for name in ("multiple", "feed"):
            low, high = getattr(self, f"{name}_min"), getattr(self, f"{name}_max")
            if low is not None and high is not None and low > high:
                raise ValueError(f"{name}_min must not exceed {name}_max")
        return self


class LimitRow(Entry):
    """One limit: low and/or high, or a time curve, or an event that must not happen within a window.

    `variant`: only where the limits are read in that one. `guard` is the factor r of the guard band w = r U (1 without
    it; 0.83 for ISO 14253-1)."""

    clause: str
    measurand: str
    variant: str | None = None
    when: When = When()
    low: Bound | None = None
    high: Bound | None = None
    curve: str | None = None
    must_not: bool = False
    window: Annotated[Seconds, Field(gt=0)] | None = None
    uncertainty_max: AnyQuantity | None = None
    rule: Literal["guarded", "simple"]
    guard: Annotated[float, Field(gt=0, le=5)] | None = None
    status: Status
    source: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        meanings = [self.low is not None or self.high is not None, self.curve is not None, self.must_not]
        if sum(meanings) != 1:
            raise ValueError("a limit is either low and/or high, or a curve, or must_not: write exactly one of them")
        if self.guard is not None and self.rule != "guarded":
            raise ValueError("guard is the factor r of the guard band r U and belongs to rule: guarded")
        if self.must_not != (self.window is not None):
            raise ValueError("window belongs to must_not, and must_not needs it")
        if isinstance(self.low, Quantity) and isinstance(self.high, Quantity) and self.low.value > self.high.value:
            raise ValueError("low must not exceed high")
        return self


class Mask(Entry):
    """i(t) = peak * exp(-t / time_constant) + steady, in multiples of the rated current."""

    peak: Annotated[float, Field(gt=0)]
    time_constant: Annotated[Seconds, Field(gt=0)]
    steady: Annotated[float, Field(ge=0)]


class InverseMask(Entry):
    """t = tms (k / ((m / setting)^alpha - 1) + c), m being the multiple of the rated current (IEC 60255-151)."""

    k: Annotated[float, Field(gt=0)]
    alpha: Annotated[float, Field(gt=0)]
    c: Annotated[Seconds, Field(ge=0)] = 0.0
    tms: Annotated[float, Field(gt=0)] = 1.0
    setting: Annotated[float, Field(gt=0)] = 1.0


def _form(value: Any) -> str:
    named = value if isinstance(value, Mapping) else vars(value) if isinstance(value, Entry) else {}
    return "inverse" if {"k", "alpha", "tms", "setting"} & set(named) else "exponential"


AnyMask = Annotated[
    Annotated[Mask, Tag("exponential")] | Annotated[InverseMask, Tag("inverse")], Discriminator(_form)
]  # fmt: skip
"""Either form; a mistake is told in terms of the one whose keys are there."""


class Curve(Entry):
    """A time-current band: the port must have tripped above `must_trip` and must not trip below `must_not_trip`."""

    must_trip: AnyMask
    must_not_trip: AnyMask

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        above, below = self.must_trip, self.must_not_trip
        if not isinstance(above, Mask) or not isinstance(below, Mask):
            return self  # at which current they cross is seen where one is applied
        if above.peak < below.peak or above.time_constant < below.time_constant or above.steady < below.steady:
            raise ValueError("no value of must_trip may lie below the same value of must_not_trip")
        return self


class Limits(Entry):
    """A limits file. `variants`: readings of the same source that differ in some rows; the first is the usual one."""

    version: Literal[1] = Field(alias="schema")
    name: str
    revision: str
    variants: Annotated[tuple[str, ...], Field(strict=False)] = ()
    limits: Annotated[tuple[LimitRow, ...], Field(strict=False)]
    curves: dict[str, Curve] = Field(default_factory=dict)

    _read_as: str | None = PrivateAttr(default=None)

    @property
    def variant(self) -> str | None:
        """The one that they are read in; None where they have only one reading."""
        return self._read_as or next(iter(self.variants), None)

    @property
    def title(self) -> str:
        """Name, variant and revision, as sentences and reports have them."""
        variant = f" ({self.variant})" if self.variant is not None else ""
        return f"{self.name}{variant}, revision {self.revision}"

    def read_as(self, variant: str) -> Self:
        """The same limits in another variant. Raises LookupError, listing those that there are."""
        if variant not in self.variants:
            known = choices(variant, self.variants) if self.variants else "they have only one reading"
            raise LookupError(f"limits {self.name} have no variant {variant!r} ({known})")
        found = self.model_copy()
        found._read_as = variant
        return found

    @staticmethod
    def cross_check(data: Mapping[Any, Any]) -> Iterator[Finding]:
        """What is wrong between the rows, the curves and the measurands of the raw data."""
        return limits_checks.cross_check(data)


def read_limits(told: str) -> tuple[Path | Traversable, Limits]:
    """The limits NAME or FILE, or NAME@VARIANT where they have several readings, and where they are. Raises BadFile."""
    name, _, variant = told.rpartition("@") if "@" in told and not Path(told).exists() else (told, "", "")
    place = resolve("limits", name)
    limits = load(place, Limits)
    try:
        return place, limits.read_as(variant) if variant else limits
    except LookupError as unknown:
        raise BadFile([Mistake("command line", 0, 0, "--limits", str(unknown))]) from None
