"""Parts that draw power from a node of a device. They start when the ports are closed, or are there `always`."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rig.files.document import Entry
from rig.files.quantity import Fraction
from rig.twin.scene.values import Delay, PositiveAmps, PositiveHertz, PositiveOhms, PositiveVolts, PositiveWatts

SELV = 60.0  # V


class Load(Entry):
    """A resistance, a constant current or a constant power: exactly one of them.

    A constant current or power is that down to `minimum`; below it falls with the voltage, as a resistance does.
    It rises from nothing within `soft_start`.
    """

    block: Literal["load"]
    node: str
    resistance: PositiveOhms | None = None
    current: PositiveAmps | None = None
    power: PositiveWatts | None = None
    minimum: PositiveVolts | None = None
    soft_start: Delay = 0.0
    always: bool = False

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in (self.resistance, self.current, self.power)) != 1:
            raise ValueError("write exactly one of resistance, current and power")
        if (self.resistance is None) != (self.minimum is not None):
            raise ValueError("a current or power needs its minimum voltage, a resistance has none")
        if self.minimum is not None and self.minimum >= SELV:
            raise ValueError("minimum must lie below 60 V: nothing on this grid is higher")
        if self.resistance is not None and self.soft_start > 0.0:
            raise ValueError("a resistance has no soft_start")
        return self


class LoadStage(Entry):
    """One stage: on `ramp` after the voltage rose above `on_above`, in steps of a tenth; off at once below `off_below`.

    Draws through `resistance`, or `power` where that is written.
    """

    on_above: PositiveVolts
    off_below: PositiveVolts
    ramp: Delay
    resistance: PositiveOhms | None = None
    power: PositiveWatts | None = None

    @model_validator(mode="after")
    def _hysteresis(self) -> Self:
        if self.off_below >= self.on_above:
            raise ValueError("off_below must lie below on_above, or the stage switches on and off for ever")
        if (self.resistance is None) == (self.power is None):
            raise ValueError("write exactly one of resistance and power")
        return self


class Stages(Entry):
    """An intelligent load: its stages by priority, the most important first. The last one is the first to go."""

    block: Literal["stages"]
    node: str
    stages: Annotated[list[LoadStage], Field(min_length=1)]
    always: bool = False

    @model_validator(mode="after")
    def _apart(self) -> Self:
        for number, (above, below) in enumerate(zip(self.stages, self.stages[1:], strict=False), start=2):
            if below.off_below < above.on_above:
                raise ValueError(
                    f"stage {number} goes off below {below.off_below:g} V, and stage {number - 1} comes on only above "
                    f"{above.on_above:g} V: keep them apart, the most important lowest"
                )
        return self


class Inverter(Entry):
    """What an AC inverter draws from its DC side: the mean `current` and a sine of `ripple` x it, at twice the mains.

    A load with a power factor of one takes its power in a ripple of 100 %; reactive power swings by more, both ways.
    The mean rises from nothing within `soft_start`; the sine begins when it is there.
    """

    block: Literal["inverter"]
    node: str
    current: PositiveAmps
    ripple: Annotated[Fraction, Field(ge=0, le=5)]
    frequency: PositiveHertz
    soft_start: Delay
