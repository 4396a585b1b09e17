"""Settings of a Rigol scope behind its commands, and what they mean for the acquisition and for reading data out.

Ranges that all series share are those of the DHO800/DHO900 programming guide (April 2025) and the DHO800 data sheet.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rig.twin.wire import scpi
from rig.twin.wire.acquisition import Acquisition, Digitizer, Memory, Plan, Vertical
from rig.twin.wire.rigol_series import Series
from rig.twin.wire.roles import Calendar
from rig.twin.wire.scpi import ScpiError

CHANNELS = 4
PROBES = tuple(m * 10.0**e for e in range(-3, 5) for m in (1, 2, 5))
LOWEST_SCALE, HIGHEST_SCALE = 500e-6, 10.0  # V/div at 1X
FASTEST_BASE, SLOWEST_BASE = 5e-9, 500.0  # s/div
SHORTEST_HOLDOFF, LONGEST_HOLDOFF = 8e-9, 10.0  # s
SLOPES: dict[str, Literal[1, -1]] = {"POS": 1, "NEG": -1}


@dataclass(slots=True)
class Channel:
    display: bool = False
    coupling: str = "DC"
    scale: float = 0.05
    offset: float = 0.0
    probe: float = 1.0
    limit: str = "OFF"


class Front:
    """Settings as the guide's commands name them."""

    def __init__(self, digitizer: Digitizer, calendar: Calendar, series: Series) -> None:
        self.series = series
        self.acquisition = Acquisition(digitizer, calendar)
        self.push: Callable[[int], None] = lambda _: None  # the error queue of the instrument in front
        self.defaults()

    def defaults(self) -> None:
        """*RST: only channel 1 is on, and the scope runs freely."""
        self.channels = {n: Channel(display=n == 1) for n in range(1, CHANNELS + 1)}
        self.base, self.shift = 5e-9, 0.0
        self.depth: int | None = 10_000  # None is AUTO
        self.source, self.slope, self.level, self.sweep = 1, "POS", 0.0, "AUTO"
        self.holdoff = SHORTEST_HOLDOFF
        self.wave_source, self.mode, self.format = 1, "NORM", "BYTE"
        self.start, self.stop = 1, 1000
        self.run()

    def channel(self, n: int) -> Channel:
        if n not in self.channels:
            raise ScpiError(scpi.SUFFIX_OUT_OF_RANGE)
        return self.channels[n]

    @property
    def on(self) -> int:
        return max(1, sum(channel.display for channel in self.channels.values()))

    @property
    def points(self) -> int:
        """Memory depth in use; AUTO takes the deepest that the top sample rate can fill."""
        if self.depth is not None:
            return self.depth
        most = min(self.series.deepest[self.on], self.series.fastest[self.on] * 10 * self.base)
        return max((depth for depth in self.series.depths.values() if depth <= most), default=self.series.depths["1K"])

    @property
    def rate(self) -> float:
        return min(self.series.fastest[self.on], self.points / (10 * self.base))

    def plan(self) -> Plan:
        on = {n: self.vertical(c) for n, c in self.channels.items() if c.display}
        slope = SLOPES[self.slope]
        return Plan(on, self.source, self.level, slope, self.base, self.shift, self.rate, self.points, self.holdoff)

    def vertical(self, channel: Channel) -> Vertical:
        return Vertical(channel.scale, self.grid(channel), channel.probe, channel.limit == "20M")

    def grid(self, channel: Channel) -> float:
        """The offset that the converter really applies: a whole number of codes, as YORigin is an integer."""
        step = channel.scale / self.series.codes_per_division
        return round(channel.offset / step) * step

    def run(self) -> None:
        self.acquisition.start(self.plan(), self.sweep)

    def single(self) -> None:
        self.sweep = "SING"
        self.run()

    def set_sweep(self, sweep: str) -> None:
        self.sweep = sweep
        if self.acquisition.state != "STOP" or sweep == "SING":
            self.run()

    def running(self, act: Callable[..., None]) -> Callable[..., None]:
        """A setting that changes what is acquired: a scope that runs begins anew with it."""

        def setter(*args: object) -> None:
            act(*args)
            if self.acquisition.state != "STOP":
                self.run()

        return setter

    def set_channel(self, name: str) -> Callable[..., None]:
        def setter(n: int, value: object) -> None:
            setattr(self.channel(n), name, value)

        return self.running(setter)

    def set_display(self, n: int, on: bool) -> None:
        self.channel(n).display = on
        if self.depth is not None:
            self.depth = min(self.depth, self.series.deepest[self.on])  # the guide: depths above are not available

    def set_scale(self, n: int, scale: float) -> None:
        channel = self.channel(n)
        if not LOWEST_SCALE <= round(scale / channel.probe, 12) <= HIGHEST_SCALE:
            raise ScpiError(scpi.OUT_OF_RANGE)
        channel.scale = scale
        top = self._most_offset(channel)
        channel.offset = min(max(channel.offset, -top), top)

    def set_offset(self, n: int, offset: float) -> None:
        channel = self.channel(n)
        if abs(offset) > self._most_offset(channel):
            raise ScpiError(scpi.OUT_OF_RANGE)
        channel.offset = offset

    def set_probe(self, n: int, ratio: float) -> None:
        """Displayed values follow the ratio, so that the input keeps its range."""
        channel = self.channel(n)
        found = next((probe for probe in PROBES if math.isclose(probe, ratio)), None)
        if found is None:
            raise ScpiError(scpi.ILLEGAL_VALUE)
        factor = found / channel.probe
        channel.scale, channel.offset, channel.probe = channel.scale * factor, channel.offset * factor, found

    def set_depth(self, text: str) -> None:
        if self.series.depth_needs_run and self.acquisition.state == "STOP":
            return
        word = text.upper()
        depth = self.series.depths.get(word)
        if depth is None and word != "AUTO":
            try:
                depth = round(float(text))
            except ValueError:
                raise ScpiError(scpi.ILLEGAL_VALUE) from None
            if depth not in self.series.depths.values():
                raise ScpiError(scpi.ILLEGAL_VALUE)
        if depth is not None and depth > self.series.deepest[self.on]:
            raise ScpiError(scpi.SETTINGS_CONFLICT)
        self.depth = depth

    def depth_text(self) -> str:
        return f"{self.points:.{self.series.depth_decimals}E}"

    def set_shift(self, seconds: float) -> None:
        latest = 1.0 if self.base <= 10e-3 else 100 * self.base if self.base < 10 else max(1e3, 5 * self.base)
        if not -5 * self.base <= seconds <= latest:
            raise ScpiError(scpi.OUT_OF_RANGE)
        self.shift = seconds

    def set_level(self, volts: float) -> None:
        channel = self.channels[self.source]
        if abs(volts + channel.offset) > self.series.reach * channel.scale:
            raise ScpiError(scpi.OUT_OF_RANGE)
        self.level = volts

    def set_slope(self, slope: str) -> None:
        if slope not in SLOPES:
            raise ScpiError(scpi.SETTINGS_CONFLICT)
        self.slope = slope

    def set_span(self, name: str) -> Callable[[int], None]:
        def setter(point: int) -> None:
            if not 1 <= point <= (1000 if self.mode == "NORM" else max(self.points, self._deep())):
                raise ScpiError(scpi.OUT_OF_RANGE)
            setattr(self, name, point)

        return setter

    def _deep(self) -> int:
        memory = self.acquisition.memory
        return memory.plan.points if memory is not None else 0

    @property
    def screen(self) -> bool:
        """Whether the mode reads the screen: always NORMal, MAXimum while the scope runs."""
        return self.mode == "NORM" or (self.mode == "MAX" and self.acquisition.state != "STOP")

    def readable(self) -> Memory | None:
        """What :WAVeform:DATA? can read now, or None."""
        memory = self.acquisition.memory
        if memory is None or self.wave_source not in memory.plan.channels:
            return None
        return None if self.mode == "RAW" and self.acquisition.state != "STOP" else memory

    def data(self) -> bytes:
        """The points from start to stop as a block; a conflict and an empty block when there is nothing to read."""
        body = b""
        if self.readable() is None:
            self.push(scpi.SETTINGS_CONFLICT)
        else:
            codes = self.acquisition.read(self.wave_source, screen=self.screen)[self.start - 1 : self.stop]
            body = self._coded(codes)
        return f"#9{len(body):09d}".encode() + body

    def _coded(self, codes: NDArray[np.uint16]) -> bytes:
        if self.format == "BYTE":
            return (codes >> 8).astype(np.uint8).tobytes()
        return (codes >> 8 if self.series.bytes_in_words else codes).astype("<u2").tobytes()

    def preamble(self) -> str:
        form = {"BYTE": 0, "WORD": 1}[self.format]
        mode = {"NORM": 0, "MAX": 1, "RAW": 2}[self.mode]
        points, xincrement, xorigin = self._horizontal()
        yincrement, yorigin = self._vertical()
        count = max(0, min(self.stop, points) - self.start + 1)
        return (
            f"{form},{mode},{count},1,{xincrement:.9E},{xorigin:.12E},0,"
            f"{yincrement:.9E},{yorigin},{self.series.centre[self.format]}"
        )

    def _horizontal(self) -> tuple[int, float, float]:
        """Points, interval and start relative to the trigger, of the memory if there is one, else as set."""
        memory = self.acquisition.memory
        plan = self.plan() if memory is None else memory.plan
        if self.screen:
            return 1000, plan.scale / 100, -plan.screen_lead_ps * 1e-12
        start = -plan.lead_ps if memory is None else memory.start_ps - memory.trigger_ps
        return plan.points, 1 / plan.rate, start * 1e-12

    def _vertical(self) -> tuple[float, int]:
        memory = self.acquisition.memory
        setting = memory.plan.channels.get(self.wave_source) if memory is not None else None
        if setting is None:
            channel = self.channels[self.wave_source]
            setting = self.vertical(channel)
        eight = self.format == "BYTE" or self.series.bytes_in_words
        step = setting.scale / self.series.codes_per_division * (256 if eight else 1)
        return step, round(setting.offset / step)

    def _most_offset(self, channel: Channel) -> float:
        scale = round(channel.scale / channel.probe, 12)
        return next(limit for top, limit in self.series.offsets if scale <= top) * channel.probe
