"""The slow record of a bench without a recorder: what supply and load read of themselves, asked again and again.

A read-back is no scan. The instrument averages over an interval of its own and tells it late; the rig asks for one
reading after the other, and at nothing while it does something else. So a reading holds until the next one, as on any
polled display, and what is unknown of its time goes into the record: how old it may be, how long the rig looked away.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from instruments.records import Identity, StreamBlock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from instruments.accuracy import Accuracy, Function
    from instruments.clock import Clock
    from instruments.records import Sample
    from rig.files.bench import Bench, SlowChannel

__all__ = ["CLOCK_PPM", "READ_BACKS", "Readings", "as_fed", "reading_accuracy", "slow_row"]

STEPS = 0xFFFF
CLOCK_PPM = 100.0
"""Limit of error of the computer's clock over a case, 1e-6 [K]."""
READ_BACKS: dict[str, Function] = {
    "supply.volts": "measure voltage", "supply.amps": "measure current",
    "load.volts": "measure voltage", "load.amps": "measure current",
}  # fmt: skip
"""What can be asked for, as a channel of the slow record: role and reading."""


class Readings:
    """Role Recorder over the readings of a supply and a load. Codes span +- range in 65,535 steps.

    A scan is due at each period after `start`; one that came due while nobody asked has the reading from before.
    """

    name = "read-backs"
    capabilities = frozenset({"stream"})
    accuracy: tuple[Accuracy, ...] = ()
    second_client: bool | None = None
    known = Identity("", "read-backs of supply and load", "", "")

    def __init__(self, instruments: Mapping[str, Any], clock: Clock) -> None:
        """`instruments` by role: supply and load."""
        self._instruments, self._clock = dict(instruments), clock
        self._channels: tuple[str, ...] = ()
        self._scale = np.empty(0)
        self._period_ns = self._begun_ns = self._scans = 0
        self._last: np.ndarray | None = None
        self._asked: list[tuple[int, float]] = []

    def start(self, channels: Sequence[str], ranges: Sequence[float], rate_hz: float) -> float:
        """Scan 0 is read now; the rate is as asked for."""
        self._channels = tuple(channels)
        self._scale = np.array([self.conversion(one)[0] for one in ranges])
        self._period_ns, self._begun_ns = round(1e9 / rate_hz), self._clock.now_ns()
        self._scans, self._last, self._asked = 0, None, []
        return 1e9 / self._period_ns

    def drain(self) -> StreamBlock:
        """The scans that have come due; the newest one has a reading of now."""
        now_ns = self._clock.now_ns()
        due = (now_ns - self._begun_ns) // self._period_ns + 1
        first, count = self._scans, int(due) - self._scans
        codes = np.empty((max(count, 0), len(self._channels)), dtype=np.uint16)
        if count > 0:
            fresh = self._read()
            took_s = (self._clock.now_ns() - now_ns) * 1e-9
            codes[:] = fresh if self._last is None else self._last
            codes[-1] = fresh
            # A change in the gap shows at its end: earlier by no more than the gap, which the newest scan ends.
            self._asked.append((first, count * self._period_ns * 1e-9 + took_s))
            self._last, self._scans = fresh, first + count
        return StreamBlock(first, codes, tuple(self._scale), tuple(-self._scale * (STEPS // 2)), 0)

    def due_s(self) -> float:
        """Until the next scan is due, s; 0 where it is already."""
        due_ns = self._begun_ns + self._scans * self._period_ns
        return max(0.0, (due_ns - self._clock.now_ns()) * 1e-9)

    def stop(self) -> None:
        """Nothing is asked any more."""
        self._channels = ()

    def conversion(self, range_volts: float) -> tuple[float, float]:
        """(scale, offset) of a reading in its own unit; a code in the middle is exactly zero."""
        scale = 2.0 * range_volts / (STEPS - 1)
        return scale, -scale * (STEPS // 2)

    def channel_accuracy(self, range_volts: float) -> Accuracy:
        """Not by range alone: see `slow_row`."""
        raise NotImplementedError(f"a read-back of +-{range_volts:g} has the accuracy of its channel: use slow_row")

    def longest_gap(self, first: int, last: int) -> float:
        """The longest time between two readings that a record of scans first..last-1 rests on, s."""
        return max((gap for at, gap in self._asked if first - 1 <= at < last), default=self._period_ns * 1e-9)

    def rows(self, role: str) -> tuple[Accuracy, ...]:
        """What the instrument in a role states."""
        return tuple(self._instruments[role].accuracy)

    def _read(self) -> np.ndarray:
        samples: dict[str, Sample] = {}
        values = []
        for channel in self._channels:
            role, _, what = channel.partition(".")
            if role not in samples:
                samples[role] = self._instruments[role].measure()
            values.append(getattr(samples[role], what))
        codes = np.clip(np.rint(np.array(values) / self._scale) + STEPS // 2, 0, STEPS)
        return np.asarray(codes, dtype=np.uint16)

    def identity(self) -> Identity:
        return self.known

    def make_safe(self) -> None:
        """It energises nothing."""

    def read_back(self) -> dict[str, object]:
        return {}

    def reopen(self) -> None:
        """Its instruments are reopened for themselves."""

    def close(self) -> None:
        """Its instruments are closed for themselves."""


def slow_row(recorder: Any, bench: Bench, entry: SlowChannel, gap: float | None = None) -> Accuracy:
    """What is stated of a slow channel; of a read-back, with how old it may be and `gap`, s, between two of them.

    Raises OutOfRange as `Recorder.channel_accuracy`.
    """
    if not isinstance(recorder, Readings):
        row: Accuracy = recorder.channel_accuracy(entry.range)
        return row
    return reading_accuracy(bench, entry, recorder.rows(entry.channel.partition(".")[0]), gap)


def reading_accuracy(bench: Bench, entry: SlowChannel, rows: Sequence[Accuracy], gap: float | None = None) -> Accuracy:
    """As `slow_row`, from the rows of the instrument; without `gap` one period of the record.

    The smallest range that holds the channel's counts; the largest where none does, for what an instrument shows
    beyond it is no better. Without a row nothing is known, and nothing of its time.
    """
    function, step = READ_BACKS[entry.channel], 2.0 * entry.range / (STEPS - 1)
    mine = sorted((row for row in rows if row.function == function), key=lambda row: row.range)
    if not mine:
        source = "not verified: nothing is stated of this reading, taken for its whole range"
        return _with_time(bench, entry, _unstated(function, entry.range, source), step, gap)
    return _with_time(bench, entry, next((row for row in mine if row.range >= entry.range), mine[-1]), step, gap)


def as_fed(bench: Bench, fed_at_port: bool) -> Bench:
    """The bench as it sees a device: by the channels `fed` where it is fed at its port, by `slow` otherwise."""
    if not fed_at_port or not any(one.fed for one in bench.signals.values()):
        return bench
    signals = {
        name: one if one.fed is None else one.model_copy(update={"slow": one.fed})
        for name, one in bench.signals.items()
    }
    return bench.model_copy(update={"signals": signals})


def _with_time(bench: Bench, entry: SlowChannel, row: Accuracy, step: float, gap: float | None) -> Accuracy:
    update = getattr(bench.transducers[entry.transducer], "update", 0.0)
    between = 1.0 / bench.slow_rate if gap is None else gap
    return replace(row, resolution=row.resolution + step, timebase_ppm=CLOCK_PPM, skew_s=update + between)


def _unstated(function: Function, full: float, source: str) -> Accuracy:
    from instruments.accuracy import Accuracy

    return Accuracy(function, full, offset_abs=full, source=source)
