"""A link to one Modbus device: Modbus TCP, RTU on a serial port, or RTU frames through a transparent gateway.

Own frames, because pymodbus resends by default (a toggle sent twice is a wrong contactor), can neither send nor accept
FC05 with another value than on and off, and drops what it did not ask for. Here every request is sent once, every
reply must fit its question, the echo of a write must say what was sent, and states and errors are those of `link`.

What RTU cannot show: it has no transaction id, so a late reply to the same function, unit and length is believed. That
is why one time-out already ends the trust.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Sequence

from instruments.address import ModbusPlace, SerialLine, SerialPlace, TcpPlace
from instruments.clock import Clock, Deadline, Silence, Tap
from instruments.errors import Garbled, InstrumentError, LinkError, OutOfRange, StaleBytes, not_supported
from instruments.modbus_frames import Framing, RtuFraming, TcpFraming
from instruments.state import EXCHANGE_FAULTS, Guard, LinkState
from instruments.transport import StreamTransport, open_stream

MODBUS_PORT = 502
MAX_READ_BITS, MAX_READ_REGISTERS = 2000, 125
MAX_WRITE_BITS, MAX_WRITE_REGISTERS = 1968, 123
_ON, _OFF = 0xFF00, 0x0000
_FEEDBACK, _WRITE_FRAME = 76, 1
_EXCEPTIONS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    5: "accepted, but it needs long",
    6: "device busy",
    8: "memory parity error",
    10: "the gateway has no path to the device",
    11: "the device behind the gateway does not answer",
}


class ModbusLink:
    """`unit` is the device id in each frame. Registers are 16 bit; 32-bit values are two, most significant first.

    `line` is for serial ports. Every method raises LinkTimeout, LinkLost, LinkDesync, ProtocolError (a reply that does
    not fit the question; the link is then out of step), InstrumentError (an exception reply; the link stays in step)
    and OutOfRange (nothing was sent).
    """

    def __init__(
        self,
        place: ModbusPlace,
        *,
        name: str,
        tap: Tap,
        clock: Clock,
        unit: int = 1,
        timeout_s: float = 2.0,
        line: SerialLine | None = None,
    ) -> None:
        self.name, self.clock = name, clock
        self.lock = threading.RLock()
        self._place, self._line = place, line or SerialLine()
        self._guard = Guard(name, str(place), tap)
        self._tap, self._unit, self._timeout_s = tap, unit, timeout_s
        self._transport: StreamTransport | None = None
        self._framing: Framing = TcpFraming()
        # a gateway keeps the pauses of its own line
        self._silence = Silence(self._line.silence_s if isinstance(place.at, SerialPlace) else 0.0)

    @property
    def state(self) -> LinkState:
        return self._guard.state

    @property
    def address(self) -> str:
        return self._guard.address

    @property
    def host(self) -> str:
        """The device's host, for a second connection to it. NotSupported on a serial port, which has none."""
        if isinstance(self._place.at, TcpPlace):
            return self._place.at.host
        raise not_supported(self.name, "second connection")

    def open(self) -> None:
        """Connect. LinkRefused if nobody listens or the serial port cannot be had."""
        with self.lock:
            self.close()
            low, high = (1, 247) if self._place.rtu else (0, 255)
            self._in_range("open", "unit", self._unit, low, high)
            try:
                self._transport = open_stream(self._place.at, self._line, self._timeout_s)
            except (OSError, ValueError) as error:  # pyserial raises ValueError for a line no port can do
                raise self._guard.refused(error) from error
            self._framing = RtuFraming() if self._place.rtu else TcpFraming()
            self._silence.begin()
            self._guard.opened()
            if self._transport.local_port is not None:
                self.clock.opened(self.name, self._transport.local_port)

    def close(self) -> None:
        """Close the connection; leaves the device as it is. Closing twice is allowed."""
        with self.lock:
            transport, self._transport = self._transport, None
            if transport is not None:
                transport.close()
            self._guard.closed()

    def reopen(self) -> None:
        """Close and connect anew, the only way out of DESYNC and LOST. Identify and make safe afterwards."""
        with self.lock:
            self.close()
            self.open()

    def read_coils(self, address: int, count: int) -> tuple[bool, ...]:
        """FC01, in the standard's bit order."""
        return self._read_bits(1, f"read coils {address}..{address + count - 1}", address, count)

    def read_discrete_inputs(self, address: int, count: int) -> tuple[bool, ...]:
        """FC02, in the standard's bit order."""
        return self._read_bits(2, f"read discrete inputs {address}..{address + count - 1}", address, count)

    def read_registers(self, address: int, count: int) -> tuple[int, ...]:
        """FC03, holding registers."""
        return self._read_words(3, f"read registers {address}..{address + count - 1}", address, count)

    def read_input_registers(self, address: int, count: int) -> tuple[int, ...]:
        """FC04."""
        return self._read_words(4, f"read input registers {address}..{address + count - 1}", address, count)

    def write_coil(self, address: int, on: bool) -> None:
        """FC05 with FF00 or 0000, sent once."""
        self._write_one(5, f"write coil {address} {'on' if on else 'off'}", address, _ON if on else _OFF)

    def write_coil_value(self, address: int, value: int) -> None:
        """FC05 with any 16-bit value, sent once: what some relay boards take for toggle and flash."""
        self._write_one(5, f"write coil {address} 0x{value:04X}", address, value)

    def write_register(self, address: int, value: int) -> None:
        """FC06, sent once."""
        self._write_one(6, f"write register {address} {value}", address, value)

    def write_coils(self, address: int, values: Sequence[bool]) -> None:
        """FC0F, sent once; all coils of one frame change together."""
        count = len(values)
        command = f"write coils {address}..{address + count - 1}"
        self._in_range(command, "number of coils", count, 1, MAX_WRITE_BITS)
        packed = bytes(
            sum(bool(on) << place for place, on in enumerate(values[first : first + 8])) for first in range(0, count, 8)
        )
        self._write_many(15, command, address, count, packed)

    def write_registers(self, address: int, values: Sequence[int]) -> None:
        """FC10, sent once; all registers of one frame change together."""
        count = len(values)
        command = f"write registers {address}..{address + count - 1}"
        self._in_range(command, "number of registers", count, 1, MAX_WRITE_REGISTERS)
        for value in values:
            self._in_range(command, "register", value, 0, 0xFFFF)
        self._write_many(16, command, address, count, struct.pack(f">{count}H", *values))

    def write_feedback(self, writes: Sequence[tuple[int, Sequence[int]]]) -> None:
        """LabJack's own function 76, sent once: (address, registers), carried out one after the other from one frame.

        Modbus TCP only. The reply to frames that only write is the function code alone.
        """
        command = f"write by function 76: {', '.join(f'{address} {list(values)}' for address, values in writes)}"
        request = bytes([_FEEDBACK])
        for address, values in writes:
            self._in_range(command, "last address", address + len(values) - 1, 0, 0xFFFF)
            self._in_range(command, "number of registers", len(values), 1, MAX_WRITE_REGISTERS)
            for value in values:
                self._in_range(command, "register", value, 0, 0xFFFF)
            request += struct.pack(f">BHB{len(values)}H", _WRITE_FRAME, address, len(values), *values)
        self._write(command, request, bytes([_FEEDBACK]))

    def read_f32(self, address: int) -> float:
        (value,) = struct.unpack(">f", struct.pack(">2H", *self.read_registers(address, 2)))
        return float(value)

    def read_u32(self, address: int) -> int:
        high, low = self.read_registers(address, 2)
        return high << 16 | low

    def _read_bits(self, function: int, command: str, address: int, count: int) -> tuple[bool, ...]:
        self._in_range(command, "number of bits", count, 1, MAX_READ_BITS)
        data = self._read(function, command, address, count, (count + 7) // 8)
        return tuple(bool(data[place >> 3] >> (place & 7) & 1) for place in range(count))

    def _read_words(self, function: int, command: str, address: int, count: int) -> tuple[int, ...]:
        self._in_range(command, "number of registers", count, 1, MAX_READ_REGISTERS)
        return struct.unpack(f">{count}H", self._read(function, command, address, count, 2 * count))

    def _read(self, function: int, command: str, address: int, count: int, nbytes: int) -> bytes:
        self._in_range(command, "last address", address + count - 1, count - 1, 0xFFFF)
        with self.lock:
            reply = self._exchange(command, struct.pack(">BHH", function, address, count))
            if len(reply) != 2 + nbytes or reply[1] != nbytes:
                raise self._guard.garbled(command, f"{len(reply) - 2} bytes of data where {nbytes} were asked for")
            return reply[2:]

    def _write_one(self, function: int, command: str, address: int, value: int) -> None:
        self._in_range(command, "address", address, 0, 0xFFFF)
        self._in_range(command, "value", value, 0, 0xFFFF)
        request = struct.pack(">BHH", function, address, value)
        self._write(command, request, request)

    def _write_many(self, function: int, command: str, address: int, count: int, packed: bytes) -> None:
        self._in_range(command, "last address", address + count - 1, count - 1, 0xFFFF)
        head = struct.pack(">BHH", function, address, count)
        self._write(command, head + bytes([len(packed)]) + packed, head)

    def _write(self, command: str, request: bytes, echo: bytes) -> None:
        """Every write goes through here."""
        with self.lock:
            reply = self._exchange(command, request)
            if reply != echo:
                raise self._guard.garbled(command, f"the echo {reply.hex(' ')} where {echo.hex(' ')} confirms")

    def _exchange(self, command: str, request: bytes) -> bytes:
        """Send one request once and return the PDU of the reply to it."""
        with self.lock:
            self._guard.require(command)
            assert self._transport is not None
            when = "before the command"
            try:
                self._silence.wait()
                self._transport.check_quiet()
                deadline = Deadline(self._timeout_s)
                frame = self._framing.request(self._unit, request)
                self._transport.send(frame, deadline)
                self._tap(">", frame)
                self.clock.sent(self.name, len(frame))
                when = "behind the reply"
                reply = _fitting(self._framing.pdu(self._frame(self._transport, deadline)), request)
            except EXCHANGE_FAULTS as fault:
                raise self._guard.fault(command, fault, self._timeout_s, when) from fault
            except LinkError:
                raise
            except BaseException:  # Ctrl-C: the reply may still come
                self._guard.broken_off()
                raise
            if reply[0] & 0x80:
                what = f"it answers exception {reply[1]}, {_EXCEPTIONS.get(reply[1], 'see its manual')}"
                raise InstrumentError(self.name, command, what, "check model and firmware of the device")
            return reply

    def _frame(self, transport: StreamTransport, deadline: Deadline) -> bytes:
        """One whole frame; what came of it is in the transcript, whatever happens."""
        received = b""
        try:
            while (size := self._framing.size(received) if received else None) is None or len(received) < size:
                received += transport.some(deadline, len(received))
        finally:
            self._silence.begin()
            if received:
                self._tap("<", received)
        if len(received) > size:
            raise StaleBytes(received[size:])
        return received

    def _in_range(self, command: str, what: str, value: int, low: int, high: int) -> None:
        if not low <= value <= high:
            raise OutOfRange(self.name, command, f"{what} {value} is outside {low} to {high}", "correct the call")


def _fitting(reply: bytes, request: bytes) -> bytes:
    """`reply` if it answers the function of `request`; Garbled."""
    if reply[0] & 0x7F != request[0]:
        raise Garbled(f"a reply to function {reply[0] & 0x7F} where {request[0]} was asked")
    return reply


def f32_words(value: float) -> tuple[int, int]:
    """A 32-bit float as two registers, most significant first."""
    high, low = struct.unpack(">2H", struct.pack(">f", value))
    return high, low


def u32_words(value: int) -> tuple[int, int]:
    """A 32-bit unsigned integer as two registers, most significant first."""
    return value >> 16, value & 0xFFFF
