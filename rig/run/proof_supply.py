"""What a bench proof sets a supply to, and how well that knows itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from instruments.roles import Supply

__all__ = ["AMPS", "BELOW_V", "OVP", "VOLTS", "limit_of", "set_low"]

VOLTS, AMPS = 5.0, 4.0
"""The supply's set values: low energy, and 2 A through a known resistor of 2.5 ohm."""
OVP, BELOW_V = 7.0, 3.0
"""Its protection meanwhile, and what lies below whatever threshold was left behind."""


def set_low(supply: Supply) -> None:
    """5 V and 4 A, behind a protection of its own; its output stays as it is."""
    supply.set_voltage(BELOW_V)  # and the threshold is not below it
    supply.set_ovp(OVP)
    supply.set_voltage(VOLTS)
    supply.set_current_limit(AMPS)


def limit_of(rows: object, function: str) -> float:
    """Limit of error at 5 V or its current, of the first row for `function`; 0.5 without one."""
    for row in rows:  # type: ignore[attr-defined]
        if row.function == function:
            return float(row.gain_frac * VOLTS + row.offset_abs + row.offset_frac_of_range * row.range + row.resolution)
    return 0.5
