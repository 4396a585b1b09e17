"""The multimeter of Keysight's switch units: what is scanned, on which ranges, and the memory of its readings.

Written from the 34970A user's guide (reading format, scan list, memory) and the 34980A programmer's reference (ranges,
overload 9.9E+37, READ? of a list of its own, DATA:REMove?, R?). CONFigure switches off what FORMat:READing adds and
empties the memory; in the data acquisition units it makes the scan list, in the 34980A it does not. A scan runs through
its channels in ascending order, each once; closing each of them counts on its relay. READ? and MEASure? of a 34972A
leave nothing in the memory. Only TRIGger:SOURce IMMediate is there, and no alarms.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rig.twin.wire import scpi
from rig.twin.wire.keysight_channels import EMPTY_SCAN_LIST
from rig.twin.wire.roles import Meter
from rig.twin.wire.scpi import ScpiError

RANGES = (0.1, 1.0, 10.0, 100.0, 300.0)
OVERLOAD = 9.9e37
MOST_SWEEPS = 50_000
MEMORY = 50_000
FIELDS = ("UNIT", "TIME", "CHAN", "ALAR")


@dataclass(frozen=True, slots=True)
class Reading:
    volts: float
    channel: int
    seconds: float


class Scanner:
    """`scanned` is the scan list, empty at first; CONFigure makes it if the unit `lists`, READ? `stores` its readings.

    `closes` is told of every channel that is closed for a reading; `now_s` is the time of the bench.
    """

    def __init__(
        self,
        meter: Meter,
        scanned: list[int],
        closes: Callable[[int], None],
        now_s: Callable[[], float],
        *,
        lists: bool,
        stores: bool,
    ) -> None:
        self._meter, self.scanned, self._closes, self._now_s = meter, scanned, closes, now_s
        self._lists, self._stores = lists, stores
        self.defaults()

    def defaults(self) -> None:
        """*RST."""
        self.memory: list[Reading] = []
        self.scanned.clear()
        self.ranges: dict[int, float | None] = {}
        self.shown = dict.fromkeys(FIELDS, False)
        self.sweeps = 1

    def set_scan(self, channels: Sequence[int]) -> None:
        self.scanned[:] = sorted(set(channels))

    def configure(self, full: float | None, _resolution: object, channels: Sequence[int]) -> None:
        """`full` None: automatic range."""
        self.shown = dict.fromkeys(FIELDS, False)
        self.sweeps = 1
        self.set_range(full, channels)
        if self._lists:
            self.set_scan(channels)

    def set_range(self, full: float | None, channels: Sequence[int]) -> None:
        self.ranges |= dict.fromkeys(channels, full)
        self.memory.clear()

    def range_of(self, channel: int) -> float:
        full = self.ranges.get(channel)
        return RANGES[-1] if full is None else full

    def automatic(self, channel: int) -> bool:
        return self.ranges.get(channel) is None

    def set_automatic(self, on: bool, channels: Sequence[int]) -> None:
        for channel in channels:
            self.ranges[channel] = None if on else self.range_of(channel)

    def initiate(self) -> None:
        """The memory is emptied, then filled."""
        if not self.scanned:
            raise ScpiError(EMPTY_SCAN_LIST)
        start = self._now_s()
        taken = [self._read(channel, start) for _ in range(self.sweeps) for channel in self.scanned]
        self.memory = taken[-MEMORY:]

    def read(self, channels: Sequence[int] | None = None) -> str:
        """The channels of the scan list, or others once."""
        kept = self.scanned.copy()
        if channels is not None:
            self.set_scan(channels)
        try:
            self.initiate()
        finally:
            self.scanned[:] = kept
        reply = self.fetch()
        if not self._stores:
            self.memory.clear()
        return reply

    def measure(self, full: float | None, resolution: object, channels: Sequence[int]) -> str:
        """MEASure?: configured and read at once."""
        self.configure(full, resolution, channels)
        return self.read(channels)

    def fetch(self) -> str:
        if not self.memory:
            raise ScpiError(scpi.DATA_STALE)
        return ",".join(self._text(reading) for reading in self.memory)

    def remove(self, count: int) -> str:
        """The oldest `count` readings; an error when there are fewer."""
        if not 1 <= count <= len(self.memory):
            raise ScpiError(scpi.OUT_OF_RANGE)
        taken, self.memory = self.memory[:count], self.memory[count:]
        return ",".join(self._text(reading) for reading in taken)

    def remove_block(self, most: int) -> str:
        """R?: what there is, at most so many, as a definite block; 0: all."""
        count = min(most, len(self.memory)) if most > 0 else len(self.memory)
        text = self.remove(count) if count else ""
        digits = str(len(text))
        return f"#{len(digits)}{digits}{text}"

    def _read(self, channel: int, start: float) -> Reading:
        self._closes(channel)
        full = self.ranges.get(channel)
        chosen = RANGES if full is None else (full,)
        for each in chosen:
            volts = self._meter.read(str(channel), each)
            if math.isfinite(volts):
                break
        return Reading(volts, channel, self._now_s() - start)

    def _text(self, reading: Reading) -> str:
        volts = reading.volts if math.isfinite(reading.volts) else math.copysign(OVERLOAD, reading.volts)
        text = f"{volts:+.8E}{' VDC' if self.shown['UNIT'] else ''}"
        fields = {"TIME": f"{reading.seconds:013.3f}", "CHAN": str(reading.channel), "ALAR": "0"}
        return ",".join([text, *(field for name, field in fields.items() if self.shown[name])])
