"""EA supplies over Modbus in front of a supply's power stage.

Written from PGMBEN revision 24 (05/2023), chapter 4: 0xCCCC is 100 % of a nominal value, set values go to 0xD0E5 less
the adjustment limits (here 100 %), protection to 0xE147; writing needs remote control by coil 402 (exception 7, or 23
while the panel is LOCAL); a value too high is exception 3, an address that is not there 2, a function that a register
does not have 1; registers of different groups cannot be read together, and FC10 is for the user text alone. In
"Limited" compliance, the default, FC01 answers FF00 or 0000 in two bytes; in "Full" a bit. The map has the addresses of
the guide; 1 to 20, 123 to 130, 151 to 170, 405, 550 and 553 and most bits of 505 are from public drivers.
[K]: the order of the counters 520 to 524, the control location 6 for Ethernet, 21 to 40 the manufacturer.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from rig.twin.wire import scpi
from rig.twin.wire.ea_front import EaFront
from rig.twin.wire.ea_ratings import PROTECTION, EaModel
from rig.twin.wire.ea_supply import SupplyTerminal
from rig.twin.wire.modbus import (
    ILLEGAL_ADDRESS,
    ILLEGAL_FUNCTION,
    ILLEGAL_VALUE,
    ModbusError,
    field_and_data,
    words,
)
from rig.twin.wire.roles import Supply
from rig.twin.wire.scpi import ScpiError

FULL = 0xCCCC
ACCESS_DENIED, IN_LOCAL = 7, 23
EXCEPTIONS = {
    scpi.SETTINGS_CONFLICT: ACCESS_DENIED,
    scpi.INVALID_WHILE_IN_LOCAL: IN_LOCAL,
    scpi.OUT_OF_RANGE: ILLEGAL_VALUE,
}
ON, OFF = 0xFF00, 0x0000
LOCATIONS = {"NONE": 0, "LOCAL": 1, "REMOTE": 6}
REGULATION = {"OFF": 0, "CV": 0, "CR": 1, "CC": 2, "CP": 3}
ALARM_BITS = {"OVP": 1 << 16, "OCP": 1 << 17, "OPP": 1 << 18, "OT": 1 << 19, "PF": 1 << 21}
COUNTED = ("OVP", "OT", "OPP", "OCP", "PF")
USER_TEXT = 171


@dataclass(slots=True)
class SetValue:
    """A register that is a part of `nominal`: at most `most`, which is `top`."""

    nominal: float
    most: int
    top: float
    act: Callable[[float], None]
    counts: int = 0

    def put(self, counts: int) -> None:
        if counts > self.most:
            raise ScpiError(scpi.OUT_OF_RANGE)
        self.act(min(self.nominal * counts / FULL, self.top))
        self.counts = counts


class EaModbus:
    """The firmware: one group of registers a read, one register a write."""

    def __init__(
        self, model: EaModel, supply: Supply, local: Callable[[], bool] = lambda: False, *, full: bool = False
    ) -> None:
        self._model, self._supply, self._full = model, supply, full
        self._front = EaFront(SupplyTerminal(supply), local, bidirectional=model.ohms is not None)
        self._user_text = bytes(40)
        rating, most = supply.rating, round(PROTECTION * FULL)
        self._sets = {
            500: SetValue(model.volts, FULL, model.volts, supply.set_voltage),
            501: SetValue(model.amps, FULL, model.amps, supply.set_current, FULL),
            502: SetValue(model.watts, FULL, model.watts, supply.set_power, FULL),
            550: SetValue(model.volts, most, rating.ovp, supply.set_ovp, most),
            553: SetValue(model.amps, most, rating.ocp, supply.set_ocp, most),
        }
        self._first = 500
        if model.ohms is not None:
            self._first = 498
            self._sets[498] = SetValue(model.watts, FULL, model.watts, supply.set_sink_power)
            self._sets[499] = SetValue(model.amps, FULL, model.amps, supply.set_sink_current)

    def power_off(self) -> None:
        """The power stage stops by itself."""

    def execute(self, pdu: bytes) -> bytes:
        """Reply PDU to a request PDU; raises ModbusError."""
        functions = {1: self._read_coil, 3: self._read, 5: self._write_coil, 6: self._write, 16: self._write_text}
        function = functions.get(pdu[0])
        if function is None:
            raise ModbusError(ILLEGAL_FUNCTION)
        try:
            return function(pdu)
        except ScpiError as error:
            raise ModbusError(EXCEPTIONS[error.code]) from None

    def _groups(self) -> dict[int, bytes]:
        """What can be read: the content of each group by its first register."""
        model, front = self._model, self._front
        nominal = (model.volts, model.amps, model.watts) + (model.ohms[::-1] if model.ohms else ())
        groups = {
            0: _word(model.device_class),
            1: _text(model.name),
            21: _text("EA Elektro-Automatik"),
            121: struct.pack(f">{len(nominal)}f", *nominal),
            151: _text(model.serial),
            USER_TEXT: self._user_text,
            505: struct.pack(">I", self._state()),
            507: b"".join(_word(counts) for counts in self._actual()),
            520: b"".join(_word(front.counts[alarm]) for alarm in COUNTED),
            9000: b"".join(_word(limit) for limit in (FULL, 0, FULL, 0, FULL)),
        }
        groups[self._first] = b"".join(_word(self._sets[register].counts) for register in range(self._first, 503))
        return groups | {register: _word(self._sets[register].counts) for register in (550, 553)}

    def _state(self) -> int:
        front, supply = self._front, self._supply
        front.notice()
        alarm = supply.alarm()
        return (
            LOCATIONS[front.owner]
            | supply.output_on << 7
            | REGULATION[supply.regulation] << 9
            | (front.owner == "REMOTE") << 11
            | (alarm is not None) << 15
            | (ALARM_BITS[alarm] if alarm else 0)
            | (supply.output_on and supply.measure()[1] < 0.0) << 31
        )

    def _actual(self) -> tuple[int, int, int]:
        volts, amps = self._supply.measure()
        model = self._model
        parts = (volts / model.volts, amps / model.amps, volts * amps / model.watts)
        return tuple(min(round(abs(part) * FULL), 0xFFFF) for part in parts)  # type: ignore[return-value]

    def _read(self, pdu: bytes) -> bytes:
        start, quantity = words(pdu, 2)
        if not 1 <= quantity <= 125:
            raise ModbusError(ILLEGAL_VALUE)
        for first, content in self._groups().items():
            if first <= start < first + len(content) // 2:
                data = content[2 * (start - first) :][: 2 * quantity]
                if len(data) < 2 * quantity:
                    raise ModbusError(ILLEGAL_ADDRESS)
                return bytes((3, len(data))) + data
        raise ModbusError(ILLEGAL_FUNCTION if start in self._coils() else ILLEGAL_ADDRESS)

    def _coils(self) -> dict[int, tuple[bool, Callable[[bool], None]]]:
        front = self._front
        return {
            402: (front.owner == "REMOTE", front.lock),
            405: (self._supply.output_on, front.controlled(front.switch)),
            411: (False, front.controlled(self._acknowledge)),
        }

    def _acknowledge(self, on: bool) -> None:
        if on:
            self._front.acknowledge()

    def _read_coil(self, pdu: bytes) -> bytes:
        start, quantity = words(pdu, 2)
        if quantity != 1:
            raise ModbusError(ILLEGAL_VALUE)
        on, _ = self._coil(start)
        return bytes((1, 1, on)) if self._full else bytes((1, 2)) + _word(ON if on else OFF)

    def _write_coil(self, pdu: bytes) -> bytes:
        address, value = words(pdu, 2)
        _, act = self._coil(address)
        if value not in (ON, OFF):
            raise ModbusError(ILLEGAL_VALUE)
        act(value == ON)
        return pdu

    def _coil(self, address: int) -> tuple[bool, Callable[[bool], None]]:
        coils = self._coils()
        if address not in coils:
            raise ModbusError(ILLEGAL_FUNCTION if address in self._sets else ILLEGAL_ADDRESS)
        return coils[address]

    def _write(self, pdu: bytes) -> bytes:
        address, counts = words(pdu, 2)
        if address not in self._sets:
            raise ModbusError(ILLEGAL_FUNCTION if address in self._coils() else ILLEGAL_ADDRESS)
        self._front.controlled(self._sets[address].put)(counts)
        return pdu

    def _write_text(self, pdu: bytes) -> bytes:
        start, quantity, data = field_and_data(pdu)
        if start != USER_TEXT:
            raise ModbusError(ILLEGAL_FUNCTION if start in self._sets else ILLEGAL_ADDRESS)
        if quantity > len(self._user_text) // 2 or len(data) != 2 * quantity:
            raise ModbusError(ILLEGAL_VALUE)

        def put() -> None:
            self._user_text = data.ljust(len(self._user_text), b"\0")

        self._front.controlled(put)()
        return pdu[:5]


def _word(value: int) -> bytes:
    return value.to_bytes(2, "big")


def _text(text: str) -> bytes:
    return text.encode("ascii").ljust(40, b"\0")
