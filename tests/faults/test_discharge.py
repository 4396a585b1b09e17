"""The capacitor's discharge against an integrated circuit equation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from rig.faults import discharge


def integrated(voltage: float, R: float, L: float, C: float) -> tuple[float, float, float]:
    """(peak, its time, integral of i² until all is over) of u' = -i/C, L i' = u - R i."""
    slow = discharge.slowest_time(R, L, C)
    still = lambda t, y: y[0] - R * y[1]  # noqa: E731  the derivative of the current
    still.direction = -1
    found = solve_ivp(
        lambda t, y: (-y[1] / C, (y[0] - R * y[1]) / L, y[1] ** 2),
        (0, 30 * slow),
        (voltage, 0.0, 0.0),
        method="LSODA",
        events=still,
        rtol=1e-10,
        atol=1e-12,
    )
    assert found.success
    return found.y_events[0][0][1], found.t_events[0][0], found.y[2][-1]


@pytest.mark.parametrize(
    ("R", "L", "C"),
    [
        (0.035, 1e-6, 470e-6),  # the reference device's short: rings
        (0.2, 1e-6, 470e-6),  # overdamped
        (2 * math.sqrt(1e-6 / 470e-6), 1e-6, 470e-6),  # critical
        (2 * math.sqrt(1e-6 / 470e-6) * (1 + 1e-7), 1e-6, 470e-6),
        (2 * math.sqrt(1e-6 / 470e-6) * (1 - 1e-7), 1e-6, 470e-6),
        (5.0, 1e-6, 470e-6),  # strongly overdamped: almost V / R
        (0.005, 1e-6, 470e-6),  # hardly damped: almost V / Z0
    ],
)
def test_peak_against_an_integrated_circuit(R: float, L: float, C: float) -> None:
    peak, time, heat = integrated(54.0, R, L, C)
    expected_peak, expected_time = discharge.peak(54.0, R, L, C)
    assert expected_peak == pytest.approx(peak, rel=1e-6)
    assert expected_time == pytest.approx(time, rel=1e-4)
    assert pytest.approx(heat, rel=1e-5) == C * 54.0**2 / 2 / R  # all stored energy ends in R


@given(st.floats(1e-3, 1e3), st.floats(1e-9, 1e-3), st.floats(1e-9, 1.0))
def test_bounds(R: float, L: float, C: float) -> None:
    peak, time = discharge.peak(1.0, R, L, C)
    assert 0 < peak <= min(1 / R, math.sqrt(C / L)) * (1 + 1e-9)
    assert 0 < time <= math.pi / 2 * math.sqrt(L * C) * (1 + 1e-9)


@given(st.floats(0.1, 10.0))
def test_continuous_through_critical_damping(scale: float) -> None:
    L, C = 1e-6 * scale, 470e-6
    critical = 2 * math.sqrt(L / C)
    peaks = [discharge.peak(1.0, critical * (1 + d), L, C)[0] for d in np.linspace(-1e-6, 1e-6, 21)]
    assert np.all(np.diff(peaks) < 0)
    assert peaks[10] == pytest.approx(2 / math.e / critical, rel=1e-9)


@pytest.mark.parametrize(("R", "expected"), [(100.0, 100.0 * 470e-6), (0.001, 2 * 1e-6 / 0.001)])
def test_slowest_time_has_the_known_limits(R: float, expected: float) -> None:
    assert discharge.slowest_time(R, 1e-6, 470e-6) == pytest.approx(expected, rel=1e-6)
