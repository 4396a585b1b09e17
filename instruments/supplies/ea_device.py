"""What EA Elektro-Automatik instruments of the series 9000 and 10000 have in common over SCPI.

Source: EA "Programming Guide ModBus & SCPI", document PGMBEN, revision 24 (05/2023), read in full; sections below.
    5.4.5.1  SYST:LOCK ON takes remote control, without which nothing can be set; SYST:LOCK:OWN? is REMOTE, NONE, LOCAL
    5.4.5.4  the error queue holds up to 5 communication errors and no alarm but -999, "Safety OVP" of the 60 V models,
             which only a power cycle ends; reading the queue acknowledges alarms whose cause is gone
    5.4.2    STAT:QUES:COND? bits 0 OVP, 1 OCP, 2 OPP, 3 OT, 11 DC on, 13 power fail; STAT:OPER:COND? bits 8 CV, 9 CC,
             10 CP, 11 CR, 12 sink
    5.4.15   alarm counters, "purged by reading" (older revisions: kept until the power goes): both are understood here
    5.4.10   nominal values are asked for, so that no table of models is needed
    3.3.3    at least 5 ms between two messages, 10 ms recommended: the link's pace
    3.7      the LAN port closes a silent connection after 5 s by default: switch "TCP keep-alive" on, or that time-out
             off, in the menu of the instrument
Read in public drivers that were used on instruments: replies with and without a blank before the unit; one socket at a
time (a second client is refused or waits); an error that comes into the queue only some 10 ms after its command.
"""

from __future__ import annotations

import re
from typing import Literal

from instruments.errors import InstrumentError, LinkRefused, ProtocolError
from instruments.link import VisaLink
from instruments.records import Identity, Limits, Sample
from instruments.scpi import (
    forget_errors,
    number,
    query_identity,
    query_integer,
    query_number,
    query_switch,
    set_checked,
    set_read_back,
    wrong_model,
)

PACE_S = 0.010
SERIES = r"(9|1[0-2])\d{3,4}-\d+"
"""Voltage and current in a model's name: 9080-60 of the series 9000, 10080-60 of the series 10000."""
_COUNTERS = (("OVP", "OVOL"), ("OCP", "OCUR"), ("OPP", "OPOW"), ("OT", "OTEM"), ("PF", "PFA"))
_SINK_COUNTERS = (("OCP", "OCUR"), ("OPP", "OPOW"))
_ALARM_BITS = ((0, "OVP"), (1, "OCP"), (2, "OPP"), (3, "OT"), (13, "PF"))
_MODE_BITS: tuple[tuple[int, Literal["CV", "CC", "CP", "CR"]], ...] = ((8, "CV"), (9, "CC"), (10, "CP"), (11, "CR"))


class EaDevice:
    """Remote control, the one DC terminal and the alarms. `switch` is its switch's command: OUTP, or INP of a load."""

    def __init__(self, link: VisaLink, switch: Literal["OUTP", "INP"], *, sink: bool = False) -> None:
        self.link, self._switch = link, switch
        self._counters = {f"SYST:ALAR:COUN:{word}?": alarm for alarm, word in _COUNTERS}
        if sink:
            self._counters |= {f"SYST:SINK:ALAR:COUN:{word}?": alarm for alarm, word in _SINK_COUNTERS}
        self._seen = dict.fromkeys(self._counters, 0)
        self._tripped: str | None = None

    def identity(self) -> Identity:
        return query_identity(self.link)

    def take(self, kinds: str, wanted: str) -> Identity:
        """Who it is, under remote control from now on. LinkRefused: no model of `kinds`, or another owner."""
        identity = self.identity()
        if re.match(rf"(EA-)?({kinds}) {SERIES}", identity.model) is None:
            raise wrong_model(self.link.name, self.link.address, identity, wanted)
        forget_errors(self.link)
        set_checked(self.link, "SYST:LOCK ON")
        owner = self.link.query("SYST:LOCK:OWN?").strip()
        if owner != "REMOTE":
            raise LinkRefused(
                self.link.name,
                "SYST:LOCK ON",
                f"{self.link.address} keeps its remote control ({owner})",
                "leave the menu or the Local lock on its panel, or disconnect the other program",
            )
        self._new_alarms()
        self._tripped = None
        return identity

    def limits(self) -> Limits:
        """Nominal volts, amperes and watts."""
        return Limits(
            query_number(self.link, "SYST:NOM:VOLT?", "V"),
            query_number(self.link, "SYST:NOM:CURR?", "A"),
            query_number(self.link, "SYST:NOM:POW?", "W"),
        )

    def ohms(self) -> tuple[float, float]:
        """Lowest and highest resistance of resistance mode."""
        return (
            query_number(self.link, "SYST:NOM:RES:MIN?", "OHM"),
            query_number(self.link, "SYST:NOM:RES:MAX?", "OHM"),
        )

    def is_on(self) -> bool:
        return query_switch(self.link, f"{self._switch}?")

    def switch(self, on: bool) -> None:
        """Switch the DC terminal and read it back."""
        word = "ON" if on else "OFF"
        with self.link.lock:
            (set_checked if on else set_read_back)(self.link, f"{self._switch} {word}")
            if self.is_on() is not on:
                what = f"its DC terminal did not go {word.lower()}"
                raise InstrumentError(self.link.name, f"{self._switch} {word}", what, "look for an alarm on its panel")

    def measure(self) -> Sample:
        """Volts, and amperes out of the plus terminal of a supply: negative while a PSB sinks."""
        reply = self.link.query("MEAS:ARR?")
        parts = reply.split(",")
        if len(parts) != 3:
            what = f"{reply!r} is not voltage, current, power"
            raise ProtocolError(self.link.name, "MEAS:ARR?", what, "check model and firmware")
        volts, amps, _watts = parts
        return Sample(number(self.link, "MEAS:ARR?", volts, "V"), number(self.link, "MEAS:ARR?", amps, "A"))

    def regulation(self) -> Literal["CV", "CC", "CP", "CR", "OFF"]:
        """What is held constant, or OFF."""
        with self.link.lock:
            if not self.is_on():
                return "OFF"
            condition = query_integer(self.link, "STAT:OPER:COND?")
        for bit, mode in _MODE_BITS:
            if condition >> bit & 1:
                return mode
        what = f"no regulation mode in {condition}"
        raise ProtocolError(self.link.name, "STAT:OPER:COND?", what, "check model and firmware")

    def trip(self) -> str | None:
        """OVP, OCP, OPP, OT or PF if an alarm is active or has occurred since take() or acknowledge().

        The condition register forgets an alarm once the error queue has been read, so the counters decide.
        """
        with self.link.lock:
            found = (*self._active_alarms(), *self._new_alarms())
        if self._tripped is None and found:
            self._tripped = found[0]
        return self._tripped

    def acknowledge(self) -> None:
        """DC terminal off, acknowledge every alarm, verify off and clear. Never re-energises."""
        off = f"{self._switch} OFF"
        with self.link.lock:
            set_read_back(self.link, off)
            if self.is_on():
                raise InstrumentError(self.link.name, off, "its DC terminal stays on", "cut its mains")
            active = self._active_alarms()
            if active:
                cause = "remove the cause; a Safety OVP needs the power cycled"
                raise InstrumentError(self.link.name, "SYST:ERR?", f"alarm {active[0]} persists", cause)
            self._new_alarms()
            self._tripped = None

    def _active_alarms(self) -> tuple[str, ...]:
        condition = query_integer(self.link, "STAT:QUES:COND?")
        return tuple(alarm for bit, alarm in _ALARM_BITS if condition >> bit & 1)

    def _new_alarms(self) -> tuple[str, ...]:
        """Alarms counted since the last look. What a counter shows when read again is its new zero: purged or kept."""
        new = []
        for query, alarm in self._counters.items():
            if query_integer(self.link, query) > self._seen[query]:
                self._seen[query] = query_integer(self.link, query)
                new.append(alarm)
        return tuple(new)
