"""What a device shows: fault code and LED, derived from the state of its control and ports.

Codes of the LED as in the 12 V chapter of the Open DC Grid standard (6_12V_link): red 1 source over-current, red 2
reverse polarity, red 3 over-voltage or malfunction, amber 1 under-voltage, amber 3 PAYG disabled, green 1 normal,
green 2 no communication. [rig-default] for 48 V, whose chapter has none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rig.twin.device.port import PortPhysics, State, cause_of
from rig.twin.engine.simulation import Simulation

Fault = Literal[
    "none",
    "overcurrent",
    "arc",
    "reverse polarity",
    "overvoltage",
    "undervoltage",
    "reverse current",
    "disabled",
    "damaged",
]
Colour = Literal["off", "red", "amber", "green"]

FAULTS: dict[str, Fault] = {  # by cause
    "none": "none",
    "fast": "overcurrent",
    "stage": "overcurrent",
    "limit": "overcurrent",
    "i2t": "overcurrent",
    "curve": "overcurrent",
    "thermal": "overcurrent",
    "arc": "arc",
    "reverse": "reverse current",
    "under": "undervoltage",
    "over": "overvoltage",
    "polarity": "reverse polarity",
    "disabled": "disabled",
    "damaged": "damaged",
}
CODES: dict[Fault, int] = {
    "none": 0,
    "overcurrent": 1,
    "reverse polarity": 2,
    "overvoltage": 3,
    "undervoltage": 4,
    "reverse current": 5,
    "disabled": 6,
    "damaged": 7,
    "arc": 8,
}
BY_STATE: dict[State, str] = {
    "damaged": "damaged",
    "disabled": "disabled",
    "blocked": "reverse",
    "undervoltage": "under",
    "overvoltage": "over",
}
REVERSED_VOLTS = -1.0  # a port below this is reversed


@dataclass(frozen=True, slots=True)
class Led:
    """A colour and how often it blinks in each period."""

    colour: Colour
    blinks: int


DARK = Led("off", 0)
LEDS: dict[Fault, Led] = {
    "overcurrent": Led("red", 1),
    "arc": Led("red", 3),
    "reverse polarity": Led("red", 2),
    "overvoltage": Led("red", 3),
    "damaged": Led("red", 3),
    "reverse current": Led("red", 3),
    "undervoltage": Led("amber", 1),
    "disabled": Led("amber", 3),
    "none": Led("green", 1),
}
SEVEREST: tuple[Fault, ...] = tuple(LEDS)


def true_cause(sim: Simulation, port: PortPhysics) -> str:
    """What is wrong with a port now, in the words of `Cause`, or "none"."""
    if port.state in ("tripped", "latched"):
        return cause_of(port.trips[-1][1])
    if port.state in BY_STATE:
        return BY_STATE[port.state]
    if sim.value(port.volts) < REVERSED_VOLTS:
        return "polarity"
    return "limit" if port.series.regulates else "none"


def reported(port: PortPhysics, cause: str) -> str:
    """The cause that the device admits to."""
    return next((shown for true, shown in port.model.reports_as.items() if true == cause), cause)


def fault(sim: Simulation, ports: Iterable[PortPhysics]) -> Fault:
    """The severest of what the ports report."""
    found = {FAULTS[reported(port, true_cause(sim, port))] for port in ports}
    return min(found, key=SEVEREST.index, default="none")


def led(powered: bool, shown: Fault, *, hears: bool) -> Led:
    """The LED for a fault; `hears` says whether anybody talks to a device that could be talked to."""
    if not powered:
        return DARK
    return Led("green", 2) if shown == "none" and not hears else LEDS[shown]
