"""The device's own Modbus TCP server: functions 3 and 4 read its map, everything else is refused.

The map itself is documented in rig/twin/device/telemetry.py. A device without energy does not answer.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from rig.twin.clock import PS_PER_S
from rig.twin.scene.firmware import Telemetry
from rig.twin.wire.hub import Hub
from rig.twin.wire.modbus import ILLEGAL_ADDRESS, ILLEGAL_FUNCTION, ModbusError, ModbusSession, check_span, words

READ = (3, 4)
MOST = 125  # registers of one request
ADDRESSES = 0x10000


@dataclass(frozen=True, slots=True)
class DeviceAddress:
    """host:port and unit where the device answers."""

    modbus: str
    unit: int


class Registers(Protocol):
    """What the wire needs of the device."""

    @property
    def powered(self) -> bool: ...

    def asked(self) -> None: ...

    def registers(self, asked: range) -> Mapping[int, int]: ...


class DeviceSession(ModbusSession):
    """A client of the device."""

    def __init__(self, device: Registers, unit: int) -> None:
        self._device = device
        super().__init__(self._read, frozenset({unit}))

    def execute(self, request: bytes) -> bytes:
        if not self._device.powered:
            return b""
        self._device.asked()
        return super().execute(request)

    def _read(self, pdu: bytes) -> bytes:
        if pdu[0] not in READ:
            raise ModbusError(ILLEGAL_FUNCTION)
        start, quantity = words(pdu, 2)
        check_span(start, quantity, ADDRESSES, MOST)
        span = range(start, start + quantity)
        registers = self._device.registers(span)
        if any(address not in registers for address in span):
            raise ModbusError(ILLEGAL_ADDRESS)
        return struct.pack(f">BB{quantity}H", pdu[0], 2 * quantity, *(registers[address] for address in span))


def serve_device(hub: Hub, device: Registers, model: Telemetry) -> DeviceAddress:
    """Open the port of the device's map."""
    port = hub.listen("device", round(model.latency * PS_PER_S), lambda: DeviceSession(device, model.unit))
    return DeviceAddress(f"127.0.0.1:{port.number}", model.unit)
