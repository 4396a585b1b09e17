"""From a column of numbers to a trace: the converter's steps are found again, and time has to be uniform."""

import numpy as np
from numpy.typing import NDArray

from rig.measure import Trace

Floats = NDArray[np.float64]
MOST_STEPS = 65_536
NEAR = 0.02
"""Of a step, by which a value may lie beside the lattice of its column."""
UNEVEN = 0.1
"""Of the sample interval, by which an instant may lie beside where it should be: times in text are rounded."""


def trace_of(signal: str, unit: str, values: Floats, dt: float, start: float) -> Trace:
    """A trace without accuracy. Values that lie on a lattice become codes of that step; NaN is a lost sample.

    Nothing is known of the edges of the screen, so nothing counts as clipped until somebody states them.
    """
    step, origin = lattice(values)
    codes: NDArray[np.integer] | Floats = values
    if step > 0.0:
        steps = np.rint((values - origin) / step)
        codes = steps if np.isnan(steps).any() else steps.astype(np.int32)
    scale, offset = (step, origin) if step > 0.0 else (1.0, 0.0)
    return Trace(signal, unit, codes, scale, offset, dt, start, -np.inf, np.inf)


def lattice(values: Floats) -> tuple[float, float]:
    """(step, origin) of the evenly spaced levels that all values lie on; (0, 0) where there are none."""
    levels = np.unique(values[np.isfinite(values)])
    if not 3 <= levels.size <= MOST_STEPS:
        return 0.0, 0.0
    gaps = np.diff(levels)
    step = float(gaps.min())
    counts = (levels - levels[0]) / step
    off = np.abs(counts - np.rint(counts)).max()
    if off > NEAR and levels.size > 3:  # text rounds every level: the whole span gives the step better than one gap
        step = float(levels[-1] - levels[0]) / max(round((levels[-1] - levels[0]) / float(np.median(gaps))), 1)
        counts = (levels - levels[0]) / step
        off = np.abs(counts - np.rint(counts)).max()
    if off > NEAR or counts[-1] > 2**31:
        return 0.0, 0.0
    return float(levels[-1] - levels[0]) / round(counts[-1]), float(levels[0])


def uniform(times: Floats) -> tuple[float, float] | int:
    """(dt, start) in s of evenly spaced instants; else the index of the first that is not where it should be."""
    if times.size < 2:
        return 0
    dt = float(times[-1] - times[0]) / (times.size - 1)
    backwards = np.flatnonzero(np.diff(times) <= 0.0)
    if backwards.size:
        return int(backwards[0]) + 1
    off = np.abs(times - (times[0] + dt * np.arange(times.size)))
    uneven = np.flatnonzero(off > UNEVEN * dt)
    return int(uneven[0]) if uneven.size else (dt, float(times[0]))
