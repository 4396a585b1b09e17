"""Energy and charge of a fault against closed forms, and what makes them bounds."""

import math

import numpy as np
import pytest

from rig.measure import Threshold, charge, energy, let_through_energy, operate_time

TAU, TOP, TRIP, VOLTS = 200e-6, 80.0, 300e-6, 40.0
ASK = {"injection": Threshold("injector_current", 10.0), "rated_current": 5.0, "hold": 100e-6, "floor_fraction": 0.2}


def fault(trace_of, capture_of, *, n=20_000, dt=1e-7, volts_shift=0.0, **port):
    """From 0 an exponential current that is cut off at TRIP, at a constant voltage."""
    t = (np.arange(n) - 0.3 * n) * dt
    i = np.where((t >= 0.0) & (t < TRIP), TOP * np.exp(-np.clip(t, 0.0, None) / TAU), 0.0)
    shared = {"dt": dt, "start": t[0], "noise": 0.02, "lsb": 0.005}
    return capture_of(
        fault=[
            trace_of(i, signal="injector_current", **shared),
            trace_of(i, **{**shared, **port}, seed=2),
            trace_of(
                np.full(n, VOLTS), signal="port_voltage", unit="V", seed=3, **{**shared, "start": t[0] + volts_shift}
            ),
        ]
    )


def test_charge_and_energy_of_an_exponential(trace_of, capture_of):
    capture = fault(trace_of, capture_of)
    operate = operate_time(capture, **ASK)
    exact = TOP * TAU * (1.0 - math.exp(-TRIP / TAU))
    for found, true, unit in (
        (charge(capture, operate), exact, "C"),
        (let_through_energy(capture, operate), VOLTS * exact, "J"),
    ):
        assert (found.outcome, found.unit, found.bound) == ("Measured", unit, None)
        assert found.value == pytest.approx(true, rel=2e-3)
        assert abs(found.value - true) < found.U < 0.01 * true


def test_what_did_not_end_or_clipped_is_a_lower_bound(trace_of, capture_of):
    capture = fault(trace_of, capture_of)
    goes_on = operate_time(capture, **{**ASK, "floor_fraction": 0.2}, window=100e-6)
    assert goes_on.outcome == "NotTripped"
    found = charge(capture, goes_on)
    assert found.bound == "lower"
    assert "not-ended" in found.flags
    clipped = fault(trace_of, capture_of, span=(-50.0, 50.0))
    found = let_through_energy(clipped, operate_time(clipped, **ASK))
    assert (found.outcome, found.bound) == ("Clipped", "lower")


def test_few_samples_have_no_uncertainty_and_lost_ones_no_value(trace_of, capture_of):
    coarse = fault(trace_of, capture_of, n=1000, dt=10e-6)
    found = charge(coarse, operate_time(coarse, **ASK))
    assert found.U is None
    assert "undersampled" in found.flags
    whole = fault(trace_of, capture_of)
    operate = operate_time(whole, **ASK)
    trace = whole.records["fault"].traces["port_current"]
    values = trace.values.copy()
    values[7000] = np.nan
    lost = capture_of(fault=[trace_of(values, dt=trace.dt, start=trace.start)])
    assert charge(lost, operate).value is None
    assert "missing-samples" in charge(lost, operate).flags


def test_channels_that_were_not_sampled_together_have_no_energy(trace_of, capture_of):
    capture = fault(trace_of, capture_of, volts_shift=3e-6)
    assert let_through_energy(capture, operate_time(capture, **ASK)).value is None


def steady(trace_of, capture_of, amps=2.0, **port):
    """A ramp of current at a constant voltage, over 1 s."""
    n, dt = 10_001, 1e-4
    shared = {"dt": dt, "start": 0.0, "noise": 0.0, "lsb": 0.0005}
    ramp = trace_of(amps * np.linspace(0.5, 1.5, n), signal="port_current", **{**shared, **port})
    return capture_of(slow=[ramp, trace_of(np.full(n, VOLTS), signal="port_voltage", unit="V", seed=3, **shared)])


@pytest.mark.parametrize(("into", "sign"), [(False, 1.0), (True, -1.0)])
def test_energy_between_two_instants(trace_of, capture_of, into, sign):
    found = energy(steady(trace_of, capture_of), (0.25, 0.75), ends=0.0, into=into)
    assert (found.outcome, found.unit) == ("Measured", "J")
    assert found.value == pytest.approx(sign * 2.0 * VOLTS * 0.5, rel=1e-4)


def test_ends_that_are_not_sure_count_with_the_power_there(trace_of, capture_of):
    capture = steady(trace_of, capture_of)
    sure, unsure = (energy(capture, (0.25, 0.75), ends=ends) for ends in (0.0, 0.01))
    power = math.hypot(1.5 * VOLTS, 2.5 * VOLTS)  # at a quarter and at three quarters of the ramp
    assert unsure.u == pytest.approx(math.hypot(sure.u, 0.01 / math.sqrt(3) * power), rel=1e-3)


def test_energy_of_a_saturated_current_is_a_bound(trace_of, capture_of):
    found = energy(steady(trace_of, capture_of, span=(-2.2, 2.2)), (0.0, 1.0), ends=0.0)
    assert (found.outcome, found.bound) == ("Clipped", "lower")


def test_energy_of_nothing_recorded(trace_of, capture_of):
    assert energy(capture_of(), (0.0, 1.0), ends=0.0).outcome == "NotArmed"
    assert energy(steady(trace_of, capture_of), (5.0, 6.0), ends=0.0).outcome == "Unresolved"
