"""A bench in memory: contactors follow coils after their time, every call is in one list, anything can be broken."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from instruments.accuracy import Accuracy
from instruments.errors import LinkTimeout
from instruments.records import Identity, Sample, StreamBlock
from rig.bench.equipment import Equipment


def timeout(name: str) -> LinkTimeout:
    return LinkTimeout(name, "anything", "no reply", "look at it")


class FakeClock:
    """Bench time that moves by sleeps alone."""

    def __init__(self) -> None:
        self.ns = 0
        self.slept: list[float] = []

    def now_ns(self) -> int:
        return self.ns

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.ns += round(seconds * 1e9)

    def opened(self, link: str, local_port: int) -> None:
        """Nobody shares this bench."""

    def sent(self, link: str, nbytes: int) -> None:
        pass


class Breakable:
    """Every call is logged; `broken` makes all of them raise, `breaks` only the next ones, until reopened or not."""

    capabilities: frozenset = frozenset()

    def __init__(self, name: str, log: list) -> None:
        self.name, self.log = name, log
        self.broken: Exception | None = None
        self.breaks: list[Exception] = []

    def called(self, *what: object) -> None:
        self.log.append((self.name, *what))
        if self.breaks:
            raise self.breaks.pop(0)
        if self.broken is not None:
            raise self.broken

    def reopen(self) -> None:
        self.called("reopen")

    def close(self) -> None:
        self.called("close")

    def identity(self) -> Identity:
        self.called("identity")
        return Identity("Maker", self.name, "1", "2")


class Source(Breakable):
    """A supply or a load: on or off."""

    def __init__(self, name: str, log: list, key: str) -> None:
        super().__init__(name, log)
        self.on, self.key, self.volts = True, key, 0.0

    def make_safe(self) -> None:
        self.called("make_safe")
        self.on = False

    def measure(self) -> Sample:
        self.called("measure")
        return Sample(self.volts if not self.on else 48.0, 0.0)

    def read_back(self) -> dict[str, object]:
        self.called("read_back")
        return {self.key: self.on}


class Board(Breakable):
    """The relay board; coils by number."""

    def __init__(self, log: list) -> None:
        super().__init__("relays", log)
        self.coils = [False] * 32

    def set(self, channel: int, on: bool) -> None:
        self.called("set", channel, on)
        self.coils[channel - 1] = on

    def set_all(self, on: bool) -> None:
        self.called("set_all", on)
        self.coils = [on] * 32

    def states(self) -> dict[int, bool]:
        self.called("states")
        return dict(enumerate(self.coils, 1))


class Daq(Breakable):
    """Digital lines: the gate, and auxiliary contacts that follow the coils unless welded or stuck."""

    def __init__(self, log: list, bench, board: Board) -> None:
        super().__init__("daq", log)
        self.bench, self.board = bench, board
        self.driven: dict[str, bool] = {}
        self.chain_closed = True
        self.idle_scans = 0  # that each look finds, of nothing at all
        self.welded: set[str] = set()
        self.stuck: set[str] = set()
        self.blocks: list[np.ndarray] = []
        self.first = 0

    def set_line(self, name: str, high: bool) -> None:
        self.called("set_line", name, high)
        self.driven[name] = high

    def pulse_line(self, name: str, seconds: float) -> None:
        self.called("pulse_line", name, seconds)
        self.driven[name] = False

    def line(self, name: str) -> bool:
        self.called("line", name)
        if self.bench.interlock is not None and name == self.bench.interlock.line:
            return self.chain_closed
        return self.driven.get(name, False)

    def lines(self, names) -> dict[str, bool]:
        self.called("lines")
        found = {}
        for name, part in self.bench.contactors.items():
            closed = self.board.coils[part.pilot - 1]
            found[part.readback] = (closed and name not in self.stuck) or name in self.welded
        return {name: found[name] for name in names}

    def start(self, channels, ranges, rate_hz: float) -> float:
        self.called("start", tuple(channels), tuple(ranges), rate_hz)
        return 2_000.0

    def stop(self) -> None:
        self.called("stop")

    def drain(self) -> StreamBlock:
        codes = self.blocks.pop(0) if self.blocks else np.full((self.idle_scans, 5), 32768, dtype=np.uint16)
        first, self.first = self.first, self.first + len(codes)
        return StreamBlock(first, codes, (1.0,) * 5, (0.0,) * 5, 0)

    def conversion(self, _range: float) -> tuple[float, float]:
        return 0.001, -32.768

    def channel_accuracy(self, range_volts: float) -> Accuracy:
        return Accuracy("measure voltage", range_volts, offset_abs=0.001, source="a fake")


def fake_bench(bench) -> SimpleNamespace:
    """Everything at once: log, clock, instruments and the Equipment made of them."""
    log: list = []
    clock, board = FakeClock(), Board(log)
    daq = Daq(log, bench, board)
    supply, load = Source("supply", log, "output"), Source("load", log, "input")
    scope = Breakable("scope", log)
    instruments = {"supply": supply, "load": load, "relays": board, "daq": daq, "scope": scope}
    equipment = Equipment(supply, load, board, daq, daq, scope, instruments, {})
    return SimpleNamespace(
        bench=bench, log=log, clock=clock, relays=board, daq=daq, supply=supply, load=load, scope=scope,
        equipment=equipment, instruments=instruments,
    )  # fmt: skip
