"""From a column of numbers to a trace: the converter's steps are found again, and time has to be uniform."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rig.measure import Trace

Floats = NDArray[np.float64]
MOST_STEPS = 65_536
NEAR = 0.02
"""Of a step, by which a value may lie beside the lattice of its column."""
EXACT = 1e-6
"""Of a step, within which a value is a multiple of it."""
FEWEST = 3
SAME = 1e-9
"""Of the span of all values, below which two are one."""
UNEVEN = 0.1
"""Of the sample interval, by which an instant may lie beside where it should be: times in text are rounded."""


def trace_of(signal: str, unit: str, values: Floats, dt: float, start: float) -> Trace:
    """A trace without accuracy, in steps of the converter where they are seen; NaN is a lost sample.

    Values keep their digits: they become whole codes only where they are that step's multiples. Nothing is known of the
    edges of the screen, so nothing counts as clipped until somebody states them.
    """
    step, origin = steps_of(values)
    codes: NDArray[np.integer] | Floats = values
    if step <= 0.0:
        return Trace(signal, unit, values, 1.0, 0.0, dt, start, -np.inf, np.inf)
    codes = (values - origin) / step
    whole = np.rint(codes)
    if not np.isnan(whole).any() and np.abs(whole).max() < 2**31 and np.abs(codes - whole).max() <= EXACT:
        codes = whole.astype(np.int32)
    return Trace(signal, unit, codes, step, origin, dt, start, -np.inf, np.inf)


def tells_its_step(trace: Trace) -> bool:
    """False for a column of fewer than three different values: a level that never moves has no smallest step."""
    return trace.codes.dtype.kind in "iu" or np.unique(trace.codes[np.isfinite(trace.codes)]).size >= FEWEST


def in_steps(trace: Trace, step: float) -> Trace:
    """The trace with `step` (in its unit, more than 0) as its converter's step; its values stay as they are."""
    if trace.codes.dtype.kind in "iu" and np.isclose(trace.scale, step, rtol=0.01):
        return trace
    return replace(trace, codes=(trace.codes * trace.scale + trace.offset) / step, scale=step, offset=0.0)


def steps_of(values: Floats) -> tuple[float, float]:
    """(step, origin) of a column; (0, 0) for fewer than three different values.

    Levels on an even lattice give its step. Where rounding or arithmetic has blurred it, the median distance of
    neighbouring levels stands for it, with origin 0.
    """
    levels = np.unique(values[np.isfinite(values)])
    if levels.size < FEWEST or not np.isfinite(levels[-1] - levels[0]):
        return 0.0, 0.0
    gaps = np.diff(levels)
    gaps = gaps[gaps > SAME * (levels[-1] - levels[0])]  # the same level, calculated twice
    if not gaps.size:
        return 0.0, 0.0
    step, counts = _lattice(np.sort(gaps), levels)
    on = counts[-1] < 2**31 and np.abs(counts - np.rint(counts)).max() <= NEAR
    if levels.size <= MOST_STEPS and on:
        return step, float(levels[0])
    return float(np.median(gaps)), 0.0


def _lattice(gaps: Floats, levels: Floats) -> tuple[float, Floats]:
    """(step, steps from the lowest level to each): the smallest gap, then ever larger ones, which give it better."""
    step, reach = float(gaps[0]), 1.5
    while True:
        near = gaps[gaps <= reach * step]
        step = float(near.sum() / np.rint(near / step).sum())
        if near.size == gaps.size:
            break
        reach *= 4.0
    counts = (levels - levels[0]) / step
    whole = np.rint(counts[-1])  # the whole span gives it best
    return float((levels[-1] - levels[0]) / whole), counts * whole / counts[-1]


def uniform(times: Floats) -> tuple[float, float] | int:
    """(dt, start) in s of evenly spaced instants; else the index of the first that is not where it should be."""
    if times.size < 2:
        return 0
    with np.errstate(over="ignore"):
        dt = float(times[-1] - times[0]) / (times.size - 1)
    if not np.isfinite(dt):
        return 1
    backwards = np.flatnonzero(np.diff(times) <= 0.0)
    if backwards.size:
        return int(backwards[0]) + 1
    off = np.abs(times - (times[0] + dt * np.arange(times.size)))
    uneven = np.flatnonzero(off > UNEVEN * dt)
    return int(uneven[0]) if uneven.size else (dt, float(times[0]))
