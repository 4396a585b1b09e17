"""LabJack T7 and T8, Modbus TCP: the register map as far as a bench uses it.

Written from the T-Series Datasheet (3.1 Modbus map, 13.0 Digital I/O, 14.0 Analog inputs) and "Protocol details": any
of the functions 3, 4, 6 and 16 at any address, two registers for a 32-bit value with the most significant word first,
a value must be read and written whole. Refusals that Modbus has no code for are exception 4 with the vendor's error
number in register 55000. Reading DIO# makes the line an input, writing it an output (13.0); the STATE words set the
latches of a bank and change no direction; in STATE and DIRECTION words the upper eight bits inhibit lines. A line that
is no output is pulled low by the bench. Flash (20.0): a pointer in bytes at 61810, what lies from there on at 61812;
there are the constants of the T7's fast converter (20.0.1): positive slope, negative slope, centre and offset, by gain.

Function 76 ("Modbus Feedback", Protocol details): frames of type (0 read, 1 write), address, count of registers and, to
write, data, carried out one after the other; the reply is the function and what was read. WAIT_US_BLOCKING (61590)
holds the frames behind it back; here the reply does not wait for them.
"""

import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from rig.twin.wire.labjack_models import LabjackModel
from rig.twin.wire.labjack_stream import (
    IS_ACTIVE,
    MOST_ADDRESSES,
    Recorder,
    Stream,
    StreamRefused,
    StreamSettings,
)
from rig.twin.wire.modbus import (
    DEVICE_FAILURE,
    ILLEGAL_ADDRESS,
    ILLEGAL_FUNCTION,
    ILLEGAL_VALUE,
    ModbusError,
    check_span,
    field_and_data,
    words,
)
from rig.twin.wire.roles import Calendar

HARDWARE, BOOTLOADER = 1.35, 0.95
TEST_PATTERN = 0x00112233
SINGLE_ENDED = 199
BANKS = (("FIO", 8), ("EIO", 8), ("CIO", 4), ("MIO", 3))
LINES = tuple(f"{bank}{n}" for bank, count in BANKS for n in range(count))
_MOST_REGISTERS = 125
_FLASH = 61812
_WRITE_FRAME = 1
MOST_WAIT_US, MICROSECOND_PS = 100_000, 1_000_000


class Lines(Protocol):
    """What the wire needs of the digital lines. ValueError: the line cannot be driven."""

    def write(self, name: str, high: bool) -> None: ...

    def read(self, name: str) -> bool: ...


class AnalogInputs(Recorder, Protocol):
    """The recorder's physics, one reading in volts, and what the maker found of a range: (step, centre)."""

    def read(self, channel: str, full_scale: float) -> float: ...

    def constants(self, full_scale: float) -> tuple[float, float]: ...


@dataclass(frozen=True, slots=True)
class Register:
    """A value of the map: its struct format and what reads and writes it."""

    form: str
    read: Callable[[], float] | None = None
    write: Callable[[float], None] | None = None

    @property
    def width(self) -> int:
        """16-bit registers that it takes."""
        return struct.calcsize(self.form) // 2


class Labjack:
    """The device: registers, lines, inputs and the stream."""

    def __init__(self, model: LabjackModel, lines: Lines, inputs: AnalogInputs, calendar: Calendar) -> None:
        self.stream = Stream(inputs, model)
        self._model, self._lines, self._inputs, self._calendar = model, lines, inputs, calendar
        self._wait_us = 0
        self._ranges = [model.ranges[0]] * model.channels
        self._capture = [0.0] * model.channels
        self._detail = 0
        self._pointer = 0
        self._outputs: set[str] = set()
        self.serial = model.serial
        self._map = self._registers()

    def execute(self, pdu: bytes) -> bytes:
        """Reply PDU to a request PDU; raises ModbusError."""
        functions = {3: self._read, 4: self._read, 6: self._write_one, 16: self._write_many, 76: self._feedback}
        function = functions.get(pdu[0])
        if function is None:
            raise ModbusError(ILLEGAL_FUNCTION)
        try:
            return function(pdu)
        except StreamRefused as refused:
            self._detail = refused.detail
            raise ModbusError(DEVICE_FAILURE) from None

    def power_off(self) -> None:
        """The stream ends and every line falls; a device that starts again is a new object."""
        self.stream.running = False
        for line in list(self._outputs):
            self._lines.write(line, False)
        self._outputs.clear()

    def _read(self, pdu: bytes) -> bytes:
        address, quantity = words(pdu, 2)
        check_span(address, quantity, 0x10000, _MOST_REGISTERS)
        if address == _FLASH and self._model.constants_at is not None:
            data = self._flash(quantity)
            return bytes((pdu[0], len(data))) + data
        data, end = b"", address + quantity
        while address < end:
            register = self._at(address)
            if register.read is None or address + register.width > end:
                raise ModbusError(ILLEGAL_ADDRESS)
            data += struct.pack(register.form, register.read())
            address += register.width
        return bytes((pdu[0], len(data))) + data

    def _flash(self, quantity: int) -> bytes:
        """So many registers from the pointer on; it stays. What is erased reads as ones ([K])."""
        if quantity % 2:
            raise ModbusError(ILLEGAL_ADDRESS)
        first, contents = self._model.constants_at or 0, b""
        for full_scale in self._model.ranges:
            step, centre = self._inputs.constants(full_scale)
            contents += struct.pack(">4f", step, -step, centre, -step * centre)
        return bytes(
            contents[at - first] if 0 <= at - first < len(contents) else 0xFF
            for at in range(self._pointer, self._pointer + 2 * quantity)
        )

    def _write_one(self, pdu: bytes) -> bytes:
        address, _ = words(pdu, 2)
        self._write(address, pdu[3:])
        return pdu

    def _write_many(self, pdu: bytes) -> bytes:
        address, quantity, data = field_and_data(pdu)
        check_span(address, quantity, 0x10000, _MOST_REGISTERS)
        if len(data) != 2 * quantity:
            raise ModbusError(ILLEGAL_VALUE)
        self._write(address, data)
        return pdu[:5]

    def _feedback(self, pdu: bytes) -> bytes:
        """Only frames that write; one that is refused leaves those before it done."""
        body, self._wait_us = pdu[1:], 0
        if not body:
            raise ModbusError(ILLEGAL_VALUE)
        while body:
            if len(body) < 4 or body[0] != _WRITE_FRAME or len(body) < 4 + 2 * body[3] or not body[3]:
                raise ModbusError(ILLEGAL_VALUE)
            address, end = int.from_bytes(body[1:3]), 4 + 2 * body[3]
            write = partial(self._write, address, body[4:end])
            if self._wait_us:
                self._at(address)
                self._calendar.at(self._calendar.now_ps + self._wait_us * MICROSECOND_PS, partial(_late, write))
            else:
                write()
            body = body[end:]
        self._wait_us = 0
        return pdu[:1]

    def _wait(self, us: float) -> None:
        if us > MOST_WAIT_US:
            raise ModbusError(ILLEGAL_VALUE)
        self._wait_us += int(us)

    def _write(self, address: int, data: bytes) -> None:
        """All registers are checked before the first one is written."""
        writes = []
        while data:
            register = self._at(address)
            size = 2 * register.width
            if register.write is None or len(data) < size:
                raise ModbusError(ILLEGAL_ADDRESS)
            (value,) = struct.unpack(register.form, data[:size])
            writes.append((register.write, value))
            address, data = address + register.width, data[size:]
        for write, value in writes:
            write(value)

    def _at(self, address: int) -> Register:
        register = self._map.get(address)
        if register is None:
            raise ModbusError(ILLEGAL_ADDRESS)
        return register

    def _registers(self) -> dict[int, Register]:
        registers = {
            43900: Register(">f", None, lambda value: self._set_ranges(range(self._model.channels), value)),
            43902: Register(">H", None, self._negative),
            4990: Register(">I", lambda: int(self.stream.running), self._enable_stream),
            55000: Register(">H", lambda: self._detail),
            55100: Register(">I", lambda: TEST_PATTERN),
            60000: Register(">f", lambda: self._model.product),
            60002: Register(">f", lambda: HARDWARE),
            60004: Register(">f", lambda: self._model.firmware),
            60006: Register(">f", lambda: BOOTLOADER),
            60028: Register(">I", lambda: self.serial),
            2800: Register(">I", lambda: self._state(LINES)),
            61590: Register(">I", None, self._wait),
        }
        if self._model.constants_at is not None:
            registers[61810] = Register(">I", lambda: self._pointer, self._point)
        for n in range(self._model.channels):
            registers[2 * n] = Register(">f", partial(self._volts, n))
            registers[40000 + 2 * n] = Register(
                ">f", partial(self._ranges.__getitem__, n), partial(self._set_ranges, (n,))
            )
            registers[41000 + n] = Register(">H", lambda: SINGLE_ENDED, self._negative)
            if not self._model.multiplexed:
                registers[650 + 2 * n] = Register(">f", partial(self._captured, n))
        for index, line in enumerate(LINES):
            registers[2000 + index] = Register(">H", partial(self._read_line, line), partial(self._drive, line))
        for index, (bank, count) in enumerate(BANKS):
            lines = [f"{bank}{n}" for n in range(count)]
            registers[2500 + index] = Register(">H", partial(self._state, lines), partial(self._set_latches, lines))
            registers[2600 + index] = Register(">H", partial(self._directions, lines))
        return registers | self._stream_registers()

    def _stream_registers(self) -> dict[int, Register]:
        fields = {
            4002: (">f", "scan_rate_hz"),
            4004: (">I", "addresses"),
            4006: (">I", "samples_per_packet"),
            4008: (">f", "settling_us"),
            4010: (">I", "resolution"),
            4012: (">I", "buffer_bytes"),
            4014: (">I", "clock_source"),
            4016: (">I", "auto_target"),
            4018: (">I", "datatype"),
            4020: (">I", "scans"),
        }
        registers = {address: self._setting(form, name) for address, (form, name) in fields.items()}
        scan_list = self.stream.settings.scan_list
        for index in range(MOST_ADDRESSES):
            register = Register(">I", partial(scan_list.__getitem__, index), partial(self._set_scan_address, index))
            registers[4100 + 2 * index] = register
        return registers

    def _set_scan_address(self, index: int, address: float) -> None:
        self._idle_settings().scan_list[index] = int(address)

    def _setting(self, form: str, name: str) -> Register:
        def read() -> float:
            value: float = getattr(self.stream.settings, name)
            return value

        return Register(form, read, lambda value: setattr(self._idle_settings(), name, value))

    def _idle_settings(self) -> StreamSettings:
        if self.stream.running:
            raise StreamRefused(IS_ACTIVE)
        return self.stream.settings

    def _enable_stream(self, value: float) -> None:
        if value not in (0, 1):
            raise ModbusError(ILLEGAL_VALUE)
        if value:
            self.stream.start(self._calendar.now_ps, self._ranges)
            self.stream.settings.scan_rate_hz = 1e12 / self.stream.settings.scan_ps()
        else:
            self.stream.stop()

    def _volts(self, n: int) -> float:
        if self.stream.running:  # one converter: command-response readings and a stream exclude each other
            raise StreamRefused(IS_ACTIVE)
        self._capture = [
            self._inputs.read(f"AIN{each}", full_scale)
            for each, full_scale in enumerate(self._ranges)
            if not self._model.multiplexed or each == n
        ]
        return self._capture[0 if self._model.multiplexed else n]

    def _captured(self, n: int) -> float:
        """An input as it was when any was read last: all are sampled at once."""
        return self._capture[n]

    def _point(self, address: float) -> None:
        self._pointer = int(address)

    def _negative(self, value: float) -> None:
        """Single-ended is all there is; the T8 ignores what is written."""
        if self._model.multiplexed and value != SINGLE_ENDED:
            raise ModbusError(ILLEGAL_VALUE)

    def _set_ranges(self, inputs: Sequence[int], value: float) -> None:
        if self.stream.running:
            raise StreamRefused(IS_ACTIVE)
        wanted = self._model.ranges[0] if value == 0 else value  # 0 means the default
        for full_scale in self._model.ranges:
            if abs(wanted - full_scale) < 1e-6:
                for n in inputs:
                    self._ranges[n] = full_scale
                return
        raise ModbusError(ILLEGAL_VALUE)

    def _drive(self, line: str, value: float) -> None:
        if value not in (0, 1):
            raise ModbusError(ILLEGAL_VALUE)
        try:
            self._lines.write(line, bool(value))
        except ValueError:
            raise ModbusError(DEVICE_FAILURE) from None
        self._outputs.add(line)

    def _read_line(self, line: str) -> float:
        if line in self._outputs:
            self._lines.write(line, False)
            self._outputs.discard(line)
        return self._lines.read(line)

    def _set_latches(self, lines: Sequence[str], value: float) -> None:
        inhibited, levels = divmod(int(value), 256)
        for bit, line in enumerate(lines):
            if line in self._outputs and not inhibited >> bit & 1:
                self._drive(line, levels >> bit & 1)

    def _directions(self, lines: Sequence[str]) -> int:
        return sum((line in self._outputs) << index for index, line in enumerate(lines))

    def _state(self, names: Sequence[str]) -> int:
        return sum(self._lines.read(name) << index for index, name in enumerate(names))


def _late(write: Callable[[], None]) -> None:
    """What a frame behind a wait asks for in vain has no reply any more."""
    with suppress(ModbusError, StreamRefused):
        write()
