"""The certificate file: what a calibration laboratory found of an instrument or a transducer, and until when."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from rig.files.document import Entry, Finding
from rig.files.quantity import Celsius, Fraction, Ohms, PerKelvin, Volts

SUBJECTS = ("instrument", "transducer", "tap")
RESULTS = ("channels", "resistance", "ratio")


def _date(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"write a date such as 2026-08-14, found {value!r}") from None
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    raise ValueError("write a date such as 2026-08-14")


Date = Annotated[dt.date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
Text = Annotated[str, Field(min_length=1)]


class Point(Entry):
    """One line of a channel's table: what it read, what was applied, and the expanded uncertainty of that."""

    reading: Volts
    applied: Volts
    U: Annotated[Volts, Field(gt=0)]


class ChannelResult(Entry):
    """One range of one channel ("AIN0", or "1" of a digitizer; without `channel` of each of them).

    `drift` and `drift_offset` are the allowance, as half widths, from the calibration until it is due: part of the
    reading, and volts. Without them the maker's own figures stand in.
    """

    channel: str | None = None
    range: Annotated[Volts, Field(gt=0)]
    points: Annotated[tuple[Point, ...], Field(strict=False, min_length=2)]
    drift: Annotated[Fraction, Field(ge=0)] | None = None
    drift_offset: Annotated[Volts, Field(ge=0)] | None = None


class Resistance(Entry):
    """A shunt's value. Without `drift` (half width, part of the value) the bench file's tolerance stands in."""

    value: Annotated[Ohms, Field(gt=0)]
    U: Annotated[Ohms, Field(gt=0)]
    drift: Annotated[Fraction, Field(ge=0)] | None = None
    tempco: Annotated[PerKelvin, Field(ge=0)] | None = None


class Ratio(Entry):
    """A divider's ratio, volts at the device per volt at the instrument; the rest as for a resistance."""

    value: Annotated[float, Field(ge=1)]
    U: Annotated[float, Field(gt=0)]
    drift: Annotated[Fraction, Field(ge=0)] | None = None
    tempco: Annotated[PerKelvin, Field(ge=0)] | None = None


class Certificate(Entry):
    """A certificate file. `k` is the coverage factor of every U in it, `temperature` that of the calibration.

    A `tap` of the injector that has one is a known resistor: overloads through it check the channels.
    """

    version: Literal[1] = Field(alias="schema")
    number: Text
    laboratory: Text
    instrument: str | None = None
    transducer: str | None = None
    tap: str | None = None
    serial: Text
    calibrated: Date
    due: Date
    temperature: Celsius
    k: Annotated[float, Field(ge=1, le=4)]
    channels: Annotated[tuple[ChannelResult, ...], Field(strict=False)] | None = None
    resistance: Resistance | None = None
    ratio: Ratio | None = None

    @model_validator(mode="after")
    def _dates(self) -> Self:
        if self.due <= self.calibrated:
            raise ValueError(f"is due on {self.due}, not after its calibration on {self.calibrated}")
        return self

    @property
    def subject(self) -> str:
        """The bench file's name of what was calibrated."""
        return self.instrument or self.transducer or self.tap or ""

    @staticmethod
    def cross_check(data: Mapping[Any, Any]) -> Iterator[Finding]:
        """One subject and one kind of result, which fit together; points at different readings."""
        subjects, results = ([name for name in names if name in data] for names in (SUBJECTS, RESULTS))
        if len(subjects) != 1:
            yield (), "name what was calibrated: write instrument, transducer or tap, one of them"
        if len(results) != 1:
            yield (), "say what was found: write channels, resistance or ratio, one of them"
        if len(subjects) == len(results) == 1 and (subjects[0] == "instrument") != (results[0] == "channels"):
            yield (results[0],), "an instrument has channels, a transducer and a tap have none"
        if subjects == ["tap"] and results == ["ratio"]:
            yield ("ratio",), "a tap is a resistor: give its resistance"
        channels = data.get("channels")
        for index, result in enumerate(channels if isinstance(channels, list) else []):
            points = result.get("points") if isinstance(result, Mapping) else None
            readings = [point.get("reading") for point in points or [] if isinstance(point, Mapping)]
            if len(readings) > 1 and len(set(map(str, readings))) < len(readings):
                yield ("channels", index, "points"), "has a reading twice; give each point of the table once"
