"""A link to one Modbus TCP device, over pymodbus' synchronous client, with the states of `link`.

pymodbus resends by default (a toggle sent twice is a wrong contactor) and reconnects silently; both are off here: no
retries, and after a fault only reopen(). Its replies are told apart by transaction id, but a byte too many is still
noticed and ends the trust, as on the SCPI link.
"""

from __future__ import annotations

import logging
import select
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from pymodbus import ModbusException
from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusIOException
from pymodbus.pdu import ExceptionResponse, ModbusPDU

from instruments.clock import Clock, Tap
from instruments.errors import InstrumentError, LinkError, LinkRefused, ProtocolError
from instruments.state import Guard, LinkState

MODBUS_PORT = 502
_HEADER = 6  # transaction, protocol, length: what the length field does not count
_EXCEPTIONS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    6: "device busy",
}

# pymodbus logs each fault before it raises; the link's own error says it once
logging.getLogger("pymodbus.logging").addHandler(logging.NullHandler())

Reply = TypeVar("Reply")


class _TappedClient(ModbusTcpClient):
    """The raw bytes as they went out and came in (pymodbus' own trace hook repeats the fragments of a split reply)."""

    def __init__(self, host: str, port: int, timeout_s: float, link: ModbusLink) -> None:
        super().__init__(host, port=port, timeout=timeout_s, retries=0)
        self._link = link
        self.received = bytearray()

    def send(self, request: bytes, addr: tuple[str, int] | None = None) -> int:
        self.received.clear()
        sent: int = super().send(request, addr)
        self._link.noted_sent(request)
        return sent

    def recv(self, size: int | None) -> bytes:
        data = super().recv(size)
        if data:
            self.received += data
            self._link.noted_received(data)
        return data


def split_address(address: str, default_port: int = MODBUS_PORT) -> tuple[str, int]:
    """'host:port' or 'host'. ValueError that says so."""
    host, colon, port = address.rpartition(":")
    if not colon:
        return address, default_port
    if not host or not port.isdigit():
        raise ValueError(f"{address!r} is not host:port, for example 192.168.1.20:502")
    return host, int(port)


class ModbusLink:
    """`unit` is the device id in each frame. Registers are 16 bit; 32-bit values are two, most significant first."""

    def __init__(
        self, host: str, port: int, *, name: str, tap: Tap, clock: Clock, unit: int = 1, timeout_s: float = 2.0
    ) -> None:
        self.name, self.host, self.port, self.clock = name, host, port, clock
        self.lock = threading.RLock()
        self._guard = Guard(name, f"{host}:{port}", tap)
        self._tap, self._unit, self._timeout_s = tap, unit, timeout_s
        self._client: _TappedClient | None = None

    @property
    def state(self) -> LinkState:
        return self._guard.state

    @property
    def address(self) -> str:
        return self._guard.address

    def open(self) -> None:
        """Connect. LinkRefused if nobody listens."""
        with self.lock:
            self.close()
            client = _TappedClient(self.host, self.port, self._timeout_s, self)
            if not client.connect() or client.socket is None:  # type: ignore[no-untyped-call]  # pymodbus leaves it untyped
                raise LinkRefused(
                    self.name,
                    "open",
                    f"no connection to {self.address}",
                    "check that the device is on, its address in the bench file, and that nobody else holds it",
                )
            client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._client = client
            self._guard.opened()
            self.clock.opened(self.name, client.socket.getsockname()[1])

    def close(self) -> None:
        """Close the connection; leaves the device as it is. Closing twice is allowed."""
        with self.lock:
            client, self._client = self._client, None
            if client is not None:
                client.close()  # type: ignore[no-untyped-call]  # as above
            self._guard.closed()

    def reopen(self) -> None:
        """Close and connect anew, the only way out of DESYNC and LOST. Identify and make safe afterwards."""
        with self.lock:
            self.close()
            self.open()

    def read_coils(self, address: int, count: int) -> tuple[bool, ...]:
        """FC01, in the standard's bit order."""

        def ask(client: _TappedClient) -> ModbusPDU:
            return client.read_coils(address, count=count, device_id=self._unit)

        reply = self._exchange(f"read coils {address}..{address + count - 1}", ask)
        if len(reply.bits) < count:
            raise self._short(f"read coils {address}", len(reply.bits), count)
        return tuple(reply.bits[:count])

    def write_coil(self, address: int, on: bool) -> None:
        """FC05, sent once."""
        self._exchange(
            f"write coil {address} {'on' if on else 'off'}",
            lambda client: client.write_coil(address, on, device_id=self._unit),
        )

    def write_coils(self, address: int, values: Sequence[bool]) -> None:
        """FC0F, sent once."""
        self._exchange(
            f"write coils {address}..{address + len(values) - 1}",
            lambda client: client.write_coils(address, list(values), device_id=self._unit),
        )

    def read_registers(self, address: int, count: int) -> tuple[int, ...]:
        """FC03."""

        def ask(client: _TappedClient) -> ModbusPDU:
            return client.read_holding_registers(address, count=count, device_id=self._unit)

        reply = self._exchange(f"read registers {address}..{address + count - 1}", ask)
        if len(reply.registers) != count:
            raise self._short(f"read registers {address}", len(reply.registers), count)
        return tuple(reply.registers)

    def write_registers(self, address: int, values: Sequence[int]) -> None:
        """FC10, sent once; all registers of one frame change together."""
        self._exchange(
            f"write registers {address}..{address + len(values) - 1}",
            lambda client: client.write_registers(address, list(values), device_id=self._unit),
        )

    def read_f32(self, address: int) -> float:
        (value,) = struct.unpack(">f", struct.pack(">2H", *self.read_registers(address, 2)))
        return float(value)

    def read_u32(self, address: int) -> int:
        high, low = self.read_registers(address, 2)
        return high << 16 | low

    def noted_sent(self, data: bytes) -> None:
        self._tap(">", bytes(data))
        self.clock.sent(self.name, len(data))

    def noted_received(self, data: bytes) -> None:
        self._tap("<", data)

    def _exchange(self, command: str, ask: Callable[[_TappedClient], ModbusPDU]) -> ModbusPDU:
        with self.lock:
            self._guard.require(command)
            client = self._client
            assert client is not None
            try:
                self._check_quiet(client, command)
                reply = ask(client)
            except ModbusIOException as fault:
                raise self._guard.late(command, self._timeout_s, len(client.received)) from fault
            except (ConnectionException, OSError) as fault:
                raise self._guard.lost(command, "end of file") from fault
            except ModbusException as fault:
                raise self._guard.garbled(command, f"a reply that is no Modbus reply ({fault})") from fault
            except LinkError:
                raise
            except BaseException:  # Ctrl-C: the reply may still come
                self._guard.broken_off()
                raise
            surplus = bytes(client.received[_HEADER + int.from_bytes(client.received[4:6], "big") :])
            if surplus:
                raise self._guard.stale(command, surplus, "behind the reply")
            if isinstance(reply, ExceptionResponse):
                code = int(reply.exception_code)
                what = f"it answers exception {code}, {_EXCEPTIONS.get(code, 'see its manual')}"
                raise InstrumentError(self.name, command, what, "check model and firmware of the device")
            return reply

    def _check_quiet(self, client: _TappedClient, command: str) -> None:
        sock = client.socket
        if sock is None:
            raise ConnectionException("closed")
        if not select.select([sock], [], [], 0)[0]:
            return
        waiting = sock.recv(64, socket.MSG_PEEK)
        if not waiting:
            raise ConnectionException("end of file")
        raise self._guard.stale(command, waiting, "before the command")

    def _short(self, command: str, got: int, wanted: int) -> ProtocolError:
        what = f"{got} values where {wanted} were asked for"
        return ProtocolError(self.name, command, what, "check model and firmware of the device")


def f32_words(value: float) -> tuple[int, int]:
    """A 32-bit float as two registers, most significant first."""
    high, low = struct.unpack(">2H", struct.pack(">f", value))
    return high, low


def u32_words(value: int) -> tuple[int, int]:
    """A 32-bit unsigned integer as two registers, most significant first."""
    return value >> 16, value & 0xFFFF
