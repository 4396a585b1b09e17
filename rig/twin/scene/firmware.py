"""What the firmware of a device knows and tells: resets, energy meter, temperature, telemetry."""

from typing import Annotated, Literal

from pydantic import Field

from rig.files.document import Entry
from rig.files.quantity import Amps, Celsius, Fraction, Joules, KelvinPerWatt, PerKelvin, Volts
from rig.twin.scene.values import Delay, PositiveSeconds, PositiveVolts


class Firmware(Entry):
    """`boot` is what a reset takes with the energy there. Energy that comes back is a brown-out when the supply has
    not been below `forgets_below` meanwhile, else a power-on. `on_trip: reboot` resets instead of tripping.
    """

    boot: Delay = 0.1
    forgets_below: PositiveVolts = 3.0
    on_trip: Literal["trip", "reboot"] = "trip"


class Meter(Entry):
    """Energy import (into the device) and export (out of it) from the measured voltage and current.

    Measured: (true + offset) each, the product (1 + gain + drift (ambient - 25 degC)). The registers show whole
    `quantum`s and go to non-volatile memory every `commit` after the start (null: with every quantum). A power cut
    loses what has not been committed, or with `on_power_cut: clear` everything.
    """

    gain: Fraction = 0.0
    offset_current: Amps = 0.0
    offset_voltage: Volts = 0.0
    drift: PerKelvin = 0.0
    quantum: Annotated[Joules, Field(gt=0)]
    commit: PositiveSeconds | None = None
    on_power_cut: Literal["keep", "clear"] = "keep"


class Temperature(Entry):
    """One thermal mass at the port's switch, heated by what switch and limiter lose; `ambient`: around it while the
    room has 25 degC.
    """

    ambient: Celsius = 25.0
    resistance: Annotated[KelvinPerWatt, Field(gt=0)]
    time_constant: PositiveSeconds


class Telemetry(Entry):
    """The read-only Modbus map: its unit and what one answer takes."""

    unit: Annotated[int, Field(ge=1, le=247)]
    latency: Delay
