"""Modbus RTU on the server's side: frames with a check sum, on a serial line or carried over TCP as they are.

Written from "MODBUS over Serial Line Specification and Implementation Guide V1.02", sections 2.5.1 and 6.2.2. On a line
a frame ends with a silence of 3.5 characters; here its length follows from its function, and an unknown function takes
all that has arrived. With a wrong check sum all that has arrived is dropped, and there is no reply.
"""

import struct

from rig.twin.wire.modbus import READS, Execute, ModbusError

BROADCAST = 0  # done by all, answered by none
_SHORTEST = 4  # unit, function, check sum
_FIXED = 8  # functions 1 to 6: two words
_COUNTED = (15, 16)
_COUNT_AT = 6  # where the byte count of their data stands


class RtuSession:
    """A master of the line on which the device `unit` hangs. `execute` as for ModbusSession."""

    def __init__(self, execute: Execute, unit: int) -> None:
        self._execute = execute
        self._unit = unit
        self._partial = b""

    def requests(self, data: bytes) -> list[bytes]:
        """Complete frames with a right check sum, for whatever unit."""
        self._partial += data
        frames = []
        while len(self._partial) >= _SHORTEST:
            end = _length(self._partial)
            if end is None or len(self._partial) < end:
                break
            frame, self._partial = self._partial[:end], self._partial[end:]
            if crc(frame):
                self._partial = b""
                break
            frames.append(frame)
        return frames

    def answered(self, request: bytes) -> bool:
        return request[0] == self._unit

    def sets(self, request: bytes) -> bool:
        return request[1] not in READS

    def execute(self, request: bytes) -> bytes:
        unit, function = request[0], request[1]
        if unit not in (self._unit, BROADCAST):
            return b""
        try:
            reply = self._execute(request[1:-2])
        except ModbusError as error:
            reply = bytes((function | 0x80, error.code))
        return b"" if unit == BROADCAST else framed(unit, reply)

    def interrupted(self) -> None:
        """A line has one master, who waits for each reply; there is no such error."""


def framed(unit: int, pdu: bytes) -> bytes:
    """A PDU as it travels."""
    body = bytes((unit,)) + pdu
    return body + struct.pack("<H", crc(body))


def crc(data: bytes) -> int:
    """CRC-16 with the polynomial A001, low byte sent first; 0 for data that ends with its own check sum."""
    register = 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ 0xA001 if register & 1 else register >> 1
    return register


def _length(begun: bytes) -> int | None:
    """Bytes of the request that begins so; None while too little of it is there to tell."""
    function = begun[1]
    if 1 <= function <= 6:
        return _FIXED
    if function not in _COUNTED:
        return len(begun)
    return _COUNT_AT + 1 + begun[_COUNT_AT] + 2 if len(begun) > _COUNT_AT else None
