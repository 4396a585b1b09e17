"""The inductance of a shunt is undone exactly where the reading is straight between samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lfilter

from rig.measure.captures.compensate import lead_pole, without_lead


def test_ramp_from_rest_is_recovered_exactly():
    dt, tau = 20e-9, 100e-9
    t = np.arange(200) * dt
    slope = 50e6
    # For a reading that starts from rest as a straight line, v/R = s t, the current is s (t - tau (1 - exp(-t/tau))).
    current = without_lead(slope * t, tau, dt)
    np.testing.assert_allclose(current, slope * (t - tau * (1.0 - np.exp(-t / tau))), rtol=1e-12, atol=1e-9)


def test_inductive_step_disappears():
    dt, tau, slope = 1e-9, 100e-9, 50e6
    t = np.arange(-500, 4000) * dt
    true = np.where(t >= 0.0, slope * t, 0.0)
    reading = true + tau * np.where(t >= 0.0, slope, 0.0)  # 5 A step by L di/dt
    assert np.abs(reading - true).max() == pytest.approx(5.0)
    assert np.abs(without_lead(reading, tau, dt) - true).max() < 0.03


def test_decay_is_not_early():
    dt, tau, decay = 5e-9, 100e-9, 1e-6
    t = np.arange(0, 2000) * dt
    true = 200.0 * np.exp(-t / decay)
    reading = true * (1.0 - tau / decay)
    found = without_lead(reading, tau, dt)
    assert np.abs(found[200:] / true[200:] - 1.0).max() < 1e-3  # after the initial condition has died out


@given(st.floats(1e-6, 1e3), st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=50))
def test_never_leaves_the_range_of_the_reading(ratio, values):
    reading = np.array(values)
    found = without_lead(reading, ratio, 1.0)
    assert found[0] == reading[0] or abs(found[0] - reading[0]) < 1e-9 * (1.0 + abs(reading[0]))
    assert found.min() >= reading.min() - 1e-6
    assert found.max() <= reading.max() + 1e-6


def test_short_lead_tends_to_a_share_of_one_step():
    reading = np.array([0.0, 0.0, 10.0, 10.0])
    np.testing.assert_allclose(without_lead(reading, 0.001, 1.0), [0.0, 0.0, 9.99, 10.0], atol=1e-12)


def test_lost_samples_stay_lost_and_spoil_nothing_else():
    reading = np.array([1.0, 1.0, np.nan, 1.0, 1.0])
    np.testing.assert_array_equal(np.isnan(without_lead(reading, 0.5, 1.0)), [False, False, True, False, False])
    np.testing.assert_allclose(without_lead(reading, 0.5, 1.0)[[0, 1, 3, 4]], 1.0)
    assert np.isnan(without_lead(np.full(3, np.nan), 0.5, 1.0)).all()


def test_no_lead_is_the_reading_itself():
    reading = np.array([1.0, 2.0])
    assert without_lead(reading, 0.0, 1.0) is reading
    assert lead_pole(0.0, 1.0) == 0.0
    assert lead_pole(1.0, 1.0) == pytest.approx(np.exp(-1.0))


@pytest.mark.parametrize("ratio", [1e-4, 0.05, 0.1, 0.11, 0.5, 5.0, 1e3])
@pytest.mark.parametrize("size", [1, 2, 3000])
def test_the_recursion_is_the_filter_of_scipy(ratio, size):
    reading = np.random.default_rng(7).normal(0.0, 30.0, size).round(2)
    reading[500:900] = 0.0
    pole, step = np.exp(-1.0 / ratio), -ratio * np.expm1(-1.0 / ratio)
    numerator = [1.0 - step, step - pole]
    expected, _ = lfilter(numerator, [1.0, -pole], reading, zi=[(1.0 - numerator[0]) * reading[0]])
    np.testing.assert_allclose(
        without_lead(reading, ratio, 1.0), expected, rtol=1e-12, atol=1e-12 * abs(expected).max()
    )
