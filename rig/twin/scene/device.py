"""The true device of a scene, its defects included."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rig.files.document import Entry
from rig.files.quantity import Ohms
from rig.twin.scene.values import Delay, PositiveAmps, PositiveFarads, PositiveOhms, PositiveSeconds, PositiveVolts


class EnergyInput(Entry):
    """The device's own supply: it starts above `start`, stops below `stop`; the converter draws ratio x its output."""

    start: PositiveVolts
    stop: PositiveVolts
    start_delay: Delay
    capacitance: PositiveFarads
    esr: PositiveOhms
    idle: PositiveOhms
    ratio: Annotated[float, Field(gt=0)]

    @model_validator(mode="after")
    def _hysteresis(self) -> Self:
        if self.stop >= self.start:
            raise ValueError("stop must lie below start, or the device switches on and off for ever")
        return self


class Converter(Entry):
    """Constant voltage behind a resistance, up to the current limit; reverse-blocking; bulk capacitor at its output."""

    voltage: PositiveVolts
    resistance: PositiveOhms
    current_limit: PositiveAmps
    bulk: PositiveFarads
    bulk_esr: PositiveOhms
    ramp: PositiveSeconds


class PortSwitch(Entry):
    """Back-to-back transistors between bulk capacitor and port."""

    resistance: Annotated[Ohms, Field(gt=0, lt=100)]
    turn_off: Delay
    soft_start: Delay


class Port(Entry):
    """What hangs at the terminals for good, powered or not."""

    capacitance: PositiveFarads
    esr: PositiveOhms
    leakage: PositiveOhms


class Stage(Entry):
    """Trips `delay` after the port current has risen above `current`, unless it falls below again."""

    current: PositiveAmps
    delay: Delay


class Protection(Entry):
    """`fast` latches at the first crossing; `stages` need the current to stay above their level."""

    fast: Stage | None
    stages: list[Stage]


class Overshoot(Entry):
    """A defect: after each recovery the converter's output goes to `voltage` for `duration`."""

    voltage: PositiveVolts
    duration: PositiveSeconds


class Recovery(Entry):
    """auto: on again `delay` after a trip; latch: off until the energy input was away."""

    policy: Literal["auto", "latch"]
    delay: Delay
    overshoot: Overshoot | None = None


class SourcePort(Entry):
    """A device with an energy input and one source port."""

    kind: Literal["source_port"]
    serial: str
    energy_input: EnergyInput
    converter: Converter
    switch: PortSwitch
    port: Port
    protection: Protection
    recovery: Recovery
