"""EA Elektro-Automatik EL and ELR of the series 9000 and 10000: electronic loads.

Source: EA "Programming Guide ModBus & SCPI", PGMBEN revision 24: 5.4.3 (VOLT, CURR, POW, RES belong to the sink here),
5.4.5.2 (INP switches it), 5.4.10 (SYST:NOM:RES), 5.4.11 (U/I/P and U/I/R). What all of EA have in common is in
`instruments.supplies.ea_device`, what makes one set value the level in `ea_level`.
The guide has no short, no slew outside the function generator and no start voltage. Constant voltage is the set
voltage: the load draws what brings its source down to it. Not verified on an instrument by us.
"""

from __future__ import annotations

from typing import Self

from instruments.accuracy import Accuracy
from instruments.clock import Clock, Tap
from instruments.errors import not_supported, still_tripped
from instruments.link import VisaLink
from instruments.loads.ea_level import EaLevel
from instruments.opening import open_scpi
from instruments.records import NOBODY, Address, Identity, Limits, Sample
from instruments.recovery import recover
from instruments.roles import Capability
from instruments.scpi import in_range, query_number
from instruments.supplies.ea_accuracy import ea_accuracy
from instruments.supplies.ea_device import PACE_S, EaDevice


class EaEl9000:
    """Role Load. Construct with an open link and call begin(), or use connect()."""

    capabilities: frozenset[Capability] = frozenset(
        {"constant current", "constant power", "constant resistance", "constant voltage"}
    )
    second_client: bool | None = False
    accuracy: tuple[Accuracy, ...] = ea_accuracy(Limits(80.0, 60.0, 1200.0))

    def __init__(self, link: VisaLink) -> None:
        self.link, self.name = link, link.name
        self.limits, self.ohms = Limits(0.0, 0.0, 0.0), (0.0, 0.0)
        self.known = NOBODY
        self._device = EaDevice(link, "INP")
        self._level = EaLevel(link, "")

    @classmethod
    def connect(
        cls, entry: Address, *, name: str, tap: Tap, clock: Clock, timeout_s: float = 2.0, pace_s: float = PACE_S
    ) -> Self:
        """Open, identify, take remote control, read the nominal values. Changes nothing at the terminals."""
        return open_scpi(cls, entry, name=name, tap=tap, clock=clock, timeout_s=timeout_s, pace_s=pace_s)

    def begin(self) -> Identity:
        """What has to be done on a fresh connection. LinkRefused: another instrument, or another owner."""
        identity = self._device.take("ELR?", "EL or ELR of series 9000 or 10000")
        self.limits, self.ohms = self._device.limits(), self._device.ohms()
        self.accuracy = ea_accuracy(self.limits)
        self._level.forget()
        self.known = identity
        return identity

    def identity(self) -> Identity:
        return self._device.identity()

    def set_current(self, amps: float) -> None:
        in_range(self.name, "set_current", amps, low=0.0, high=self.limits.amps, unit="A")
        self._level.hold("CURR", amps, self.limits)

    def set_resistance(self, ohms: float) -> None:
        low, high = self.ohms
        in_range(self.name, "set_resistance", ohms, low=low, high=high, unit="ohm")
        self._level.hold("RES", ohms, self.limits)

    def set_voltage(self, volts: float) -> None:
        in_range(self.name, "set_voltage", volts, low=0.0, high=self.limits.volts, unit="V")
        self._level.hold("VOLT", volts, self.limits)

    def set_power(self, watts: float) -> None:
        in_range(self.name, "set_power", watts, low=0.0, high=self.limits.watts, unit="W")
        self._level.hold("POW", watts, self.limits)

    def set_slew(self, amps_per_s: float) -> None:
        raise not_supported(self.name, "set_slew")

    def set_von(self, volts: float) -> None:
        raise not_supported(self.name, "set_von")

    def short(self, on: bool) -> None:
        raise not_supported(self.name, "short")

    def input(self, on: bool) -> None:
        """Switch the DC input and read it back."""
        with self.link.lock:
            if on and (tripped := self.trip()) is not None:
                raise still_tripped(self.name, "input", tripped)
            self._device.switch(on)

    def measure(self) -> Sample:
        """Volts, and amperes into the plus terminal."""
        return self._device.measure()

    def trip(self) -> str | None:
        """OVP, OCP, OPP, OT or PF since connecting or clear_protection()."""
        return self._device.trip()

    def clear_protection(self) -> None:
        """Input off, acknowledge every alarm, verify off and clear."""
        self._device.acknowledge()

    def make_safe(self) -> None:
        """Input off, read back. Idempotent."""
        self.input(False)

    def read_back(self) -> dict[str, object]:
        """Settings and readings as the load itself reports them."""
        with self.link.lock:
            sample = self.measure()
            return {
                "input": self._device.is_on(),
                "function": self.link.query("SYST:CONF:MODE?").strip(),
                "voltage": query_number(self.link, "VOLT?", "V"),
                "current": query_number(self.link, "CURR?", "A"),
                "power": query_number(self.link, "POW?", "W"),
                "volts": sample.volts,
                "amps": sample.amps,
            }

    def reopen(self) -> None:
        """After LinkTimeout, LinkDesync or LinkLost: reopen, check that the same instrument answers, make it safe."""
        recover(self)

    def close(self) -> None:
        """Close the link; the load stays as it is and under remote control. Safe state first."""
        self.link.close()
