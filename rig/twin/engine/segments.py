"""The past as a list of segments: between two events the motion is known exactly, so any window can be shown again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Generic, TypeVar

import numpy as np

from rig.twin.engine.curve import Array, Waveform
from rig.twin.engine.ladder import PS
from rig.twin.engine.mode import Drive, Mode, Row
from rig.twin.engine.network import NetworkError
from rig.twin.engine.probe import Probe
from rig.twin.engine.sampled import LONGEST_LEAP, Signals, Track, next_knots, stretches

BRIEF = 512  # samples
TOGETHER, FEW = 64, 4  # segments
KEPT = 8  # tracks; of up to LONGEST_LEAP steps, half a megabyte for each mode of the network

W_co = TypeVar("W_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch without change; it ends where the next one starts.

    With `signals` it runs over many steps of sampled inputs, as far as `end_ps`; the steps are worked out when asked.
    """

    start_ps: int
    mode: Mode
    drive: Drive
    signals: Signals | None = None
    end_ps: int = 0

    @property
    def brief(self) -> bool:
        """Whether it can be shown together with others of its mode."""
        return self.signals is None and self.mode.ladder is None and not self.drive.tones.omega.size

    def track(self) -> Track | None:
        """The steps of the sampled inputs."""
        if self.signals is None:
            return None
        knots = next_knots(self.signals, self.start_ps, self.end_ps, LONGEST_LEAP)
        return Track(self.mode, self.drive, self.signals, np.concatenate([[self.start_ps], knots]))


@dataclass(frozen=True, slots=True)
class Steps:
    """Outputs over the steps of a track, for rendering: local time starts with the track."""

    track: Track
    rows: Row

    def uniform(self, start: Array, step: float, count: int) -> Array:
        """Values at start + k * step, shape (outputs, count); each output has its own start."""
        times = step * np.arange(count)
        if (start == start[0]).all():
            return self.track.at(self.rows, start[0] + times)
        return np.concatenate([self.pick([k]).track.at(self.pick([k]).rows, t + times) for k, t in enumerate(start)])

    def pick(self, outputs: Sequence[int]) -> Steps:
        """Some of the outputs."""
        return Steps(self.track, Row(self.rows.state[list(outputs)], self.rows.input[list(outputs)]))


@dataclass(frozen=True, slots=True)
class Piece(Generic[W_co]):
    """The part of a segment that lies in a window, with its waveform in local seconds since `start_ps`."""

    start_ps: int
    from_ps: int
    to_ps: int
    wave: W_co

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
        self._recent: list[tuple[Segment, Track]] = []

    def __len__(self) -> int:
        return len(self.segments)

    def add(self, segment: Segment, track: Track | None = None) -> None:
        """Append; a segment that starts with its predecessor replaces it, because that one lasted no time.

        track: its steps, where they are known already.
        """
        if track is not None:
            self._keep(segment, track)
        if self._starts and self._starts[-1] == segment.start_ps:
            self.segments[-1] = segment
            return
        self.segments.append(segment)
        self._starts.append(segment.start_ps)

    def pieces(self, probes: Sequence[Probe], from_ps: int, to_ps: int) -> Iterator[Piece[Waveform]]:
        """The window [from_ps, to_ps] segment by segment, sampled inputs step by step."""
        for segment, begin, end in self._within(from_ps, to_ps):
            track = self._track(segment)
            rows = segment.mode.rows(probes)
            if track is None:
                wave = segment.mode.curve(rows, segment.drive, (end - segment.start_ps) * PS)
                yield Piece(segment.start_ps, begin, end, wave)
                continue
            knots = track.knots_ps
            for k in range(int(np.searchsorted(knots, begin, side="right")) - 1, len(knots) - 1):
                start, stop = int(knots[k]), min(int(knots[k + 1]), end)
                if start >= end > begin:
                    break
                wave = segment.mode.curve(rows, track.step(k), (stop - start) * PS)
                yield Piece(start, max(start, begin), stop, wave)

    def _within(self, from_ps: int, to_ps: int) -> Iterator[tuple[Segment, int, int]]:
        """The segments of a window and their parts in it; a window before the first segment raises NetworkError."""
        if not self._starts or from_ps < self._starts[0]:
            raise NetworkError(f"the window starts at {from_ps} ps, before the simulation")
        for k in range(bisect_right(self._starts, from_ps) - 1, len(self.segments)):
            segment = self.segments[k]
            end = self._starts[k + 1] if k + 1 < len(self._starts) else to_ps
            begin, end = max(from_ps, segment.start_ps), min(to_ps, end)
            if begin > to_ps or (begin == to_ps and begin > from_ps):
                return
            yield segment, begin, end

    def _track(self, segment: Segment) -> Track | None:
        """The steps of a segment; those of the last few are kept, because they are asked for again."""
        kept = next((track for own, track in self._recent if own is segment), None)
        if kept is None and (kept := segment.track()) is not None:
            self._keep(segment, kept)
        return kept

    def _keep(self, segment: Segment, track: Track) -> None:
        self._recent = [*self._recent[1 - KEPT :], (segment, track)]

    def whole(self, probes: Sequence[Probe], from_ps: int, to_ps: int) -> Iterator[Piece[Waveform | Steps]]:
        """As `pieces`, with all steps of a segment in one."""
        for segment, begin, end in self._within(from_ps, to_ps):
            yield Piece(segment.start_ps, begin, end, self._wave(segment, probes, (end - segment.start_ps) * PS))

    def _wave(self, segment: Segment, probes: Sequence[Probe], horizon: float) -> Waveform | Steps:
        track, rows = self._track(segment), segment.mode.rows(probes)
        if track is not None:
            return Steps(track, rows)
        return segment.mode.curve(rows, segment.drive, horizon)

    def render(self, probes: Sequence[Probe], start_ps: int, dt_ps: float, count: int) -> Array:
        """Samples at start_ps + k dt_ps, shape (probes, count); at an event the value after it."""
        out = np.empty((len(probes), count))
        window = Window(start_ps, dt_ps, count)
        brief: dict[Mode, list[tuple[Segment, int, int]]] = {}
        for segment, begin, end in self._within(start_ps, window.last_ps + 1):
            first, last = window.before(begin), window.before(end)
            if first < last <= first + BRIEF and segment.brief:
                brief.setdefault(segment.mode, []).append((segment, first, last))
            elif first < last:
                out[:, first:last] = self._samples(segment, probes, window, first, last)
        for mode, parts in brief.items():
            if len(parts) >= FEW:
                for k in range(0, len(parts), TOGETHER):
                    _render_together(out, window, mode, mode.rows(probes), parts[k : k + TOGETHER])
                continue
            for segment, first, last in parts:
                out[:, first:last] = self._samples(segment, probes, window, first, last)
        return out

    def _samples(self, segment: Segment, probes: Sequence[Probe], window: Window, first: int, last: int) -> Array:
        start, step = window.local(segment, first), window.dt_ps * PS
        wave = self._wave(segment, probes, start + step * (last - first))
        return wave.uniform(np.full(len(probes), start), step, last - first)

    def render_each(self, probes: Sequence[Probe], starts_ps: Sequence[int], dt_ps: float, count: int) -> Array:
        """As `render`, with a start of its own for each probe."""
        out = np.empty((len(probes), count))
        windows = [Window(start_ps, dt_ps, count) for start_ps in starts_ps]
        for piece in self.whole(probes, min(starts_ps), max(window.last_ps for window in windows) + 1):
            parts = [window.samples(piece) for window in windows]
            for first, last in dict.fromkeys(parts):  # next to an event they differ by a sample, elsewhere they agree
                if last > first:
                    rows = [k for k, part in enumerate(parts) if part == (first, last)]
                    local = np.array([windows[k].local(piece, first) for k in rows])
                    out[rows, first:last] = piece.wave.pick(rows).uniform(local, dt_ps * PS, last - first)
        return out


@dataclass(frozen=True, slots=True)
class Window:
    """Samples at start_ps + k dt_ps for k below `count`. A segment that starts at a sample supplies it."""

    start_ps: int
    dt_ps: float
    count: int

    @property
    def last_ps(self) -> int:
        """When the last sample is taken, rounded up."""
        return self.start_ps + ceil((self.count - 1) * self.dt_ps)

    def samples(self, piece: Piece[Any]) -> tuple[int, int]:
        """The samples that lie in a piece: from .. until."""
        return self.before(piece.from_ps), self.before(piece.to_ps)

    def local(self, piece: Piece[Any] | Segment, sample: int) -> float:
        """Local time of a sample in a segment, s."""
        return ((self.start_ps - piece.start_ps) + sample * self.dt_ps) * PS

    def before(self, t_ps: int) -> int:
        """How many samples are taken before t_ps."""
        return self.count if t_ps > self.last_ps else max(0, _samples(t_ps - self.start_ps, self.dt_ps))


def _render_together(
    out: Array, window: Window, mode: Mode, rows: Row, parts: Sequence[tuple[Segment, int, int]]
) -> None:
    """Brief segments of one mode in one go: there may be hundreds of a few samples each."""
    counts = [last - first for _, first, last in parts]
    samples = np.concatenate([np.arange(first, last) for _, first, last in parts])
    part = np.repeat(np.arange(len(parts)), counts)
    ahead_ps = np.array([float(window.start_ps - segment.start_ps) for segment, _, _ in parts])
    local = (ahead_ps[part] + samples * window.dt_ps) * PS
    out[:, samples] = stretches(mode, [segment.drive for segment, _, _ in parts]).at(rows, part, local)


def _samples(span_ps: int, dt_ps: float) -> int:
    """How many samples lie before the end of a span; in integers where possible: a day has too many ps for a float."""
    return -(-span_ps // int(dt_ps)) if float(dt_ps).is_integer() else ceil(span_ps / dt_ps)
