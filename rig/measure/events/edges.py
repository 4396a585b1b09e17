"""Crossings of a level, confirmed by hysteresis.

A crossing counts only when the signal goes from beyond one side of a band around the level (+- 5 sigma of its noise) to
beyond the other. Where in between it lies is the business of rig.measure.events.placing.
"""

import numpy as np

from rig.measure.captures.capture import Span, Trace
from rig.measure.captures.noise import noise
from rig.measure.events.edge import Edge, Threshold
from rig.measure.events.placing import place
from rig.measure.events.points import points

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
    pts = points(trace, span, absolute=threshold.absolute)
    of = noise(trace, noise_span)
    band = HYSTERESIS * of.sigma_upper
    mirrored = -1.0 if threshold.direction == "falling" else 1.0
    level, v = mirrored * threshold.level, mirrored * pts.v
    above = v >= level + band
    decided = np.flatnonzero(above | (v < level - band))
    state = above[decided]
    rises = np.flatnonzero(state[1:] & ~state[:-1])[:limit]
    return [place(pts, int(decided[i]), int(decided[i + 1]), threshold.level, of) for i in rises]


def first_edge(
    trace: Trace, threshold: Threshold, *, span: Span | None = None, noise_span: Span | None = None
) -> Edge | None:
    """The first confirmed crossing, or None."""
    edges = find_edges(trace, threshold, span=span, noise_span=noise_span, limit=1)
    return edges[0] if edges else None
