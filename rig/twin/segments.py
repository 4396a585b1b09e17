"""The past as a list of segments: between two events the motion is known exactly, so any window can be shown again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from rig.twin.curve import Array, Waveform
from rig.twin.ladder import PS
from rig.twin.mode import Drive, Mode
from rig.twin.network import NetworkError
from rig.twin.probe import Probe


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch without change; it ends where the next one starts."""

    start_ps: int
    mode: Mode
    drive: Drive


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of a segment that lies in a window, with its waveform in local seconds since `start_ps`."""

    start_ps: int
    from_ps: int
    to_ps: int
    wave: Waveform

    @property
    def begin(self) -> float:
        """Local time of the window's beginning in this segment, s."""
        return (self.from_ps - self.start_ps) * PS

    @property
    def end(self) -> float:
        """Local time of the window's end in this segment, s."""
        return (self.to_ps - self.start_ps) * PS


class History:
    """All segments since the start."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self._starts: list[int] = []

    def __len__(self) -> int:
        return len(self.segments)

    def add(self, segment: Segment) -> None:
        """Append; a segment that starts with its predecessor replaces it, because that one lasted no time."""
        if self._starts and self._starts[-1] == segment.start_ps:
            self.segments[-1] = segment
            return
        self.segments.append(segment)
        self._starts.append(segment.start_ps)

    def pieces(self, probes: Sequence[Probe], from_ps: int, to_ps: int) -> Iterator[Piece]:
        """The window [from_ps, to_ps] segment by segment; a window before the first segment raises NetworkError."""
        if not self._starts or from_ps < self._starts[0]:
            raise NetworkError(f"the window starts at {from_ps} ps, before the simulation")
        for k in range(bisect_right(self._starts, from_ps) - 1, len(self.segments)):
            segment = self.segments[k]
            end = self._starts[k + 1] if k + 1 < len(self._starts) else to_ps
            begin, end = max(from_ps, segment.start_ps), min(to_ps, end)
            if begin > to_ps or (begin == to_ps and begin > from_ps):
                return
            rows = segment.mode.rows(probes)
            wave = segment.mode.curve(rows, segment.drive, (end - segment.start_ps) * PS)
            yield Piece(segment.start_ps, begin, end, wave)

    def render(self, probes: Sequence[Probe], start_ps: int, dt_ps: float, count: int) -> Array:
        """Samples at start_ps + k dt_ps, shape (probes, count); at an event the value after it."""
        out = np.empty((len(probes), count))
        last_ps = start_ps + ceil((count - 1) * dt_ps)
        first = 0
        # One picosecond more, so that a segment that starts at the last sample supplies it.
        for piece in self.pieces(probes, start_ps, last_ps + 1):
            last = count if piece.to_ps > last_ps else min(count, _samples(piece.to_ps - start_ps, dt_ps))
            if last > first:
                local = ((start_ps - piece.start_ps) + first * dt_ps) * PS
                out[:, first:last] = piece.wave.uniform(local, dt_ps * PS, last - first)
                first = last
        return out


def _samples(span_ps: int, dt_ps: float) -> int:
    """How many samples lie before the end of a span; in integers where possible: a day has too many ps for a float."""
    return -(-span_ps // int(dt_ps)) if float(dt_ps).is_integer() else ceil(span_ps / dt_ps)
