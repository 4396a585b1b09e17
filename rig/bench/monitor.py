"""The slow record: one stream for the whole session, so that no moment of a run is unwatched."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from rig.bench.readings import Readings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from instruments.clock import Clock
    from instruments.roles import Recorder
    from rig.files.bench import Bench

__all__ = ["Monitor", "MonitorSilent"]

PATIENCE_S = 1.0
"""Bench time without a new scan after which the monitor is no monitor any more."""


class MonitorSilent(Exception):
    """The slow record has stopped: what it showed last must not be taken for what is."""


class Monitor:
    """Keeps every scan since `start`; scan numbers are the slow record's own time axis."""

    def __init__(self, bench: Bench, recorder: Recorder, clock: Clock) -> None:
        self._recorder = recorder
        self._clock = clock
        self.signals = {name: entry.slow for name, entry in bench.signals.items() if entry.slow is not None}
        self._asked_rate = bench.slow_rate
        self.rate = 0.0
        self._kept = np.empty((0, len(self.signals)), dtype=np.uint16)
        self._scans = 0
        self._silence_s = 0.0

    def start(self) -> None:
        """Begin streaming every signal that has a slow channel; `rate` becomes the actual scan rate, Hz."""
        entries = list(self.signals.values())
        self.rate = self._recorder.start(
            [str(entry.channel) for entry in entries], [entry.range for entry in entries], self._asked_rate
        )

    def stop(self) -> None:
        """End the stream."""
        self._recorder.stop()

    @contextmanager
    def resting(self) -> Iterator[None]:
        """No scans meanwhile; their numbers go on afterwards as if no time had passed."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def now(self) -> int:
        """Number of scans that have arrived."""
        block = self._recorder.drain()
        end = self._scans + len(block.codes)
        if end > len(self._kept):  # room for as much again: a session is long, and is looked at often
            self._kept = np.concatenate([self._kept, np.empty((end, len(self.signals)), dtype=np.uint16)])
        self._kept[self._scans : end] = block.codes
        self._scans = end
        return self._scans

    def seen(self) -> int:
        """Number of scans taken over so far, without touching the instrument."""
        return self._scans

    def wait(self, seconds: float) -> int:
        """Let bench time pass and return the scans that have arrived by then.

        Raises:
            MonitorSilent: none has arrived for too long.
        """
        before = self._scans
        if isinstance(self._recorder, Readings):  # nobody collects for it while the rig sleeps
            end_ns = self._clock.now_ns() + round(seconds * 1e9)
            while (due := self._recorder.due_s()) < (end_ns - self._clock.now_ns()) * 1e-9:
                self._clock.sleep(due)
                self.now()
            seconds = max((end_ns - self._clock.now_ns()) * 1e-9, 0.0)
        self._clock.sleep(seconds)
        if self.now() > before:
            self._silence_s = 0.0
            return self._scans
        self._silence_s += seconds
        if self._silence_s >= PATIENCE_S:
            raise MonitorSilent(
                f"The slow monitor gave no scan for {self._silence_s:.2g} s after {self._scans}: "
                "check the recorder's stream and its connection."
            )
        return self._scans

    def codes(self, first: int, last: int) -> np.ndarray:
        """Raw codes of scans first..last-1, shape (scans, signals), columns in the order of `signals`."""
        return self._kept[max(first, 0) : min(last, self._scans)]

    @property
    def looks_away(self) -> bool:
        """Whether the record is read-backs, which come only while somebody waits for them."""
        return isinstance(self._recorder, Readings)

    def gap(self, first: int, last: int) -> float | None:
        """The longest time that the record of scans first..last-1 looked away, s; None of a stream, which does not."""
        return self._recorder.longest_gap(first, last) if isinstance(self._recorder, Readings) else None

    def volts(self, signal: str, scans: int) -> np.ndarray:
        """The newest `scans` samples of one signal in volts at the recorder's input."""
        column = list(self.signals).index(signal)
        entry = self.signals[signal]
        scale, offset = self._recorder.conversion(entry.range)
        codes = self.codes(self._scans - scans, self._scans)[:, column]
        return codes * scale + offset
