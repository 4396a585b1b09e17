"""Stimuli as data: a second connection of the device's return, at its data connector."""

from dataclasses import dataclass

from rig.faults.told import positive
from rig.files.quantity import format_quantity

MOST_V, MOST_A = 2.0, 5.0
"""Beyond them it is no offset between two grounds any more, but a supply at a data connector."""


@dataclass(frozen=True, slots=True, init=False)
class SecondReturn:
    """Between the device's return and the ground of its data connector stands `voltage`, V, for the hold, as when a USB
    lead leads to something that has a ground of its own. What gives it gives no more than `current`, A.
    """

    voltage: float
    current: float

    def __init__(self, voltage: str = "1 V", current: str = "3 A") -> None:
        volts = positive("SecondReturn", "voltage", voltage, "V")
        amps = positive("SecondReturn", "current", current, "A")
        if volts > MOST_V or amps > MOST_A:
            raise ValueError(
                f"SecondReturn: an offset between grounds is at most {MOST_V:g} V and {MOST_A:g} A, found "
                f'"{voltage}" and "{current}"'
            )
        object.__setattr__(self, "voltage", volts)
        object.__setattr__(self, "current", amps)

    @property
    def label(self) -> str:
        """For example "1 V between grounds"."""
        return f"{format_quantity(self.voltage, 'V')} between grounds"
