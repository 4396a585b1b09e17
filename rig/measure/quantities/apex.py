"""The height of a peak from the samples around the largest one.

Where noise matters, a parabola or two straight lines through as many samples as agree with them: the largest of many
noisy samples is too large, the top of a fit is not. Where it does not, between two samples the signal may have been
higher. If all the change of slope lies between them (a corner: a switch opened) the lines through the samples on either
side meet at the apex, or it lies above; if it is spread evenly, a parabola through three samples has it.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rig.measure.captures.capture import Bools, Floats
from rig.measure.captures.noise import Noise
from rig.measure.uncertainty.budget import Line, arcsine, rectangular

PLAIN = 3.0
"""Standard deviations of one sample by which a fit changes at least within its window before a bend could be hidden."""
HALVES = (128, 64, 32, 16, 8, 4)
"""Half widths of the windows in which a parabola is tried, samples. Taken is the widest that agrees, also with the
narrower ones."""
LIKE, HIDES = 1.5, 1.5
"""Of their standard uncertainties together, by which a wide and a narrow window may differ; and of what they differ by,
how much more may be hidden. Chosen by what they do to tops of many shapes: tests/measure/quantities/test_apex.py."""
BENDS = 8
"""Samples from which on a side of a corner is taken as a parabola, below as straight."""
AGREES = 3.0
"""Standard deviations by which the scatter about the fit, and the means of its eighths, may differ from the noise."""
DITHERS, MIN_CODES = 0.3, 3
JUMPED = 0.75
"""Of the bend, by which both next samples lie off the parabola through the three at the top when it is no parabola."""
CORNERED, SMOOTH = 0.2, 0.8
"""Curvature beside the segment of the apex over that in it: below the first a corner, above the second a smooth top."""


@dataclass(frozen=True, slots=True)
class Apex:
    """Height in the signal's unit and the lines of its doubt."""

    height: float
    lines: tuple[Line, ...]

    @property
    def u(self) -> float:
        """Standard uncertainty of the height, as far as its lines go."""
        return math.hypot(*(line.contribution for line in self.lines))

    @property
    def known(self) -> float:
        """The part of u that is no noise."""
        return math.hypot(*(line.contribution for line in self.lines if line.kind == "B"))


@dataclass(frozen=True, slots=True)
class _Fit:
    """An apex by `half` samples on either side; its scatter over that of the noise, and how much the fit changes."""

    half: int
    scatter: float
    change: float
    apex: Apex


def apex(values: Floats, k: int, of: Noise, *, smooth: bool = False) -> Apex:
    """The peak at the largest sample values[k]; `values` are finite and hold only what may be looked at.

    smooth: the signal is known to have no corner at its top.
    """
    near = values[max(k - HALVES[0], 0) : k + HALVES[0]]
    if of.rms < DITHERS * of.quantum or (of.quantum > of.rms and np.unique(near).size < MIN_CODES):
        # Steps that noise does not dither do not average out; two codes do not tell how much noise there is.
        found = _between(values, k, of)
        return Apex(found.height, (*found.lines, rectangular("quantisation without dither", of.quantum / 2.0)))
    fits = (_fitted(values, k, half, of, smooth=smooth) for half in HALVES)
    tried = (one for one in fits if one is not None)
    widest = next(tried, None)
    if widest is None:
        return _between(values, k, of)
    if smooth:  # of the window of half the width: what the fit does not show there is a sixteenth of it
        narrow = _curved(values, k, widest.half // 2, of, smooth=True)
        return (narrow or widest).apex
    windows = [widest, *tried]
    for number, one in enumerate(windows):
        if one.change < PLAIN * of.sigma:  # there is nothing that could bend
            return one.apex
        narrower = [other.apex for other in windows[number + 1 :]]
        if all(_like(one.apex, other) for other in narrower):
            apart = max((abs(one.apex.height - other.height) - other.known for other in narrower), default=0.0)
            hidden = rectangular("a bend that noise hides", HIDES * max(apart, 0.0))
            return Apex(one.apex.height, (*one.apex.lines, hidden))
    raise AssertionError("the narrowest window is like all narrower ones")


def _fitted(values: Floats, k: int, half: int, of: Noise, *, smooth: bool) -> _Fit | None:
    """What agrees with so many samples on either side, a smooth top or a corner; None where neither does."""
    curved = _curved(values, k, half, of, smooth=smooth)
    cornered = None if smooth else _cornered(values, k, half, of)
    if curved is not None and (cornered is None or curved.scatter < cornered.scatter + AGREES / math.sqrt(half)):
        return curved
    return cornered


def _like(wide: Apex, narrow: Apex) -> bool:
    """Whether a wide window has the height of a narrow one. In many samples the scatter hides a bend that shifts the
    top by several standard deviations of it; a narrow window has less of that (Lepski's rule)."""
    return abs(wide.height - narrow.height) <= LIKE * (wide.u + narrow.u)


def _curved(values: Floats, k: int, half: int, of: Noise, *, smooth: bool) -> _Fit | None:
    """(scatter over the noise's, top of a parabola over 2 half + 1 samples that hold k); None where they are too few
    or do not agree."""
    size = 2 * half + 1
    if size > values.size or of.sigma == 0.0:
        return None
    first = min(max(k - half, 0), values.size - size)
    chosen, design, solve, spreads = _parabola(half, k - first)
    part = values[first : first + size][chosen] - values[k]
    c = solve @ part
    fitted = design @ c
    scatter = _agreement(part - fitted, size - 4, of)
    if scatter is None:
        return None
    at = float(-c[1] / (2.0 * c[0])) if c[0] < 0.0 else math.inf
    rows = np.vander([at] if abs(at) <= 1.0 else [-1.0, 1.0], 3)
    row = rows[int(np.argmax(rows @ c))]
    spread = of.sigma * of.inherited * math.sqrt(float(row @ spreads @ row))
    noise = Line("noise, fitted", spread, 1.0, "normal", of.dof, "A")
    # A parabola through a corner |x| of the same drop runs 3/16 : 15/16 of it below the tip (least squares). The top is
    # smooth, or it is a corner; half of one is rare, so the ends of the interval count and not its middle.
    hidden = max(-float(c[0]), 0.0) / 10.0 if abs(at) <= 1.0 and not smooth else 0.0
    lines = noise, arcsine("a corner hidden in the fit", hidden)
    return _Fit(half, scatter, float(np.ptp(fitted)), Apex(float(row @ c + values[k]) + hidden, lines))


def _cornered(values: Floats, k: int, half: int, of: Noise) -> _Fit | None:
    """(scatter over the noise's, apex of two slightly bent lines over `half` samples on either side of k); None where
    they are too few, do not agree or do not make a corner.

    Between the lines the signal may have gone on and jumped: from where they meet to what the slope carries.
    """
    if k < half or k + half >= values.size or of.sigma == 0.0:
        return None
    terms = 3 if half >= BENDS else 2
    design, solve = _side(half, terms)
    sides = [values[k - half : k][::-1] - values[k], values[k + 1 : k + half + 1] - values[k]]
    fits = [solve @ side for side in sides]
    up, down = -float(fits[0][-2]), -float(fits[1][-2])
    left, right = float(fits[0][-1]), float(fits[1][-1])  # the heights at k, over values[k]
    own = min(left, right, key=abs)
    fitted = np.concatenate([design @ c for c in fits])
    residual = np.append(np.concatenate(sides) - fitted, own)
    scatter = _agreement(residual, residual.size - 2 * terms, of)
    if scatter is None or up <= 0.0 or down <= 0.0:
        return None
    after = own == left  # k lies on the rise: the corner or the jump comes after it
    meeting = (right - left) / (up + down)  # samples after k
    straight = 0.0 <= meeting <= 1.0 if after else -1.0 <= meeting <= 0.0
    low = left + up * meeting if straight else own
    high = max(low, left + up if after else right + down)
    spread = of.sigma * of.inherited * terms / math.sqrt(half)  # at the end of a straight line 2, of a parabola 3
    noise = Line("noise, fitted", spread, 1.0, "normal", of.dof, "A")
    lines = noise, rectangular("between the samples", (high - low) / 2.0)
    return _Fit(half, scatter, float(np.ptp(fitted)), Apex((low + high) / 2.0 + float(values[k]), lines))


@lru_cache(maxsize=64)
def _parabola(half: int, left_out: int) -> tuple[Bools, Floats, Floats, Floats]:
    """Which of 2 half + 1 samples vote - the one that was chosen for being the largest does not -, the powers of their
    place, what makes the coefficients of the samples, and the covariance of these for a noise of 1."""
    chosen = np.arange(2 * half + 1) != left_out
    design = np.vander((np.arange(-half, half + 1) / half)[chosen], 3)
    solve = np.linalg.pinv(design).astype(np.float64)
    return chosen, design, solve, solve @ solve.T


@lru_cache(maxsize=64)
def _side(half: int, terms: int) -> tuple[Floats, Floats]:
    """The powers of the places of `half` samples on one side, and what makes the coefficients of them."""
    design = np.vander(np.arange(1, half + 1, dtype=np.float64), terms)
    solve = np.linalg.pinv(design).astype(np.float64)
    return design, solve


def _agreement(residual: Floats, freedom: int, of: Noise) -> float | None:
    """The scatter of the residual over that of the noise; None where it, or the mean of an eighth, is too large."""
    squares = float(residual @ residual) / of.sigma**2
    if squares > freedom + AGREES * math.sqrt(2.0 * freedom):
        return None
    eighths = [float(one.mean()) * math.sqrt(one.size) for one in np.array_split(residual, min(8, residual.size // 2))]
    return squares / freedom if max(abs(one) for one in eighths) <= AGREES * of.sigma else None


def _between(values: Floats, k: int, of: Noise) -> Apex:
    """From the six samples around the top. At an end of the record the largest sample itself is all there is.

    Where slopes meet in a corner the signal may also have gone on straight and jumped down (a contact that opened), or
    jumped up: no further than its slope carries it within one sample.
    """
    top = float(values[k])
    noise = Line("noise", of.sigma, 1.0, "normal", of.dof, "A")
    if k < 2 or k + 2 >= values.size:
        return Apex(top, (noise,))
    curve, corner = _vertex(values, k), _corner(values, k)
    if corner is not None and corner.beside > SMOOTH:
        return Apex(curve, (noise,))
    low, gain = (curve, 1.0) if corner is None else (corner.height, corner.gain)
    after = bool(values[k + 1] < values[k - 1]) if corner is None else corner.first == k
    way = -1 if after else 1  # from the side that did not jump, the slope carries on
    carried = min(top - float(values[k + way]), float(values[k + way] - values[k + 2 * way]))
    high = max(low, top + max(carried, 0.0))
    if corner is not None and corner.beside > CORNERED:
        low = min(low, curve)
    doubt = Line("noise", gain * of.sigma, 1.0, "normal", of.dof, "A")
    return Apex((low + high) / 2.0, (doubt, rectangular("between the samples", (high - low) / 2.0)))


def _vertex(values: Floats, k: int) -> float:
    """Of the parabola through three samples; the largest sample where the next ones on both sides deny it: a jump."""
    before, left, top, right, after = (float(one) for one in values[k - 2 : k + 3])
    bend = left - 2.0 * top + right
    if bend >= 0.0:
        return top
    foreseen = (top + 2.0 * bend - way * (right - left) for way in (1.0, -1.0))
    off = [abs(seen - expected) for seen, expected in zip((before, after), foreseen, strict=True)]
    return top if min(off) > JUMPED * -bend else top - (right - left) ** 2 / (8.0 * bend)


@dataclass(frozen=True, slots=True)
class _Corner:
    """height where the lines on either side of the steepest bend meet; gain: its noise over one sample's; beside: the
    curvature beside the segment over that in it; first: the segment's first sample."""

    height: float
    gain: float
    beside: float
    first: int


def _corner(values: Floats, k: int) -> _Corner | None:
    """The steepest bend at sample k; None without one."""
    best: _Corner | None = None
    for first in (k - 1, k):  # the corner lies before or after the largest sample
        if first < 1 or first + 2 >= values.size:
            continue
        a, b, c, d = (float(one) for one in values[first - 1 : first + 3])
        up, down = b - a, c - d
        if up + down <= 0.0:
            continue
        x = (c - b + down) / (up + down)
        if not 0.0 <= x <= 1.0:
            continue
        height = b + up * x
        if best is None or height > best.height:
            beside = max(_bend(values, first - 1) + _bend(values, first + 2), 0.0) / (up + down)
            best = _Corner(height, _gain(up, down, x), beside, first)
    return best


def _bend(values: Floats, k: int) -> float:
    """How much less the signal rises after sample k than before it; 0 at an end."""
    if k < 1 or k + 1 >= values.size:
        return 0.0
    return float(2.0 * values[k] - values[k - 1] - values[k + 1])


def _gain(up: float, down: float, x: float) -> float:
    """Noise of the meeting height over that of one sample, to first order in the errors of the four samples."""
    by_x = up / (up + down)
    # height = b + up x, x = (c - b + down) / (up + down), up = b - a, down = c - d
    da = -x + by_x * x
    db = 1.0 + x + by_x * (-1.0 - x)
    dc = by_x * (2.0 - x)
    dd = by_x * (-1.0 + x)
    return math.sqrt(da * da + db * db + dc * dc + dd * dd)
