"""A charged capacitor into a resistance and an inductance: the exact series RLC discharge.

u(0) = V, i(0) = 0; alpha = R / 2L, w0 = 1 / sqrt(LC).
"""

import math


def peak(voltage: float, resistance: float, inductance: float, capacitance: float) -> tuple[float, float]:
    """(peak current A, its time s) for V, ohm, H, F, all above zero."""
    alpha, w0 = resistance / (2 * inductance), 1 / math.sqrt(inductance * capacitance)
    beta = math.sqrt(abs(alpha - w0) * (alpha + w0))
    if beta == 0:
        time = 1 / alpha
    elif alpha < w0:
        time = math.atan2(beta, alpha) / beta
    else:
        # atanh(beta / alpha) without the differences that lose all digits near critical and at strong damping.
        time = math.log1p((alpha - w0 + beta) / w0) / beta
    # At the peak L di/dt = 0, which leaves i = V / (w0 L) * exp(-alpha t) in every case.
    return voltage / (w0 * inductance) * math.exp(-alpha * time), time


def slowest_time(resistance: float, inductance: float, capacitance: float) -> float:
    """The time constant of the slowest decaying part, s: near RC when overdamped, 2L/R when it rings."""
    alpha, w0 = resistance / (2 * inductance), 1 / math.sqrt(inductance * capacitance)
    if alpha <= w0:
        return 1 / alpha
    return (alpha + math.sqrt(alpha**2 - w0**2)) / w0**2
