"""Settings of a Siglent SDS2000X behind its commands, and what they mean for the acquisition and for reading data out.

There is no telling the client that something was refused: what is out of range is ignored, or silently taken to what
the scope has. Memory, sample rate and time scale are ignored while it is stopped, and read back late; vertical settings
are ignored while their channel is off; a trigger source that is off falls back to LINE (all measured by users).
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rig.twin.clock import PS_PER_S
from rig.twin.wire import scpi
from rig.twin.wire.acquisition import Acquisition, Digitizer, Memory, Plan, Vertical
from rig.twin.wire.roles import Calendar
from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.siglent_sds_series import BASES, OFFSETS, RATES, Series

CHANNELS = 4
LOWEST_SCALE, HIGHEST_SCALE = 500e-6, 10.0  # V/div at 1X
CODES_PER_DIVISION = 30  # of a byte
REACH, LEVEL_STEPS = 4.1, 60  # of the trigger level: divisions, steps a division
SETTLES_PS = PS_PER_S // 20  # [K] until another rate or depth reads back
STATUS_LAGS_PS = PS_PER_S // 50  # [K] until the status shows that a single acquisition was armed
STATES = {"STOP": "Stop", "RUN": "Arm", "WAIT": "Ready", "TD": "Trig'd", "AUTO": "Auto"}
SLOPES = {"RISing": 1, "FALLing": -1}
DESCRIPTOR = 346  # bytes


@dataclass(slots=True)
class Channel:
    switch: bool = False
    coupling: str = "DC"
    impedance: str = "ONEMeg"
    scale: float = 1.0
    offset: float = 0.0
    probe: float = 1.0
    limit: str = "FULL"


class Front:
    """Settings as the guide's commands name them."""

    def __init__(self, digitizer: Digitizer, calendar: Calendar, series: Series) -> None:
        self.series, self._calendar = series, calendar
        self.acquisition = Acquisition(digitizer, calendar, on_grid=False)
        self._settled_ps = self._status_ps = 0
        self.defaults()

    def defaults(self) -> None:
        """*RST: only channel 1 is on, and the scope runs freely."""
        self.channels = {n: Channel(switch=n == 1) for n in range(1, CHANNELS + 1)}
        self.base, self.delay = 1e-6, 0.0
        self.management, self.depth, self.wanted_rate = "AUTO", 10_000_000, RATES[-1]
        self.resolution = next(iter(self.series.resolutions), "")
        self.source, self.slope, self.level, self.mode = "C1", "RISing", 0.0, "AUTO"
        self.wave_source, self.width, self.start, self.interval, self.points_asked = "C1", "BYTE", 0, 1, 0
        self._before = (self.rate, self.points)
        self.run()

    def channel(self, n: int) -> Channel:
        if n not in self.channels:
            raise ScpiError(scpi.SUFFIX_OUT_OF_RANGE)
        return self.channels[n]

    @property
    def paired(self) -> int:
        """1 where two channels of a pair share their converters, else 0."""
        on = [n for n, channel in self.channels.items() if channel.switch]
        return int({1, 2} <= set(on) or {3, 4} <= set(on))

    @property
    def rate(self) -> float:
        screen, deepest = 10 * self.base, self.series.deepest[self.paired]
        wanted = {"FSRate": self.wanted_rate, "FMDepth": self.depth / screen}.get(self.management, np.inf)
        return float(min(self.series.fastest[self.paired], deepest / screen, wanted))

    @property
    def points(self) -> int:
        return max(1, round(self.rate * 10 * self.base))

    @property
    def reported(self) -> tuple[float, int]:
        """Sample rate and points, as they are told while they settle."""
        return self._before if self._calendar.now_ps < self._settled_ps else (self.rate, self.points)

    @property
    def status(self) -> str:
        return "Stop" if self._calendar.now_ps < self._status_ps else STATES[self.acquisition.state]

    def plan(self) -> Plan:
        on = {n: self._vertical(channel) for n, channel in self.channels.items() if channel.switch}
        source = int(self.source[-1]) if self.source != "LINE" else 0
        slope = SLOPES[self.slope]
        return Plan(on, source, self.level, slope, self.base, self.delay, self.rate, self.points)

    def run(self) -> None:
        self.acquisition.start(self.plan(), {"SINGle": "SING", "NORMal": "NORM", "AUTO": "AUTO"}[self.mode])

    def set_mode(self, mode: str) -> None:
        """Choosing a mode also runs it; FTRIG is no mode but a trigger now."""
        if mode == "FTRIG":
            self.acquisition.force()
            return
        if mode == "SINGle":
            self._status_ps = self._calendar.now_ps + STATUS_LAGS_PS
        self.mode = mode
        self.run()

    def running(self, act: Callable[..., None]) -> Callable[..., None]:
        """A setting that changes what is acquired: a scope that runs begins anew with it."""

        def setter(*args: object) -> None:
            act(*args)
            if self.acquisition.state != "STOP":
                self.run()

        return setter

    def horizontal(self, act: Callable[..., None]) -> Callable[..., None]:
        """A setting of memory and time: ignored while the scope is stopped, and told late."""

        def setter(*args: object) -> None:
            if self.acquisition.state == "STOP":
                return
            self._before = self.reported
            self._settled_ps = self._calendar.now_ps + SETTLES_PS
            act(*args)
            self.run()

        return setter

    def set_base(self, seconds: float) -> None:
        self.base = next((base for base in BASES if base >= seconds * (1 - 1e-6)), BASES[-1])

    def set_rate(self, rate: float) -> None:
        self.wanted_rate = max((each for each in RATES if each <= rate * (1 + 1e-6)), default=RATES[0])

    def set_switch(self, n: int, on: bool) -> None:
        self.channel(n).switch = on

    def set_scale(self, n: int, scale: float) -> None:
        channel = self.channel(n)
        if channel.switch and LOWEST_SCALE <= round(scale / channel.probe, 12) <= HIGHEST_SCALE:
            channel.scale = scale
            self.set_offset(n, channel.offset)

    def set_offset(self, n: int, offset: float) -> None:
        channel = self.channel(n)
        if channel.switch:
            top = next(limit for scale, limit in OFFSETS if round(channel.scale / channel.probe, 12) <= scale)
            channel.offset = min(max(offset, -top * channel.probe), top * channel.probe)

    def set_probe(self, n: int, ratio: float) -> None:
        """Displayed values follow the ratio, so that the input keeps its range."""
        channel = self.channel(n)
        factor = ratio / channel.probe
        channel.scale, channel.offset, channel.probe = channel.scale * factor, channel.offset * factor, ratio

    def set_source(self, source: str) -> None:
        self.source = source if self.channels[int(source[-1])].switch else "LINE"

    def set_slope(self, slope: str) -> None:
        if slope not in SLOPES:
            raise ScpiError(scpi.SETTINGS_CONFLICT)
        self.slope = slope

    def set_level(self, volts: float) -> None:
        """In steps of a sixtieth of a division, no further than 4.1 divisions from the screen's middle."""
        channel = self.channels[int(self.source[-1])] if self.source != "LINE" else Channel()
        step = channel.scale / LEVEL_STEPS
        low, high = -REACH * channel.scale - channel.offset, REACH * channel.scale - channel.offset
        self.level = min(max(round(volts / step) * step, low), high)

    def _memory(self) -> Memory | None:
        """What was acquired of the wave source; None while it runs or when nothing was."""
        memory = self.acquisition.memory
        if memory is None or self.acquisition.state != "STOP":
            return None
        return memory if int(self.wave_source[-1]) in memory.plan.channels else None

    def data(self) -> bytes:
        """A page as a block that ends with two line feeds. Behind the end of the record nothing is answered."""
        memory = self._memory()
        count = memory.plan.points if memory is not None else 0
        if memory is None or self.start >= count:
            raise ScpiError(scpi.SETTINGS_CONFLICT)
        codes = self.acquisition.read(int(self.wave_source[-1]), screen=False)
        page = self.series.page if self.points_asked == 0 else min(self.points_asked, self.series.page)
        body = self._coded(codes[self.start :: self.interval][:page])
        counted = len(body) // 2 if self.series.counts_samples and self.width == "WORD" else len(body)
        return f"#9{counted:09d}".encode() + body + b"\n"

    def _coded(self, codes: NDArray[np.uint16]) -> bytes:
        drop = 1 << (8 if self.width == "BYTE" else 16 - self._bits)
        steps = np.minimum(codes.astype(np.int32) + drop // 2, 65535) // drop * drop - 32768
        return (steps >> 8).astype(np.int8).tobytes() if self.width == "BYTE" else steps.astype("<i2").tobytes()

    @property
    def _bits(self) -> int:
        return self.series.resolutions.get(self.resolution, self.series.bits)

    def preamble(self) -> bytes:
        """The descriptor, at the offsets of the guide's table (EN11G, p. 755); it has no points without a record."""
        memory = self._memory()
        plan = self.plan() if memory is None else memory.plan
        setting = plan.channels.get(int(self.wave_source[-1]), Vertical(1.0, 0.0, 1.0))
        words = self.width == "WORD"
        out = bytearray(DESCRIPTOR)
        out[:8], out[16:23] = b"WAVEDESC", b"WAVEACE"
        count = 0 if memory is None else plan.points
        for offset, form, *values in (
            (32, "<2h", int(words), 0),
            (36, "<i", DESCRIPTOR),
            (60, "<i", count * (2 if words else 1)),
            (116, "<i", count),
            (132, "<2i", self.start, self.interval),
            (144, "<2i", 1, 1),
            (156, "<2f", setting.scale / setting.probe, setting.offset / setting.probe),
            (164, "<f", CODES_PER_DIVISION * (256 if words else 1)),
            (172, "<h", self._bits),
            (176, "<f", self.interval / plan.rate),
            (180, "<d", plan.offset),
            (324, "<h", BASES.index(plan.scale)),
            (328, "<f", setting.probe),
            (344, "<h", int(self.wave_source[-1]) - 1),
        ):
            struct.pack_into(str(form), out, int(offset), *values)
        return f"#9{len(out):09d}".encode() + bytes(out) + b"\n"

    @staticmethod
    def _vertical(channel: Channel) -> Vertical:
        return Vertical(channel.scale, channel.offset, channel.probe, channel.limit == "20M")
