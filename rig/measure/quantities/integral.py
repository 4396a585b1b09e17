"""Integrals of a current and of its square over a stretch of one record, by trapezoids, the ends placed between
samples."""

import math
from dataclasses import dataclass

import numpy as np

from rig.measure.captures.capture import Floats, Span, Trace
from rig.measure.captures.noise import noise
from rig.measure.captures.pyramid import BLOCK, chunks, clips, pyramid
from rig.measure.events.points import Points, points_in

STRIDE = 131_072
"""Samples that are summed at a time; they stay in the processor's cache."""
PIECE = 4_096
"""Samples whose squares are added up as 32-bit floats, where they are."""
MARGIN = 8
NOISY = 2.0
"""Standard deviations of what noise alone makes of the difference between all and every second sample."""


@dataclass(frozen=True, slots=True)
class Integral:
    """A2s over one record's span, with the charge of |i| in As, the sampling error estimate, samples used, and what was
    wrong."""

    value: float
    charge: float
    sampling: float
    noise_power: float
    samples: int
    ends: tuple[float, float]
    clipped: bool
    missing: bool


def integrate(trace: Trace, span: Span) -> Integral | None:
    """Integral of i^2 over `span` (s on the trace's axis); None when fewer than two finite samples surround it.

    Noise adds its own power, which is taken off; what it does to the difference between all and every second sample is
    no sign of coarse sampling.
    """
    part = trace.slice((span[0] - 1.5 * trace.dt, span[1] + 1.5 * trace.dt))
    if part.stop - part.start < 2 or span[1] <= span[0]:
        return None
    regular = part.stop - part.start > STRIDE and not pyramid(trace).lost_in(part)
    total = _regular(trace, span, part) if regular else _sums(points_in(trace, part), span)
    if total is None:
        return None
    sigma, length = noise(trace).sigma, total.end[0] - total.begin[0]
    expected = max(round(length / trace.dt) - 1, 0)
    noisy = NOISY * 2.0 * sigma * math.sqrt(2.0 * total.square * trace.dt)
    sampling = max(abs(total.square - total.coarse) - noisy, 0.0) / 3.0
    return Integral(
        max(total.square - sigma**2 * length, 0.0), total.charge, sampling, sigma, total.used,
        (total.begin[1], total.end[1]), clipped=total.clipped, missing=total.used < expected,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sums:
    """Integrals of the square, of the magnitude, and of the square by every second sample; samples used; the two ends
    as (t, value)."""

    square: float
    charge: float
    coarse: float
    used: int
    clipped: bool
    begin: tuple[float, float]
    end: tuple[float, float]


def _sums(pts: Points, span: Span) -> _Sums | None:
    """Over samples that may have gaps."""
    if pts.size < 2:
        return None
    begin, end = max(span[0], float(pts.t[0])), min(span[1], float(pts.t[-1]))
    if end <= begin:
        return None
    inner = (pts.t > begin) & (pts.t < end)
    low, high = (float(one) for one in np.interp((begin, end), pts.t, pts.v))
    t = np.concatenate(([begin], pts.t[inner], [end]))
    v = np.concatenate(([low], pts.v[inner], [high]))
    coarse = _trapezoid(v[::2] ** 2, t[::2]) + _odd_tail(v, t)
    clipped = bool((pts.clipped & inner).any())
    used = int(np.count_nonzero(inner))
    return _Sums(_trapezoid(v * v, t), _trapezoid(np.abs(v), t), coarse, used, clipped, (begin, low), (end, high))


def _regular(trace: Trace, span: Span, part: slice) -> _Sums | None:
    """Over a long stretch without a gap: its two ends by samples, and sums of an odd number of samples in between."""
    first = slice(part.start, part.start + MARGIN)
    last = slice(part.stop - MARGIN - (part.stop - part.start) % 2, part.stop)
    ahead, behind = _sums(points_in(trace, first), span), _sums(points_in(trace, last), span)
    if ahead is None or behind is None:
        return None
    inner = slice(first.stop - 1, last.start + 1)  # both ends' last samples are its own first and last
    square = even = magnitude = 0.0
    clipped = ahead.clipped or behind.clipped or clips(trace, inner)
    found, blocks = pyramid(trace), slice(inner.start // BLOCK, -(-inner.stop // BLOCK))
    one_sided = bool((found.low[blocks] >= 0.0).all() or (found.high[blocks] <= 0.0).all())
    for chunk in chunks(inner, STRIDE):
        values = _quickly(trace, chunk)
        square += _squares(values)
        even += _squares(values[::2])
        magnitude += abs(float(values.sum())) if one_sided else float(np.abs(values, out=values).sum())
    a, b = (float(trace.read(slice(k, k + 1))[0]) for k in (inner.start, inner.stop - 1))
    unit = _unit(trace)
    square, even, magnitude = square * unit**2, even * unit**2, magnitude * abs(unit)
    half = (a * a + b * b) / 2.0
    used = ahead.used + behind.used + inner.stop - inner.start
    return _Sums(
        ahead.square + trace.dt * (square - half) + behind.square,
        ahead.charge + trace.dt * (magnitude - (abs(a) + abs(b)) / 2.0) + behind.charge,
        ahead.coarse + 2.0 * trace.dt * (even - half) + behind.coarse,
        used, clipped, ahead.begin, behind.end,
    )  # fmt: skip


def _unit(trace: Trace) -> float:
    """What `_quickly` counts in: codes where they fit a float32, whose rounding leaves 2e-6 of the sum at most."""
    small = trace.codes.dtype.itemsize <= 2 and trace.codes.dtype.kind in "iu" and trace.lead_time == 0.0
    return trace.scale if small else 1.0


def _squares(values: np.ndarray) -> float:
    """Sum of the squares; a machine that adds up in 32 bits rounds within a piece only."""
    return sum(float(np.dot(part, part)) for part in np.split(values, range(PIECE, values.size, PIECE)))


def _quickly(trace: Trace, part: slice) -> np.ndarray:
    """(n,) values for summing, in `_unit`, to be overwritten."""
    if _unit(trace) == 1.0:
        return np.array(trace.read(part))
    values = trace.codes[part].astype(np.float32)
    if trace.offset:
        values += np.float32(trace.offset / trace.scale)
    return values


def _trapezoid(v: Floats, t: Floats) -> float:
    return float(0.5 * np.dot(v[1:] + v[:-1], np.diff(t)))


def _odd_tail(v: Floats, t: Floats) -> float:
    """The last interval of a coarse sum whose number of intervals is odd."""
    return 0.0 if v.size % 2 else 0.5 * float((v[-1] ** 2 + v[-2] ** 2) * (t[-1] - t[-2]))
