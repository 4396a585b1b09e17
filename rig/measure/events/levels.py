"""The two states that a signal goes between, found from its samples: by the modes of a histogram, or by shorths.

Sources: IEEE 181-2011 5.2 / IEC 60469:2013 (state levels by histogram mode, reference levels in percent), NIST TN 2036
(shorth: the shortest half of the samples; neither method is uniformly better). A signal without two states has none.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rig.measure.captures.capture import Floats, Span, Trace

Method = Literal["histogram", "shorth"]
BINS = 100
APART = 6.0
"""Standard deviations of the samples within the states by which the two must lie apart."""
PEAKED = 0.2
"""Of the samples on its side that the fullest bins have to hold to be a state."""
SHARE = 0.02
"""Of all samples that either state must hold."""


@dataclass(frozen=True, slots=True)
class States:
    """low and high in the trace's unit, with the standard uncertainty of each from the samples in it."""

    low: float
    high: float
    low_u: float
    high_u: float

    def at(self, percent: float) -> float:
        """The reference level at `percent` of the way from low to high."""
        return self.low + (self.high - self.low) * percent / 100.0

    def at_u(self, percent: float) -> float:
        """Its standard uncertainty from both states."""
        return math.hypot((1.0 - percent / 100.0) * self.low_u, percent / 100.0 * self.high_u)


def states(trace: Trace, span: Span | None = None, *, method: Method = "histogram") -> States | None:
    """The states of `trace` in `span` (s); None where there are no two: empty, constant, clipped, noise or a ramp."""
    part = trace.slice(span)
    values = trace.read(part)
    values = values[np.isfinite(values)]
    if values.size < 2 * BINS // 10 or bool(trace.clipped(part).any()):
        return None
    bottom, top = float(values.min()), float(values.max())
    if top - bottom <= 2.0 * trace.resolution:
        return None
    middle = (bottom + top) / 2.0
    halves = values[values < middle], values[values >= middle]
    if min(half.size for half in halves) < max(SHARE * values.size, 3):
        return None
    width = (top - bottom) / BINS
    (low, low_s, low_n), (high, high_s, high_n) = (
        _mode(half, width) if method == "histogram" else _shorth(half) for half in halves
    )
    scatter = max(low_s, high_s, trace.resolution / math.sqrt(12.0))
    if high - low < APART * scatter or min(low_n, high_n) < SHARE * values.size:
        return None
    step = trace.resolution / math.sqrt(12.0)
    return States(low, high, math.hypot(low_s / math.sqrt(low_n), step), math.hypot(high_s / math.sqrt(high_n), step))


def _mode(values: Floats, width: float) -> tuple[float, float, int]:
    """(level, scatter, samples): the mean of the samples in and beside the fullest of the bins, each `width` wide."""
    bottom, top = float(values.min()), float(values.max())
    if top == bottom:
        return bottom, 0.0, values.size
    counts, edges = np.histogram(values, math.ceil((top - bottom) / width), (bottom, top))
    k = int(np.argmax(counts))
    inside = values[(values >= edges[max(k - 1, 0)]) & (values <= edges[min(k + 2, edges.size - 1)])]
    peaked = inside.size >= PEAKED * values.size  # three of 50 bins hold 6 % of a ramp
    return float(inside.mean()), float(inside.std()), int(inside.size) if peaked else 0


def _shorth(values: Floats) -> tuple[float, float, int]:
    """(level, scatter, samples): the mean of the shortest interval that holds half of the samples."""
    ordered = np.sort(values)
    half = ordered.size // 2 + 1
    widths = ordered[half - 1 :] - ordered[: ordered.size - half + 1]
    k = int(np.argmin(widths))
    inside = ordered[k : k + half]
    return float(inside.mean()), float(inside.std()), half
