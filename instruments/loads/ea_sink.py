"""The sink view of a bidirectional EA PSB: the same DC terminal, taking current in. Made by `EaPsb9000.sink`.

Source: PGMBEN revision 24, sections 5.4.3.5 to 5.4.3.7 (SINK:CURR, SINK:POW, SINK:RES) and 5.4.4 (readings are negative
in sink mode), and the operating manual of PSB 9000, section 3.3.6: whether it sources or sinks is decided by the set
voltage alone, above or below that of the terminals; "for sink only mode adjust the voltage set value to 0".
So the views exclude each other: input(True) sets the voltage to 0 first and is refused while the terminal is on as a
source; the supply's output(True) and set_voltage() are refused while it is on as a sink. Levels set while the input is
off are kept here and set by input(True): until then they are the source's sink limit.
The sink has no set voltage of its own, no short, no slew and no start voltage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from instruments.accuracy import Accuracy
from instruments.errors import InstrumentError, not_supported, still_tripped
from instruments.loads.ea_level import EaLevel, Quantity
from instruments.records import Identity, Limits, Sample
from instruments.roles import Capability
from instruments.scpi import in_range, query_number, set_checked

if TYPE_CHECKING:
    from instruments.supplies.ea_device import EaDevice
    from instruments.supplies.ea_psb9000 import EaPsb9000

SETTLED_STEP = 0.02  # V


class EaSink:
    """Role Load. `active`: this view has switched the terminal on."""

    capabilities: frozenset[Capability] = frozenset({"constant current", "constant power", "constant resistance"})
    second_client: bool | None = False

    def __init__(self, supply: EaPsb9000, device: EaDevice) -> None:
        self._supply, self._device = supply, device
        self.link, self.name = supply.link, supply.name
        self.limits, self.ohms = supply.limits, (0.0, 0.0)
        self.accuracy: tuple[Accuracy, ...] = supply.accuracy
        self.active = False
        self.used = False
        self._wanted: tuple[Quantity, float] = ("CURR", 0.0)
        self._level = EaLevel(self.link, "SINK:")

    def begin(self, limits: Limits, accuracy: tuple[Accuracy, ...]) -> None:
        """After the supply's: its nominal values, and nothing known of the levels."""
        self.limits, self.accuracy = limits, accuracy
        self.ohms = self._device.ohms()
        self.active, self.used = False, False
        self._level.forget()

    @property
    def known(self) -> Identity:
        """Who answered at the last begin()."""
        return self._supply.known

    def identity(self) -> Identity:
        return self._supply.identity()

    def set_current(self, amps: float) -> None:
        in_range(self.name, "set_current", amps, low=0.0, high=self.limits.amps, unit="A")
        self._hold("CURR", amps)

    def set_power(self, watts: float) -> None:
        in_range(self.name, "set_power", watts, low=0.0, high=self.limits.watts, unit="W")
        self._hold("POW", watts)

    def set_resistance(self, ohms: float) -> None:
        low, high = self.ohms
        in_range(self.name, "set_resistance", ohms, low=low, high=high, unit="ohm")
        self._hold("RES", ohms)

    def set_voltage(self, volts: float) -> None:
        raise not_supported(self.name, "set_voltage")

    def set_slew(self, amps_per_s: float) -> None:
        raise not_supported(self.name, "set_slew")

    def set_von(self, volts: float) -> None:
        raise not_supported(self.name, "set_von")

    def short(self, on: bool) -> None:
        raise not_supported(self.name, "short")

    def input(self, on: bool) -> None:
        """Switch the DC terminal, for sinking only, and read it back. Off ends a source too: there is one terminal."""
        with self.link.lock:
            if on:
                if (tripped := self.trip()) is not None:
                    raise still_tripped(self.name, "input", tripped)
                self._only_sink()
            self._device.switch(on)
            self.active = on

    def measure(self) -> Sample:
        """Volts, and amperes into the plus terminal."""
        sample = self._device.measure()
        return Sample(sample.volts, -sample.amps)

    def trip(self) -> str | None:
        return self._device.trip()

    def clear_protection(self) -> None:
        """Input off, acknowledge every alarm, verify off and clear."""
        self._device.acknowledge()
        self.active = False

    def make_safe(self) -> None:
        """Input off, read back. Idempotent."""
        self.input(False)

    def read_back(self) -> dict[str, object]:
        """Settings and readings as the instrument itself reports them."""
        with self.link.lock:
            sample = self.measure()
            return {
                "input": self._device.is_on(),
                "function": self.link.query("SYST:CONF:MODE?").strip(),
                "current": query_number(self.link, "SINK:CURR?", "A"),
                "power": query_number(self.link, "SINK:POW?", "W"),
                "volts": sample.volts,
                "amps": sample.amps,
            }

    def reopen(self) -> None:
        """Of the one instrument: reopen, check that the same one answers, make it safe."""
        self._supply.reopen()

    def close(self) -> None:
        """Close the one link; the instrument stays as it is. Safe state first."""
        self._supply.close()

    def _hold(self, quantity: Quantity, value: float) -> None:
        with self.link.lock:
            self._wanted = (quantity, value)
            if self.active:
                self._level.hold(quantity, value, self.limits)

    def _only_sink(self) -> None:
        """Set voltage 0, read back, and the level: the terminal can only take current in."""
        if not self.active and self._device.is_on():
            what = "its DC terminal is on as a source"
            raise InstrumentError(self.name, "OUTP ON", what, "switch the supply's output off first")
        self.used = True
        set_checked(self.link, "VOLT 0.000")
        volts = query_number(self.link, "VOLT?", "V")
        if abs(volts) > SETTLED_STEP:
            what = f"its set voltage reads {volts:g} V after VOLT 0"
            raise InstrumentError(self.name, "VOLT 0", what, "look at its panel")
        self._level.forget()
        self._level.hold(*self._wanted, self.limits)
