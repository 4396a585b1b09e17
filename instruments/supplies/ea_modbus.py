"""EA Elektro-Automatik PS, PSI, PSE, PSB of the series 9000 and 10000 over Modbus (TCP, or RTU on their USB port).

Source: EA "Programming Guide ModBus & SCPI", PGMBEN revision 24 (05/2023), chapter 4; the guide refers to lists of
registers of each series, which were not read. In the guide: set values are parts of the nominal values, 0xCCCC = 52428
is 100 % (4.3, 4.4); nominal voltage as float in register 121 (4.8.7.3); coil 402 remote control, refused with exception
7 (another interface has it) or 23 (LOCAL) (4.8.7.5, 4.10); 500 to 503 set values (4.11.3); 505 state, 32 bit, bits 0 to
4 control location, bit 31 sink (4.11.5); 507 to 509 actual values (4.8.7.2); 411 acknowledges alarms, whose bits stay
until then (4.11.2). FC01 on coils answers two bytes unless register 10013 says "Full": not used here.
From two public drivers that were used on a PSB 10060-60: 1 to 20 device type, 151 to 170 serial number, 123 and 125
nominal current and power, coil 405 DC terminal, 550 OVP and 553 OCP with 110 % = 0xE147, state bits 7 DC on, 9 and 10
regulation (CV, CR, CC, CP), 16 to 19 OVP, OCP, OPP, OT, 21 to 23 power fail.
Not verified: that 411 is written as a coil, and that an actual current is a magnitude with its sign in bit 31.
The device answers as unit 0; as unit 1 too, which RTU needs, only when set to "Full" compliance.
"""

from __future__ import annotations

import re
from typing import Literal, Self

from instruments.accuracy import Accuracy
from instruments.clock import Clock, Tap
from instruments.errors import InstrumentError, LinkRefused, not_supported
from instruments.modbus import MODBUS_PORT, ModbusLink
from instruments.opening import open_modbus
from instruments.records import NOBODY, Address, Identity, Limits, Sample
from instruments.recovery import recover
from instruments.roles import Capability
from instruments.scpi import in_range, wrong_model
from instruments.supplies.ea_accuracy import ea_accuracy
from instruments.supplies.ea_device import SERIES

FULL = 52428  # 0xCCCC: 100 % of a nominal value
PROTECTION_HEADROOM = 1.1
DEVICE_TYPE, SERIAL, TEXT = 1, 151, 20  # first register, and how many a text has
NOMINAL_VOLTS, NOMINAL_AMPS, NOMINAL_WATTS = 121, 123, 125
REMOTE, DC_ON, ACKNOWLEDGE = 402, 405, 411  # coils
SET_VOLTS, SET_AMPS, SET_WATTS, STATE, ACTUAL, OVP, OCP = 500, 501, 502, 505, 507, 550, 553
_ON, _SINK = 1 << 7, 1 << 31
_ALARM_BITS = ((16, "OVP"), (17, "OCP"), (18, "OPP"), (19, "OT"), (21, "PF"), (22, "PF"), (23, "PF"))
_REGULATION: tuple[Literal["CV", "CR", "CC", "CP"], ...] = ("CV", "CR", "CC", "CP")  # bits 9 and 10


class EaModbus:
    """Role Supply. Construct with an open link and call begin(), or use connect()."""

    capabilities: frozenset[Capability] = frozenset({"ovp", "ocp"})
    second_client: bool | None = None
    accuracy: tuple[Accuracy, ...] = ea_accuracy(Limits(80.0, 60.0, 5000.0))

    def __init__(self, link: ModbusLink) -> None:
        self.link, self.name = link, link.name
        self.limits = Limits(0.0, 0.0, 0.0)
        self.known = NOBODY

    @classmethod
    def connect(
        cls,
        entry: Address,
        *,
        name: str,
        tap: Tap,
        clock: Clock,
        timeout_s: float = 2.0,
        unit: int = 0,
        line: str = "115200 8N1",
    ) -> Self:
        """Open, identify, take remote control, read the nominal values. Changes nothing at the terminals."""
        return open_modbus(
            cls,
            entry,
            name=name,
            tap=tap,
            clock=clock,
            default_port=MODBUS_PORT,
            timeout_s=timeout_s,
            unit=unit,
            line=line,
        )

    def begin(self) -> Identity:
        """What has to be done on a fresh connection. LinkRefused: another instrument, or another owner."""
        identity = self.identity()
        try:
            self.link.write_coil(REMOTE, True)
        except InstrumentError as refused:
            raise LinkRefused(
                self.name,
                refused.command,
                f"{self.link.address} keeps its remote control (exception 7: another interface has it; 23: LOCAL)",
                "leave the menu or the Local lock on its panel, or disconnect the other program",
            ) from refused
        self.limits = Limits(
            self.link.read_f32(NOMINAL_VOLTS), self.link.read_f32(NOMINAL_AMPS), self.link.read_f32(NOMINAL_WATTS)
        )
        self.accuracy = ea_accuracy(self.limits)
        self.known = identity
        return identity

    def identity(self) -> Identity:
        """LinkRefused if its registers hold no device type of these series."""
        model, serial = self._text(DEVICE_TYPE), self._text(SERIAL)
        identity = Identity("EA Elektro-Automatik", model, serial, "")
        if re.match(rf"(EA-)?PS([IE]|BE?)? {SERIES}", model) is None:
            raise wrong_model(self.name, self.link.address, identity, "PS, PSI, PSE or PSB of series 9000 or 10000")
        return identity

    def set_voltage(self, volts: float) -> None:
        in_range(self.name, "set_voltage", volts, low=0.0, high=self.limits.volts, unit="V")
        self._set(SET_VOLTS, volts, self.limits.volts)

    def set_current_limit(self, amps: float) -> None:
        in_range(self.name, "set_current_limit", amps, low=0.0, high=self.limits.amps, unit="A")
        self._set(SET_AMPS, amps, self.limits.amps)

    def set_power_limit(self, watts: float) -> None:
        in_range(self.name, "set_power_limit", watts, low=0.0, high=self.limits.watts, unit="W")
        self._set(SET_WATTS, watts, self.limits.watts)

    def set_ovp(self, volts: float) -> None:
        """Over-voltage threshold; above it the supply switches its output off."""
        in_range(self.name, "set_ovp", volts, low=0.0, high=PROTECTION_HEADROOM * self.limits.volts, unit="V")
        self._set(OVP, volts, self.limits.volts)

    def set_ocp(self, amps: float) -> None:
        """The output goes off, latched, from this current on; at most 110 % of nominal."""
        in_range(self.name, "set_ocp", amps, low=0.0, high=PROTECTION_HEADROOM * self.limits.amps, unit="A")
        self._set(OCP, amps, self.limits.amps)

    def trip_at_limit(self, on: bool) -> None:
        raise not_supported(self.name, "trip_at_limit")

    def remote_sense(self, on: bool) -> None:
        raise not_supported(self.name, "remote_sense")

    def output(self, on: bool) -> None:
        """Switch the DC terminal and read it back."""
        with self.link.lock:
            self.link.write_coil(DC_ON, on)
            if bool(self._state() & _ON) is not on:
                what = f"its DC terminal did not go {'on' if on else 'off'}"
                raise InstrumentError(self.name, f"write coil {DC_ON}", what, "look for an alarm on its panel")

    def measure(self) -> Sample:
        """Volts, and amperes out of the plus terminal: negative while a PSB sinks."""
        with self.link.lock:
            sign = -1.0 if self._state() & _SINK else 1.0
            volts, amps = self.link.read_registers(ACTUAL, 2)
        return Sample(value_of(volts, self.limits.volts), sign * value_of(amps, self.limits.amps))

    def regulation(self) -> Literal["CV", "CC", "CP", "CR", "OFF"]:
        """What the supply is holding constant, or OFF."""
        state = self._state()
        return _REGULATION[state >> 9 & 3] if state & _ON else "OFF"

    def trip(self) -> str | None:
        """OVP, OCP, OPP, OT or PF: the instrument keeps its bit until clear_protection()."""
        return next(iter(self._alarms(self._state())), None)

    def clear_protection(self) -> None:
        """Output off, acknowledge every alarm, verify off and clear. Never re-energises."""
        with self.link.lock:
            self.link.write_coil(DC_ON, False)
            self.link.write_coil(ACKNOWLEDGE, True)
            state = self._state()
        if state & _ON:
            raise InstrumentError(self.name, f"write coil {DC_ON}", "its DC terminal stays on", "cut its mains")
        for alarm in self._alarms(state):
            cause = "remove the cause; a Safety OVP needs the power cycled"
            raise InstrumentError(self.name, f"write coil {ACKNOWLEDGE}", f"alarm {alarm} persists", cause)

    def make_safe(self) -> None:
        """Output off, then set voltage 0; both read back. Idempotent."""
        with self.link.lock:
            try:
                self.output(False)
            except InstrumentError:
                self.set_voltage(0.0)  # the next best
                raise
            self.set_voltage(0.0)
            (counts,) = self.link.read_registers(SET_VOLTS, 1)
            if counts:
                what = f"its set voltage reads {value_of(counts, self.limits.volts):g} V after 0"
                raise InstrumentError(self.name, f"write register {SET_VOLTS}", what, "look at its panel")

    def read_back(self) -> dict[str, object]:
        """Settings and readings as the supply itself reports them: SI floats and flags."""
        with self.link.lock:
            sample = self.measure()
            volts, amps = self.link.read_registers(SET_VOLTS, 2)
            (ovp,) = self.link.read_registers(OVP, 1)
            return {
                "output": bool(self._state() & _ON),
                "set_voltage": value_of(volts, self.limits.volts),
                "current_limit": value_of(amps, self.limits.amps),
                "ovp": value_of(ovp, self.limits.volts),
                "volts": sample.volts,
                "amps": sample.amps,
            }

    def reopen(self) -> None:
        """After LinkTimeout, LinkDesync or LinkLost: reopen, check that the same instrument answers, make it safe."""
        recover(self)

    def close(self) -> None:
        """Close the link; the supply stays as it is and under remote control. Safe state first."""
        self.link.close()

    def _set(self, register: int, value: float, nominal: float) -> None:
        """FC06, whose echo says that the value is accepted."""
        self.link.write_register(register, counts_of(value, nominal))

    def _state(self) -> int:
        return self.link.read_u32(STATE)

    @staticmethod
    def _alarms(state: int) -> tuple[str, ...]:
        return tuple(alarm for bit, alarm in _ALARM_BITS if state >> bit & 1)

    def _text(self, register: int) -> str:
        """Two characters a register, filled up with NUL; what is not text counts as none."""
        data = b"".join(word.to_bytes(2, "big") for word in self.link.read_registers(register, TEXT))
        text = data.decode("ascii", "replace").split("\0", 1)[0].strip()
        return text if text.isprintable() else ""


def counts_of(value: float, nominal: float) -> int:
    """A value as part of its nominal value, to the nearest of 52428 steps."""
    return round(FULL * value / nominal)


def value_of(counts: int, nominal: float) -> float:
    return nominal * counts / FULL
