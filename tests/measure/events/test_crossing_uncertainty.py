"""The uncertainty of a crossing is what repeated captures scatter by: Monte Carlo of the three estimators."""

import math

import numpy as np
import pytest

from rig.measure import Threshold, TraceAccuracy, first_edge, operate_time
from rig.measure.captures.noise import noise
from rig.measure.events.edges import find_edges

NO_ERROR = TraceAccuracy(0.0, 0.0, verified=True)


def crossings_of_ramp(trace_of, *, step_sigmas: float, runs: int, points: int = 300):
    """Errors in units of dt and the edges of noisy ramps with a random phase; `step_sigmas` is the rise per sample."""
    rng = np.random.default_rng(20)
    errors, edges = [], []
    n = np.arange(-points, points, dtype=np.float64)
    height = step_sigmas * points * 0.6
    for k in range(runs):
        phase = rng.uniform(0.0, 1.0)
        clean = np.clip((n - phase) * step_sigmas, -height, height)
        trace = trace_of(clean, dt=1.0, start=-points, lsb=1e-3, noise=1.0, seed=k)
        edge = first_edge(trace, Threshold("port_current", 0.0), noise_span=(-points, -points * 0.65))
        assert edge is not None
        errors.append(edge.t - phase)
        edges.append(edge)
    return np.array(errors), edges


def test_interpolated_crossing_scatters_by_sqrt_two_thirds_sigma_over_slew(trace_of):
    errors, edges = crossings_of_ramp(trace_of, step_sigmas=20.0, runs=3000)
    expected = math.sqrt(2.0 / 3.0) / 20.0
    assert all(edge.resolved for edge in edges)
    assert errors.std() == pytest.approx(expected, rel=0.04)
    assert abs(errors.mean()) < 3.0 * expected / math.sqrt(errors.size)
    assert np.median([edge.u_noise for edge in edges]) == pytest.approx(expected, rel=0.04)


def test_fitted_crossing_scatters_by_sigma_over_slew_root_n(trace_of):
    errors, edges = crossings_of_ramp(trace_of, step_sigmas=0.5, runs=1500)
    assert all(edge.resolved for edge in edges)
    assert abs(errors.mean()) < 0.1 * errors.std()
    expected = 1.0 / (0.5 * math.sqrt(46.0))  # sigma / (slew sqrt N) for the 46 samples that take part
    assert np.median([edge.u_noise for edge in edges]) == pytest.approx(expected, rel=0.06)
    assert np.median(np.abs(errors)) / 0.6745 == pytest.approx(expected, rel=0.15)
    covered = np.mean(np.abs(errors) < 1.96 * np.array([edge.u for edge in edges]))
    assert 0.94 < covered < 0.98


def test_edge_within_one_sample_has_dt_over_sqrt_12(trace_of):
    phases = np.linspace(0.0, 1.0, 400, endpoint=False)
    errors = []
    for phase in phases:
        values = np.where(np.arange(-50, 50) >= phase, 54.0, 0.0)
        edge = first_edge(trace_of(values, dt=2e-6, start=-100e-6), Threshold("port_current", 27.0))
        assert edge is not None
        assert not edge.resolved
        assert edge.u == pytest.approx(2e-6 / math.sqrt(12.0))
        errors.append(edge.t - phase * 2e-6)
    assert np.std(errors) == pytest.approx(2e-6 / math.sqrt(12.0), rel=0.01)
    assert abs(np.mean(errors)) < 1e-8


SOFT_START = [5.75, 9.61, 20.28, 33.64, 38.72, 44.44, 50.06, 52.45, 52.45, 53.36, 53.70, 53.82, 53.82, 53.87]
"""V: a port whose soft start goes in steps faster than the recorder looks."""


def test_a_signal_that_jumps_between_the_samples_is_not_drawn_as_a_curve(trace_of):
    """It crosses 51.3 V 0.46 samples after the seventh: no curve through its neighbours knows that."""
    values = [0.0] * 20 + SOFT_START + [53.9] * 20
    trace = trace_of(np.array(values), dt=1.0, start=0, lsb=1e-3, noise=1e-3)
    edge = first_edge(trace, Threshold("port_current", 51.3), noise_span=(0.0, 15.0))
    assert edge is not None
    assert not edge.resolved
    assert (edge.t, edge.u_sampling) == (pytest.approx(26.5), pytest.approx(1.0 / math.sqrt(12.0)))


STEPS = [0.0, 6.73, 14.92, 15.39, 28.34, 40.64, 48.18, 48.23, 51.69, 53.06, 53.53, 53.57, 53.75]
"""V: a converter that comes up in steps; 51.3 V is crossed right after the eighth, as the simulated bench knows."""


@pytest.mark.parametrize("backwards", [False, True])
def test_a_signal_that_halts_beside_the_crossing_climbs_in_steps(trace_of, backwards):
    values = np.array([0.0] * 20 + STEPS + [53.8] * 20)
    values = 53.8 - values[::-1] if backwards else values
    trace = trace_of(values, dt=1.0, start=0, lsb=1e-3, noise=1e-3)
    level, between = (2.5, 24.5) if backwards else (51.3, 27.5)
    edge = first_edge(trace, Threshold("port_current", level), noise_span=(0.0, 15.0))
    assert edge is not None
    assert not edge.resolved
    assert (edge.t, edge.u_sampling) == (pytest.approx(between), pytest.approx(1.0 / math.sqrt(12.0)))


def test_single_pole_crosses_half_at_ln_2_tau(trace_of):
    tau, dt = 100e-6, 1e-6
    t = np.arange(-200, 1000) * dt
    trace = trace_of(np.where(t > 0.0, 1.0 - np.exp(-np.maximum(t, 0.0) / tau), 0.0), dt=dt, start=t[0], lsb=1e-6)
    edge = first_edge(trace, Threshold("port_current", 0.5))
    assert edge is not None
    assert edge.resolved
    assert edge.t == pytest.approx(0.693147 * tau, abs=2e-9)
    assert edge.slope == pytest.approx(0.5 / tau, rel=0.01)


def test_noise_makes_no_edges_and_a_real_edge_makes_one(trace_of):
    values = np.where(np.arange(100_000) > 60_000, 3.0, -3.0)
    trace = trace_of(values, noise=0.5, start=-0.05, lsb=0.01)
    assert len(find_edges(trace, Threshold("port_current", 0.0))) == 1
    assert find_edges(trace, Threshold("port_current", 0.0, "falling")) == []
    assert find_edges(trace, Threshold("port_current", 3.0)) == []


def test_magnitude_of_a_reversed_voltage_rises(trace_of):
    values = np.where(np.arange(100) > 60, -48.0, 0.0)
    trace = trace_of(values, signal="port_voltage", start=-50e-6)
    edge = first_edge(trace, Threshold("port_voltage", 10.0, absolute=True))
    assert edge is not None
    assert edge.t == pytest.approx(10.5e-6, abs=1e-12)
    assert edge.polarity == 1  # the last sample before the edge is zero
    assert first_edge(trace, Threshold("port_voltage", 10.0)) is None


@pytest.mark.parametrize(
    ("dt", "sigma"), [(1e-8, 0.3), (3e-8, 0.1), (1e-7, 0.1), (3e-7, 0.3), (1e-6, 0.1), (1e-6, 0.3), (3e-6, 0.1)]
)
def test_operate_time_is_covered_by_its_expanded_uncertainty(trace_of, capture_of, short, dt, sigma):
    """Ramp up, exponential end, quantised and noisy, at random phase: at least 92 % of true times lie within +- U."""
    rng, n, tau, trip = np.random.default_rng(3), 4000, 1.5e-6, 8e-6
    errors, expanded = [], []
    for k in range(120):
        phase = rng.uniform(0.0, 1.0) * dt
        t = dt * (np.arange(n) - 0.3 * n)
        injector, port = short(t - phase, trip, tau=tau)
        shared = {"dt": dt, "start": t[0], "lsb": 0.1, "noise": sigma, "accuracy": NO_ERROR}
        capture = capture_of(
            fault=[
                trace_of(injector, signal="injector_current", seed=k, **shared),
                trace_of(port, seed=k + 999, **shared),
            ]
        )
        found = operate_time(
            capture,
            injection=Threshold("injector_current", 10.0),
            rated_current=5.0,
            hold=0.3 * n * dt,
            floor_fraction=0.4,
        )
        assert found.outcome == "Tripped"
        true = trip + tau * math.log(202.5 / found.inputs["floor"]) - 10.0 / 25e6
        errors.append(found.value - true)
        expanded.append(found.U)
    assert np.mean(np.abs(errors) <= np.array(expanded)) >= 0.92
    assert np.median(expanded) < max(6.0 * np.std(errors), 1.1 * dt)


def test_noise_is_the_pre_trigger_standard_deviation(trace_of):
    values = np.where(np.arange(20_000) < 10_000, 2.5, 100.0)
    trace = trace_of(values, noise=0.2, start=-0.01, lsb=0.01)
    assert noise(trace).rms == pytest.approx(0.2, rel=0.03)
    assert noise(trace).dof == 140 * 62  # whole blocks of 64 in the first 9000 samples, less a line each
    assert noise(trace).sigma == pytest.approx(math.hypot(noise(trace).rms, 0.01 / math.sqrt(12.0)))
    unaligned = trace_of(values, noise=0.2, start=0.0, lsb=0.01)
    assert noise(unaligned).rms == pytest.approx(0.2, rel=0.03)


def test_a_contactor_closing_before_the_trigger_is_not_noise(trace_of):
    values = np.interp(np.arange(20_000), [0, 2000, 3000, 12_000], [0.0, 0.0, 54.0, 54.0])
    assert noise(trace_of(values, noise=0.05, start=-0.01, lsb=0.001)).rms == pytest.approx(0.05, rel=0.05)


def test_stated_noise_is_a_lower_limit(trace_of):
    quiet = trace_of(np.zeros(1000), start=-500e-6, accuracy=TraceAccuracy(0.0, 0.0, noise_u=0.3))
    assert noise(quiet).rms == 0.3
    assert math.isinf(noise(quiet).dof)
