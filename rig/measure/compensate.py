"""Undo the series inductance of a shunt.

A shunt with resistance R and inductance L gives v = R (i + tau di/dt) with tau = L/R. Reading v/R as the current puts
an inductive step on every edge and makes a falling current look as if it ended early, so the current is recovered
before any level or time is read from it.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SHORT_MEMORY = 1e-4  # what is left of a sample in the next one, when five passes over noisy samples settle everything


def without_lead(reading: Floats, lead_time: float, dt: float) -> Floats:
    """Solve i + tau di/dt = reading for i.

    reading: (n,) v/R in ampere; lead_time: tau in s; dt: sample interval in s. Returns (n,) ampere.

    The recursion is exact for a reading that is straight between samples. Initial condition: i[0] = reading[0], that is
    di/dt = 0 before the record, which the pre-trigger part of a capture guarantees; a wrong guess dies out with tau.

    Nothing is skipped for tau << dt: there the recursion tends to reading[n] - (tau/dt) (reading[n] - reading[n-1]), a
    correction of at most tau/dt of one sample's step. It is a low-pass at every tau/dt, so it never amplifies noise.
    Missing samples (NaN) are bridged by a straight line for the recursion and are missing again in the result.
    """
    if lead_time == 0.0 or reading.size == 0:
        return reading
    missing = ~np.isfinite(reading)
    if missing.all():
        return reading
    filled = reading
    if missing.any():
        index = np.arange(reading.size)
        filled = np.interp(index, index[~missing], reading[~missing])
    pole, b0, b1 = _recursion(lead_time, dt)
    result = _settled(filled, pole, b0, b1) if pole <= _SHORT_MEMORY else _stepped(filled, pole, b0, b1)
    result[missing] = np.nan
    return result


def lead_pole(lead_time: float, dt: float) -> float:
    """exp(-dt/tau): how much of one sample's noise the next one inherits from the recursion, 0..1."""
    return float(np.exp(-dt / lead_time)) if lead_time > 0.0 else 0.0


def _recursion(lead_time: float, dt: float) -> tuple[float, float, float]:
    pole = lead_pole(lead_time, dt)
    ratio = lead_time / dt * -float(np.expm1(-dt / lead_time))
    return pole, 1.0 - ratio, ratio - pole


# Both carry out y[n] = b0 x[n] + (b1 x[n-1] + pole y[n-1]) from y[0] = x[0], to the last bit as scipy.signal.lfilter
# does; importing scipy.signal would cost each run 0.6 s.


def _settled(x: Floats, pole: float, b0: float, b1: float) -> Floats:
    """All samples at once, repeated until none changes: then each follows from the one before it."""
    new, old = b0 * x, b1 * x[:-1]
    new[0] += (1.0 - b0) * x[0]
    y = x
    while True:
        following = new.copy()
        following[1:] += old + pole * y[:-1]
        if np.array_equal(following, y):
            return following
        y = following


def _stepped(x: Floats, pole: float, b0: float, b1: float) -> Floats:
    """Sample after sample, 0.1 us each."""
    y = []
    state = (1.0 - b0) * float(x[0])
    for value in x.tolist():
        y.append(now := b0 * value + state)
        state = b1 * value + pole * now
    return np.array(y)
