"""What stands between a signal and an instrument: divider, shunt, thermometer, or nothing where one reads of itself."""

from typing import Annotated, Literal

from pydantic import Field

from rig.files.document import Entry
from rig.files.quantity import Fraction, Henries, Hertz, Kelvin, Ohms, Seconds, VoltsOrAmps, VoltsPerKelvin


class Divider(Entry):
    """A voltage divider: `ratio` volts at the device give one volt at the instrument."""

    kind: Literal["divider"]
    ratio: Annotated[float, Field(ge=1)]
    tolerance: Annotated[Fraction, Field(ge=0)]
    bandwidth: Annotated[Hertz, Field(gt=0)]
    serial: str | None = None


class Shunt(Entry):
    """A shunt with its series inductance (L/R lifts fast edges)."""

    kind: Literal["shunt"]
    resistance: Annotated[Ohms, Field(gt=0)]
    tolerance: Annotated[Fraction, Field(ge=0)]
    inductance: Annotated[Henries, Field(ge=0)]
    bandwidth: Annotated[Hertz, Field(gt=0)]
    serial: str | None = None


class Thermometer(Entry):
    """A temperature sensor with its amplifier: `volts_per_kelvin` above 0 degC, where it gives nothing. It is off by no
    more than `within` and, of the temperature in degC, `tolerance`.
    """

    kind: Literal["thermometer"]
    volts_per_kelvin: Annotated[VoltsPerKelvin, Field(gt=0)]
    within: Annotated[Kelvin, Field(ge=0)]
    tolerance: Annotated[Fraction, Field(ge=0)]
    bandwidth: Annotated[Hertz, Field(gt=0)]
    serial: str | None = None


class Reading(Entry):
    """What supply or load read of themselves, in place of a transducer; `factor`: -1 where it counts the other way.

    `update`: how old a reading may be, and over how long the instrument averages it. `apart`: how far the signal may
    lie from what the instrument has at its terminals, for the cable in between, in the signal's unit.
    """

    kind: Literal["reading"]
    unit: Literal["V", "A"]
    factor: Literal[1, -1] = 1
    update: Annotated[Seconds, Field(gt=0)]
    apart: Annotated[VoltsOrAmps, Field(ge=0)] = 0.0
    serial: str | None = None

    @property
    def bandwidth(self) -> float:
        """Of a mean over `update`, Hz."""
        return 0.443 / self.update

    @property
    def tolerance(self) -> float:
        """Nothing stands between the instrument and its terminals."""
        return 0.0


Transducer = Annotated[Divider | Shunt | Thermometer | Reading, Field(discriminator="kind")]
