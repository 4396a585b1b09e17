"""The height of a peak from the samples around the largest one.

Where noise matters, a parabola through as many samples as agree with one: the largest of many noisy samples is too
large, the vertex of a fit is not. Where it does not, between two samples the signal may have been higher. If all the
change of slope lies between them (a corner: a switch opened) the lines through the samples on either side meet at the
apex; if it is spread evenly, a parabola through three samples has it; in between the truth lies between the two.
"""

import math
from dataclasses import dataclass

import numpy as np

from rig.measure.captures.capture import Floats
from rig.measure.captures.noise import Noise
from rig.measure.uncertainty.budget import Line, rectangular

HALVES = (128, 64, 32, 16, 8, 4)
"""Half widths of the windows in which a parabola is tried, samples; the widest that agrees is taken."""
AGREES = 3.0
"""Standard deviations by which the scatter about the fit, and the means of its eighths, may differ from the noise."""


@dataclass(frozen=True, slots=True)
class Apex:
    """Height in the signal's unit, the lines of its doubt, and the slopes up to it and down from it per sample."""

    height: float
    lines: tuple[Line, ...]
    up: float
    down: float


def apex(values: Floats, k: int, of: Noise) -> Apex:
    """The peak at the largest sample values[k]; `values` are finite and hold only what may be looked at."""
    for half in HALVES:
        fitted = _fitted(values, k, half, of)
        if fitted is not None:
            return fitted
    return _between(values, k, of)


def _fitted(values: Floats, k: int, half: int, of: Noise) -> Apex | None:
    """The top of a parabola over 2 half + 1 samples that hold k; None where they are too few or do not agree."""
    size = 2 * half + 1
    if size > values.size or of.sigma == 0.0:
        return None
    first = min(max(k - half, 0), values.size - size)
    part = values[first : first + size] - values[k]
    x = np.arange(-half, half + 1) / half
    design = np.vander(x, 3)
    c, *_ = np.linalg.lstsq(design, part, rcond=None)
    residual = part - design @ c
    if float(residual @ residual) / of.sigma**2 > size - 3 + AGREES * math.sqrt(2.0 * (size - 3)):
        return None
    eighths = [float(one.mean()) * math.sqrt(one.size) for one in np.array_split(residual, min(8, size // 2))]
    if max(abs(one) for one in eighths) > AGREES * of.sigma:
        return None
    at = float(-c[1] / (2.0 * c[0])) if c[0] < 0.0 else math.inf
    rows = np.vander([at] if abs(at) <= 1.0 else [-1.0, 1.0], 3)
    row = rows[int(np.argmax(rows @ c))]
    inherited = math.sqrt((1.0 + of.pole) / max(1.0 - of.pole, 1e-6))  # correlated samples average less
    spread = of.sigma * inherited * math.sqrt(float(row @ np.linalg.solve(design.T @ design, row)))
    noise = Line("noise, fitted", spread, 1.0, "normal", of.dof, "A")
    return Apex(float(row @ c + values[k]), (noise,), 0.0, 0.0)


def _between(values: Floats, k: int, of: Noise) -> Apex:
    """From the six samples around the top. At an end of the record the largest sample itself is all there is."""
    top = float(values[k])
    noise = Line("noise", of.sigma, 1.0, "normal", of.dof, "A")
    if k < 2 or k + 2 >= values.size:
        return Apex(top, (noise,), 0.0, 0.0)
    curve, corner = _vertex(values, k), _corner(values, k)
    if corner is None:
        return Apex(curve, (noise,), 0.0, 0.0)
    meeting, up, down, gain, share = corner
    doubt = Line("noise", gain * of.sigma, 1.0, "normal", of.dof, "A")
    if share < 0.2:  # four times less curvature beside the segment than in it
        return Apex(meeting, (doubt,), up, down)
    if share > 0.8:
        return Apex(curve, (noise,), up, down)
    half = abs(meeting - curve) / 2.0
    return Apex((meeting + curve) / 2.0, (doubt, rectangular("shape between the samples", half)), up, down)


def _vertex(values: Floats, k: int) -> float:
    left, top, right = (float(one) for one in values[k - 1 : k + 2])
    bend = left - 2.0 * top + right
    return top - (right - left) ** 2 / (8.0 * bend) if bend < 0.0 else top


def _corner(values: Floats, k: int) -> tuple[float, float, float, float, float] | None:
    """(height where the lines on either side of the steepest bend meet, slope up and down per sample, its noise over
    one sample's, curvature beside the segment over that in it); None where there is no bend between two samples."""
    best = None
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
        if best is None or height > best[0]:
            beside = _bend(values, first - 1) + _bend(values, first + 2)
            within = max(up + down, 1e-300)
            best = height, up, down, _gain(up, down, x), max(beside, 0.0) / within
    return best


def _bend(values: Floats, k: int) -> float:
    """How much less the signal rises after sample k than before it; 0 at an end."""
    if k < 1 or k + 1 >= values.size:
        return 0.0
    return float(2.0 * values[k] - values[k - 1] - values[k + 1])


def _gain(up: float, down: float, x: float) -> float:
    """Noise of the meeting height over that of one sample, to first order in the errors of the four samples."""
    total = up + down
    by_x = up / total
    # height = b + up x, x = (c - b + down) / (up + down), up = b - a, down = c - d
    da = -x + by_x * x
    db = 1.0 + x + by_x * (-1.0 - x)
    dc = by_x * (2.0 - x)
    dd = by_x * (-1.0 + x)
    return math.sqrt(da * da + db * db + dc * dc + dd * dd)
