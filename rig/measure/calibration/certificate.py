"""What a certificate makes of a channel or a transducer: the correction to apply, and what is left unknown after it.

A channel's table of points becomes one straight line, true = gain * reading + offset, by least squares; what the line
misses stays in the budget. The laboratory's expanded uncertainty is one standard behind all points, so it is taken as
one common error of the size of the largest: that bounds each of them. Sources: JCGM 100:2008, 4.3.3 (U of a certificate
over its k) and 4.3.7 (residual, drift and temperature as half widths).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rig.measure.uncertainty.budget import Line, rectangular

MOST_OF_RANGE = 0.8
"""A table that does not reach so far towards both ends of a range does not cover the range."""


@dataclass(frozen=True, slots=True)
class Correction:
    """true = gain * reading + offset; the lines are what the reading's gain and offset are then known to."""

    gain: float
    offset: float
    gain_lines: tuple[Line, ...]
    offset_lines: tuple[Line, ...]


def covers(readings: Sequence[float], span: float) -> bool:
    """Whether points at these readings reach towards both ends of the range +- `span`, in its unit."""
    return min(readings) <= -MOST_OF_RANGE * span and max(readings) >= MOST_OF_RANGE * span


def from_table(
    readings: Sequence[float], trues: Sequence[float], expanded: Sequence[float], k: float, source: str
) -> Correction:
    """The correction of a channel from its table; `expanded` is U of each of `trues`, all in one unit.

    ValueError for fewer than two different readings.
    """
    x, y = np.asarray(readings, dtype=np.float64), np.asarray(trues, dtype=np.float64)
    if len(set(readings)) < 2:
        raise ValueError(f"{source}: a straight line needs two different readings")
    gain, offset = (float(c) for c in np.polyfit(x, y, 1))
    residual = float(np.abs(y - (gain * x + offset)).max())
    step = max(abs(value) for value in (*readings, *trues)) * 1e-12  # what is left of the arithmetic
    lines = [Line("calibration", max(expanded) / k, source=source)]
    if residual > step:
        lines.append(rectangular("what a straight line misses of the certificate's table", residual, source=source))
    return Correction(gain, offset, (), tuple(lines))


def from_value(value: float, nominal: float, expanded: float, k: float, source: str) -> Correction:
    """The correction of a transducer's factor: a ratio or a conductance times `value / nominal`; U as `value`."""
    return Correction(value / nominal, 0.0, (Line("calibration", expanded / k / value, source=source),), ())


def beyond(temperatures: tuple[float, float], reference: tuple[float, float]) -> float:
    """How far, K, temperatures between two ends can lie outside the ends of `reference`; 0 when they cannot."""
    return max(0.0, temperatures[1] - reference[1], reference[0] - temperatures[0])


def drifting(coefficient: float, kelvin: float, what: str, source: str) -> tuple[Line, ...]:
    """The line of a temperature coefficient, given as a limit per kelvin; none where there is nothing to say."""
    half_width = coefficient * kelvin
    if not math.isfinite(half_width) or half_width <= 0.0:
        return ()
    return (rectangular(f"temperature, {kelvin:g} K {what}", half_width, source=source),)
