"""Modbus TCP on the server's side: frames in and out, exceptions; an instrument supplies one function per PDU.

Written from "MODBUS Application Protocol Specification V1.1b3" and "MODBUS Messaging on TCP/IP Implementation Guide
V1.0b". Own code instead of a library's server, because the instruments here use values that libraries normalise away.
"""

import struct
from collections.abc import Callable

ILLEGAL_FUNCTION = 1
ILLEGAL_ADDRESS = 2
ILLEGAL_VALUE = 3
DEVICE_FAILURE = 4

READS = frozenset({1, 2, 3, 4})  # coils, discrete inputs, holding and input registers
_HEADER = struct.Struct(">HHH")  # transaction, protocol, bytes that follow
_LONGEST = 260 - 6  # bytes after the header's length field; the T7 takes longer frames only by USB

Execute = Callable[[bytes], bytes]


class ModbusError(Exception):
    """What becomes an exception reply; `code` as in section 7 of the application protocol."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class ModbusSession:
    """A Modbus TCP client. `execute` maps a request PDU to the reply PDU or raises ModbusError.

    `units` are the unit identifiers answered; others are ignored, as by a device behind a gateway. None answers all.
    """

    def __init__(self, execute: Execute, units: frozenset[int] | None = None) -> None:
        self._execute = execute
        self._units = units
        self._partial = b""

    def requests(self, data: bytes) -> list[bytes]:
        """Complete frames. Raises ValueError when the header is not Modbus: nothing after it can be found again."""
        self._partial += data
        frames = []
        while len(self._partial) >= _HEADER.size:
            _, protocol, length = _HEADER.unpack_from(self._partial)
            if protocol != 0 or not 2 <= length <= _LONGEST:
                raise ValueError("not a Modbus TCP frame")
            end = _HEADER.size + length
            if len(self._partial) < end:
                break
            frames.append(self._partial[:end])
            self._partial = self._partial[end:]
        return frames

    def answered(self, request: bytes) -> bool:
        return True

    def sets(self, request: bytes) -> bool:
        return request[7] not in READS

    def execute(self, request: bytes) -> bytes:
        unit, function = request[6], request[7]
        if self._units is not None and unit not in self._units:
            return b""
        try:
            reply = self._execute(request[7:])
        except ModbusError as error:
            reply = bytes((function | 0x80, error.code))
        return request[:4] + struct.pack(">HB", len(reply) + 1, unit) + reply

    def interrupted(self) -> None:
        """Modbus pairs replies by transaction; there is no such error."""


def words(pdu: bytes, count: int) -> tuple[int, ...]:
    """The `count` 16-bit fields after the function code, which must be all of the PDU."""
    if len(pdu) != 1 + 2 * count:
        raise ModbusError(ILLEGAL_VALUE)
    return struct.unpack_from(f">{count}H", pdu, 1)


def field_and_data(pdu: bytes) -> tuple[int, int, bytes]:
    """Start address, quantity and data of the functions 15 and 16, whose byte count must be true."""
    if len(pdu) < 6 or len(pdu) != 6 + pdu[5]:
        raise ModbusError(ILLEGAL_VALUE)
    start, quantity = struct.unpack_from(">HH", pdu, 1)
    return start, quantity, pdu[6:]


def check_span(start: int, quantity: int, size: int, most: int) -> None:
    """Quantity first, then addresses: the order of the checks in the state diagrams of the specification."""
    if not 1 <= quantity <= most:
        raise ModbusError(ILLEGAL_VALUE)
    if start + quantity > size:
        raise ModbusError(ILLEGAL_ADDRESS)


def pack_bits(bits: list[bool]) -> bytes:
    """Coils as bytes, the first coil in the lowest bit of the first byte."""
    packed = bytearray((len(bits) + 7) // 8)
    for index, bit in enumerate(bits):
        packed[index // 8] |= bit << (index % 8)
    return bytes(packed)


def unpack_bits(data: bytes, count: int) -> list[bool]:
    """The first `count` coils of `data`; the byte count must fit."""
    if len(data) != (count + 7) // 8:
        raise ModbusError(ILLEGAL_VALUE)
    return [bool(data[index // 8] >> (index % 8) & 1) for index in range(count)]
