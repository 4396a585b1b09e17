"""The ports of a device: switch, what hangs at the terminals, protection, recovery."""

from typing import Annotated, Literal

from pydantic import Field

from rig.files.document import Entry
from rig.files.quantity import Ohms
from rig.twin.scene.values import Delay, PositiveAmps, PositiveFarads, PositiveOhms


class PortSwitch(Entry):
    """Back-to-back transistors between the node inside and the port."""

    resistance: Annotated[Ohms, Field(gt=0, lt=100)]
    turn_off: Delay
    soft_start: Delay


class Stage(Entry):
    """Trips `delay` after the port current has risen above `current`, unless it falls below again."""

    current: PositiveAmps
    delay: Delay


class Protection(Entry):
    """`fast` latches at the first crossing; `stages` need the current to stay above their level."""

    fast: Stage | None = None
    stages: Annotated[list[Stage], Field(default_factory=list)]


class Recovery(Entry):
    """auto: on again `delay` after a trip; latch: off until the energy was away."""

    policy: Literal["auto", "latch"]
    delay: Delay


class Port(Entry):
    """A port: `inside` is the node behind its switch; capacitance and leakage hang at the terminals for good."""

    inside: str
    switch: PortSwitch
    capacitance: PositiveFarads
    esr: PositiveOhms
    leakage: PositiveOhms
    protection: Protection
    recovery: Recovery
