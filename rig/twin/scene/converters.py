"""Parts that convert power between two nodes of a device.

The control starts and stops them, but for those that run `always`, from the beginning on: neighbours, and whatever
needs no control.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rig.files.document import Entry
from rig.twin.scene.values import (
    PositiveAmps,
    PositiveFarads,
    PositiveHertz,
    PositiveOhms,
    PositiveSeconds,
    PositiveVolts,
    PositiveWatts,
    Ratio,
    Share,
)


def bound_power(power: float, voltage: float, current: float) -> None:
    """Raise ValueError for a power limit [W] that means nothing beside a voltage [V] and a current limit [A]."""
    if power >= voltage * current:
        raise ValueError("power must lie below voltage x current limit, or it never limits")
    if power <= voltage * current / 20:
        raise ValueError("power must lie above a twentieth of voltage x current limit: no converter goes that far")


class Overshoot(Entry):
    """After each recovery of a port that it feeds, the output goes to `voltage` for `duration`."""

    voltage: PositiveVolts
    duration: PositiveSeconds


class VoltageLoop(Entry):
    """A PI control of the output voltage: it takes its time, so that a load dump overshoots and a load step dips."""

    bandwidth: PositiveHertz


class Ripple(Entry):
    """A sine on the output's set point, `amplitude` (half of peak to peak): what is left of the mains."""

    amplitude: PositiveVolts
    frequency: PositiveHertz


class Converter(Entry):
    """Constant voltage behind a resistance (its droop), up to a current limit; reverse-blocking; bulk capacitor at its
    output. It draws `ratio` x its output current from `source`, or from nowhere when there is no source.

    `power` bounds the output to a hyperbola between the droop line and the current limit, to within 0.1 %.
    `loop` gives it a real voltage control; without, the output is a voltage source that limits at once.
    """

    block: Literal["converter"]
    source: str | None
    node: str
    voltage: PositiveVolts
    resistance: PositiveOhms
    current_limit: PositiveAmps
    power: PositiveWatts | None = None
    capacitance: PositiveFarads
    esr: PositiveOhms
    ramp: PositiveSeconds
    ratio: Ratio
    loop: VoltageLoop | None = None
    ripple: Ripple | None = None
    overshoot: Overshoot | None = None
    fatigue: PositiveVolts | None = None
    always: bool = False

    @model_validator(mode="after")
    def _power(self) -> Self:
        if self.power is not None:
            bound_power(self.power, self.voltage, self.current_limit)
        return self


class Charger(Entry):
    """From a panel into a battery: it holds its input at `hold`, the panel's maximum power point (constant-voltage
    tracking), and its output at or below `voltage` behind `resistance`, the end-of-charge voltage.

    It draws `ratio` x its output current. What the panel gives is its only current limit.
    """

    block: Literal["charger"]
    source: str
    node: str
    hold: PositiveVolts
    voltage: PositiveVolts
    resistance: PositiveOhms
    ratio: Ratio
    always: bool = False


class DroopLine(Entry):
    """`intercept` at 0 A, then `resistance` x current away from it, up to the current `limit`.

    `ratio` is the current on the battery's side per current on the bus.
    """

    intercept: PositiveVolts
    resistance: PositiveOhms
    limit: PositiveAmps
    ratio: Ratio


class ExportLine(DroopLine):
    """A droop line; where `power` is written it ends in that hyperbola, down to the current `limit`."""

    power: PositiveWatts | None = None

    @model_validator(mode="after")
    def _power(self) -> Self:
        if self.power is not None:
            bound_power(self.power, self.intercept, self.limit)
        return self


class Shift(Entry):
    """Both lines go up by `volts` when the battery's charge rises above `high`, down when it falls below `low`.

    They return when the charge is back by `hysteresis`, and move at `slew` seconds for `volts`.
    """

    battery: str
    high: Share
    low: Share
    hysteresis: Annotated[Share, Field(gt=0)]
    volts: PositiveVolts
    ramp: PositiveSeconds

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.low + self.hysteresis >= self.high - self.hysteresis:
            raise ValueError("low + hysteresis must lie below high - hysteresis, or there is no middle")
        return self


class Storage(Entry):
    """A bidirectional converter between a battery (`source`) and the bus (`node`): below the `export` line it feeds the
    bus, above the `import` line it charges, and in the dead band between it does nothing. Bulk capacitor at the bus.
    """

    block: Literal["storage"]
    source: str
    node: str
    export_line: ExportLine = Field(alias="export")
    import_line: DroopLine = Field(alias="import")
    shift: Shift | None = None
    capacitance: PositiveFarads
    esr: PositiveOhms
    ramp: PositiveSeconds
    always: bool = False

    @model_validator(mode="after")
    def _dead_band(self) -> Self:
        if self.export_line.intercept >= self.import_line.intercept:
            raise ValueError("export must start below import: between them is the dead band")
        return self
