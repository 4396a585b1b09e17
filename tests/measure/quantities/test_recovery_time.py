"""From the removal of the fault to the voltage that stays."""

import math

import numpy as np
import pytest

from rig.measure import Instant, Threshold, decide, recovery_time

BAND = {"low": 51.3, "high": 56.7, "hold": 50e-3}
REMOVED = Instant("slow", 0.5, 1e-3, "gate command")


def slow(trace_of, capture_of, voltage, injector=None, n=5000, **more):
    t = np.arange(n) * 400e-6
    traces = [trace_of(voltage(t), signal="port_voltage", unit="V", dt=400e-6, noise=0.01, lsb=0.003, **more)]
    if injector is not None:
        traces.append(trace_of(injector(t), dt=400e-6, signal="injector_current", noise=0.01))
    return capture_of(slow=traces)


def back_at(instant):
    return lambda t: np.where((t < 0.1) | (t > instant), 54.0, 0.0)


def test_time_from_a_given_removal(trace_of, capture_of):
    found = recovery_time(slow(trace_of, capture_of, back_at(1.3)), removal=REMOVED, **BAND)
    assert found.outcome == "Measured"
    assert abs(found.value - 0.8) < found.U
    assert found.u == pytest.approx(math.hypot(1e-3, 400e-6 / math.sqrt(12.0)), rel=0.01)
    assert [mark.label for mark in found.marks] == ["removal", "recovered"]
    assert decide(found, high=10.0, uncertainty_max=0.5).verdict == "PASS"


def test_time_from_the_removal_edge(trace_of, capture_of):
    capture = slow(trace_of, capture_of, back_at(0.9001), lambda t: np.where((t > 0.1) & (t < 0.6001), 6.5, 0.0))
    found = recovery_time(capture, removal=Threshold("injector_current", 3.0, "falling"), **BAND)
    assert abs(found.value - 0.3) < found.U
    assert found.u < 250e-6


def test_no_removal_edge_is_no_number(trace_of, capture_of):
    capture = slow(trace_of, capture_of, back_at(0.9), lambda t: np.zeros(t.size))
    found = recovery_time(capture, removal=Threshold("injector_current", 3.0, "falling"), **BAND)
    assert (found.outcome, found.value, found.flags) == ("Unresolved", None, ("no-removal-edge",))


def test_not_recovered_is_a_window(trace_of, capture_of):
    found = recovery_time(slow(trace_of, capture_of, back_at(99.0)), removal=REMOVED, **BAND)
    assert (found.outcome, found.value, found.bound) == ("NotRecovered", None, "lower")
    assert found.window == pytest.approx(1.4996, abs=1e-6)
    assert decide(found, high=1.0).verdict == "FAIL"
    assert decide(found, high=10.0).verdict == "INCONCLUSIVE"


def test_window_ends_the_search(trace_of, capture_of):
    found = recovery_time(slow(trace_of, capture_of, back_at(1.3)), removal=REMOVED, window=0.6, **BAND)
    assert (found.outcome, found.window) == ("NotRecovered", 0.6)


def test_attempts_that_do_not_last_are_no_recovery(trace_of, capture_of):
    hiccup = lambda t: np.where((t < 0.1) | ((t > 0.7) & (t < 0.72)) | (t > 1.3), 54.0, 0.0)  # noqa: E731
    assert recovery_time(slow(trace_of, capture_of, hiccup), removal=REMOVED, **BAND).value == pytest.approx(
        0.8, abs=1e-3
    )


def test_too_high_is_not_recovered_either(trace_of, capture_of):
    overshoot = lambda t: np.where(t < 0.1, 54.0, np.where(t < 1.0, 0.0, np.where(t < 1.2, 59.0, 54.0)))  # noqa: E731
    found = recovery_time(slow(trace_of, capture_of, overshoot), removal=REMOVED, **BAND)
    assert found.value == pytest.approx(0.7, abs=1e-3)


def test_settling_just_outside_the_band_is_no_recovery(trace_of, capture_of):
    low = lambda t: np.where(t < 0.1, 54.0, np.where(t < 1.0, 0.0, 51.28))  # noqa: E731  below by two sigma of its noise
    assert recovery_time(slow(trace_of, capture_of, low), removal=REMOVED, **BAND).outcome == "NotRecovered"


def test_recovery_at_the_very_end_is_open(trace_of, capture_of):
    found = recovery_time(slow(trace_of, capture_of, back_at(1.98)), removal=REMOVED, **BAND)
    assert (found.outcome, found.value) == ("NotRecovered", None)
    assert found.window == pytest.approx(1.48, abs=1e-3)


def test_a_voltage_that_never_left_is_no_recovery(trace_of, capture_of):
    found = recovery_time(slow(trace_of, capture_of, lambda t: np.full(t.size, 54.0)), removal=REMOVED, **BAND)
    assert (found.outcome, found.value) == ("Unresolved", None)
    assert "never-left-band" in found.flags


def test_missing_record_and_wrong_axis(trace_of, capture_of):
    assert recovery_time(capture_of(), removal=REMOVED, **BAND).outcome == "NotArmed"
    with pytest.raises(ValueError, match="bring it there"):
        recovery_time(slow(trace_of, capture_of, back_at(1.0)), removal=Instant("fault", 0.0, 0.0), **BAND)


def test_a_recovery_that_the_record_cannot_tell_from_the_removal_is_an_upper_bound(trace_of, capture_of):
    """Back within the sample interval in which the fault was removed: not 0, but at most what the record can tell."""
    t = (np.arange(2000) - 200) * 400e-6
    gate = np.where(t < 100e-6, 12.0, 0.0)
    port = np.where(t < 100e-6, 2.0, 54.0)
    shared = {"dt": 400e-6, "start": t[0], "lsb": 0.001, "noise": 0.002}
    capture = capture_of(
        slow=[
            trace_of(gate, signal="gate_voltage", unit="V", **shared),
            trace_of(port, signal="port_voltage", unit="V", **shared, seed=2),
        ]
    )
    found = recovery_time(capture, removal=Threshold("gate_voltage", 6.0, "falling"), low=51.3, high=56.7, hold=10e-3)
    assert (found.outcome, found.bound) == ("Measured", "upper")
    assert "below-resolution" in found.flags
    assert found.value < found.U < 1e-3
    assert decide(found, high=10.0).verdict == "PASS"
    assert decide(found, high=1e-6).verdict == "INCONCLUSIVE"
