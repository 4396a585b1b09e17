"""Modbus frames as functions of bytes: Modbus TCP (header with transaction id) and RTU (unit, PDU, CRC).

Sources: MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.3; MODBUS over Serial Line V1.02, section
2.5.1 and appendix B (CRC); MODBUS Application Protocol V1.1b3, section 6 (lengths of the replies).
"""

from __future__ import annotations

import struct
from typing import Protocol

from instruments.errors import Garbled

_MBAP = struct.Struct(">HHHB")  # transaction, protocol (0), length of what follows, unit
_MAX_PDU = 253
_COUNTED = frozenset({1, 2, 3, 4})  # function, byte count, data
_BARE = 76  # LabJack's own: to frames that only write it answers with the function alone
_FIXED = frozenset({5, 6, 15, 16})  # function and four bytes


class Framing(Protocol):
    """One conversation's frames; `request` opens an exchange, the other two belong to it."""

    def request(self, unit: int, pdu: bytes) -> bytes:
        """The frame that carries `pdu`."""
        ...

    def size(self, received: bytes) -> int | None:
        """Length of the frame that begins with `received`; None while that cannot be told. Garbled."""
        ...

    def pdu(self, frame: bytes) -> bytes:
        """What a whole frame carries. Garbled if it cannot belong to the request."""
        ...


class TcpFraming:
    """The transaction id counts up, so that a reply to another question is known by it."""

    def __init__(self) -> None:
        self._transaction, self._unit, self._least = 0, 0, 3

    def request(self, unit: int, pdu: bytes) -> bytes:
        self._transaction, self._unit = self._transaction % 0xFFFF + 1, unit
        self._least = 2 if pdu[0] == _BARE else 3  # unit, function and, but for that one, something behind it
        return _MBAP.pack(self._transaction, 0, len(pdu) + 1, unit) + pdu

    def size(self, received: bytes) -> int | None:
        if len(received) < _MBAP.size - 1:
            return None
        _, protocol, length = struct.unpack_from(">HHH", received)
        if protocol or not self._least <= length <= _MAX_PDU + 1:
            raise Garbled(f"{received[:8]!r} instead of the header of a Modbus TCP reply")
        return int(length) + _MBAP.size - 1

    def pdu(self, frame: bytes) -> bytes:
        transaction, _, _, unit = _MBAP.unpack_from(frame)
        if transaction != self._transaction:
            raise Garbled(f"the reply of transaction {transaction} where {self._transaction} was asked")
        if unit != self._unit:
            raise Garbled(f"a reply of unit {unit} where {self._unit} was asked")
        return frame[_MBAP.size :]


class RtuFraming:
    """No transaction id: only unit, function, length and CRC can tell that a reply belongs to its question."""

    def __init__(self) -> None:
        self._head = b""

    def request(self, unit: int, pdu: bytes) -> bytes:
        frame = bytes([unit]) + pdu
        self._head = frame[:2]
        return frame + crc(frame)

    def size(self, received: bytes) -> int | None:
        if received[:1] != self._head[:1]:
            raise Garbled(f"a reply of unit {received[0]} where {self._head[0]} was asked")
        if len(received) < 3:
            return None
        function = received[1]
        if function & 0x7F != self._head[1]:
            raise Garbled(f"a reply to function {function & 0x7F} where {self._head[1]} was asked")
        if function & 0x80:
            return 5
        if function in _COUNTED:
            return 5 + received[2]
        assert function in _FIXED
        return 8

    def pdu(self, frame: bytes) -> bytes:
        if crc(frame[:-2]) != frame[-2:]:
            raise Garbled(f"a frame with a wrong CRC, {frame[:8].hex(' ')} ...")
        return frame[1:-2]


def crc(data: bytes) -> bytes:
    """CRC-16 of an RTU frame, low byte first."""
    value = 0xFFFF
    for byte in data:
        value = value >> 8 ^ _TABLE[(value ^ byte) & 0xFF]
    return value.to_bytes(2, "little")


def _entry(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


_TABLE = tuple(_entry(value) for value in range(256))
