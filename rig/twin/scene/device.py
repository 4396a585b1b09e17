"""The true device of a scene: parts, ports and the control that runs them."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rig.files.document import Entry
from rig.twin.scene.firmware import Firmware, Telemetry
from rig.twin.scene.parts import Part
from rig.twin.scene.ports import Port
from rig.twin.scene.values import Delay, PositiveOhms, PositiveVolts

Kind = Literal[
    "charge_controller",
    "battery",
    "appliance",
    "load",
    "source",
    "ac_adapter",
    "ac_inverter",
    "grid_node",
]


class Control(Entry):
    """The control electronics live on the voltage of `node`: they start above `start` and stop below `stop`.

    `start_delay` after that the parts start, and the ports close when the slowest of them has come up. With `dip` it
    takes a fall by so much below the mean of the last 100 ms for a power failure, and starts anew.
    """

    node: str
    start: PositiveVolts
    stop: PositiveVolts
    start_delay: Delay
    dip: PositiveVolts | None = None

    @model_validator(mode="after")
    def _hysteresis(self) -> Self:
        if self.stop >= self.start:
            raise ValueError("stop must lie below start, or the device switches on and off for ever")
        return self


class SignalGround(Entry):
    """The ground of the data connector: joined to the device's return by `resistance`, or as good as not. Lifted above
    the return by `shift`, it makes the controller start anew; without, nothing does.
    """

    resistance: PositiveOhms
    shift: PositiveVolts | None = None


class Device(Entry):
    """A device: `parts` by name carry the power, `ports` by name face the outside, and so may a data connector.

    `defects` maps names of defects to magnitudes: `default`, a quantity, or a whole number where one is counted. A
    scene that has been loaded has them in its values.
    """

    kind: Kind
    serial: str
    control: Control
    parts: dict[str, Part]
    ports: Annotated[dict[str, Port], Field(min_length=1)]
    firmware: Firmware = Firmware()
    telemetry: Telemetry | None = None
    signal_ground: SignalGround | None = None
    defects: Annotated[dict[str, str | int | None], Field(default_factory=dict)]
