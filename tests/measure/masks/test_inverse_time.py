"""Curves of IEC 60255-151 against its own formula's figures, and their ends."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.measure.masks.inverse_time import (
    EXTREMELY_INVERSE,
    STANDARD_INVERSE,
    VERY_INVERSE,
    InverseTime,
    Thermal,
    i2t_time,
)

MULTIPLES = (2.0, 5.0, 10.0, 20.0)


@pytest.mark.parametrize(
    ("curve", "seconds"),
    [
        (STANDARD_INVERSE, (10.029, 4.2797, 2.9706, 2.2674)),
        (VERY_INVERSE, (13.5, 3.375, 1.5, 0.7105)),
        (EXTREMELY_INVERSE, (26.667, 3.3333, 0.8081, 0.2005)),
    ],
)
def test_iec_60255_151_curves_at_tms_1(curve, seconds):
    """Standard, very and extremely inverse (IEC 60255-151:2009 annex A, types A to C), to the last printed digit."""
    for multiple, expected in zip(MULTIPLES, seconds, strict=True):
        digits = len(str(expected).split(".")[1])
        assert round(curve.time(multiple), digits) == expected


@given(st.floats(1.001, 50.0), st.sampled_from([STANDARD_INVERSE, VERY_INVERSE, EXTREMELY_INVERSE]))
def test_the_slope_is_the_derivative(multiple, curve):
    step = 1e-6 * (multiple - 1.0)
    numeric = (curve.time(multiple - step) - curve.time(multiple + step)) / (2.0 * step)
    assert curve.slope(multiple) == pytest.approx(numeric, rel=1e-4)


@pytest.mark.parametrize("multiple", [1.0, 0.5, 0.0, -3.0, math.nan])
def test_at_and_below_the_setting_there_is_no_time(multiple):
    assert math.isinf(VERY_INVERSE.time(multiple))
    assert math.isinf(VERY_INVERSE.slope(multiple))


def test_an_uncertain_current_near_the_setting_bounds_nothing_from_above():
    shortest, longest = VERY_INVERSE.band(1.05, 0.03)
    assert shortest == pytest.approx(13.5 / 0.11)
    assert math.isinf(longest)


@given(st.floats(1.2, 20.0), st.floats(0.0, 0.05))
def test_the_band_holds_the_time(multiple, u):
    shortest, longest = STANDARD_INVERSE.band(multiple, u)
    assert shortest <= STANDARD_INVERSE.time(multiple) <= longest


def test_thermal_image_warms_up_as_its_differential_equation():
    """theta' = (I^2 - theta) / tau from preload^2, solved by small steps."""
    thermal, theta, t, dt = Thermal(tau=60.0), 0.5**2, 0.0, 1e-3
    while theta < 1.0:
        theta += dt * (1.5**2 - theta) / 60.0
        t += dt
    assert thermal.time(1.5, preload=0.5) == pytest.approx(t, rel=1e-4)
    assert math.isinf(thermal.time(1.0))
    assert thermal.time(1.5, preload=1.2) == 0.0


def test_i2t_element():
    assert i2t_time(20.0, 10.0, 300.0) == 1.0
    assert math.isinf(i2t_time(10.0, 10.0, 300.0))


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        InverseTime(k=0.0, alpha=1.0)
    with pytest.raises(ValueError, match="standard uncertainty"):
        VERY_INVERSE.band(2.0, math.nan)
