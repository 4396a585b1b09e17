"""Peaks: unbiased where there are samples, a lower bound where there are not."""

import math

import numpy as np
import pytest

from rig.measure import Threshold, TraceAccuracy, decide, operate_time, peak_current, port_voltage_peak

ASK = {"injection": Threshold("injector_current", 10.0), "rated_current": 5.0, "hold": 100e-6}
NO_ERROR = TraceAccuracy(0.0, 0.0, verified=True)


def volts(trace_of, values, **more):
    return trace_of(values, **{"signal": "port_voltage", "unit": "V", "lsb": 0.02, "start": -1e-3, **more})


def shorted(trace_of, capture_of, short, *, dt=1e-8, n=40_000, **port):
    t = (np.arange(n) - 0.3 * n) * dt
    injector, current = short(t)
    shared = {"dt": dt, "start": t[0], "lsb": 0.1, "noise": 0.05}
    return capture_of(
        fault=[trace_of(injector, signal="injector_current", **shared), trace_of(current, **{**shared, **port})]
    )


def test_peak_current_of_a_short(trace_of, capture_of, short):
    capture = shorted(trace_of, capture_of, short)
    peak = peak_current(capture, operate_time(capture, **ASK))
    assert (peak.outcome, peak.bound) == ("Measured", None)
    expanded = peak.U
    assert abs(peak.value - 202.5) < expanded
    assert expanded == pytest.approx(1.96 * math.hypot(0.002 * 202.5, 0.02), rel=0.1)


def test_fewer_than_fifty_samples_make_a_lower_bound(trace_of, capture_of, short):
    capture = shorted(trace_of, capture_of, short, dt=1e-6, n=1000)
    peak = peak_current(capture, operate_time(capture, **ASK))
    assert peak.bound == "lower"
    assert "undersampled" in peak.flags
    assert peak.value <= 202.5
    assert decide(peak, high=300.0).verdict == "INCONCLUSIVE"
    assert decide(peak, high=150.0).verdict == "FAIL"


def test_a_clipped_peak_is_a_lower_bound(trace_of, capture_of, short):
    capture = shorted(trace_of, capture_of, short, span=(-160.0, 160.0))
    peak = peak_current(capture, operate_time(capture, **ASK))
    assert (peak.outcome, peak.bound, peak.value) == ("Clipped", "lower", pytest.approx(160.0))
    assert decide(peak, high=150.0).verdict == "FAIL"
    assert decide(peak, high=300.0).verdict == "INCONCLUSIVE"


def test_no_trip_takes_the_rest_from_the_slow_record_or_says_partial(trace_of, capture_of):
    t = (np.arange(4000) - 800) * 1e-6
    s = (np.arange(2000) - 200) * 400e-6
    current = lambda x: np.where(x < 0.0, 2.5, np.where(x < 0.2, 20.0, 40.0))  # noqa: E731
    capture = capture_of(
        fault=[
            trace_of(np.where(t < 0, 0.0, 15.0), signal="injector_current", start=t[0]),
            trace_of(current(t), start=t[0]),
        ],
        slow=[
            trace_of(np.where(s < 0, 0.0, 15.0), signal="injector_current", start=s[0], dt=400e-6),
            trace_of(current(s), start=s[0], dt=400e-6),
        ],
    )
    operate = operate_time(capture, **ASK)
    assert operate.outcome == "NotTripped"
    partial = peak_current(capture, operate)
    assert (partial.value, partial.bound) == (pytest.approx(20.0, abs=0.05), "lower")
    assert "partial" in partial.flags
    whole = peak_current(capture, operate, slow_shift=0.0)
    assert (whole.value, whole.bound) == (pytest.approx(40.0, abs=0.05), None)


def test_peak_of_nothing_is_nothing(trace_of, capture_of):
    capture = capture_of(fault=[trace_of(np.zeros(100), start=-50e-6)])
    assert peak_current(capture, operate_time(capture, **ASK)).outcome == "Unresolved"
    assert port_voltage_peak(capture).value is None
    assert port_voltage_peak(capture_of()).outcome == "NotArmed"


@pytest.mark.parametrize("samples", [200, 100_000])
def test_flat_top_is_not_raised_by_its_noise(trace_of, capture_of, samples):
    """Largest of n noisy samples, corrected: within its U in at least 90 % of 60 captures, and without bias."""
    errors, expanded = [], []
    for seed in range(60):
        trace = volts(trace_of, np.full(samples, 54.0), noise=0.05, lsb=0.001, seed=seed, accuracy=NO_ERROR)
        found = port_voltage_peak(capture_of(fault=[trace]), records=("fault",), must=("fault",))
        errors.append(found.value - 54.0)
        expanded.append(found.U)
    assert np.mean(np.abs(errors) <= np.array(expanded)) >= 0.9
    assert abs(np.mean(errors)) < 0.03


def test_triangle_between_samples_is_covered(trace_of, capture_of):
    """The true apex lies up to half a step above the largest sample, or above where a straight rise would have led; U
    reaches from one to the other."""
    for phase in np.linspace(0.0, 1.0, 21):
        t = (np.arange(400) - 200 + phase) * 1e-6
        values = 60.0 - 2e6 * np.abs(t)
        trace = volts(trace_of, values, lsb=1e-3, start=-200e-6, noise=1e-3, accuracy=NO_ERROR, bandwidth=None)
        found = port_voltage_peak(capture_of(fault=[trace]), records=("fault",), must=("fault",))
        assert found.value - found.U <= 60.06
        assert found.value + found.U >= 59.99


def test_collapse_after_a_flat_top_is_no_hidden_peak(trace_of, capture_of):
    values = np.where(np.arange(1000) < 500, 54.0, 0.0)
    found = port_voltage_peak(
        capture_of(slow=[volts(trace_of, values, dt=400e-6, noise=0.01, lsb=1e-3, accuracy=NO_ERROR)]),
        records=("slow",),
        must=(),
    )
    assert found.value == pytest.approx(54.0, abs=0.02)
    assert found.U < 0.05
    assert "monitor-resolution 0.0004 s" in found.flags


@pytest.mark.parametrize("way", [1, -1])
@pytest.mark.parametrize("fall", [0.0, 0.02, 0.16])
def test_a_jump_between_two_samples_is_no_parabola(trace_of, capture_of, way, fall):
    """A port that is back from one sample to the next: half a sample beside three points would be a top of 60 V."""
    volts = [0.09] * 40 + [53.9 + fall] + [53.9, 53.89] * 20
    trace = trace_of(volts[::way], dt=4e-4, signal="port_voltage", unit="V", lsb=0.005, noise=0.001)
    found = port_voltage_peak(capture_of(slow=[trace]), records=("slow",), must=("slow",))
    assert found.value == pytest.approx(53.9 + fall, abs=0.05)


def test_overshoot_fails_also_when_the_fast_channel_clips(trace_of, capture_of):
    t = np.arange(4000) * 400e-6
    true = np.where((t > 0.8) & (t < 0.803), 68.0, 54.0)
    slow = volts(trace_of, true, dt=400e-6, start=0.0)
    fast = volts(trace_of, np.where(np.arange(5000) > 2500, 68.0, 0.0), span=(-64.0, 64.0))
    capture = capture_of(fault=[volts(trace_of, np.full(5000, 54.0))], recovery=[fast], slow=[slow])
    found = port_voltage_peak(capture)
    assert (found.outcome, found.bound) == ("Clipped", "lower")
    assert found.value == pytest.approx(68.0, abs=0.1)  # what the slow monitor saw
    assert decide(found, high=60.0, uncertainty_max=0.5).verdict == "FAIL"
    only_fast = port_voltage_peak(capture, records=("fault", "recovery"), must=("fault",))
    assert only_fast.value == pytest.approx(64.0)
    assert decide(only_fast, high=60.0, uncertainty_max=0.5).verdict == "FAIL"
    assert decide(only_fast, high=65.0).verdict == "INCONCLUSIVE"


def test_time_when_the_rig_drives_the_port_is_left_out(trace_of, capture_of):
    t = np.arange(1000) * 1e-3
    slow = volts(trace_of, np.where((t >= 0.2) & (t <= 0.4), 58.0, 54.0), dt=1e-3, start=0.0)
    capture = capture_of(slow=[slow])
    ask = {"records": ("slow",), "must": ("slow",)}
    assert port_voltage_peak(capture, **ask).value == pytest.approx(58.0, abs=0.05)
    assert port_voltage_peak(capture, **ask, exclude={"slow": [(0.2, 0.4)]}).value == pytest.approx(54.0, abs=0.05)
    assert port_voltage_peak(capture, **ask, within={"slow": [(0.25, 0.3)]}).value == pytest.approx(58.0, abs=0.05)
    assert port_voltage_peak(capture, **ask, within={"slow": [(5.0, 6.0)]}).value is None


def test_a_record_that_must_be_there_and_is_not_leaves_a_bound(trace_of, capture_of):
    slow = [volts(trace_of, np.full(1000, 54.0), dt=1e-3)]
    capture = capture_of(fault=[volts(trace_of, np.full(1000, 70.0))], slow=slow, untriggered=("fault",))
    found = port_voltage_peak(capture)
    assert (found.value, found.bound) == (pytest.approx(54.0, abs=0.05), "lower")
    assert "no-fault-record" in found.flags
    assert decide(found, high=60.0).verdict == "INCONCLUSIVE"


def test_a_less_accurate_record_that_could_be_higher_widens_U(trace_of, capture_of):
    sharp = volts(trace_of, np.full(1000, 54.1), dt=1e-3, accuracy=TraceAccuracy(0.0, 0.01))
    dull = volts(trace_of, np.full(1000, 54.0), accuracy=TraceAccuracy(0.0, 0.5))
    found = port_voltage_peak(capture_of(fault=[dull], slow=[sharp]), records=("fault", "slow"))
    assert found.inputs["record"] == "slow"
    assert found.value + found.U == pytest.approx(found.inputs["fault_peak"] + found.inputs["fault_U"], abs=0.02)


def test_negative_peaks_count_only_for_the_magnitude(trace_of, capture_of):
    values = np.where(np.arange(1000) > 500, -48.0, 1.0)
    capture = capture_of(fault=[volts(trace_of, values, span=(-40.0, 80.0))])
    ask = {"records": ("fault",), "must": ()}
    assert port_voltage_peak(capture, **ask).outcome == "Measured"
    assert port_voltage_peak(capture, **ask).value == pytest.approx(1.0, abs=0.05)
    magnitude = port_voltage_peak(capture, **ask, absolute=True)
    assert (magnitude.outcome, magnitude.value) == ("Clipped", pytest.approx(40.0))


def test_lost_samples_leave_a_lower_bound(trace_of, capture_of):
    values = np.where((np.arange(1000) > 300) & (np.arange(1000) < 310), np.nan, 54.0)
    found = port_voltage_peak(capture_of(fault=[volts(trace_of, values)]), records=("fault",), must=())
    assert found.bound == "lower"
    assert "missing-samples" in found.flags
