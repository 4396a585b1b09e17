"""The slow record: one stream for the whole session, so that no moment of a run is unwatched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from instruments.clock import Clock
    from instruments.roles import Recorder
    from rig.files.bench import Bench

__all__ = ["Monitor"]


class Monitor:
    """Keeps every scan since `start`; scan numbers are the slow record's own time axis."""

    def __init__(self, bench: Bench, recorder: Recorder, clock: Clock) -> None:
        self._recorder = recorder
        self._clock = clock
        self.signals = {name: entry.slow for name, entry in bench.signals.items() if entry.slow is not None}
        self._asked_rate = bench.slow_rate
        self.rate = 0.0
        self._blocks: list[np.ndarray] = []
        self._scans = 0

    def start(self) -> None:
        """Begin streaming every signal that has a slow channel; `rate` becomes the actual scan rate, Hz."""
        entries = list(self.signals.values())
        self.rate = self._recorder.start(
            [str(entry.channel) for entry in entries], [entry.range for entry in entries], self._asked_rate
        )

    def stop(self) -> None:
        """End the stream."""
        self._recorder.stop()

    def now(self) -> int:
        """Number of scans that have arrived."""
        block = self._recorder.drain()
        if len(block.codes):
            self._blocks.append(np.asarray(block.codes))
            self._scans += len(block.codes)
        return self._scans

    def seen(self) -> int:
        """Number of scans taken over so far, without touching the instrument."""
        return self._scans

    def wait(self, seconds: float) -> int:
        """Let bench time pass and return the scans that have arrived by then."""
        self._clock.sleep(seconds)
        return self.now()

    def codes(self, first: int, last: int) -> np.ndarray:
        """Raw codes of scans first..last-1, shape (scans, signals), columns in the order of `signals`."""
        if len(self._blocks) > 1:
            self._blocks = [np.concatenate(self._blocks)]
        if not self._blocks:
            return np.empty((0, len(self.signals)), dtype=np.uint16)
        return self._blocks[0][max(first, 0) : last]

    def volts(self, signal: str, scans: int) -> np.ndarray:
        """The newest `scans` samples of one signal in volts at the recorder's input."""
        column = list(self.signals).index(signal)
        entry = self.signals[signal]
        scale, offset = self._recorder.conversion(entry.range)
        codes = self.codes(self._scans - scans, self._scans)[:, column]
        return codes * scale + offset
