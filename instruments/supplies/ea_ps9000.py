"""EA Elektro-Automatik PS, PSI and PSE of the series 9000 and 10000: DC supplies that source only.

Source: EA "Programming Guide ModBus & SCPI", PGMBEN revision 24: sections 5.4.3 (VOLT, CURR, POW: 0 to 102 % of
nominal, less where the instrument's own adjustment limits say so) and 5.4.6 (VOLT:PROT, CURR:PROT, POW:PROT: 0 to
110 %; "if current value and overcurrent protection are adjusted to the same value, the OCP has priority and will switch
off"). What all of EA have in common is in `ea_device`. Settings are refused above 100 % here.
The guide has no command for remote sense (it is by wire), none for a slew and no trip at the current limit but an OCP.
Not verified on an instrument by us.
"""

from __future__ import annotations

from typing import Literal, Self

from instruments.accuracy import Accuracy
from instruments.clock import Clock, Tap
from instruments.errors import InstrumentError, ProtocolError, not_supported
from instruments.link import VisaLink
from instruments.opening import open_scpi
from instruments.records import NOBODY, Address, Identity, Limits, Sample
from instruments.recovery import recover
from instruments.roles import Capability
from instruments.scpi import in_range, query_number, set_checked
from instruments.supplies.ea_accuracy import ea_accuracy
from instruments.supplies.ea_device import PACE_S, EaDevice

PROTECTION_HEADROOM = 1.1  # of a nominal value
SETTLED_STEP = 0.02  # two display steps, V and A: a set value reads back within this


class EaPs9000:
    """Role Supply. Construct with an open link and call begin(), or use connect()."""

    capabilities: frozenset[Capability] = frozenset({"ovp", "ocp"})
    second_client: bool | None = False
    accuracy: tuple[Accuracy, ...] = ea_accuracy(Limits(80.0, 60.0, 1500.0))

    def __init__(self, link: VisaLink) -> None:
        self.link, self.name = link, link.name
        self.limits = Limits(0.0, 0.0, 0.0)
        self.known = NOBODY
        self._device = EaDevice(link, "OUTP")

    @classmethod
    def connect(
        cls, entry: Address, *, name: str, tap: Tap, clock: Clock, timeout_s: float = 2.0, pace_s: float = PACE_S
    ) -> Self:
        """Open, identify, take remote control, read the nominal values. Changes nothing at the terminals."""
        return open_scpi(cls, entry, name=name, tap=tap, clock=clock, timeout_s=timeout_s, pace_s=pace_s)

    def begin(self) -> Identity:
        """What has to be done on a fresh connection. LinkRefused: another instrument, or another owner."""
        identity = self._device.take("PS[IE]?", "PS, PSI or PSE of series 9000 or 10000")
        self.limits = self._device.limits()
        self.accuracy = ea_accuracy(self.limits)
        self.known = identity
        return identity

    def identity(self) -> Identity:
        return self._device.identity()

    def set_voltage(self, volts: float) -> None:
        in_range(self.name, "set_voltage", volts, low=0.0, high=self.limits.volts, unit="V")
        set_checked(self.link, f"VOLT {volts:.3f}")

    def set_current_limit(self, amps: float) -> None:
        in_range(self.name, "set_current_limit", amps, low=0.0, high=self.limits.amps, unit="A")
        set_checked(self.link, f"CURR {amps:.3f}")

    def set_power_limit(self, watts: float) -> None:
        in_range(self.name, "set_power_limit", watts, low=0.0, high=self.limits.watts, unit="W")
        set_checked(self.link, f"POW {watts:.1f}")

    def set_ovp(self, volts: float) -> None:
        """Over-voltage threshold; above it the supply switches its output off."""
        in_range(self.name, "set_ovp", volts, low=0.0, high=PROTECTION_HEADROOM * self.limits.volts, unit="V")
        set_checked(self.link, f"SOUR:VOLT:PROT {volts:.3f}")

    def set_ocp(self, amps: float) -> None:
        """The output goes off, latched, from this current on; at most 110 % of nominal."""
        in_range(self.name, "set_ocp", amps, low=0.0, high=PROTECTION_HEADROOM * self.limits.amps, unit="A")
        set_checked(self.link, f"SOUR:CURR:PROT {amps:.3f}")

    def trip_at_limit(self, on: bool) -> None:
        raise not_supported(self.name, "trip_at_limit")

    def remote_sense(self, on: bool) -> None:
        raise not_supported(self.name, "remote_sense")

    def output(self, on: bool) -> None:
        """Switch the DC terminal and read it back."""
        self._device.switch(on)

    def measure(self) -> Sample:
        return self._device.measure()

    def regulation(self) -> Literal["CV", "CC", "CP", "CR", "OFF"]:
        """What the supply is holding constant, or OFF."""
        return self._device.regulation()

    def trip(self) -> str | None:
        """OVP, OCP, OPP, OT or PF since connecting or clear_protection()."""
        return self._device.trip()

    def clear_protection(self) -> None:
        """Output off, acknowledge every alarm, verify off and clear. Never re-energises."""
        self._device.acknowledge()

    def make_safe(self) -> None:
        """Output off, then set voltage 0; both read back. Idempotent."""
        with self.link.lock:
            try:
                self.output(False)
            except (InstrumentError, ProtocolError):
                self.set_voltage(0.0)  # the next best
                raise
            self.set_voltage(0.0)
            volts = query_number(self.link, "VOLT?", "V")
            if abs(volts) > SETTLED_STEP:
                what = f"its set voltage reads {volts:g} V after VOLT 0"
                raise InstrumentError(self.name, "VOLT 0", what, "look at its panel")

    def read_back(self) -> dict[str, object]:
        """Settings and readings as the supply itself reports them: SI floats and flags."""
        with self.link.lock:
            sample = self.measure()
            return {
                "output": self._device.is_on(),
                "set_voltage": query_number(self.link, "VOLT?", "V"),
                "current_limit": query_number(self.link, "CURR?", "A"),
                "ovp": query_number(self.link, "SOUR:VOLT:PROT?", "V"),
                "volts": sample.volts,
                "amps": sample.amps,
            }

    def reopen(self) -> None:
        """After LinkTimeout, LinkDesync or LinkLost: reopen, check that the same instrument answers, make it safe."""
        recover(self)

    def close(self) -> None:
        """Close the link; the supply stays as it is and under remote control. Safe state first."""
        self.link.close()
