"""Crossings of a level, confirmed by hysteresis.

A crossing counts only when the signal goes from beyond one side of a band around the level (+- 5 sigma of its noise) to
beyond the other. Where in between it lies is the business of rig.measure.events.placing.
"""

from itertools import islice

import numpy as np

from rig.measure.captures.capture import Span, Trace
from rig.measure.captures.noise import Noise, noise
from rig.measure.events.edge import Edge, Threshold
from rig.measure.events.hysteresis import passages
from rig.measure.events.placing import FIT_MAX, place
from rig.measure.events.points import points_in

HYSTERESIS = 5.0
"""Half width of the confirming band in sigma: even about a level that lies inside the noise, noise makes no edge."""


def find_edges(
    trace: Trace,
    threshold: Threshold,
    *,
    span: Span | None = None,
    noise_span: Span | None = None,
    limit: int | None = None,
) -> list[Edge]:
    """The confirmed crossings in order of time, at most `limit`; empty when there is none, also for empty, constant or
    all-lost traces."""
    of = noise(trace, noise_span)
    band = HYSTERESIS * of.sigma_upper
    found = passages(
        trace, threshold.level - band, threshold.level + band, trace.slice(span),
        absolute=threshold.absolute, rising=threshold.direction == "rising",
    )  # fmt: skip
    return [_placed(trace, threshold, before, after, of) for before, after in islice(found, limit)]


def _placed(trace: Trace, threshold: Threshold, before: int, after: int, of: Noise) -> Edge:
    """The crossing between two samples (indices of the trace), from the finite samples around them."""
    reach = FIT_MAX + after - before
    first, last = max(before - reach, 0), min(after + reach + 1, trace.codes.size)
    pts = points_in(trace, slice(first, last), absolute=threshold.absolute)
    t = trace.times(slice(before, after + 1))
    at = np.searchsorted(pts.t, (t[0] - 0.25 * trace.dt, t[-1] - 0.25 * trace.dt))
    return place(pts, int(at[0]), int(at[1]), threshold.level, of)


def first_edge(
    trace: Trace, threshold: Threshold, *, span: Span | None = None, noise_span: Span | None = None
) -> Edge | None:
    """The first confirmed crossing, or None."""
    edges = find_edges(trace, threshold, span=span, noise_span=noise_span, limit=1)
    return edges[0] if edges else None
