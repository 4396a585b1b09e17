"""A device whose Modbus map is a table: single cells, read and written one by one through the eight common functions.

Whatever is not in the map is exception 2, also in the middle of a span; nothing is written before all is checked.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

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

ADDRESSES = 0x10000
_MOST_BITS, _MOST_WORDS = 2000, 125
_ON, _OFF = 0xFF00, 0x0000


@dataclass(frozen=True, slots=True)
class Cell:
    """A coil, input or register: bits are 0 and 1. Without `write` it can only be read."""

    read: Callable[[], int]
    write: Callable[[int], None] | None = None


Cells = Mapping[int, Cell]


@dataclass(frozen=True, slots=True)
class ModbusMap:
    """The four tables of a device."""

    coils: Cells
    inputs: Cells
    holding: Cells
    input_registers: Cells

    def execute(self, pdu: bytes) -> bytes:
        """Reply PDU to a request PDU; raises ModbusError."""
        match pdu[0]:
            case 1 | 2:
                bits = _read(pdu, self.coils if pdu[0] == 1 else self.inputs, _MOST_BITS)
                data = pack_bits([bool(bit) for bit in bits])
                return bytes((pdu[0], len(data))) + data
            case 3 | 4:
                values = _read(pdu, self.holding if pdu[0] == 3 else self.input_registers, _MOST_WORDS)
                return struct.pack(f">BB{len(values)}H", pdu[0], 2 * len(values), *values)
            case 5:
                address, value = words(pdu, 2)
                if value not in (_ON, _OFF):
                    raise ModbusError(ILLEGAL_VALUE)
                _write(self.coils, address, [int(value == _ON)])
                return pdu
            case 6:
                address, value = words(pdu, 2)
                _write(self.holding, address, [value])
                return pdu
            case 15:
                start, quantity, data = field_and_data(pdu)
                check_span(start, quantity, ADDRESSES, _MOST_BITS)
                _write(self.coils, start, [int(bit) for bit in unpack_bits(data, quantity)])
                return pdu[:5]
            case 16:
                start, quantity, data = field_and_data(pdu)
                check_span(start, quantity, ADDRESSES, _MOST_WORDS)
                if len(data) != 2 * quantity:
                    raise ModbusError(ILLEGAL_VALUE)
                _write(self.holding, start, list(struct.unpack(f">{quantity}H", data)))
                return pdu[:5]
            case _:
                raise ModbusError(ILLEGAL_FUNCTION)


def _read(pdu: bytes, cells: Cells, most: int) -> list[int]:
    start, quantity = words(pdu, 2)
    check_span(start, quantity, ADDRESSES, most)
    span = range(start, start + quantity)
    if any(address not in cells for address in span):
        raise ModbusError(ILLEGAL_ADDRESS)
    return [cells[address].read() for address in span]


def _write(cells: Cells, start: int, values: list[int]) -> None:
    writes = []
    for address, value in enumerate(values, start):
        write = cells[address].write if address in cells else None
        if write is None:
            raise ModbusError(ILLEGAL_ADDRESS)
        writes.append(partial(write, value))
    for write_value in writes:
        write_value()
