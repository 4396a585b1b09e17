"""LabJack T7 and T8 over Modbus TCP: digital lines, and analog inputs streamed as the slow record.

Source: T-Series Datasheet (3.2.4 Low-Level Stream, 13.0 Digital I/O, 20.0 Internal Flash, register map) read in
excerpts, the maker's list of registers, and LabJack's streaming example; figures of the two models in `t_models`.
Verified there: reading DIO# (2000 + n) **makes the line an input**, writing makes it an output; the bank words
FIO/EIO/CIO/MIO_STATE (2500..2503) and _DIRECTION (2600..2603, 1 = output) have eight lines each, their upper eight
bits are inhibits, and the STATE words change no direction; stream registers 4002..4020, scan list 4100 + 2n, enable
4990 last; 4018 must be written 0; AIN n is register 2n, its range 40000 + 2n, its negative channel 41000 + n (199 =
ground; without meaning on the T8); identification in registers 60000, 60004, 60028.

A stream carries codes, and each device has its own constants in flash to make volts of them (by example a centre 15
codes off the nominal one, 5 mV): a T7's are read on connecting and applied, as in the maker's example for
microcontrollers (pointer to 61810, at most 26 registers from 61812; slopes and centre of the fast converter for each
gain). A T8's (0x687000) are not: its streamed volts are nominal, good to a few 0.1 %, or as good as a calibration
against a better meter makes them.
A pulse of a line is one packet of the maker's function 76 (frames: 1 = write, address, count of registers, data; read
in two independent clients of it): line high, WAIT_US_BLOCKING (61590), line low, one after the other.
Not verified: that 61590 takes 0 to 100000 us; how much longer than asked for a pulse is, so that its length is measured
and never believed; the delay between the T7's channels and the T8's time base, so that no row of accuracy counts as
verified; of the T8 that it streams the upper 16 of its 24 bits around 32768, and what its own constants mean for
these.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from instruments.accuracy import Accuracy
from instruments.clock import Clock, Tap
from instruments.errors import InstrumentError, LinkError, LinkRefused, NotSupported, OutOfRange
from instruments.modbus import MODBUS_PORT, ModbusLink, f32_words, u32_words
from instruments.opening import open_modbus
from instruments.recorders.t_models import MODELS, T7, Constants, TModel
from instruments.recorders.t_stream import MAX_SAMPLES_PER_PACKET, STREAM_PORT, TStream
from instruments.records import NOBODY, Address, Identity, StreamBlock
from instruments.recovery import recover
from instruments.roles import Capability
from instruments.scpi import in_range

PACKET_TIME = 0.02  # s; how old a scan may get before its packet is full
_BANKS = {"FIO": (0, 8), "EIO": (8, 8), "CIO": (16, 4), "MIO": (20, 3)}
_DIO, _STATE, _DIRECTION = 2000, 2500, 2600
_SCAN_RATE, _CLOCK_SOURCE, _SCAN_LIST, _ENABLE = 4002, 4014, 4100, 4990
_RANGE, _NEGATIVE, _GROUND = 40000, 41000, 199
_PRODUCT, _FIRMWARE, _SERIAL = 60000, 60004, 60028
_TO_ETHERNET = 1
_FLASH_POINTER, _FLASH = 61810, 61812
_WAIT_US, MOST_PULSE_S = 61590, 0.1


class LabjackT:
    """Roles Lines and Recorder. Construct with an open link and call begin(), or use connect()."""

    capabilities: frozenset[Capability] = frozenset({"stream", "inputs", "outputs", "timed pulse"})
    second_client: bool | None = None

    def __init__(self, link: ModbusLink, stream_port: int = STREAM_PORT, *, tap: Tap, timeout_s: float = 2.0) -> None:
        self.link, self.name = link, link.name
        self.model = T7
        self._constants = _nominal(T7)
        self.accuracy: tuple[Accuracy, ...] = ()
        self._stream_port, self._tap, self._timeout_s = stream_port, tap, timeout_s
        self._inputs: set[int] = set()
        self._outputs: set[int] = set()
        self._stream: TStream | None = None
        self._scale: tuple[float, ...] = ()
        self._offset: tuple[float, ...] = ()
        self.known = NOBODY

    @classmethod
    def connect(cls, entry: Address, *, name: str, tap: Tap, clock: Clock, timeout_s: float = 2.0) -> LabjackT:
        """Open and identify. Moves no line and leaves a running stream alone."""

        def driver(link: ModbusLink) -> LabjackT:
            return cls(link, entry.stream_port or STREAM_PORT, tap=tap, timeout_s=timeout_s)

        return open_modbus(
            driver, entry, name=name, tap=tap, clock=clock, default_port=MODBUS_PORT, timeout_s=timeout_s
        )

    @classmethod
    def declared(cls, link: ModbusLink, identity: str) -> LabjackT | None:
        """The device that a bench file's identity means, before it answers, with nominal constants."""
        made = cls(link, tap=_no_tap)
        found = [model for model in MODELS.values() if model.name in identity]
        if not found:
            return None
        made.model, made._constants = found[0], _nominal(found[0])
        return made

    def begin(self) -> Identity:
        """What has to be done on a fresh connection."""
        self._inputs.clear()
        self._outputs.clear()
        self.known = self.identity()
        self.model = next(model for model in MODELS.values() if model.name == self.known.model)
        self._constants = (
            _nominal(self.model) if self.model.constants_at is None else self._own(self.model.constants_at)
        )
        self.accuracy = tuple(self.channel_accuracy(volts) for volts in self.model.steps)
        return self.known

    def identity(self) -> Identity:
        with self.link.lock:
            product = self.link.read_f32(_PRODUCT)
            if product not in MODELS:
                what = f"product number {product:g} answers at {self.link.address}, which is no T7 or T8"
                raise LinkRefused(self.name, "PRODUCT_ID", what, "correct address or driver in the bench file")
            return Identity(
                "LabJack",
                MODELS[product].name,
                str(self.link.read_u32(_SERIAL)),
                f"{self.link.read_f32(_FIRMWARE):.4f}",
            )

    # -- lines

    def set_line(self, name: str, high: bool) -> None:
        """Make the line an output and drive it: one frame, acknowledged but not read back (see line())."""
        number = self._line_number(name)
        with self.link.lock:
            self.link.write_registers(_DIO + number, [int(high)])
            self._inputs.discard(number)
            self._outputs.add(number)

    def line(self, name: str) -> bool:
        """The logic level on the terminal, of an output too."""
        return self.lines([name])[name]

    def lines(self, names: Sequence[str]) -> Mapping[str, bool]:
        """Levels on the terminals, all read in one frame.

        A line this connection has not driven is made an input at its first reading, so that a latch somebody else
        left high cannot pass for a contact.
        """
        numbers = {name: self._line_number(name) for name in names}
        with self.link.lock:
            for number in numbers.values():
                if number not in self._outputs and number not in self._inputs:
                    self.link.read_registers(_DIO + number, 1)
                    self._inputs.add(number)
            levels = self._bits(_STATE)
        return {name: bool(levels >> number & 1) for name, number in numbers.items()}

    def pulse_line(self, name: str, seconds: float) -> None:
        """As an output, drive it high, wait, drive it low: one packet, timed by the device, 1 us to 0.1 s."""
        number = self._line_number(name)
        in_range(self.name, "pulse_line", seconds, low=1e-6, high=MOST_PULSE_S, unit="s")
        with self.link.lock:
            self.link.write_feedback([
                (_DIO + number, [1]), (_WAIT_US, u32_words(round(seconds * 1e6))), (_DIO + number, [0]),
            ])  # fmt: skip
            self._inputs.discard(number)
            self._outputs.add(number)

    def make_safe(self) -> None:
        """All lines that are outputs low, on a fresh connection too; read back. Inputs and stream go on. Idempotent."""
        with self.link.lock:
            self.link.write_registers(_STATE, [0, 0, 0, 0])
            high = self._bits(_DIRECTION) & self._bits(_STATE)
        if high:
            stuck = [
                f"{bank}{n}" for bank, (first, count) in _BANKS.items() for n in range(count) if high >> first + n & 1
            ]
            what = f"outputs {stuck} read high after they were driven low"
            raise InstrumentError(self.name, "make_safe", what, "check their wiring; cut the bench's supply")

    # -- recorder

    def start(self, channels: Sequence[str], ranges: Sequence[float], rate_hz: float) -> float:
        """Stream `channels` ("AIN0".., single-ended) in `ranges` (+- V, one each); returns the actual scan rate, Hz.

        A stream left over from a dead program is stopped first.
        """
        inputs = [self._input_number(channel) for channel in channels]
        if not inputs or len(ranges) != len(inputs) or len(set(inputs)) != len(inputs):
            raise OutOfRange(self.name, "start", "each channel once, each with its range", "correct the slow signals")
        scales = [self.conversion(volts) for volts in ranges]
        fastest = min(self.model.scans_per_s, self.model.samples_per_s / len(inputs))
        in_range(self.name, "start", rate_hz, low=1.0, high=fastest, unit="Hz")
        scans = max(1, min(MAX_SAMPLES_PER_PACKET // len(inputs), round(rate_hz * PACKET_TIME)))
        with self.link.lock:
            self._end_stream()
            if self.link.read_u32(_ENABLE):
                self.link.write_registers(_ENABLE, u32_words(0))
            for number, volts in zip(inputs, ranges, strict=True):
                self.link.write_registers(_RANGE + 2 * number, f32_words(volts))
                if self.model.multiplexed:
                    self.link.write_registers(_NEGATIVE + number, [_GROUND])
            count, per_packet = u32_words(len(inputs)), u32_words(scans * len(inputs))
            rest = (*f32_words(0.0), *u32_words(0), *u32_words(self.model.buffer))  # settling and resolution: automatic
            self.link.write_registers(_SCAN_RATE, [*f32_words(rate_hz), *count, *per_packet, *rest])
            # clock source: own; target; data type, which must be 0; number of scans: without end
            self.link.write_registers(
                _CLOCK_SOURCE, [*u32_words(0), *u32_words(_TO_ETHERNET), *u32_words(0), *u32_words(0)]
            )
            self.link.write_registers(_SCAN_LIST, [word for number in inputs for word in u32_words(2 * number)])
            self._stream = TStream(
                self.link.host,
                self._stream_port,
                name=self.name,
                tap=self._tap,
                channels=len(inputs),
                timeout_s=self._timeout_s,
            )
            try:
                self.link.write_registers(_ENABLE, u32_words(1))
                actual = self.link.read_f32(_SCAN_RATE)
            except LinkError:
                self._end_stream()
                raise
        self._scale, self._offset = tuple(scale for scale, _ in scales), tuple(offset for _, offset in scales)
        return actual

    def drain(self) -> StreamBlock:
        """What has arrived, without waiting. Raises when scans were lost or the stream ended; it is then over."""
        if self._stream is None:
            raise NotSupported(self.name, "drain", "no stream is running", "call start() first")
        first, codes, backlog = self._stream.drain()
        return StreamBlock(first, codes, self._scale, self._offset, backlog)

    def stop(self) -> None:
        """End the stream; scans not drained are gone. Stopping twice is allowed."""
        with self.link.lock:
            if self._stream is not None:
                self._end_stream()
                self.link.write_registers(_ENABLE, u32_words(0))

    def conversion(self, range_volts: float) -> tuple[float, float]:
        """(scale, offset): volts at the input = code * scale + offset; codes 0 and 65535 are the ends of the range."""
        found = self._constants.get(range_volts)
        if found is None:
            allowed = ", ".join(f"{volts:g}" for volts in self.model.steps)
            raise OutOfRange(self.name, "range", f"{range_volts:g} V is no input range", f"choose one of {allowed} V")
        return found.slope, -found.centre * found.slope

    def channel_accuracy(self, range_volts: float) -> Accuracy:
        """Of a streamed input."""
        scale, _ = self.conversion(range_volts)
        own = "" if self.model.constants_at is not None else ", which are not applied"
        return Accuracy(
            "measure voltage",
            range_volts,
            gain_frac=self._constants[range_volts].bend,
            offset_frac_of_range=self.model.accuracy[range_volts],
            resolution=scale,
            timebase_ppm=20.0,
            skew_s=self.model.skew_s,
            tempco_frac_per_k=self.model.tempco,
            conditions="25 degC",
            models=self.model.name,
            source=f"not verified: {self.model.source}{own}; {self.model.unread}",
        )

    # -- both

    def read_back(self) -> dict[str, object]:
        """{"outputs": lines that are outputs, "high": lines that read high, "streaming": bool}."""
        with self.link.lock:
            direction, state = self._bits(_DIRECTION), self._bits(_STATE)
            streaming = bool(self.link.read_u32(_ENABLE))
        names = {first + n: f"{bank}{n}" for bank, (first, count) in _BANKS.items() for n in range(count)}
        return {
            "outputs": tuple(name for number, name in names.items() if direction >> number & 1),
            "high": tuple(name for number, name in names.items() if state >> number & 1),
            "streaming": streaming,
        }

    def reopen(self) -> None:
        """After LinkTimeout, LinkDesync or LinkLost: reopen, check that the same instrument answers, make it safe."""
        recover(self)

    def close(self) -> None:
        """Close stream and link; the lines stay as they are. Safe state first."""
        self._end_stream()
        self.link.close()

    def _own(self, address: int) -> dict[float, Constants]:
        """The device's own constants, two ranges in a frame."""
        words: list[int] = []
        with self.link.lock:
            for offset in range(0, 16 * len(self.model.steps), 32):
                self.link.write_registers(_FLASH_POINTER, u32_words(address + offset))
                words += self.link.read_registers(_FLASH, 16)
        values = struct.unpack(f">{len(words) // 2}f", struct.pack(f">{len(words)}H", *words))
        found = {}
        for index, (volts, step) in enumerate(self.model.steps.items()):
            above, below, centre, _ = values[4 * index : 4 * index + 4]
            found[volts] = Constants(above, -below, centre)
            if not found[volts].plausible(step, self.model.centre):
                what = (
                    f"its own constants for +-{volts:g} V cannot be: slopes {above:g} and {below:g}, centre {centre:g}"
                )
                raise InstrumentError(
                    self.name, "read its calibration", what, "restore the factory's calibration in Kipling"
                )
        return found

    def _bits(self, register: int) -> int:
        """Four bank words as one number, bit n for DIO n."""
        words = self.link.read_registers(register, len(_BANKS))
        bits = 0
        for word, (first, count) in zip(words, _BANKS.values(), strict=True):
            bits |= (word & ((1 << count) - 1)) << first
        return bits

    def _end_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def _line_number(self, name: str) -> int:
        first, count = _BANKS.get(name[:3], (0, 0))
        if name[3:].isdecimal() and int(name[3:]) < count:
            return first + int(name[3:])
        raise OutOfRange(
            self.name, "line", f"{name!r} is no line of a {self.model.name}", "choose FIO0-7, EIO0-7, CIO0-3 or MIO0-2"
        )

    def _input_number(self, channel: str) -> int:
        if channel[:3] == "AIN" and channel[3:].isdecimal() and int(channel[3:]) < self.model.inputs:
            return int(channel[3:])
        what = f"{channel!r} is no input of a {self.model.name}"
        raise OutOfRange(self.name, "start", what, f"choose AIN0-{self.model.inputs - 1}")


def _no_tap(direction: str, data: bytes, note: str = "") -> None:
    """Nothing goes over a link that nobody opens."""


def _nominal(model: TModel) -> dict[float, Constants]:
    return {volts: Constants(step, step, model.centre) for volts, step in model.steps.items()}
