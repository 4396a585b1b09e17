"""How EA prints values: with their unit and as many decimal places as the display of an 80 V, 60 A model has."""

from collections.abc import Callable


def volts(value: float) -> str:
    return f"{value:.2f} V"


def amps(value: float) -> str:
    return f"{value:.2f} A"


def watts(value: float) -> str:
    return f"{value:.0f} W"


def resistance(value: float) -> str:
    return f"{value:.3f} OHM"


def unit_of(form: Callable[[float], str]) -> str:
    return form(0.0).split()[1]
