"""The ports of a device: switch, what hangs at the terminals, protection, recovery, meter."""

from typing import Annotated, Literal

from pydantic import Field

from rig.files.document import Entry
from rig.twin.scene.firmware import Meter, Temperature
from rig.twin.scene.protection import Guards, Protection
from rig.twin.scene.recovery import Recovery
from rig.twin.scene.values import Delay, PositiveFarads, PositiveOhms, PositiveVolts

Cause = Literal[
    "fast",
    "stage",
    "limit",
    "i2t",
    "curve",
    "thermal",
    "arc",
    "reverse",
    "under",
    "over",
    "polarity",
    "disabled",
    "damaged",
]


class PortSwitch(Entry):
    """Back-to-back transistors between the node inside and the port; with `body_diode` a single one, which conducts
    from the port inwards also when it is off.
    """

    resistance: Annotated[PositiveOhms, Field(lt=100)]
    turn_off: Delay
    soft_start: Delay
    body_diode: bool = False


class Polarity(Entry):
    """What a reversed port meets: the open switch blocks up to `breakdown` across it and conducts through `resistance`
    beyond; `leakage` flows from minus to the port. One that does not survive a breakdown never comes back.
    """

    breakdown: PositiveVolts
    resistance: PositiveOhms
    leakage: PositiveOhms | None = None
    survives: bool = True


class Port(Entry):
    """A port: `inside` is the node behind its switch; capacitance and leakage hang at the terminals for good.

    `recovery_after` replaces the recovery after trips of some causes. `reports_as` maps a true cause to the one that
    LED and telemetry show; "none" hides it, and as a key invents one.
    """

    inside: str
    switch: PortSwitch
    capacitance: PositiveFarads
    esr: PositiveOhms
    leakage: PositiveOhms
    polarity: Polarity | None = None
    protection: Protection
    guards: Guards = Guards()
    recovery: Recovery
    recovery_after: Annotated[dict[Cause, Recovery], Field(default_factory=dict)]
    meter: Meter | None = None
    temperature: Temperature | None = None
    reports_as: Annotated[dict[Cause | Literal["none"], Cause | Literal["none"]], Field(default_factory=dict)]
