"""The power parts a device is made of. Each hangs between named nodes of the device and its common minus.

A node is a name; one that the bench is plugged to (`bench.wiring`) or that is a port's name lies outside the device.
"""

from typing import Annotated, Literal

from pydantic import Field

from rig.files.document import Entry
from rig.twin.scene.values import PositiveAmps, PositiveFarads, PositiveOhms, PositiveSeconds, PositiveVolts


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


class Overshoot(Entry):
    """After each recovery of a port that it feeds, the output goes to `voltage` for `duration`."""

    voltage: PositiveVolts
    duration: PositiveSeconds


class Converter(Entry):
    """Constant voltage behind a resistance (its droop), up to a current limit; reverse-blocking; bulk capacitor at its
    output. It draws `ratio` x its output current from `source`, or from nowhere when there is no source.
    """

    block: Literal["converter"]
    source: str | None
    node: str
    voltage: PositiveVolts
    resistance: PositiveOhms
    current_limit: PositiveAmps
    capacitance: PositiveFarads
    esr: PositiveOhms
    ramp: PositiveSeconds
    ratio: Annotated[float, Field(gt=0)]
    overshoot: Overshoot | None = None


Part = Annotated[Capacitor | Resistor | Converter, Field(discriminator="block")]
