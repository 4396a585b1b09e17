"""I2t against closed forms: exponential I0^2 tau/2, half-sine Ip^2 T/2, triangle Ip^2 T/3."""

import math

import numpy as np
import pytest

from rig.measure import (
    Budget,
    Line,
    Measurement,
    Threshold,
    charge,
    decide,
    let_through_i2t,
    operate_time,
    peak_current,
)
from rig.measure.quantities.integral import integrate

ASK = {"injection": Threshold("injector_current", 10.0), "rated_current": 5.0, "hold": 100e-6}


def tripped(end, u=1e-12):
    known = Budget((Line("end", u),), "s") if u is not None else None
    return Measurement("operate_time", "Tripped", end, "s", "", budget=known, inputs={"t0": 0.0, "end": end})


@pytest.mark.parametrize(
    ("name", "shape", "end", "exact"),
    [
        ("exponential", lambda t: 100.0 * np.exp(-t / 10e-6), 200e-6, 100.0**2 * 10e-6 / 2.0),
        ("half-sine", lambda t: 80.0 * np.sin(math.pi * t / 100e-6), 100e-6, 80.0**2 * 100e-6 / 2.0),
        ("triangle", lambda t: 60.0 * t / 50e-6, 50e-6, 60.0**2 * 50e-6 / 3.0),
    ],
)
def test_closed_forms(trace_of, capture_of, accuracies, name, shape, end, exact):
    t = np.arange(-500, 3000) * 1e-7
    values = np.where((t >= 0.0) & (t <= end), shape(np.clip(t, 0.0, end)), 0.0)
    trace = trace_of(values, dt=1e-7, start=t[0], lsb=1e-4, accuracy=accuracies["exact"])
    found = let_through_i2t(capture_of(fault=[trace]), tripped(end))
    assert found.value == pytest.approx(exact, rel=1e-3), name
    assert abs(found.value - exact) < found.U
    assert found.bound is None


def test_short_is_within_its_uncertainty_and_gain_counts_twice(trace_of, capture_of, short):
    t = (np.arange(40_000) - 12_000) * 1e-8
    injector, port = short(t)
    shared = {"dt": 1e-8, "start": t[0], "lsb": 0.1, "noise": 0.05}
    capture = capture_of(fault=[trace_of(injector, signal="injector_current", **shared), trace_of(port, **shared)])
    found = let_through_i2t(capture, operate_time(capture, **ASK))
    x = np.linspace(0.0, 8e-6, 100_001)
    exact = np.trapezoid((25e6 * x + 2.5) ** 2, x) + 202.5**2 * 1.5e-6 / 2.0
    assert abs(found.value - exact) < found.U
    gain = next(line for line in found.budget.lines if line.name.endswith("gain"))
    assert gain.contribution == pytest.approx(2.0 * 0.002 * exact, rel=0.01)


def test_fewer_than_fifty_samples_have_no_valid_uncertainty(trace_of, capture_of):
    t = np.arange(-100, 400) * 1e-6
    capture = capture_of(fault=[trace_of(np.where(t >= 0.0, 100.0, 0.0), start=t[0])])
    few, enough = let_through_i2t(capture, tripped(45e-6)), let_through_i2t(capture, tripped(60e-6))
    assert few.U is None
    assert "undersampled" in few.flags
    assert decide(few, high=0.001).verdict == "INCONCLUSIVE"
    assert enough.U is not None
    assert decide(enough, high=0.001).verdict == "FAIL"


def test_clipped_and_not_ended_are_lower_bounds(trace_of, capture_of):
    t = np.arange(-100, 900) * 1e-6
    clipped = capture_of(fault=[trace_of(np.where(t >= 0.0, 100.0, 0.0), start=t[0], span=(-50.0, 50.0))])
    found = let_through_i2t(clipped, tripped(500e-6))
    assert (found.outcome, found.bound) == ("Clipped", "lower")
    assert decide(found, high=1.0).verdict == "FAIL"
    assert decide(found, high=5.0).verdict == "INCONCLUSIVE"
    going_on = Measurement(
        "operate_time", "NotTripped", None, "s", "", bound="lower", window=800e-6, inputs={"t0": 0.0}
    )
    whole = capture_of(fault=[trace_of(np.where(t >= 0.0, 100.0, 0.0), start=t[0])])
    found = let_through_i2t(whole, going_on)
    assert (found.bound, found.value) == ("lower", pytest.approx(8.0, rel=1e-3))
    assert "not-ended" in found.flags


def test_the_rest_comes_from_the_slow_record(trace_of, capture_of):
    t, s = np.arange(-1000, 4000) * 1e-6, np.arange(-100, 2000) * 400e-6
    fast = [trace_of(np.where(t >= 0.0, 20.0, 0.0), start=t[0])]
    slow = [trace_of(np.where((s >= 0.0) & (s < 0.2), 20.0, 0.0), start=s[0], dt=400e-6)]
    capture = capture_of(fault=fast, slow=slow)
    partial = let_through_i2t(capture, tripped(0.1))
    assert (partial.bound, "partial" in partial.flags) == ("lower", True)
    whole = let_through_i2t(capture, tripped(0.1), slow_shift=0.0)
    assert (whole.bound, whole.value) == (None, pytest.approx(40.0, rel=2e-3))
    assert abs(whole.value - 40.0) < whole.U


def test_nothing_to_integrate_is_no_number(trace_of, capture_of):
    unresolved = Measurement("operate_time", "Unresolved", None, "s", "", flags=("no-injection-edge",))
    assert let_through_i2t(capture_of(fault=[trace_of(np.ones(100))]), unresolved).value is None
    not_armed = Measurement("operate_time", "NotArmed", None, "s", "")
    assert let_through_i2t(capture_of(), not_armed).outcome == "NotArmed"
    assert integrate(trace_of([1.0]), (0.0, 1.0)) is None
    assert integrate(trace_of(np.ones(10)), (5e-6, 5e-6)) is None


def test_lost_samples_have_no_valid_uncertainty(trace_of, capture_of):
    t = np.arange(-100, 900) * 1e-6
    values = np.where(t >= 0.0, 100.0, 0.0)
    values[400] = np.nan
    found = let_through_i2t(capture_of(fault=[trace_of(values, start=t[0])]), tripped(500e-6))
    assert found.U is None
    assert "missing-samples" in found.flags


def test_an_end_that_is_not_known_well_reaches_as_far_as_its_u(trace_of, capture_of):
    """The fast record ends at 100 us, the slow one has the end at 300 us +- 98: current still flows for 50 us more."""
    t, s = np.arange(-200, 1001) * 1e-7, np.arange(-200, 2001) * 1e-6
    fast, late = (
        np.where(t >= 0.0, 20.0, 0.0),
        np.where((s >= 0.0) & (s < 350e-6), np.where(s > 310e-6, 60.0, 20.0), 0.0),
    )
    capture = capture_of(fault=[trace_of(fast, dt=1e-7, start=t[0])], slow=[trace_of(late, dt=1e-6, start=s[0])])
    known, sure = tripped(300e-6, 50e-6), tripped(300e-6)
    assert peak_current(capture, known, slow_shift=0.0).value == pytest.approx(60.0, abs=1.0)
    assert peak_current(capture, sure, slow_shift=0.0).value == pytest.approx(20.0, abs=1.0)
    doubt = {line.name: line.contribution for line in let_through_i2t(capture, known, slow_shift=0.0).budget.lines}
    flows = (60.0**2 * 39e-6 + 20.0**2 * 10e-6) / math.sqrt(3.0)
    assert doubt["current after the end, within its U"] == pytest.approx(flows, rel=0.05)


def test_an_end_of_unknown_uncertainty_leaves_a_lower_bound(trace_of, capture_of):
    t = np.arange(-200, 2000) * 1e-7
    capture = capture_of(fault=[trace_of(np.where((t >= 0.0) & (t < 100e-6), 20.0, 0.0), dt=1e-7, start=t[0])])
    for found in (q(capture, tripped(100e-6, None)) for q in (peak_current, let_through_i2t, charge)):
        assert found.bound == "lower"
        assert "end-without-uncertainty" in found.flags
        assert decide(found, high=1e9).verdict == "INCONCLUSIVE"
