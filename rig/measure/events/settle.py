"""The first instant after which a signal stays inside a band: the end of a fault current, limiting, recovery (IEEE 181
settling).

Inside means low <= v <= high. Noise must not restart the clock, so a sample counts as having left only 5 sigma beyond
the band; that this does not admit a signal which settles just outside is checked on the means of each stay. A clipped
sample is outside: how far it went is not known.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rig.measure.captures.noise import Noise
from rig.measure.events.edge import Edge
from rig.measure.events.placing import FIT_MAX, place, within
from rig.measure.events.points import Points

LEAVE = 5.0
"""Sigmas beyond the band from which on a sample has left it, whatever the noise."""
ENTER = 3.0
"""Sigmas inside the band by which the crossing into it is over; between the two lie the samples that place it."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A stretch inside the band. entry: first inside sample; before: last sample that was outside, -1 when the search
    began inside; end: one past its last sample; held: s from entry to the next sample outside or to the last sample;
    open: it lasts to the last sample."""

    entry: int
    before: int
    end: int
    held: float
    open: bool


def stays(pts: Points, low: float, high: float, of: Noise) -> Iterator[Stay]:
    """All stays in order of time; nothing for an empty trace."""
    if pts.size == 0:
        return
    margin = LEAVE * of.sigma
    left = np.flatnonzero((pts.v > high + margin) | (pts.v < low - margin) | pts.clipped)
    inside = np.flatnonzero((pts.v >= low) & (pts.v <= high) & ~pts.clipped)
    if inside.size == 0:
        return
    bounds = np.concatenate(([-1], left, [pts.size]))
    at = np.searchsorted(inside, bounds[:-1], side="right")
    for i in np.flatnonzero(np.diff(bounds) > 1):
        if at[i] >= inside.size or inside[at[i]] >= bounds[i + 1]:
            continue
        entry, before, end = int(inside[at[i]]), int(bounds[i]), int(bounds[i + 1])
        last = min(end, pts.size - 1)
        held = min(float(pts.t[last] - pts.t[entry]), (last - entry) * pts.dt)  # a gap is no evidence
        yield Stay(entry, before, end, held, end == pts.size)


def mean_inside(pts: Points, stay: Stay, *, hold: float, low: float, high: float) -> bool:
    """True when the mean over the second half of the hold lies in the band; the first half may still settle.

    Of |x| the magnitude of the mean of x counts, so that noise does not pass for a level.
    """
    first, last = np.searchsorted(pts.t, (pts.t[stay.entry] + hold / 2.0, pts.t[stay.entry] + hold), side="left")
    signed = pts.v if pts.sign is None else pts.sign
    part = signed[min(int(first), stay.end - 1) : max(min(int(last) + 1, stay.end), stay.entry + 1)]
    mean = float(part.mean())
    return low <= (mean if pts.sign is None else abs(mean)) <= high


def entry_edge(pts: Points, stay: Stay, low: float, high: float, of: Noise) -> Edge | None:
    """The crossing by which the stay began; None when the search began inside."""
    if stay.before < 0:
        return None
    came_from = float(pts.v[stay.before])
    level = high if came_from > high else low
    if low <= came_from <= high:  # a clipped sample inside the band: no crossing can be placed, only its segment
        return within(pts, stay.before, stay.entry, level, of)
    margin = ENTER * of.sigma
    tail = pts.v[stay.entry : min(stay.end, stay.entry + FIT_MAX)]
    deep = np.flatnonzero(tail <= level - margin if came_from > high else tail >= level + margin)
    after = stay.entry + (int(deep[0]) if deep.size else 0)
    return place(pts, stay.before, after, level, of)
