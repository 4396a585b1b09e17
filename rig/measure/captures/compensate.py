"""Undo the series inductance of a shunt.

A shunt with resistance R and inductance L gives v = R (i + tau di/dt) with tau = L/R. Reading v/R as the current puts
an inductive step on every edge and makes a falling current look as if it ended early, so the current is recovered
before any level or time is read from it.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


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
    result = _recurred(filled, pole, b0, b1)
    result[missing] = np.nan
    return result


def lead_pole(lead_time: float, dt: float) -> float:
    """exp(-dt/tau): how much of one sample's noise the next one inherits from the recursion, 0..1."""
    return float(np.exp(-dt / lead_time)) if lead_time > 0.0 else 0.0


def _recursion(lead_time: float, dt: float) -> tuple[float, float, float]:
    pole = lead_pole(lead_time, dt)
    ratio = lead_time / dt * -float(np.expm1(-dt / lead_time))
    return pole, 1.0 - ratio, ratio - pole


def _recurred(x: Floats, pole: float, b0: float, b1: float) -> Floats:
    """y[n] = b0 x[n] + b1 x[n-1] + pole y[n-1] from y[0] = x[0], as the triangular system that it is.

    scipy.signal has a filter for it, but importing that would cost each run half a second.
    """
    from scipy.linalg.lapack import dtbtrs

    right = b0 * x
    right[0] += (1.0 - b0) * x[0]
    right[1:] += b1 * x[:-1]
    band = np.empty((2, x.size))
    band[0], band[1] = 1.0, -pole
    y, _ = dtbtrs(band, right[:, None], uplo="L", diag="U", overwrite_b=1)
    return np.asarray(y[:, 0], dtype=np.float64)
