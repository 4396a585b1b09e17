"""The power parts a device is made of. Each hangs between named nodes of the device and its common minus.

A node is a name; one that the bench is plugged to (`bench.wiring`) or that is a port's name lies outside the device,
so that a part there is a neighbour on the grid and not the device's own. Converters are in `converters`, what draws
power in `loads`.
"""

import itertools
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from rig.files.document import Entry
from rig.twin.scene.converters import Charger, Converter, Storage
from rig.twin.scene.loads import Inverter, Load, Stages
from rig.twin.scene.values import (
    Delay,
    PositiveAmps,
    PositiveCoulombs,
    PositiveFarads,
    PositiveHenries,
    PositiveOhms,
    PositiveSeconds,
    PositiveVolts,
    Share,
)


class Capacitor(Entry):
    """A capacitor that is always there, powered or not."""

    block: Literal["capacitor"]
    node: str
    capacitance: PositiveFarads
    esr: PositiveOhms


class Resistor(Entry):
    """A resistance that is always there: what the electronics draw, or a bleeder."""

    block: Literal["resistor"]
    node: str
    resistance: PositiveOhms


class Interval(Entry):
    """From `at` on, for `duration` (written `for`), in bench time."""

    at: Delay
    duration: PositiveSeconds = Field(alias="for")


def in_order(intervals: list[Interval]) -> list[Interval]:
    """Raise ValueError for intervals that overlap or are not written in the order of time."""
    for number, (one, two) in enumerate(itertools.pairwise(intervals), start=2):
        if two.at < one.at + one.duration:
            raise ValueError(
                f"interval {number} begins at {two.at:g} s, before the one above it has ended; keep the order"
            )
    return intervals


Intervals = Annotated[list[Interval], AfterValidator(in_order), Field(default_factory=list)]


class Segment(Entry):
    """A piece of line between two nodes, with a contact that is open during `opened`."""

    block: Literal["segment"]
    a: str
    b: str
    resistance: PositiveOhms
    inductance: PositiveHenries | None = None
    opened: Intervals


class Polarisation(Entry):
    """A resistance with a capacitance across it: the voltage that builds up while a battery is charged."""

    resistance: PositiveOhms
    capacitance: PositiveFarads


class Battery(Entry):
    """Open-circuit voltage in proportion to the charge, from `empty` to `full` over `capacity`, behind a resistance.

    That is a capacitor of capacity / (full - empty). `charge` is the state of charge at the start, a fraction. Nothing
    ends at either border: an over-charged battery goes on above `full`.
    """

    block: Literal["battery"]
    node: str
    empty: PositiveVolts
    full: PositiveVolts
    capacity: PositiveCoulombs
    charge: Share
    resistance: PositiveOhms
    polarisation: Polarisation | None = None

    @model_validator(mode="after")
    def _voltages(self) -> Self:
        if self.empty >= self.full:
            raise ValueError("empty must lie below full: the voltage of a battery rises with its charge")
        return self


class PowerPoint(Entry):
    voltage: PositiveVolts
    current: PositiveAmps


class Irradiance(Entry):
    """From `at` on the panel sees `fraction` of full sun."""

    at: Delay
    fraction: Share


class Panel(Entry):
    """A photovoltaic panel: two straight lines from short circuit over the maximum power point to open circuit.

    Light scales the short-circuit current and leaves the slopes as they are. No panel gives less than about 0.6 V
    below zero: a bypass diode is across it.
    """

    block: Literal["panel"]
    node: str
    short_circuit: PositiveAmps
    maximum_power: PowerPoint
    open_circuit: PositiveVolts
    irradiance: Share = 1.0
    changes: Annotated[list[Irradiance], Field(default_factory=list)]

    @model_validator(mode="after")
    def _curve(self) -> Self:
        volts, amps = self.maximum_power.voltage, self.maximum_power.current
        if volts >= self.open_circuit or amps >= self.short_circuit:
            raise ValueError("maximum_power must lie below open_circuit and below short_circuit")
        if amps / (self.open_circuit - volts) <= (self.short_circuit - amps) / volts:
            raise ValueError("maximum_power lies on or below the line from short_circuit to open_circuit: no knee")
        return self


class BackFeed(Entry):
    """A fault: while the mains is away, `resistance` from `node` to the dead AC side draws current out of it."""

    node: str
    resistance: PositiveOhms


class Mains(Entry):
    """The AC side of an adapter, down to its rectified link: `voltage` behind `resistance` through a rectifier.

    The link's capacitor holds up what is fed from `node` while the mains is away (`outages`).
    """

    block: Literal["mains"]
    node: str
    voltage: PositiveVolts
    resistance: PositiveOhms
    capacitance: PositiveFarads
    esr: PositiveOhms
    outages: Intervals
    back_feed: BackFeed | None = None


Part = Annotated[
    Capacitor | Resistor | Segment | Battery | Panel | Mains | Converter | Charger | Storage | Load | Stages | Inverter,
    Field(discriminator="block"),
]
