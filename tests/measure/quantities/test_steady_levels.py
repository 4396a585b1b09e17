"""Means, reverse current, and the check that a stimulus was there."""

import math

import numpy as np
import pytest

from rig.measure import (
    Measurement,
    TraceAccuracy,
    decide,
    level,
    power,
    reverse_current,
    verify_stimulus,
    voltage_floor,
    with_stimulus,
)
from rig.measure.captures.noise import mean_u, noise


def test_level_is_the_mean_with_its_scatter(trace_of, capture_of):
    errors, claimed = [], []
    for seed in range(200):
        capture = capture_of(
            slow=[trace_of(np.full(1000, 54.0), noise=0.1, lsb=1e-3, seed=seed, accuracy=TraceAccuracy(0, 0))]
        )
        found = level(capture, "port_current", (0.0, 1.0))
        errors.append(found.value - 54.0)
        claimed.append(found.U)
    assert np.std(errors) == pytest.approx(0.1 / math.sqrt(1000.0), rel=0.15)
    assert np.mean(np.abs(errors) < np.array(claimed)) >= 0.93


def test_undithered_quantisation_stays(trace_of):
    trace = trace_of(np.full(1000, 54.004), lsb=0.01)
    assert mean_u(trace.values, noise(trace)) == pytest.approx(0.01 / math.sqrt(12.0), rel=0.01)


def test_level_of_nothing_or_of_clipped_samples_is_no_number(trace_of, capture_of):
    clipped = capture_of(slow=[trace_of(np.full(100, 70.0), span=(-60.0, 60.0))])
    assert level(clipped, "port_current", (0.0, 1.0)).flags == ("clipped",)
    assert level(clipped, "port_current", (0.0, 1.0)).value is None
    assert level(capture_of(), "port_current", (0.0, 1.0)).outcome == "NotArmed"
    short = capture_of(slow=[trace_of(np.ones(1))])
    assert level(short, "port_current", (0.0, 1.0)).value is None


def reversed_current(trace_of, capture_of, amps, *, n=4000, offset=0.1, **more):
    t = (np.arange(n) - 1000) * 400e-6
    values = np.where(t < 0.0, 0.0, amps) + offset
    return capture_of(slow=[trace_of(values, dt=400e-6, start=t[0], noise=0.02, **more)])


def test_reverse_current_without_the_zero_offset(trace_of, capture_of):
    capture = reversed_current(trace_of, capture_of, -0.5)
    ask = {"span": (0.1, 1.0), "average": 10e-3}
    found = reverse_current(capture, **ask, zero_span=(-0.4, -0.01))
    assert abs(found.value - 0.5) < found.U < 0.03
    raw = reverse_current(capture, **ask)
    assert raw.value == pytest.approx(0.4, abs=0.03)
    assert "zero" in {line.name for line in raw.budget.lines}


def test_reverse_current_finds_the_interval_that_counts(trace_of, capture_of):
    t = (np.arange(4000) - 1000) * 400e-6
    values = np.where((t > 0.5) & (t < 0.52), -8.0, np.where(t > 0.0, -0.01, 0.0))
    values[2000] = -50.0  # one sample: shorter than the interval, averaged over it
    capture = capture_of(slow=[trace_of(values, dt=400e-6, start=t[0])])
    found = reverse_current(capture, (0.0, 1.0), average=10e-3, zero_span=(-0.4, -0.01))
    assert found.value == pytest.approx(8.0, abs=0.05)
    assert decide(found, high=5.0, uncertainty_max=0.5).verdict == "FAIL"


def test_clipped_reverse_current_is_a_lower_bound(trace_of, capture_of):
    found = reverse_current(
        reversed_current(trace_of, capture_of, -20.0, offset=0.0, span=(-10.0, 10.0)), (0.1, 1.0), average=10e-3
    )
    assert (found.outcome, found.bound, found.value) == ("Clipped", "lower", pytest.approx(10.0, abs=0.1))
    assert decide(found, high=5.0).verdict == "FAIL"
    assert decide(found, high=15.0).verdict == "INCONCLUSIVE"


def test_reverse_current_of_nothing(trace_of, capture_of):
    capture = reversed_current(trace_of, capture_of, -0.5)
    assert reverse_current(capture, (9.0, 10.0), average=1e-2).value is None
    assert reverse_current(capture_of(), (0.0, 1.0), average=1e-2).outcome == "NotArmed"


def applied(trace_of, capture_of, values, **more):
    return capture_of(slow=[trace_of(values, dt=400e-6, noise=0.02, **more)])


CHECK = {"requested": 5.5, "tolerance": 0.02, "start": 0.1, "window": 1.8, "average": 5e-3}


def test_stimulus_that_was_there(trace_of, capture_of):
    found = verify_stimulus(applied(trace_of, capture_of, np.full(5000, 5.48)), **CHECK)
    assert found.verified
    assert found.lowest == pytest.approx(5.47, abs=0.01)


@pytest.mark.parametrize("low", [5.38, 5.40, 0.0])
def test_stimulus_too_low_or_not_surely_enough(trace_of, capture_of, low):
    found = verify_stimulus(applied(trace_of, capture_of, np.full(5000, low)), **CHECK)
    assert not found.verified
    assert "not surely above" in found.reason


def test_a_dip_is_found(trace_of, capture_of):
    values = np.full(5000, 5.6)
    values[3000:3020] = 2.0
    found = verify_stimulus(applied(trace_of, capture_of, values), **CHECK)
    assert not found.verified
    assert found.lowest_at == pytest.approx(3010 * 400e-6, abs=6e-3)


@pytest.mark.parametrize(
    ("values", "more"),
    [
        (np.full(2000, 5.6), {}),  # ends early
        (np.where(np.arange(5000) == 2500, np.nan, 5.6), {}),
        (np.full(5000, 5.6), {"accuracy": None}),
        (np.array([]), {}),
        (np.array([5.6]), {}),
    ],
)
def test_what_was_not_seen_is_not_verified(trace_of, capture_of, values, more):
    capture = capture_of(slow=[trace_of(values, dt=400e-6, **more)])
    assert not verify_stimulus(capture, **CHECK).verified
    assert not verify_stimulus(capture_of(), **CHECK).verified


def test_the_check_travels_with_the_measurement(trace_of, capture_of):
    not_tripped = Measurement("operate_time", "NotTripped", None, "s", "", bound="lower", window=2.0)
    good = verify_stimulus(applied(trace_of, capture_of, np.full(5000, 5.6)), **CHECK)
    bad = verify_stimulus(applied(trace_of, capture_of, np.full(5000, 5.0)), **CHECK)
    assert decide(with_stimulus(not_tripped, good), must_not=True, window=1.8).verdict == "PASS"
    failed = decide(with_stimulus(not_tripped, bad), must_not=True, window=1.8)
    assert failed.verdict == "INCONCLUSIVE"
    assert "lowest port_current" in failed.reason
    assert "stimulus-unverified" in with_stimulus(not_tripped, bad).flags


def test_power_holds_the_truth(trace_of, capture_of):
    held = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        vg, vo, ig, io = 1 + 0.002 * rng.normal(), 0.02 * rng.normal(), 1 + 0.002 * rng.normal(), 0.02 * rng.normal()
        shared = {"dt": 1e-3, "lsb": 1e-3, "noise": 0.05}
        capture = capture_of(
            slow=[
                trace_of(np.full(1000, 48.0) * vg + vo, signal="port_voltage", unit="V", seed=seed, **shared),
                trace_of(np.full(1000, 5.0) * ig + io, seed=seed + 500, **shared),
            ]
        )
        found = power(capture, (0.1, 0.9))
        held += abs(found.value - 240.0) <= found.U
    assert held >= 136


def test_power_of_what_is_not_there(trace_of, capture_of):
    volts = trace_of(np.full(100, 48.0), signal="port_voltage", unit="V", dt=1e-3)
    for amps, flag in ((trace_of(np.full(50, 5.0), dt=2e-3), "not-sampled-together"),
                       (trace_of(np.full(100, np.nan), dt=1e-3), "no-samples"),
                       (trace_of(np.full(100, 5.0), dt=1e-3, span=(-5.0, 5.0)), "clipped")):  # fmt: skip
        assert power(capture_of(slow=[volts, amps]), (0.0, 0.05)).flags == (flag,)
    assert power(capture_of(), (0.0, 1.0)).outcome == "NotArmed"


def test_the_lowest_voltage_counts_as_long_as_it_is_averaged_over(trace_of, capture_of):
    volts = np.full(10_000, 54.0)
    volts[4_000:4_020] = 40.0  # 2 ms
    volts[7_000:7_005] = 20.0  # half a millisecond, of a mean over 2 ms a quarter
    capture = capture_of(slow=[trace_of(volts, signal="port_voltage", unit="V", dt=1e-4, start=0.0, lsb=0.001)])
    found = voltage_floor(capture, (0.0, 1.0), average=2e-3)
    assert (found.outcome, found.value, found.unit) == ("Measured", pytest.approx(40.0, abs=0.01), "V")
    assert found.marks[0].t == pytest.approx(0.401, abs=1e-3)
    assert voltage_floor(capture, (0.5, 1.0), average=2e-3).value == pytest.approx(54.0 - 34.0 / 4, abs=0.01)
    assert voltage_floor(capture, (0.5, 0.501), average=2e-3).outcome == "Unresolved"
    assert voltage_floor(capture_of(), (0.0, 1.0), average=2e-3).outcome == "NotArmed"
