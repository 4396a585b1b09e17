"""State levels of pulses, transition times of analytic edges by their reference levels, and what has no states."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.special import erf

from rig.measure import Threshold, find_edges
from rig.measure.events.levels import states

METHODS = ("histogram", "shorth")


def between(trace, low, high):
    """Time between the first rising passages of two levels."""
    first, last = (find_edges(trace, Threshold(trace.signal, level), limit=1)[0] for level in (low, high))
    return last.t - first.t


@pytest.mark.parametrize("method", METHODS)
def test_a_pulse_has_its_two_states(trace_of, method):
    t = np.arange(10_000)
    pulse = np.where((t > 4000) & (t < 7000), 5.2, 0.2)
    found = states(trace_of(pulse, noise=0.02, lsb=0.001), method=method)
    assert found.low == pytest.approx(0.2, abs=0.01)
    assert found.high == pytest.approx(5.2, abs=0.01)
    assert 0.0 < found.high_u < 0.005
    assert found.at(50.0) == pytest.approx(2.7, abs=0.01)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("shape", "low", "high", "expected"),
    [
        (lambda x: 0.5 * (1.0 + erf(x / math.sqrt(2.0))), 10.0, 90.0, 2.563103),  # sigma = 1
        (lambda x: 0.5 * (1.0 + erf(x / math.sqrt(2.0))), 20.0, 80.0, 1.683242),
        (lambda x: np.where(x > 0.0, 1.0 - np.exp(-np.clip(x, 0.0, None)), 0.0), 10.0, 90.0, 2.197225),  # tau = 1
    ],
)
def test_transition_times_of_analytic_edges(trace_of, method, shape, low, high, expected):
    """Gaussian edge 10 to 90 % = 2.563103 sigma, 20 to 80 % = 1.683242 sigma; single pole 2.197225 tau (recomputed)."""
    x = np.arange(-40.0, 40.0, 0.005)
    trace = trace_of(shape(x), dt=0.005, start=-40.0, lsb=1e-6)
    found = states(trace, method=method)
    assert (found.low, found.high) == (pytest.approx(0.0, abs=2e-3), pytest.approx(1.0, abs=2e-3))
    assert between(trace, found.at(low), found.at(high)) == pytest.approx(expected, rel=5e-3)
    assert between(trace, low / 100.0, high / 100.0) == pytest.approx(expected, rel=1e-5)  # declared levels


@pytest.mark.parametrize("method", METHODS)
def test_what_has_no_two_states(trace_of, method):
    n = np.arange(5000)
    nothing, noise = np.full(5000, 3.0), np.random.default_rng(1).normal(0.0, 1.0, 5000)
    for values in (nothing, noise, n * 1e-3, np.full(5000, np.nan), nothing[:1]):
        assert states(trace_of(values, lsb=0.001), method=method) is None
    one_spike = np.where(n == 100, 5.0, 0.0)
    assert states(trace_of(one_spike, lsb=0.001), method=method) is None
    clipped = np.where(n > 2000, 5.0, 0.0)
    assert states(trace_of(clipped, lsb=0.001, span=(-5.0, 5.0)), method=method) is None


@settings(max_examples=100, deadline=None)
@given(npst.arrays(np.float64, st.integers(0, 200), elements=st.floats(-100.0, 100.0) | st.just(math.nan)))
def test_arbitrary_records_have_finite_states_or_none(trace_of, values):
    for method in METHODS:
        found = states(trace_of(values), method=method)
        assert found is None or (math.isfinite(found.low) and found.low < found.high)
