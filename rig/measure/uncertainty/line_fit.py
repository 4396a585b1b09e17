"""A straight line through points, with the uncertainty and correlation of its intercept and slope (JCGM 100 H.3)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class LineFit:
    """y = intercept + slope x; standard uncertainties, their correlation and degrees of freedom, scatter about it."""

    intercept: float
    slope: float
    intercept_u: float
    slope_u: float
    correlation: float
    dof: float
    scatter: float

    def at(self, x: float) -> tuple[float, float]:
        """(y, its standard uncertainty) at x, with the correlation (JCGM 100 equation H.15)."""
        cross = 2.0 * x * self.intercept_u * self.slope_u * self.correlation
        square = self.intercept_u**2 + (x * self.slope_u) ** 2 + cross
        return self.intercept + self.slope * x, math.sqrt(max(square, 0.0))


def fit_line(x: Sequence[float], y: Sequence[float], y_u: Sequence[float] | None = None) -> LineFit | None:
    """Least squares. Without `y_u` the scatter about the line is the uncertainty of each y (three points or more, dof
    n - 2); with it each y counts by its standard uncertainty (dof infinite), and the larger of both is taken.

    None for fewer than two different x, too few points, or anything that is not finite.
    """
    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    u = np.ones(a.size) if y_u is None else np.asarray(y_u, dtype=np.float64)
    if a.size < (3 if y_u is None else 2) or np.unique(a).size < 2 or not np.isfinite([*a, *b, *u]).all():
        return None
    if not (u > 0.0).all():
        return None
    w = 1.0 / u**2
    total, first, second = float(w.sum()), float((w * a).sum()), float((w * a * a).sum())
    determinant = total * second - first**2
    slope = float((total * (w * a * b).sum() - first * (w * b).sum()) / determinant)
    intercept = float(((w * b).sum() - slope * first) / total)
    residual = b - intercept - slope * a
    free = a.size - 2
    square = float((w * residual**2).sum()) / free if free else 0.0
    by_scatter = y_u is None or square > 1.0
    factor = math.sqrt(square) if by_scatter else 1.0
    return LineFit(
        intercept,
        slope,
        factor * math.sqrt(second / determinant),
        factor * math.sqrt(total / determinant),
        -first / math.sqrt(total * second),
        float(free) if by_scatter and free else math.inf,
        math.sqrt(float((residual**2).mean()) * a.size / free) if free else 0.0,
    )
