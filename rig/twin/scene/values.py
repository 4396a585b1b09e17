"""Quantities with the signs and sizes that a physical part can have, SI.

The bounds are far beyond any part on this grid, and within what the network can be solved with: a battery is a large
capacitor, the link of an AC adapter lies at 325 V.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from rig.files.quantity import (
    Amps,
    Coulombs,
    Farads,
    Fraction,
    Henries,
    Hertz,
    Ohms,
    Seconds,
    Volts,
    Watts,
    parse,
)


def within(low: str, high: str, unit: str) -> AfterValidator:
    """Refuses what lies outside `low` to `high`, quantities in `unit` as in a file."""
    least, most = parse(low, unit), parse(high, unit)

    def check(value: float) -> float:
        if not least <= value <= most:
            raise ValueError(f"must lie between {low} and {high}")
        return value

    return AfterValidator(check)


def _ratio(value: float) -> float:
    if not 1e-6 <= value <= 1e6:
        raise ValueError("must lie between 1e-6 and 1e6")
    return value


PositiveVolts = Annotated[Volts, Field(gt=0), within("1 uV", "1 kV", "V")]
PositiveAmps = Annotated[Amps, Field(gt=0), within("1 nA", "1 MA", "A")]
PositiveWatts = Annotated[Watts, Field(gt=0), within("1 uW", "1 GW", "W")]
PositiveOhms = Annotated[Ohms, Field(gt=0), within("1 nohm", "1000 Gohm", "ohm")]
PositiveFarads = Annotated[Farads, Field(gt=0), within("1 pF", "1 MF", "F")]
PositiveHenries = Annotated[Henries, Field(gt=0), within("1 pH", "1 kH", "H")]
PositiveHertz = Annotated[Hertz, Field(gt=0), within("1 uHz", "100 GHz", "Hz")]
PositiveSeconds = Annotated[Seconds, Field(gt=0), within("1 ps", "1e6 s", "s")]
PositiveCoulombs = Annotated[Coulombs, Field(gt=0), within("1 uC", "1 GC", "C")]
Ratio = Annotated[float, Field(gt=0), AfterValidator(_ratio)]
Share = Annotated[Fraction, Field(ge=0, le=1)]
Delay = Annotated[Seconds, Field(ge=0), within("0 s", "1e6 s", "s")]
Tolerance = Annotated[Fraction, Field(ge=0, lt=1)]
