"""EA Elektro-Automatik PSB and PSBE of the series 9000 and 10000: bidirectional DC supplies.

The source view is a PS (`ea_ps9000`) whose terminals may also be driven: it takes back up to its sink limit while they
are above the set voltage. The sink view, an electronic load at the same terminals, is `EaPsb9000.sink`.
Source: EA "Programming Guide ModBus & SCPI", PGMBEN revision 24, sections 5.4.3.5 to 5.4.3.7, and the operating manual
of PSB 9000, section 3.3.6 ("for source only mode adjust the current set value for the sink to 0").
Not verified on an instrument by us; the commands of both views are used on a PSB 10080-60 by a public driver's tests.
"""

from __future__ import annotations

from instruments.accuracy import Accuracy
from instruments.errors import InstrumentError
from instruments.link import VisaLink
from instruments.loads.ea_sink import EaSink
from instruments.records import Identity, Limits
from instruments.roles import Capability
from instruments.scpi import in_range, set_checked
from instruments.supplies.ea_accuracy import ea_accuracy
from instruments.supplies.ea_device import EaDevice
from instruments.supplies.ea_ps9000 import EaPs9000


class EaPsb9000(EaPs9000):
    """Role Supply, and by `sink` the role Load. Construct with an open link and call begin(), or use connect()."""

    capabilities: frozenset[Capability] = EaSink.capabilities.union(("ovp", "ocp", "sink"))
    accuracy: tuple[Accuracy, ...] = ea_accuracy(Limits(80.0, 60.0, 5000.0))

    def __init__(self, link: VisaLink) -> None:
        super().__init__(link)
        self._device = EaDevice(link, "OUTP", sink=True)
        self._sink_limit = 0.0
        self.sink = EaSink(self, self._device)

    def begin(self) -> Identity:
        """What has to be done on a fresh connection. LinkRefused: another instrument, or another owner."""
        identity = self._device.take("PSBE?", "PSB or PSBE of series 9000 or 10000")
        self.limits = self._device.limits()
        self.accuracy = ea_accuracy(self.limits)
        self.sink.begin(self.limits, self.accuracy)
        self.known = identity
        return identity

    def set_voltage(self, volts: float) -> None:
        """InstrumentError while the sink view has the terminal on: a set voltage would make it a source."""
        in_range(self.name, "set_voltage", volts, low=0.0, high=self.limits.volts, unit="V")
        with self.link.lock:
            self._refuse_while_sinking("VOLT")
            set_checked(self.link, f"VOLT {volts:.3f}")

    def set_sink_current_limit(self, amps: float) -> None:
        """Largest current the supply takes back when its terminals are driven above the set voltage.

        The power it may take back starts at 0 W, which is none whatever the current: it is set to nominal with it.
        """
        in_range(self.name, "set_sink_current_limit", amps, low=0.0, high=self.limits.amps, unit="A")
        with self.link.lock:
            self._refuse_while_sinking("SINK:CURR")
            self._limit_sink(amps)
            self._sink_limit = amps

    def output(self, on: bool) -> None:
        """Switch the DC terminal and read it back. Off ends a sink too: there is one terminal."""
        with self.link.lock:
            if on:
                self._refuse_while_sinking("OUTP ON")
                if self.sink.used:  # its levels are not this view's sink limit
                    set_checked(self.link, "SYST:CONF:MODE UIP")
                    self._limit_sink(self._sink_limit)
                    self.sink.used = False
            self._device.switch(on)
            self.sink.active = False

    def clear_protection(self) -> None:
        """Output off, acknowledge every alarm, verify off and clear. Never re-energises."""
        super().clear_protection()
        self.sink.active = False

    def _limit_sink(self, amps: float) -> None:
        if amps > 0.0:
            set_checked(self.link, f"SINK:POW {self.limits.watts:.3f}")
        set_checked(self.link, f"SINK:CURR {amps:.3f}")

    def _refuse_while_sinking(self, command: str) -> None:
        if self.sink.active and self._device.is_on():
            what = "its DC terminal is on as a sink"
            raise InstrumentError(self.name, command, what, "switch the input of its sink view off first")
