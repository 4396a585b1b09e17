"""Quantities with the signs that a physical part can have, SI."""

from typing import Annotated

from pydantic import Field

from rig.files.quantity import Amps, Coulombs, Farads, Fraction, Henries, Hertz, Ohms, Seconds, Volts, Watts

PositiveVolts = Annotated[Volts, Field(gt=0)]
PositiveAmps = Annotated[Amps, Field(gt=0)]
PositiveWatts = Annotated[Watts, Field(gt=0)]
PositiveOhms = Annotated[Ohms, Field(gt=0)]
PositiveFarads = Annotated[Farads, Field(gt=0)]
PositiveHenries = Annotated[Henries, Field(gt=0)]
PositiveHertz = Annotated[Hertz, Field(gt=0)]
PositiveSeconds = Annotated[Seconds, Field(gt=0)]
PositiveCoulombs = Annotated[Coulombs, Field(gt=0)]
Share = Annotated[Fraction, Field(ge=0, le=1)]
Delay = Annotated[Seconds, Field(ge=0)]
Tolerance = Annotated[Fraction, Field(ge=0, lt=1)]
