"""Waveshare Modbus RTU Relay 32CH behind its Ethernet gateway, Modbus TCP.

Written from the maker's protocol page: coils 0 to 31, function 05 with FF00 on, 0000 off and 5500 toggle, address 00FF
for all; function 05 at 0200 + n ("flash on") or 0400 + n ("flash off") with the time in units of 100 ms, up to 7FFF;
functions 01 and 0F; holding register 8000 the firmware version times 100; register 4000 the unit address. Units other
than its own do not answer. The firmware of boards with more than 8 relays sends the bytes of a longer function 01 reply
swapped in pairs (public issue simonvetter/modbus #47); so does this one.
"""

import struct

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

COILS = 32
UNIT = 1
ON, OFF, TOGGLE = 0xFF00, 0x0000, 0x5500
ALL = 0x00FF
FLASH_ON, FLASH_OFF = 0x0200, 0x0400
FLASH_UNIT_PS = PS_PER_S // 10
FLASH_LONGEST = 0x7FFF
VERSION_REGISTER, ADDRESS_REGISTER = 0x8000, 0x4000
VERSION = 200  # V2.00


class Board:
    """The board's firmware: requests to coils, and the flash timers. A new command for a coil ends its flash."""

    def __init__(self, relays: Relays, calendar: Calendar) -> None:
        self._relays = relays
        self._calendar = calendar
        self._flashes: dict[int, Scheduled] = {}

    def power_off(self) -> None:
        """All coils fall, and no flash goes on."""
        self._set([(channel, False) for channel in range(1, COILS + 1)])

    def execute(self, pdu: bytes) -> bytes:
        """Reply PDU to a request PDU; raises ModbusError."""
        functions = {1: self._read, 3: self._registers, 5: self._write, 15: self._write_many}
        function = functions.get(pdu[0])
        if function is None:
            raise ModbusError(ILLEGAL_FUNCTION)
        return function(pdu)

    def _read(self, pdu: bytes) -> bytes:
        start, quantity = words(pdu, 2)
        check_span(start, quantity, COILS, COILS)
        data = swapped_in_pairs(pack_bits([self._relays.coil(1 + n) for n in range(start, start + quantity)]))
        return bytes((1, len(data))) + data

    def _registers(self, pdu: bytes) -> bytes:
        start, quantity = words(pdu, 2)
        value = {VERSION_REGISTER: VERSION, ADDRESS_REGISTER: UNIT}.get(start)
        if quantity != 1:
            raise ModbusError(ILLEGAL_VALUE)
        if value is None:
            raise ModbusError(ILLEGAL_ADDRESS)
        return struct.pack(">BBH", 3, 2, value)

    def _write(self, pdu: bytes) -> bytes:
        address, value = words(pdu, 2)
        for base, first in ((FLASH_ON, True), (FLASH_OFF, False)):
            if base <= address < base + COILS:
                self._flash(address - base + 1, first, value)
                return pdu
        if address != ALL and address >= COILS:
            raise ModbusError(ILLEGAL_ADDRESS)
        if value not in (ON, OFF, TOGGLE):
            raise ModbusError(ILLEGAL_VALUE)
        channels = range(1, COILS + 1) if address == ALL else (address + 1,)
        self._set([(c, not self._relays.coil(c) if value == TOGGLE else value == ON) for c in channels])
        return pdu

    def _write_many(self, pdu: bytes) -> bytes:
        start, quantity, data = field_and_data(pdu)
        check_span(start, quantity, COILS, COILS)
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


def swapped_in_pairs(data: bytes) -> bytes:
    """Bytes 0 and 1 exchanged, 2 and 3, and so on; a single byte stays."""
    swapped = bytearray(data)
    for index in range(0, len(data) - 1, 2):
        swapped[index], swapped[index + 1] = data[index + 1], data[index]
    return bytes(swapped)
