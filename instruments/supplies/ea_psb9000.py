"""EA Elektro-Automatik PSB 9000: bidirectional DC supply, used as a source.

Source: "Programming ModBus & SCPI" (PGMBEN, read through public drivers and excerpts that quote it) and the
PSB 9000 3U operating manual.
Verified there: remote control must be taken with SYST:LOCK ON or every setting is refused (-201), and SYST:LOCK:OWN?
tells the owner (REMOTE, NONE, LOCAL); replies carry units; nominal values by SYST:NOM; OVP 0 to 110 % of nominal;
bits of STAT:QUES:COND? (0 OVP, 1 OCP, 2 OPP, 3 OT, 11 output on, 13 power fail) and of STAT:OPER:COND? (8 CV, 9 CC,
10 CP, 11 CR); alarm counters SYST:ALAR:COUN count up until the power is cycled; **reading the error queue acknowledges
an alarm**; any alarm switches the DC terminal off; 0.01 V and 0.01 A steps of an 80 V, 60 A model.
Not verified on a device: that the error queue reports alarms as entries of their own, and the accuracy figures.
"""

from __future__ import annotations

import contextlib
from typing import Literal, Self

from instruments.accuracy import Accuracy
from instruments.clock import Clock, Tap
from instruments.errors import InstrumentError, LinkRefused, ProtocolError, not_supported
from instruments.link import VisaLink
from instruments.opening import open_scpi
from instruments.records import NOBODY, Address, Identity, Limits, Sample
from instruments.recovery import recover
from instruments.roles import Capability
from instruments.scpi import (
    check_errors,
    in_range,
    number,
    query_identity,
    query_integer,
    query_number,
    query_switch,
    set_checked,
    wrong_model,
)

OVP_HEADROOM = 1.1  # of the nominal voltage
SETTLED_STEP = 0.02  # two display steps, V and A: a set value reads back within this
_COUNTERS = (("OVP", "OVOL"), ("OCP", "OCUR"), ("OPP", "OPOW"), ("OT", "OTEM"), ("PF", "PFA"))
_ALARM_BITS = ((0, "OVP"), (1, "OCP"), (2, "OPP"), (3, "OT"), (13, "PF"))
_MODE_BITS: tuple[tuple[int, Literal["CV", "CC", "CP", "CR"]], ...] = ((8, "CV"), (9, "CC"), (10, "CP"), (11, "CR"))
_SOURCE = "not verified: figures commonly quoted for the series"


class EaPsb9000:
    """Role Supply. Construct with an open link and call begin(), or use connect()."""

    capabilities: frozenset[Capability] = frozenset({"ovp", "ocp"})
    second_client: bool | None = None
    accuracy = (
        Accuracy("set voltage", 80.0, offset_frac_of_range=0.001, resolution=0.01, source=_SOURCE),
        Accuracy("measure voltage", 80.0, offset_frac_of_range=0.001, resolution=0.01, source=_SOURCE),
        Accuracy("set current", 60.0, offset_frac_of_range=0.002, resolution=0.01, source=_SOURCE),
        Accuracy("measure current", 60.0, offset_frac_of_range=0.002, resolution=0.01, source=_SOURCE),
    )

    def __init__(self, link: VisaLink) -> None:
        self.link, self.name = link, link.name
        self.limits = Limits(0.0, 0.0, 0.0)
        self._seen_alarms: dict[str, int] = {}
        self.known = NOBODY

    @classmethod
    def connect(cls, entry: Address, *, name: str, tap: Tap, clock: Clock, timeout_s: float = 2.0) -> Self:
        """Open, identify, take remote control, read the nominal values. Changes nothing at the terminals."""
        return open_scpi(cls, entry, name=name, tap=tap, clock=clock, timeout_s=timeout_s)

    def begin(self) -> Identity:
        """What has to be done on a fresh connection. LinkRefused: another instrument, or another owner."""
        identity = self.identity()
        if not identity.model.startswith("PSB 9"):
            raise wrong_model(self.name, self.link.address, identity, "PSB 9000")
        set_checked(self.link, "SYST:LOCK ON")
        owner = self.link.query("SYST:LOCK:OWN?").strip()
        if owner != "REMOTE":
            raise LinkRefused(
                self.name,
                "SYST:LOCK ON",
                f"{self.link.address} keeps its remote control ({owner})",
                "leave the menu or the Local lock on its panel, or disconnect the other program",
            )
        self.limits = Limits(
            query_number(self.link, "SYST:NOM:VOLT?", "V"),
            query_number(self.link, "SYST:NOM:CURR?", "A"),
            query_number(self.link, "SYST:NOM:POW?", "W"),
        )
        self._seen_alarms = self._alarm_counts()
        self.known = identity
        return identity

    def identity(self) -> Identity:
        return query_identity(self.link)

    def set_voltage(self, volts: float) -> None:
        in_range(self.name, "set_voltage", volts, low=0.0, high=self.limits.volts, unit="V")
        set_checked(self.link, f"VOLT {volts:.3f}")

    def set_current_limit(self, amps: float) -> None:
        in_range(self.name, "set_current_limit", amps, low=0.0, high=self.limits.amps, unit="A")
        set_checked(self.link, f"CURR {amps:.3f}")

    def set_power_limit(self, watts: float) -> None:
        in_range(self.name, "set_power_limit", watts, low=0.0, high=self.limits.watts, unit="W")
        set_checked(self.link, f"POW {watts:.1f}")

    def set_sink_current_limit(self, amps: float) -> None:
        """Largest current the supply takes back when its terminals are driven above the set voltage."""
        in_range(self.name, "set_sink_current_limit", amps, low=0.0, high=self.limits.amps, unit="A")
        set_checked(self.link, f"SINK:CURR {amps:.3f}")

    def set_ovp(self, volts: float) -> None:
        """Over-voltage threshold; above it the supply switches its output off."""
        in_range(self.name, "set_ovp", volts, low=0.0, high=OVP_HEADROOM * self.limits.volts, unit="V")
        set_checked(self.link, f"SOUR:VOLT:PROT {volts:.3f}")

    def set_ocp(self, amps: float) -> None:
        """The output goes off, latched, above this current; at most 110 % of nominal."""
        in_range(self.name, "set_ocp", amps, low=0.0, high=OVP_HEADROOM * self.limits.amps, unit="A")
        set_checked(self.link, f"SOUR:CURR:PROT {amps:.3f}")

    def trip_at_limit(self, on: bool) -> None:
        raise not_supported(self.name, "trip_at_limit")

    def remote_sense(self, on: bool) -> None:
        raise not_supported(self.name, "remote_sense")

    def output(self, on: bool) -> None:
        """Switch the DC terminal and read it back."""
        word = "ON" if on else "OFF"
        with self.link.lock:
            set_checked(self.link, f"OUTP {word}")
            if query_switch(self.link, "OUTP?") is not on:
                what = f"its output did not go {word.lower()}"
                raise InstrumentError(self.name, f"OUTP {word}", what, "look for an alarm on its panel")

    def measure(self) -> Sample:
        reply = self.link.query("MEAS:ARR?")
        parts = reply.split(",")
        if len(parts) != 3:
            what = f"{reply!r} is not voltage, current, power"
            raise ProtocolError(self.name, "MEAS:ARR?", what, "check model and firmware")
        volts, amps, _watts = parts
        return Sample(number(self.link, "MEAS:ARR?", volts, "V"), number(self.link, "MEAS:ARR?", amps, "A"))

    def regulation(self) -> Literal["CV", "CC", "CP", "CR", "OFF"]:
        """What the supply is holding constant, or OFF."""
        with self.link.lock:
            if not query_switch(self.link, "OUTP?"):
                return "OFF"
            condition = query_integer(self.link, "STAT:OPER:COND?")
        for bit, mode in _MODE_BITS:
            if condition >> bit & 1:
                return mode
        what = f"no regulation mode in {condition}"
        raise ProtocolError(self.name, "STAT:OPER:COND?", what, "check model and firmware")

    def trip(self) -> str | None:
        """OVP, OCP, OPP, OT or PF if an alarm is active or has occurred since connecting or clear_protection().

        The condition register forgets an alarm once the error queue has been read, so the counters decide.
        """
        with self.link.lock:
            condition = query_integer(self.link, "STAT:QUES:COND?")
            counts = self._alarm_counts()
        for bit, alarm in _ALARM_BITS:
            if condition >> bit & 1:
                return alarm
        return next((alarm for alarm, count in counts.items() if count > self._seen_alarms.get(alarm, 0)), None)

    def clear_protection(self) -> None:
        """Output off, acknowledge every alarm, verify off and clear. Never re-energises."""
        with self.link.lock:
            self.link.write("OUTP OFF")
            with contextlib.suppress(InstrumentError):  # the entries are the alarms: reading acknowledges them
                check_errors(self.link, "OUTP OFF")
            if query_switch(self.link, "OUTP?"):
                raise InstrumentError(self.name, "OUTP OFF", "its output stays on", "cut its mains")
            condition = query_integer(self.link, "STAT:QUES:COND?")
            active = [alarm for bit, alarm in _ALARM_BITS if condition >> bit & 1]
            if active:
                cause = "remove the cause; a Safety OVP needs the power cycled"
                raise InstrumentError(self.name, "SYST:ERR?", f"alarm {active[0]} persists", cause)
            self._seen_alarms = self._alarm_counts()

    def make_safe(self) -> None:
        """Output off, then set voltage 0; both read back. Idempotent."""
        with self.link.lock:
            self.output(False)
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
                "output": query_switch(self.link, "OUTP?"),
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

    def _alarm_counts(self) -> dict[str, int]:
        return {alarm: query_integer(self.link, f"SYST:ALAR:COUN:{word}?") for alarm, word in _COUNTERS}
