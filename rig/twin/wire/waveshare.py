"""Waveshare Modbus RTU Relay boards with 8, 16 or 32 relays, themselves or behind their Ethernet gateway.

Written from the maker's protocol page: coils from 0, function 05 with FF00 on, 0000 off and 5500 toggle, address 00FF
for all; function 05 at 0200 + n ("flash on") or 0400 + n ("flash off") with the time in units of 100 ms, up to 7FFF;
functions 01 and 0F; function 02 on boards with inputs; holding register 8000 the firmware version times 100, 4000 the
device address, 2000 the line (0001: no parity, 9600). Devices other than its own do not answer. The firmware of boards
with more than 8 relays sends the bytes of its reply to function 01 in reverse, relay 1 in the last one (public issue
simonvetter/modbus #47: relay 12 of 32 on, data 00 00 08 00); so does this one. Inputs come in the standard's
order; one that is wired to nothing reads 0.
"""

import struct
from collections.abc import Callable

from rig.twin.clock import PS_PER_S
from rig.twin.wire.modbus import (
    ILLEGAL_ADDRESS,
    ILLEGAL_FUNCTION,
    ILLEGAL_VALUE,
    ModbusError,
    check_span,
    field_and_data,
    pack_bits,
    unpack_bits,
    words,
)
from rig.twin.wire.roles import Calendar, Relays, Scheduled

UNIT = 1
ON, OFF, TOGGLE = 0xFF00, 0x0000, 0x5500
ALL = 0x00FF
FLASH_ON, FLASH_OFF = 0x0200, 0x0400
FLASH_UNIT_PS = PS_PER_S // 10
FLASH_LONGEST = 0x7FFF
REGISTERS = {0x8000: 200, 0x4000: UNIT, 0x2000: 1}  # V2.00


class Board:
    """The board's firmware: requests to coils, and the flash timers. A new command for a coil ends its flash."""

    def __init__(
        self, relays: Relays, calendar: Calendar, inputs: int = 0, level: Callable[[str], bool] = lambda _name: False
    ) -> None:
        """`level`: what is at an input, by its printed name DI1, DI2, ..."""
        self._relays, self._level = relays, level
        self._coils, self._inputs = len(relays.channels), inputs
        self._calendar = calendar
        self._flashes: dict[int, Scheduled] = {}

    def power_off(self) -> None:
        """All coils fall, and no flash goes on."""
        self._set([(channel, False) for channel in self._relays.channels])

    def execute(self, pdu: bytes) -> bytes:
        """Reply PDU to a request PDU; raises ModbusError."""
        functions = {1: self._read, 3: self._registers, 5: self._write, 15: self._write_many}
        if self._inputs:
            functions[2] = self._read_inputs
        function = functions.get(pdu[0])
        if function is None:
            raise ModbusError(ILLEGAL_FUNCTION)
        return function(pdu)

    def _read(self, pdu: bytes) -> bytes:
        start, quantity = words(pdu, 2)
        check_span(start, quantity, self._coils, self._coils)
        data = pack_bits([self._relays.coil(1 + n) for n in range(start, start + quantity)])[::-1]
        return bytes((1, len(data))) + data

    def _read_inputs(self, pdu: bytes) -> bytes:
        start, quantity = words(pdu, 2)
        check_span(start, quantity, self._inputs, self._inputs)
        data = pack_bits([self._level(f"DI{1 + n}") for n in range(start, start + quantity)])
        return bytes((2, len(data))) + data

    def _registers(self, pdu: bytes) -> bytes:
        start, quantity = words(pdu, 2)
        value = REGISTERS.get(start)
        if quantity != 1:
            raise ModbusError(ILLEGAL_VALUE)
        if value is None:
            raise ModbusError(ILLEGAL_ADDRESS)
        return struct.pack(">BBH", 3, 2, value)

    def _write(self, pdu: bytes) -> bytes:
        address, value = words(pdu, 2)
        for base, first in ((FLASH_ON, True), (FLASH_OFF, False)):
            if base <= address < base + self._coils:
                self._flash(address - base + 1, first, value)
                return pdu
        if address != ALL and address >= self._coils:
            raise ModbusError(ILLEGAL_ADDRESS)
        if value not in (ON, OFF, TOGGLE):
            raise ModbusError(ILLEGAL_VALUE)
        channels = self._relays.channels if address == ALL else (address + 1,)
        self._set([(c, not self._relays.coil(c) if value == TOGGLE else value == ON) for c in channels])
        return pdu

    def _write_many(self, pdu: bytes) -> bytes:
        start, quantity, data = field_and_data(pdu)
        check_span(start, quantity, self._coils, self._coils)
        states = unpack_bits(data, quantity)
        self._set([(start + 1 + index, state) for index, state in enumerate(states)])
        return pdu[:5]

    def _flash(self, channel: int, first: bool, tenths: int) -> None:
        if not 1 <= tenths <= FLASH_LONGEST:
            raise ModbusError(ILLEGAL_VALUE)
        self._set([(channel, first)])
        end = self._calendar.now_ps + tenths * FLASH_UNIT_PS
        self._flashes[channel] = self._calendar.at(end, lambda: self._relays.set_coils([(channel, not first)]))

    def _set(self, states: list[tuple[int, bool]]) -> None:
        for channel, _ in states:
            if (flash := self._flashes.pop(channel, None)) is not None:
                flash.cancel()
        self._relays.set_coils(states)
