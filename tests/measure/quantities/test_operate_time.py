"""Which of the five outcomes a current gives, and the time where there is one."""

import math

import numpy as np
import pytest

from rig.measure import Overdrive, Threshold, TraceAccuracy, decide, fault_span, operate_time

INJECTION = Threshold("injector_current", 10.0)
ASK = {"injection": INJECTION, "rated_current": 5.0, "hold": 200e-6}


def fault_record(trace_of, injector, port, t, **more):
    more = {"lsb": 0.02, "noise": 0.02, **more}
    dt = float(t[1] - t[0])
    return [
        trace_of(injector, dt=dt, start=t[0], signal="injector_current", seed=5, **more),
        trace_of(port, dt=dt, start=t[0], seed=6, **more),
    ]


def fast_axis(n=10_000, dt=1e-7, pre=0.2):
    return (np.arange(n) - pre * n) * dt


def slow_axis(n=5000, dt=400e-6, pre=0.1):
    return (np.arange(n) - pre * n) * dt


def step_current(t, until, amps, base=2.5, after=0.0):
    """Injection of `amps` on top of `base` from 0 until `until`, `after` from there on: (injector, port)."""
    on = (t >= 0.0) & (t < until)
    injector = np.where(on, amps, 0.0)
    port = np.where(t < 0.0, base, np.where(t < until, base + amps, after))
    return injector, port


def test_trip_of_a_short(trace_of, capture_of, short):
    t = fast_axis()
    capture = capture_of(fault=fault_record(trace_of, *short(t - 0.3e-7), t))
    found = operate_time(capture, **ASK, floor_fraction=0.2)
    true = 8e-6 + 1.5e-6 * math.log(202.5 / found.inputs["floor"]) - 10.0 / 25e6
    assert found.outcome == "Tripped"
    assert abs(found.value - true) < found.U < 1e-6
    assert found.bound is None
    assert [mark.label for mark in found.marks] == ["t0", "trip"]
    assert fault_span(found) == (found.inputs["t0"], found.inputs["end"])
    assert {row["name"].split(",")[0] for row in found.budget.as_table()} >= {"noise", "skew", "time base"}


def test_floor_is_one_percent_of_rated_or_five_sigma(trace_of, capture_of, short):
    t = fast_axis()
    quiet = operate_time(
        capture_of(
            fault=fault_record(trace_of, *short(t), t, noise=0.002, lsb=0.001, accuracy=TraceAccuracy(0.0, 0.0))
        ),
        **ASK,
    )
    assert quiet.inputs["floor"] == 0.01 * 5.0
    loud = operate_time(capture_of(fault=fault_record(trace_of, *short(t), t, noise=0.1)), **ASK)
    assert loud.inputs["floor"] == pytest.approx(5.0 * math.hypot(0.1, 0.02 / math.sqrt(12.0)), rel=0.05)
    assert "floor-raised-to-zero-uncertainty" not in loud.flags


def test_no_trip_is_a_window_and_fails_an_upper_limit(trace_of, capture_of):
    t = fast_axis()
    capture = capture_of(fault=fault_record(trace_of, *step_current(t, math.inf, 15.0), t))
    found = operate_time(capture, **ASK)
    assert (found.outcome, found.value, found.bound) == ("NotTripped", None, "lower")
    assert found.window == pytest.approx(8e-4, abs=2e-7)
    assert decide(found, high=500e-6).verdict == "FAIL"
    assert decide(found, high=10e-3).verdict == "INCONCLUSIVE"


def test_what_comes_after_the_window_is_not_looked_at(trace_of, capture_of):
    t = slow_axis()
    capture = capture_of(slow=fault_record(trace_of, *step_current(t, 1.0, 15.0, base=0.0), t))
    ask = {**ASK, "record": "slow", "slow": None, "hold": 0.01}
    assert operate_time(capture, **ask).outcome == "Tripped"
    bounded = operate_time(capture, **ask, window=0.9)
    assert (bounded.outcome, bounded.window) == ("NotTripped", pytest.approx(0.9, abs=1e-12))


def test_a_current_that_comes_back_has_not_ended(trace_of, capture_of):
    """Contact bounce: the first fall does not last."""
    t = fast_axis()
    injector, port = step_current(t, math.inf, 15.0)
    port = np.where((t > 50e-6) & (t < 100e-6), 0.0, np.where(t > 300e-6, 0.0, port))
    found = operate_time(capture_of(fault=fault_record(trace_of, injector, port, t)), **ASK)
    assert found.outcome == "Tripped"
    assert found.value == pytest.approx(300e-6, abs=1.1e-7)


def limiter(t, limited=6.5, from_=200e-6, peak=100.0):
    injector = np.where(t >= 0.0, 100.0, 0.0)
    port = np.where(t < 0.0, 2.5, limited + (peak - limited) * np.exp(-np.maximum(t, 0.0) / (from_ / 5.0)))
    return injector, port


def test_limiting_port_is_limited_when_a_limit_is_declared(trace_of, capture_of):
    t = fast_axis()
    capture = capture_of(fault=fault_record(trace_of, *limiter(t), t))
    found = operate_time(capture, **ASK, limit_current=7.0)
    assert found.outcome == "Limited"
    assert found.value == pytest.approx(40e-6 * math.log(93.5 / 0.5), abs=2 * found.U)
    assert found.inputs["limited_current"] == pytest.approx(6.5, abs=0.05)
    assert found.inputs["limited_current_u"] == pytest.approx(math.hypot(0.002 * 6.5, 0.02), rel=0.05)
    assert decide(found, high=75e-3).verdict == "PASS"


@pytest.mark.parametrize(("off", "outcome"), [(900e-6, "Limited"), (200e-6, "Tripped")])
def test_a_port_that_was_held_at_its_limit_and_then_switched_off_was_under_control_when_it_was_held(
    trace_of, capture_of, off, outcome
):
    """Held for longer than the hold, that is; one that switches off at once has only passed its limit."""
    t = fast_axis()
    injector, port = limiter(t)
    port = np.where(t > off, 0.0, port)
    found = operate_time(capture_of(fault=fault_record(trace_of, injector, port, t)), **ASK, limit_current=7.0)
    assert found.outcome == outcome
    assert found.value == pytest.approx(off if outcome == "Tripped" else 40e-6 * math.log(93.5 / 0.5), abs=2e-6)


def test_a_port_that_was_never_above_its_limit_and_trips_late_has_tripped(trace_of, capture_of):
    t = fast_axis()
    injector, port = limiter(t, limited=6.0, peak=6.0)
    found = operate_time(
        capture_of(fault=fault_record(trace_of, injector, np.where(t > 500e-6, 0.0, port), t)), **ASK, limit_current=7.0
    )
    assert found.outcome == "Tripped"
    assert found.value == pytest.approx(500e-6, abs=2e-6)


def test_noise_does_not_restart_the_clock_of_a_limit(trace_of, capture_of):
    """A range set for the peak: 0.4 A of noise on 6.5 A, limit 7 A. Outliers beyond the limit are not departures."""
    t = fast_axis(n=100_000)
    found = operate_time(
        capture_of(fault=fault_record(trace_of, *limiter(t, peak=1000.0), t, noise=0.4)), **ASK, limit_current=7.0
    )
    assert found.outcome == "Limited"
    assert abs(found.value - 40e-6 * math.log(993.5 / 0.5)) < found.U


def test_limiting_port_without_a_declared_limit_has_not_tripped(trace_of, capture_of):
    t = fast_axis()
    found = operate_time(capture_of(fault=fault_record(trace_of, *limiter(t), t)), **ASK)
    assert found.outcome == "NotTripped"


@pytest.mark.parametrize(("limited", "outcome"), [(6.9, "Limited"), (7.03, "NotTripped"), (7.2, "NotTripped")])
def test_just_above_the_limit_is_not_limited(trace_of, capture_of, limited, outcome):
    t = fast_axis()
    capture = capture_of(fault=fault_record(trace_of, *limiter(t, limited), t))
    assert operate_time(capture, **ASK, limit_current=7.0).outcome == outcome
    assert operate_time(capture, **ASK, limit_current=7.0, limit_tolerance=0.3).outcome == "Limited"


def test_limit_must_hold_on_the_slow_record_too(trace_of, capture_of):
    fast, slow = fast_axis(), slow_axis()
    injector, port = limiter(slow, from_=200e-6)
    good = capture_of(
        fault=fault_record(trace_of, *limiter(fast), fast), slow=fault_record(trace_of, injector, port, slow)
    )
    assert operate_time(good, **ASK, limit_current=7.0).outcome == "Limited"
    late = np.where(slow > 0.5, 9.0, port)
    bad = capture_of(
        fault=fault_record(trace_of, *limiter(fast), fast), slow=fault_record(trace_of, injector, late, slow)
    )
    assert operate_time(bad, **ASK, limit_current=7.0).outcome == "NotTripped"


def test_overload_goes_on_in_the_slow_record(trace_of, capture_of):
    fast, slow = fast_axis(), slow_axis() - 0.1e-3
    capture = capture_of(
        fault=fault_record(trace_of, *step_current(fast, 0.4, 15.0), fast),
        slow=fault_record(trace_of, *step_current(slow, 0.4, 15.0), slow),
    )
    found = operate_time(capture, **ASK, floor_fraction=0.2)
    assert found.outcome == "Tripped"
    assert abs(found.value - 0.4) < found.U
    assert found.u == pytest.approx(400e-6 * math.sqrt(2.0 / 12.0), rel=0.05)  # both edges between two samples
    assert found.inputs["end_record"] == "slow"
    assert "timed-on-slow-record" in found.flags
    assert fault_span(found)[1] == pytest.approx(found.inputs["t0"] + found.value)


def test_hold_may_be_confirmed_by_the_slow_record(trace_of, capture_of):
    fast, slow = fast_axis(), slow_axis()
    ask = {**ASK, "hold": 20e-3}
    fault = fault_record(trace_of, *step_current(fast, 0.5e-3, 15.0), fast)
    alone = operate_time(capture_of(fault=fault), **ask)
    assert (alone.outcome, alone.value) == ("Unresolved", None)
    assert "hold-unconfirmed" in alone.flags
    ended = operate_time(
        capture_of(fault=fault, slow=fault_record(trace_of, *step_current(slow, 0.5e-3, 15.0), slow)), **ask
    )
    assert ended.outcome == "Tripped"
    assert ended.value == pytest.approx(0.5e-3, abs=2e-7)
    assert "hold-confirmed-on-slow-record" in ended.flags
    again = fault_record(trace_of, *step_current(slow, 5.0, 15.0), slow)
    assert operate_time(capture_of(fault=fault, slow=again), **ask).outcome == "Unresolved"


def test_not_armed_has_no_number(trace_of, capture_of, short):
    t = fast_axis()
    capture = capture_of(fault=fault_record(trace_of, *short(t), t), untriggered=("fault",))
    assert operate_time(capture, **ASK).outcome == "NotArmed"
    assert operate_time(capture_of(), **ASK).outcome == "NotArmed"
    assert decide(operate_time(capture, **ASK), high=1.0).verdict == "INCONCLUSIVE"


def test_without_an_injection_edge_there_is_no_time(trace_of, capture_of):
    t = fast_axis()
    capture = capture_of(fault=fault_record(trace_of, np.zeros(t.size), np.where(t > 0.0, 0.0, 2.5), t))
    found = operate_time(capture, **ASK)
    assert (found.outcome, found.value, found.flags) == ("Unresolved", None, ("no-injection-edge",))


def test_a_dead_port_has_not_tripped_in_no_time(trace_of, capture_of):
    t = fast_axis()
    capture = capture_of(fault=fault_record(trace_of, np.where(t > 0.0, 100.0, 0.0), np.zeros(t.size), t))
    for more in ({}, {"limit_current": 7.0}):
        found = operate_time(capture, **ASK, **more)
        assert (found.outcome, found.value) == ("Unresolved", None)
        assert "no-fault-current" in found.flags


def test_a_small_current_that_goes_on_is_not_an_end(trace_of, capture_of):
    """Fold-back to 0.4 A below a floor that noise has raised to 0.6 A: the mean gives it away."""
    t = fast_axis()
    injector, port = step_current(t, 50e-6, 15.0, after=0.4)
    capture = capture_of(fault=fault_record(trace_of, injector, port, t, noise=0.12))
    found = operate_time(capture, **ASK)
    assert found.inputs["floor"] > 0.55
    assert found.outcome == "NotTripped"


def test_a_channel_without_a_known_zero_cannot_see_the_end(trace_of, capture_of, short):
    t = fast_axis()
    poor = TraceAccuracy(0.02, 2.5)
    found = operate_time(capture_of(fault=fault_record(trace_of, *short(t), t, accuracy=poor)), **ASK)
    assert (found.outcome, found.value) == ("Unresolved", None)
    assert "floor-above-half-of-rated" in found.flags
    fair = TraceAccuracy(0.02, 0.3)
    raised = operate_time(capture_of(fault=fault_record(trace_of, *short(t), t, accuracy=fair)), **ASK)
    assert raised.outcome == "Tripped"
    assert {"floor-raised-to-zero-uncertainty", "datasheet-only"} <= set(raised.flags)


def test_too_slow_a_record_still_has_a_time_with_its_uncertainty(trace_of, capture_of, short):
    t = fast_axis(n=1000, dt=10e-6)
    found = operate_time(capture_of(fault=fault_record(trace_of, *short(t - 3e-6), t)), **ASK, floor_fraction=0.2)
    assert found.outcome == "Tripped"
    assert abs(found.value - 16e-6) < found.U
    assert found.u == pytest.approx(10e-6 * math.sqrt(2.0 / 12.0), rel=0.05)
    assert decide(found, high=500e-6, uncertainty_max=50e-6).verdict == "PASS"
    assert decide(found, high=500e-6, uncertainty_max=5e-6).verdict == "INCONCLUSIVE"


def test_lost_samples_where_a_trip_could_hide(trace_of, capture_of):
    t = fast_axis()
    injector, port = step_current(t, math.inf, 15.0)
    port = np.where((t > 300e-6) & (t < 600e-6), np.nan, port)
    found = operate_time(capture_of(fault=fault_record(trace_of, injector, port, t)), **ASK)
    assert (found.outcome, found.value) == ("Unresolved", None)
    assert "missing-samples" in found.flags


def test_an_end_too_late_for_its_hold_is_not_decided(trace_of, capture_of):
    fast, slow = fast_axis(), slow_axis()
    capture = capture_of(
        fault=fault_record(trace_of, *step_current(fast, 0.9, 15.0), fast),
        slow=fault_record(trace_of, *step_current(slow, 0.9, 15.0), slow),
    )
    ask = {**ASK, "hold": 50e-3}
    assert operate_time(capture, **ask, window=1.0).value == pytest.approx(0.9, abs=1e-3)
    late = operate_time(capture, **ask, window=0.92)
    assert (late.outcome, late.value) == ("Unresolved", None)
    assert "hold-unconfirmed" in late.flags
    assert operate_time(capture, **ask, window=0.85).outcome == "NotTripped"


def test_an_earlier_injection_is_left_out_by_the_search_span(trace_of, capture_of):
    t = slow_axis()
    injector, port = step_current(t, 0.4, 15.0)
    earlier = (t > -0.15) & (t < -0.1)
    capture = capture_of(slow=fault_record(trace_of, np.where(earlier, 15.0, injector), port, t))
    ask = {**ASK, "record": "slow", "slow": None}
    assert operate_time(capture, **ask).inputs["t0"] == pytest.approx(-0.15, abs=1e-3)
    assert operate_time(capture, **ask, search={"slow": (-0.05, 1.0)}).value == pytest.approx(0.4, abs=1e-3)


def test_overdrive_is_a_line_of_the_budget(trace_of, capture_of):
    t = slow_axis()
    capture = capture_of(slow=fault_record(trace_of, *step_current(t, 0.4, 15.0), t))
    ask = {**ASK, "record": "slow", "slow": None}
    plain = operate_time(capture, **ask)
    driven = operate_time(capture, **ask, overdrive=Overdrive(slope=0.05, u_current=0.1))
    assert driven.value == plain.value
    assert driven.u == pytest.approx(math.hypot(plain.u, 0.005))


def test_same_channel_threshold_errors_cancel(trace_of, capture_of):
    """t0 on |port_voltage| and the end on the same channel: a common offset moves both edges alike."""
    t = fast_axis()
    pulse = np.interp(t, [0.0, 10e-6, 100e-6, 110e-6], [0.0, 50.0, 50.0, 0.0])
    accuracy = TraceAccuracy(0.01, 0.2, verified=True)
    trace = trace_of(pulse, dt=1e-7, start=t[0], noise=0.002, lsb=0.001, accuracy=accuracy)
    up = {"injection": Threshold("port_current", 25.0), "rated_current": 5.0, "hold": 200e-6, "slow": None}
    found = operate_time(capture_of(fault=[trace]), **up)
    lines = {line.name: line for line in found.budget.lines}
    # offset: rising edge 1/5e6, falling edge -1/5e6: a wider pulse by twice the shift
    assert lines["offset, threshold of port_current, both edges"].contribution == pytest.approx(2 * 0.2 / 5e6, rel=0.02)
    assert not [name for name in lines if name.startswith("skew")]


def test_absent_accuracy_gives_a_value_that_is_not_judged(trace_of, capture_of, short):
    t = fast_axis()
    found = operate_time(capture_of(fault=fault_record(trace_of, *short(t), t, accuracy=None)), **ASK)
    assert found.outcome == "Tripped"
    assert found.U is None
    assert "accuracy-absent" in found.flags
    assert decide(found, high=1.0).verdict == "INCONCLUSIVE"


@pytest.mark.parametrize(
    ("accuracy", "flags"),
    [
        (TraceAccuracy(1e-3, 0.02, verified=True), set()),
        (TraceAccuracy(1e-3, 0.02), {"datasheet-only"}),
        (TraceAccuracy(1e-3, 0.02, checked=False), {"datasheet-not-checked"}),
    ],
)
def test_figures_that_no_calibration_confirms_are_marked(trace_of, capture_of, short, accuracy, flags):
    t = fast_axis()
    found = operate_time(capture_of(fault=fault_record(trace_of, *short(t), t, accuracy=accuracy)), **ASK)
    assert {flag for flag in found.flags if flag.startswith("datasheet")} == flags
    assert decide(found, high=1.0).verdict == "PASS"


def test_a_floor_that_noise_raises_reaches_down_to_the_declared_one(trace_of, capture_of, short):
    """The same short by a noisy channel: it ends earlier at the raised floor, and U covers the declared floor's end."""
    t = fast_axis()
    end = {}
    for noise in (0.002, 0.3):
        record = fault_record(trace_of, *short(t - 0.3e-7), t, noise=noise, lsb=0.001)
        end[noise] = operate_time(capture_of(fault=record), **ASK)
    true = 8e-6 + 1.5e-6 * math.log(202.5 / 0.05) - 10.0 / 25e6
    assert end[0.3].value < end[0.002].value - 2e-6
    for found in end.values():
        assert abs(found.value - true) < found.U
    assert "floor-raised-by-noise" in end[0.3].flags
    assert "end below the raised floor" in {line.name for line in end[0.3].budget.lines}
    assert end[0.002].U < 2e-6  # by the channel's offset on a tail that is nearly flat there


def test_a_time_that_the_record_cannot_tell_from_nothing_is_an_upper_bound(trace_of, capture_of):
    """A short of some microseconds on a record of 400 us: not 0, but at most what the record can tell."""
    t = slow_axis() - 0.1e-3
    injector = np.where((t > 0.0) & (t < 800e-6), 40.0, 0.0)
    port = np.where(t < 0.0, 2.5, 0.0)
    found = operate_time(capture_of(fault=fault_record(trace_of, injector, port, t)), **ASK, floor_fraction=0.2)
    assert (found.outcome, found.bound) == ("Tripped", "upper")
    assert "below-resolution" in found.flags
    assert decide(found, high=10e-3).verdict == "PASS"
    assert decide(found, high=100e-6).verdict == "INCONCLUSIVE"
    assert decide(found, low=1e-6).verdict == "INCONCLUSIVE"
