"""Finding the first crossing of a waveform: grids that cannot overlook its time constants, and exact refinement."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rig.twin.engine.curve import Array, Curve, Waveform
from rig.twin.engine.ladder import PS

GROWTH = 0.25  # grid step per elapsed time: a sum of decays has no detail finer than that
GROWN = (1.0 + GROWTH) ** np.arange(1, 400)
PER_PERIOD = 8
CHUNK = 256
ALIVE = 1e-9  # of an output's scale: a smaller oscillation moves an event by less than it is worth
ROUNDING = 1e-12  # of an output's scale: what counts as on the threshold

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Crossing:
    """Output `index` is past zero at `at_ps` (local) and was not one picosecond before."""

    at_ps: int
    index: int


def grid(wave: Waveform, start: float, end: float, alive: float = ALIVE) -> Iterator[Array]:
    """Local times from start to end in chunks that share their border: geometric, capped while an oscillation lives."""
    fastest = wave.fastest()
    if fastest * (end - start) < 1e-3 and not start > 0.0:
        yield np.array([start, end])
        return
    rings = sorted(wave.rings(alive), key=lambda ring: -ring.omega)
    first = 0.1 / fastest if fastest > 0.0 else end
    t, times = start, [start]
    while t < end:
        while rings and rings[0].dead <= t:
            del rings[0]
        cap = 2.0 * math.pi / (PER_PERIOD * rings[0].omega) if rings else math.inf
        step = max(first, GROWTH * t)
        if step <= first < cap:
            times.append(min(t + first, end))
        elif step < cap:
            last = int(np.searchsorted(GROWN, min(end, cap / GROWTH) / t))
            times += (t * GROWN[: last + 1]).tolist()
            times[-1] = min(times[-1], end)
        else:
            count = min(CHUNK, math.ceil((min(end, rings[0].dead) - t) / cap))
            times += (t + cap * np.arange(1, count + 1)).tolist()
            times[-1] = min(times[-1], end)
        t = times[-1]
        if t >= end or len(times) > CHUNK:
            yield np.array(times)
            times = [t]


def quiet(wave: Waveform, tolerance: Array, armed: Flags, begin_ps: int, end_ps: int) -> bool:
    """Whether it is certain that nothing crosses or becomes armed in (begin, end], local ps."""
    low, high = wave.bounds(begin_ps * PS, end_ps * PS)
    return bool(np.all(((high <= tolerance) | (low > tolerance)) & (armed | (low > -tolerance))))


def first_crossings(
    wave: Waveform, tolerance: Array, armed: Flags, begin_ps: int, end_ps: int
) -> tuple[list[Crossing], Flags]:
    """The earliest upward zero crossings of any output in (begin, end], local ps: all outputs that share its instant.

    Zero means within `tolerance`. An output that is not armed must first go below zero. Returns the crossings and
    what is armed at their time (at the end when there is none).
    """
    low, high = wave.bounds(begin_ps * PS, end_ps * PS)
    armed = armed | (high < -tolerance)
    watched = np.flatnonzero((high > tolerance) & (low <= tolerance))
    if not watched.size:
        return [], armed
    live = wave.pick(watched)
    found, armed[watched] = _search(live, tolerance[watched], armed[watched], begin_ps, end_ps)
    return [Crossing(c.at_ps, int(watched[c.index])) for c in found], armed


def _search(wave: Waveform, tolerance: Array, armed: Flags, begin_ps: int, end_ps: int) -> tuple[list[Crossing], Flags]:
    rate = wave.derivative()
    level = tolerance[:, None]
    for times in grid(wave, begin_ps * PS, end_ps * PS):
        value, slope = wave.both(times)
        ready = armed[:, None] | np.logical_or.accumulate(value < -level, axis=1)
        above = value > level
        suspect = ready[:, :-1] & above[:, 1:]
        turns = turning(times, value, slope, ready[:, :-1] & ~above[:, 1:], above[:, :-1] & above[:, 1:], tolerance)
        for n, k in turns:
            suspect[n, k] = True
        for k in np.flatnonzero(suspect.any(axis=0)).tolist():
            bracket = _Bracket(float(times[k]), float(times[k + 1]), begin_ps, end_ps)
            crossings = [
                Crossing(at, n)
                for n in np.flatnonzero(suspect[:, k]).tolist()
                if (at := bracket.first_above(wave, rate, n, float(tolerance[n]), turning=(n, k) in turns)) is not None
            ]
            if crossings:
                first = min(c.at_ps for c in crossings)
                armed = ready[:, k]
                if not armed.all():  # within the interval, up to the crossing
                    armed = armed | (wave.at(np.array([first * PS]))[:, 0] < -tolerance)
                return [c for c in crossings if c.at_ps == first], armed
        armed = ready[:, -1]
    return [], armed


def turning(
    times: Array, value: Array, slope: Array, below: Flags, above: Flags, tolerance: Array
) -> set[tuple[int, int]]:
    """Outputs and intervals with a hump that may reach above zero or a dip that may reach below.

    `below` and `above` say which ends lie on which side. Twice the overshoot of the cubic estimate is beyond any real
    one on this grid.
    """
    rises, falls = slope > 0.0, slope < 0.0
    hump = rises[:, :-1] & falls[:, 1:] & below
    output, k = np.nonzero(hump | (falls[:, :-1] & rises[:, 1:] & above))
    if not k.size:
        return set()
    before, after, level = value[output, k], value[output, k + 1], tolerance[output]
    turn = 2.0 * extremum(times[k + 1] - times[k], before, after, slope[output, k], slope[output, k + 1])
    over = turn - np.maximum(before, after) > level
    under = turn - np.minimum(before, after) < -level
    far = np.where(hump[output, k], over, under)
    return set(zip(output[far].tolist(), k[far].tolist(), strict=True))


def extremum(h: Array, p0: Array, p1: Array, s0: Array, s1: Array) -> Array:
    """Estimated value of the turning point inside an interval of length h (of the cubic through values and slopes).

    Meaningful where the slope changes its sign.
    """
    m0, m1 = s0 * h, s1 * h
    a, b = 2.0 * (p0 - p1) + m0 + m1, 3.0 * (p1 - p0) - 2.0 * m0 - m1
    root = np.sqrt(np.maximum(b * b - 3.0 * a * m0, 0.0))
    below = np.where(m0 > 0.0, root - b, -root - b)
    s = np.minimum(np.maximum(np.divide(m0, below, out=np.zeros_like(below), where=below != 0.0), 0.0), 1.0)
    out: Array = p0 + s * (m0 + s * (b + s * a))
    return out


def solve(function: Callable[[float], float], low: float, high: float) -> float:
    """A zero of a function that changes sign on [low, high], to a quarter of a picosecond.

    By T. R. Chandrupatla's method (Advances in Engineering Software 28, 1997): inverse quadratic steps where they can
    be trusted, halving elsewhere.
    """
    a, b, fa, fb = low, high, function(low), function(high)
    if fa * fb > 0.0:
        raise ValueError(f"no change of sign between {low} s and {high} s")
    share = 0.5
    while fa != 0.0 and fb != 0.0:
        x = a + share * (b - a)
        fx = function(x)
        if (fx > 0.0) == (fa > 0.0):
            c, fc = a, fa
        else:
            c, fc, b, fb = b, fb, a, fa
        a, fa = x, fx
        near = (0.25 * PS + 1e-15 * abs(a)) / abs(b - a)
        if near > 0.5:
            break
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        share = 0.5
        if phi**2 < xi and (1.0 - phi) ** 2 < 1.0 - xi:
            share = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        share = min(1.0 - near, max(near, share))
    return a if abs(fa) < abs(fb) else b


def single(wave: Waveform, index: int, offset: float = 0.0) -> Callable[[float], float]:
    """One output minus an offset as a scalar function of local time."""
    if isinstance(wave, Curve):
        value = wave.scalar(index)
        return lambda t: value(t) - offset
    one = wave.pick(np.array([index]))
    return lambda t: float(one.at(np.array([t]))[0, 0]) - offset


@dataclass(frozen=True, slots=True)
class _Bracket:
    """One grid interval, to be searched for the first picosecond above a level."""

    low: float
    high: float
    begin_ps: int
    end_ps: int

    def first_above(self, wave: Waveform, rate: Waveform, index: int, level: float, *, turning: bool) -> int | None:
        excess = single(wave, index, level)
        low = max(self.begin_ps, math.floor(self.low / PS))
        high = min(self.end_ps, math.ceil(self.high / PS))
        if turning:
            turn = solve(single(rate, index), self.low, self.high) / PS
            if excess(high * PS) > 0.0:  # a dip: it counts when it goes below, and what follows is the crossing
                low = math.floor(turn)
                if excess(low * PS) >= -2.0 * level:
                    return None
            else:
                high = round(turn)
        return _first_ps(excess, low, high)


def _first_ps(excess: Callable[[float], float], low: int, high: int) -> int | None:
    """The first integer picosecond where excess > 0, given that it is at `high` and not at `low`."""
    if not excess(high * PS) > 0.0:
        return None
    if excess(low * PS) > 0.0:
        return low
    guess = solve(excess, low * PS, high * PS) / PS
    reach = 1
    inner = max(low, int(guess) - reach), min(high, int(guess) + 1 + reach)
    while excess(inner[0] * PS) > 0.0 or not excess(inner[1] * PS) > 0.0:  # ends at [low, high] at the latest
        reach *= 4
        inner = max(low, int(guess) - reach), min(high, int(guess) + 1 + reach)
    low, high = inner
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if excess(middle * PS) > 0.0 else (middle, high)
    return high
