"""Crossings of a level: confirmed by hysteresis, placed between samples, each with the parts of its uncertainty.

A crossing counts only when the signal goes from beyond one side of a band around the level (+- 3 sigma of its noise) to beyond the other.
Placement: straight line between the two samples around the level, u = sqrt(2/3) sigma / slope; with 5 or more samples inside the band a line
fit, u = sigma / (slope sqrt N); an edge that fits between two samples is placed in the middle, u = dt / sqrt(12), because interpolating it would
be fiction. Figures checked by Monte Carlo in tests/measure/test_crossing_uncertainty.py.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rig.measure.budget import SQRT3, SQRT12
from rig.measure.capture import Bools, Floats, Span, Trace
from rig.measure.noise import Noise, noise

Direction = Literal["rising", "falling"]
HYSTERESIS = 3.0
"""Half width of the confirming band in sigma; the full 6 sigma keep noise from making an edge."""
FIT_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Threshold:
    """Where an edge is looked for: `level` in the signal's unit, absolute = on |signal|, which a reversed port needs."""

    signal: str
    level: float
    direction: Direction = "rising"
    absolute: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """A placed crossing. t and the u_ parts in s (standard uncertainties); slope in unit/s of the analysed signal (of |x| when absolute).

    resolved False: shorter than one sample, then slope is infinite and level errors do not move it. polarity: sign of the signal, -1 only
    for |x| of a negative one. The u_ parts are noise, quantisation, sampling (unresolved) and curvature between the samples.
    """

    t: float
    level: float
    slope: float
    polarity: int
    resolved: bool
    u_noise: float
    u_quantisation: float
    u_sampling: float
    u_curvature: float
    noise_dof: float

    @property
    def u(self) -> float:
        """All parts that do not come from the channel's accuracy."""
        return math.hypot(self.u_noise, self.u_quantisation, self.u_sampling, self.u_curvature)


@dataclass(frozen=True, slots=True)
class Points:
    """The finite samples of a trace in a span: t in s, v in the trace's unit (its magnitude when absolute), clipped marks saturation."""

    t: Floats
    v: Floats
    sign: Floats | None
    clipped: Bools
    dt: float

    @property
    def size(self) -> int:
        """Number of samples."""
        return int(self.t.size)


def points(trace: Trace, span: Span | None = None, *, absolute: bool = False) -> Points:
    """The finite samples of `trace` in `span`; lost samples leave a gap in t."""
    part = trace.slice(span)
    t, v, clipped = trace.time[part], trace.values[part], trace.clipped()[part]
    finite = np.isfinite(v)
    if not finite.all():
        t, v, clipped = t[finite], v[finite], clipped[finite]
    return Points(t, np.abs(v) if absolute else v, v if absolute else None, clipped, trace.dt)


def find_edges(
    trace: Trace,
    threshold: Threshold,
    *,
    span: Span | None = None,
    noise_span: Span | None = None,
    limit: int | None = None,
) -> list[Edge]:
    """The confirmed crossings in order of time, at most `limit`; empty when there is none, also for empty, constant or all-lost traces."""
    pts = points(trace, span, absolute=threshold.absolute)
    of = noise(trace, noise_span)
    band = HYSTERESIS * of.sigma
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


def place(pts: Points, before: int, after: int, level: float, of: Noise) -> Edge:
    """Place the crossing of `level` between samples `before` and `after`, which lie on different sides of it."""
    if after - before + 1 >= FIT_SAMPLES:
        fitted = _by_line(pts, before, after, level, of)
        if fitted is not None:
            return fitted
    return _by_segment(pts, before, after, level, of)


def _by_line(pts: Points, before: int, after: int, level: float, of: Noise) -> Edge | None:
    t, v = pts.t[before : after + 1], pts.v[before : after + 1]
    n = t.size
    middle = float(t.mean())
    x = t - middle
    slope = float(x @ v) / float(x @ x)
    if slope == 0.0 or (slope > 0.0) != (pts.v[after] > pts.v[before]):
        return None
    mean = float(v.mean())
    crossing = (level - mean) / slope
    width = float(t[-1] - t[0])
    if abs(crossing) > width / 2.0:
        return None
    # A line through a bent edge is off by about the sagitta; count it only where it stands out of the noise.
    basis = x * x - float(x @ x) / n - x * (float(x @ (x * x)) / float(x @ x))
    bend, bend_u = float(basis @ v) / float(basis @ basis), of.sigma / math.sqrt(float(basis @ basis))
    sagitta = abs(bend) * width**2 / 8.0 if abs(bend) > 3.0 * bend_u else 0.0
    per_unit = (1.0 + of.pole) / (abs(slope) * math.sqrt(n))
    return _edge(pts, before, after, middle + crossing, level, slope, of, per_unit, sagitta / abs(slope))


def _by_segment(pts: Points, before: int, after: int, level: float, of: Noise) -> Edge:
    rising = bool(pts.v[after] > pts.v[before])
    high = pts.v[before : after + 1] >= level if rising else pts.v[before : after + 1] <= level
    flips = np.flatnonzero(high[1:] & ~high[:-1])
    k = before + int(flips[flips.size // 2])
    t0, t1 = float(pts.t[k]), float(pts.t[k + 1])
    v0, v1 = float(pts.v[k]), float(pts.v[k + 1])
    dt, step = t1 - t0, v1 - v0
    t = t0 + (level - v0) / step * dt
    spread = _bend_within(pts, k, level, t, of)
    if spread is None:
        return Edge(
            (t0 + t1) / 2.0, level, math.copysign(math.inf, step), _polarity(pts, k), resolved=False,
            u_noise=0.0, u_quantisation=0.0, u_sampling=dt / SQRT12, u_curvature=0.0, noise_dof=of.dof,
        )  # fmt: skip
    factor = math.sqrt(2.0 / 3.0) if of.pole == 0.0 else 1.0  # correlated neighbours do not average
    return _edge(pts, k, k + 1, t, level, step / dt, of, factor * dt / abs(step), spread)


def _bend_within(pts: Points, k: int, level: float, t: float, of: Noise) -> float | None:
    """Half width in s by which the crossing may be off because the signal is not straight in segment k; None = unresolved.

    The segments before and after, drawn on into this one, give two more crossings. They count only where their slopes differ from this
    one's by more than noise explains; when all the change is in this one segment, or the difference is half a sample, it is unresolved.
    """
    if k == 0 or k + 2 >= pts.size:
        return None
    t0, t1 = float(pts.t[k]), float(pts.t[k + 1])
    v0, v1 = float(pts.v[k]), float(pts.v[k + 1])
    dt, slope = t1 - t0, (v1 - v0) / (t1 - t0)
    if dt > 1.5 * pts.dt:
        return None
    doubt = 4.0 * math.sqrt(2.0) * of.sigma / dt
    left = (v0 - float(pts.v[k - 1])) / (t0 - float(pts.t[k - 1]))
    right = (float(pts.v[k + 2]) - v1) / (float(pts.t[k + 2]) - t1)
    if max(abs(left), abs(right)) <= 0.1 * abs(slope) + doubt and abs(slope) > 2.0 * doubt:
        return None
    spread = 0.0
    for neighbour, (t_end, v_end) in ((left, (t0, v0)), (right, (t1, v1))):
        if abs(neighbour - slope) > doubt:
            other = t_end + (level - v_end) / neighbour if neighbour * slope > 0.0 else (t1 if t_end == t0 else t0)
            spread = max(spread, abs(min(max(other, t0), t1) - t))
    return None if spread > dt / 2.0 else spread


def _edge(
    pts: Points, a: int, b: int, t: float, level: float, slope: float, of: Noise, per_unit: float, spread: float
) -> Edge:
    return Edge(
        t, level, slope, _polarity(pts, a if abs(pts.v[a]) > abs(pts.v[b]) else b), resolved=True,
        u_noise=per_unit * of.rms, u_quantisation=per_unit * of.quantum / SQRT12,
        u_sampling=0.0, u_curvature=spread / SQRT3, noise_dof=of.dof,
    )  # fmt: skip


def _polarity(pts: Points, k: int) -> int:
    return -1 if pts.sign is not None and pts.sign[k] < 0.0 else 1
