"""Fewer points that look the same: the extremes of every bucket, at their own times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["decimate"]

Floats = NDArray[np.float64]


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
