"""A line through steady points: GUM H.3, and a port's droop against its truth."""

from __future__ import annotations

import numpy as np
import pytest

from rig.measure import droop, fit_line

# JCGM 100:2008, table H.6: calibration of a thermometer, readings t and corrections b, degC.
T = [21.521, 22.012, 22.512, 23.003, 23.507, 23.999, 24.513, 25.002, 25.503, 26.010, 26.511]
B = [-0.171, -0.169, -0.166, -0.159, -0.164, -0.165, -0.156, -0.157, -0.159, -0.161, -0.160]


def test_the_gum_h_3_thermometer():
    """y1 = -0.1712(29) degC, y2 = 0.00218(67), r = -0.930, s = 0.0035, nu = 9; b(30 degC) = -0.1494(41) degC."""
    fit = fit_line([t - 20.0 for t in T], B)
    assert (round(fit.intercept, 4), round(fit.intercept_u, 4)) == (-0.1712, 0.0029)
    assert (round(fit.slope, 5), round(fit.slope_u, 5)) == (0.00218, 0.00067)
    assert (round(fit.correlation, 3), fit.dof, round(fit.scatter, 4)) == (-0.930, 9, 0.0035)
    y, u = fit.at(10.0)
    assert (round(y, 4), round(u, 4)) == (-0.1494, 0.0041)


def test_what_is_no_line():
    assert fit_line([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]) is None
    assert fit_line([1.0, 2.0], [1.0, 2.0]) is None, "two points say nothing of their scatter"
    assert fit_line([1.0, 2.0], [1.0, 2.0], [0.1, 0.1]).slope == pytest.approx(1.0)
    assert fit_line([1.0, 2.0, 3.0], [1.0, np.nan, 3.0]) is None
    assert fit_line([1.0, 2.0], [1.0, 2.0], [0.1, 0.0]) is None


def test_weights_count(trace_of):
    even = fit_line([0.0, 1.0, 2.0], [0.0, 1.0, 5.0], [1.0, 1.0, 1.0])
    weighted = fit_line([0.0, 1.0, 2.0], [0.0, 1.0, 5.0], [1.0, 1.0, 100.0])
    assert even.slope == pytest.approx(2.5)
    assert weighted.slope == pytest.approx(1.0, abs=1e-3)


def stepped(trace_of, capture_of, seed, v0=48.0, r=0.12, noise=0.02):
    rng = np.random.default_rng(seed)
    amps = np.repeat([0.5, 2.0, 3.5, 5.0], 500)
    vg, vo, ig, io = 1 + 0.002 * rng.normal(), 0.02 * rng.normal(), 1 + 0.002 * rng.normal(), 0.02 * rng.normal()
    volts = v0 - r * amps
    shared = {"dt": 1e-3, "lsb": 1e-3}
    return capture_of(
        slow=[
            trace_of(volts * vg + vo, signal="port_voltage", unit="V", noise=noise, seed=seed, **shared),
            trace_of(amps * ig + io, noise=noise / 2, seed=seed + 999, **shared),
        ]
    )


SPANS = [(0.1, 0.4), (0.6, 0.9), (1.1, 1.4), (1.6, 1.9)]


def test_droops_hold_the_truth(trace_of, capture_of):
    held = {"intercept": 0, "slope": 0}
    for seed in range(300):
        intercept, slope = droop(stepped(trace_of, capture_of, seed), SPANS)
        held["intercept"] += abs(intercept.value - 48.0) <= intercept.U
        held["slope"] += abs(slope.value - 0.12) <= slope.U
    assert min(held.values()) >= 279, held  # 93 % of 300


def test_one_point_or_a_lost_sample_is_no_line(trace_of, capture_of):
    capture = stepped(trace_of, capture_of, 1)
    for found in (droop(capture, SPANS[:1]), droop(capture, [(9.0, 9.1), *SPANS])):
        assert [(one.outcome, one.value, one.flags) for one in found] == [("Unresolved", None, ("no-line",))] * 2
    assert droop(capture_of(), SPANS)[0].outcome == "NotArmed"


def steady(trace_of, capture_of, amps, seed, *, volts_noise=0.02, amps_noise=0.01):
    shared = {"dt": 1e-3, "lsb": 1e-4}
    volts = trace_of(48.0 - 0.12 * amps, signal="port_voltage", unit="V", noise=volts_noise, seed=seed, **shared)
    return capture_of(slow=[volts, trace_of(amps, noise=amps_noise, seed=seed + 500, **shared)])


def test_currents_that_differ_by_noise_alone_are_no_line(trace_of, capture_of):
    capture = steady(trace_of, capture_of, np.full(2000, 2.0), 1)
    assert [(one.value, one.flags) for one in droop(capture, SPANS)] == [(None, ("no-line",))] * 2


def test_noise_of_the_current_counts(trace_of, capture_of):
    """Two points have no scatter: without the current's own share U would be ten times too small."""
    held = 0
    for seed in range(300):
        capture = steady(trace_of, capture_of, np.repeat([0.5, 5.0], 1000), seed, volts_noise=5e-4, amps_noise=1.0)
        slope = droop(capture, [(0.1, 0.9), (1.1, 1.9)])[1]
        held += abs(slope.value - 0.12) <= slope.U
    assert held >= 279  # 93 % of 300
