"""Fewer points that look the same: the extremes of every bucket, at their own times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from rig.record import Trace

__all__ = ["decimate", "decimated"]

Floats = NDArray[np.float64]


PIECE = 65_536
"""Samples that are turned into floats at a time."""


def decimated(trace: Trace, part: slice, points: int = 2000) -> tuple[Floats, Floats]:
    """`decimate` of the samples in `part` (indices), of which only a piece at a time is held as floats."""
    n = part.stop - part.start
    width = -(-n // max(points // 2, 1))
    if n <= PIECE or width <= 2:
        return decimate(trace.times(part), trace.read(part), points)
    size = max(PIECE // width, 1) * width
    found = []
    for first in range(part.start, part.stop, size):
        piece = slice(first, min(first + size, part.stop))
        found.append(decimate(trace.times(piece), trace.read(piece), 2 * -(-(piece.stop - piece.start) // width)))
    return np.concatenate([time for time, _ in found]), np.concatenate([values for _, values in found])


def decimate(time: Floats, values: Floats, points: int = 2000) -> tuple[Floats, Floats]:
    """At most about `points` of the (n,) samples, with every bucket's minimum and maximum in order of time.

    No peak is lost. A bucket of missing samples (NaN) stays missing.
    """
    n, buckets = len(values), max(points // 2, 1)
    width = -(-n // buckets)
    if width <= 2:
        return time, values
    whole = n // width * width
    kept = _extremes(values[:whole].reshape(-1, width)).ravel()
    if whole < n:
        kept = np.concatenate([kept, whole + _extremes(values[None, whole:]).ravel()])
    return time[kept], values[kept]


def _extremes(blocks: Floats) -> NDArray[np.intp]:
    """(buckets, 2) flat indices of each row's minimum and maximum, in order of time."""
    missing = np.isnan(blocks)
    low, high = (
        (np.where(missing, np.inf, blocks), np.where(missing, -np.inf, blocks)) if missing.any() else (blocks, blocks)
    )
    pairs = np.sort(np.stack([low.argmin(axis=1), high.argmax(axis=1)], axis=1), axis=1)
    return np.asarray(pairs + np.arange(len(blocks))[:, None] * blocks.shape[1])
