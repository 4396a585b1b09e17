"""Where between the samples a level was crossed, with the parts of its uncertainty.

- straight line between the two samples around the level, u = sqrt(2/3) sigma / slope;
- with 5 or more samples inside the band a line fit, u = sigma / (slope sqrt N), a parabola where the edge is bent;
- an edge that fits between two samples in the middle, u = dt / sqrt(12), because interpolating it would be fiction.
These figures are checked by Monte Carlo in tests/measure/events/test_crossing_uncertainty.py.
"""

import math

import numpy as np

from rig.measure.captures.capture import Floats
from rig.measure.captures.noise import Noise
from rig.measure.events.edge import Edge
from rig.measure.events.points import Points
from rig.measure.uncertainty.budget import SQRT3, SQRT12

FIT_SAMPLES = 5
FIT_MAX = 4096
CLEAR_STEP = 12.0
"""No two outliers of the noise are this many sigma apart."""
BEYOND = 1.2
"""A slope drawn on is a way the signal may have gone, and it may have gone a little further: what lies at the very end
of a rectangle would else be missed half of the time."""
NEAR = 3.0
"""Sigmas within which a sample may lie on the other side of the level than it reads."""
SHRINKS = 0.4
"""Largest share of a term of a series in the one before it for which the next is taken as its doubt."""
FLAT = 0.05
"""Share of the segment that crosses, below which one beside it is flat."""
FIT_SIGNAL = 4.0
"""A fitted slope counts when it is at least this many of its own standard uncertainties."""


def place(pts: Points, before: int, after: int, level: float, of: Noise) -> Edge:
    """Place the crossing of `level` between samples `before` and `after`, which lie on different sides of it."""
    k = _clear_segment(pts, before, after, level, of)
    if k is not None:
        return _by_segment(pts, k, level, of)
    return _by_line(pts, before, after, level, of) or within(pts, before, after, level, of)


def within(pts: Points, before: int, after: int, level: float, of: Noise) -> Edge:
    """The crossing anywhere between two samples, each instant as likely: unresolved. A little further where one of them
    lies so near to the level that noise may have put it on its side."""
    t0 = float(pts.t[before]) - _beyond(pts, before, -1, level, of)
    t1 = float(pts.t[after]) + _beyond(pts, after, 1, level, of)
    slope = math.copysign(math.inf, float(pts.v[after] - pts.v[before]))
    return Edge(
        (t0 + t1) / 2.0, level, slope, _polarity(pts, before), resolved=False,
        u_noise=0.0, u_quantisation=0.0, u_sampling=(t1 - t0) / SQRT12, u_curvature=0.0, noise_dof=of.dof,
    )  # fmt: skip


def _beyond(pts: Points, k: int, way: int, level: float, of: Noise) -> float:
    """How far beyond sample k, towards way = +-1, the crossing may lie, s; at most one sample."""
    short = NEAR * of.sigma - abs(float(pts.v[k]) - level)
    if short <= 0.0 or not 0 <= k + way < pts.size:
        return 0.0
    step = abs(float(pts.v[k + way] - pts.v[k]))
    return pts.dt * (min(short / step, 1.0) if step > 0.0 else 1.0)


def _clear_segment(pts: Points, before: int, after: int, level: float, of: Noise) -> int | None:
    """First sample of the one segment that crosses; None when noise made several, or may have made this one.

    On a slow slope a high and a low outlier can stand side by side: then the samples around them differ by less than
    they.
    """
    part = pts.v[before : after + 1]
    beyond = part >= level if pts.v[after] > pts.v[before] else part <= level
    flips = np.flatnonzero(beyond[1:] & ~beyond[:-1])
    if flips.size != 1 or part.size >= FIT_SAMPLES:
        return None
    k = before + int(flips[0])
    if abs(float(part[-1] - part[0])) <= CLEAR_STEP * of.sigma:
        earlier, later = pts.v[max(before - 4, 0) : before], pts.v[after + 1 : after + 5]
        trend = abs(float(later.mean() - earlier.mean())) if earlier.size and later.size else 0.0
        if trend < 4.0 * of.sigma:
            return None
    return k


def _by_line(pts: Points, before: int, after: int, level: float, of: Noise) -> Edge | None:
    """A line through the samples around the crossing, widened until its slope stands out of the noise; None when it
    never does."""
    rising = bool(pts.v[after] > pts.v[before])
    spare = (after - before + 1) // 2  # the two ends were chosen for being outliers: more samples outvote them
    first, last = max(before - spare, 0), min(after + spare, pts.size - 1)
    while last - first + 1 <= FIT_MAX:
        if last - first + 1 >= FIT_SAMPLES:
            edge = _fit(pts, (first, last), level, of, rising=rising)
            if (
                edge is not None
            ):  # once more about the crossing itself: noise has chosen the first window, and pulls with it
                middle, half = int(np.searchsorted(pts.t, edge.t)), (last - first + 1) // 2
                centred = max(middle - half, 0), min(middle + half, pts.size - 1)
                return _fit(pts, centred, level, of, rising=rising) or edge
        grow = max((last - first + 1) // 4, 1)
        wider = max(first - grow, 0), min(last + grow, pts.size - 1)
        if wider == (first, last):
            return None
        first, last = wider
    return None


def _fit(pts: Points, around: tuple[int, int], level: float, of: Noise, *, rising: bool) -> Edge | None:
    first, last = around
    t, v = pts.t[first : last + 1], pts.v[first : last + 1]
    middle, mean = float(t.mean()), float(v.mean())
    x = t - middle
    sxx = float(x @ x)
    slope = float(x @ v) / sxx
    if (slope > 0.0) != rising or abs(slope) * math.sqrt(sxx) < FIT_SIGNAL * of.sigma:
        return None
    offset, width = (level - mean) / slope, float(t[-1] - t[0])
    if abs(offset) > width / 2.0:
        return None
    square = x * x - sxx / t.size - x * (float(x @ (x * x)) / sxx)
    bend, bend_u = float(square @ v) / float(square @ square), of.sigma / math.sqrt(float(square @ square))
    gain = of.inherited * math.sqrt(1.0 / t.size + offset * offset / sxx) / abs(slope)
    spread = SQRT3 * abs(bend) * width**2 / 12.0 / abs(slope)  # how far a bend pulls the line off in its middle
    if abs(bend) > 2.0 * bend_u:
        bent = _bent_crossing(x, v, level, width)
        if bent is None:
            return None
        gain, spread, offset = 1.5 * gain, abs(bent - offset) / 2.0, bent
    return _resolved(pts, around, of, t=middle + offset, level=level, slope=slope, gain=gain, spread=spread)


def _bent_crossing(x: Floats, v: Floats, level: float, width: float) -> float | None:
    """The crossing of a parabola through the samples; of two the one nearer to the middle, None when none lies
    inside."""
    scale = width / 2.0
    c, b, a = (float(one) for one in np.polynomial.polynomial.polyfit(x / scale, v, 2))
    inside = b * b - 4.0 * a * (c - level)
    if inside < 0.0 or b == 0.0:
        return None
    root = 2.0 * (level - c) / (b + math.copysign(math.sqrt(inside), b))
    return root * scale if abs(root) <= 1.0 else None


def _by_segment(pts: Points, k: int, level: float, of: Noise) -> Edge:
    t0, t1 = float(pts.t[k]), float(pts.t[k + 1])
    v0, v1 = float(pts.v[k]), float(pts.v[k + 1])
    dt, step = t1 - t0, v1 - v0
    if _halts(pts, k, of):
        return within(pts, k, k + 1, level, of)
    shaped = _shaped(pts, k, level, of)
    share = (level - v0) / step if shaped is None else shaped[0]
    spread = _bounded(pts, k, level, t0 + share * dt, of) if shaped is None else shaped[1] * dt
    if spread is None:
        return within(pts, k, k + 1, level, of)
    factor = math.sqrt(2.0 / 3.0) if of.pole == 0.0 else 1.0  # correlated neighbours do not average
    gain = dt / abs(step) * (factor if shaped is None else shaped[2])
    return _resolved(pts, (k, k + 1), of, t=t0 + share * dt, level=level, slope=step / dt, gain=gain, spread=spread)


def _halts(pts: Points, k: int, of: Noise) -> bool:
    """Whether the signal stands still for the one segment before or after k, and moves on beyond that: it climbs in
    steps as short as a sample, and where in segment k its step lies nobody can tell."""
    if k < 2 or k + 3 >= pts.size or float(pts.t[k + 3] - pts.t[k - 2]) > 5.5 * pts.dt:
        return False
    before, left, slope, right, after = (abs(float(one)) for one in np.diff(pts.v[k - 2 : k + 4]))
    flat = FLAT * slope + 2.0 * math.sqrt(2.0) * of.sigma
    return any(halt <= flat and beyond > 4.0 * flat for halt, beyond in ((left, before), (right, after)))


def _shaped(pts: Points, k: int, level: float, of: Noise) -> tuple[float, float, float] | None:
    """(crossing, half width of its doubt, both in parts of segment k; gain of the noise), where the samples around show
    a bend well; else None.

    Where one side is flat (the signal broke away from rest, or came to rest), the other side is drawn on into the
    segment; else the parabolas through the three samples on the left and on the right bracket it. Either is a series
    whose terms have to shrink: the doubt is the next term.
    """
    if k < 2 or k + 3 >= pts.size or float(pts.t[k + 3] - pts.t[k - 2]) > 5.5 * pts.dt:
        return None
    v = [float(one) for one in pts.v[k - 2 : k + 4]]
    slope, left, right = v[3] - v[2], v[2] - v[1], v[4] - v[3]  # a sample
    doubt = 4.0 * math.sqrt(2.0) * of.sigma
    if max(abs(left - slope), abs(right - slope)) <= doubt or abs(slope) <= 2.0 * doubt:
        return None
    flat = FLAT * abs(slope) + doubt / 2.0
    # At rest is what stays there: one flat segment alone may be a halt on the way.
    if abs(left) <= flat and abs(v[1] - v[0]) <= flat:
        return _drawn_on((v[3], v[4], v[5]), level)
    if abs(right) <= flat and abs(v[5] - v[4]) <= flat:
        drawn = _drawn_on((v[2], v[1], v[0]), level)
        return None if drawn is None else (1.0 - drawn[0], *drawn[1:])
    bends = left - slope, slope - right
    one, other = _parabola(v[1:4], level, 1.0), _parabola(v[2:5], level, 0.0)
    alike = abs(bends[0] - bends[1]) <= SHRINKS * max(abs(bends[0]), abs(bends[1]))
    # One that bends the other way just beside has too few samples here to be drawn by.
    outer = v[1] - v[0] - left, right - (v[5] - v[4])
    alike = alike and not any(far * bend < 0.0 and abs(far) > doubt for far in outer for bend in bends)
    if not (alike and min(one, other) >= 0.0 and max(one, other) <= 1.0):
        return None
    return (one + other) / 2.0, abs(one - other) / 2.0, 1.0


def _drawn_on(v: tuple[float, float, float], level: float) -> tuple[float, float, float] | None:
    """Where the parabola through v, at 1, 2 and 3 samples, has `level` when drawn back into the segment from 0 to 1,
    the doubt of that and the gain of its noise; None where it does not lead there, or bends too much.

    The doubt is the next term of the series, at least half of the last: the bend may be a corner further on.
    """
    slope, bend = v[1] - v[0], v[2] - 2.0 * v[1] + v[0]
    if slope == 0.0 or abs(bend) > SHRINKS * abs(slope):
        return None
    back = (v[0] - level) / slope  # samples before the first, straight
    # v(-x) = v0 - (slope - bend / 2) x + bend / 2 x^2
    b, c = slope - bend / 2.0, v[0] - level
    root = b * b - 2.0 * bend * c
    if not 0.0 <= back <= 1.0 or root < 0.0 or b == 0.0:
        return None
    curved = 2.0 * c / (b + math.copysign(math.sqrt(root), b))
    if not 0.0 <= curved <= 1.0:
        return None
    x = curved  # the weights of the three samples in the parabola's value there, over the slope that it has
    weights = 1.0 + 1.5 * x + 0.5 * x * x, 2.0 * x + x * x, 0.5 * x + 0.5 * x * x
    return 1.0 - curved, abs(curved - back) * max(abs(bend / slope), 0.5), math.hypot(*weights)


def _parabola(v: list[float], level: float, first: float) -> float:
    """Where the parabola through three samples has `level`, in samples from number `first` on; NaN if nowhere."""
    middle, slope, bend = v[1], (v[2] - v[0]) / 2.0, v[0] - 2.0 * v[1] + v[2]
    root = slope * slope - 2.0 * bend * (middle - level)
    if root < 0.0 or slope == 0.0:
        return math.nan
    x = -2.0 * (middle - level) / (slope + math.copysign(math.sqrt(root), slope))
    return x + 1.0 - first


def _bounded(pts: Points, k: int, level: float, t: float, of: Noise) -> float | None:
    """Half width in s by which the crossing `t` may be off because the signal is not straight in segment k; None =
    unresolved.

    The segments before and after, drawn on into this one, give two more crossings. They count only where their slopes
    differ from this one's by more than noise explains; when all the change is in this one segment, or the difference is
    half a sample, it is unresolved.
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
    spread *= BEYOND
    return None if spread > dt / 2.0 else spread


def _resolved(
    pts: Points, around: tuple[int, int], of: Noise, *, t: float, level: float, slope: float, gain: float, spread: float
) -> Edge:
    """gain: s of crossing per unit of noise; spread: half width in s of the doubt about the shape between the samples.

    Quantisation averages over a fit only where noise dithers it; else it moves the crossing by q/sqrt(12) / slope.
    """
    polarity = _polarity(pts, max(around, key=lambda k: abs(float(pts.v[k]))))
    dithered = of.rms >= of.quantum / 2.0
    return Edge(
        t, level, slope, polarity, resolved=True, u_noise=gain * of.rms,
        u_quantisation=(gain if dithered else max(gain, 1.0 / abs(slope))) * of.quantum / SQRT12,
        u_sampling=0.0, u_curvature=spread / SQRT3, noise_dof=of.dof,
    )  # fmt: skip


def _polarity(pts: Points, k: int) -> int:
    return -1 if pts.sign is not None and pts.sign[k] < 0.0 else 1
