"""Whatever a record holds, an event that is not in it never becomes a number."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from rig.measure import (
    Envelope,
    Instant,
    Threshold,
    attempts,
    charge,
    decide,
    droop,
    energy_error,
    envelope_margin,
    inrush,
    latched,
    let_through_energy,
    let_through_i2t,
    level,
    operate_time,
    overshoot,
    peak_current,
    port_voltage_peak,
    recovery_time,
    retries,
    retry_duty,
    retry_period,
    reverse_current,
    ripple_peak_to_peak,
    ripple_rms,
    settling_time,
    status_floor,
    status_return,
    t0,
)

SAMPLES = st.floats(-100.0, 100.0) | st.just(math.nan) | st.sampled_from([0.0, 50.0, -50.0])
RECORDS = npst.arrays(np.float64, st.integers(0, 120), elements=SAMPLES)
INJECTION = Threshold("injector_current", 10.0)
NUMBERLESS = {"NotTripped", "NotRecovered", "NotArmed", "Unresolved"}


def everything(capture):
    operate = operate_time(
        capture, injection=INJECTION, rated_current=5.0, hold=10e-6, limit_current=7.0, align_on=[INJECTION]
    )
    tried = attempts(capture, signal="port_current", level=3.0, after=0.0, shortest=3e-6)
    spans = {"initial": (-15e-6, -1e-6), "final": (40e-6, 60e-6)}
    energy = let_through_energy(capture, operate)
    return [
        retries(tried),
        latched(tried, period=1e-5),
        retry_period(tried),
        retry_duty(tried),
        overshoot(capture, "port_voltage", window=(0.0, 40e-6), **spans),
        settling_time(capture, "port_voltage", begin=INJECTION, band=0.1, hold=5e-6, **spans),
        *inrush(capture, begin=INJECTION, steady=(0.0, 3.0), hold=5e-6),
        ripple_rms(capture, "port_voltage", (0.0, 1e-4)),
        ripple_peak_to_peak(capture, "port_voltage", (0.0, 1e-4)),
        *droop(capture, [(0.0, 2e-5), (2e-5, 4e-5), (4e-5, 6e-5)]),
        energy_error(5.0, 0.1, energy),
        status_floor(capture, [(40.0, 60.0), (0.0, 60.0)], (0.0, 1e-4), shortest=3e-6),
        status_return(capture, (40.0, 60.0), removal=INJECTION, hold=5e-6, record="fault"),
        envelope_margin(
            capture, "port_voltage", Envelope(high=((0.0, 60.0), (5e-5, 55.0))), Instant("fault", 0.0, 1e-7, "t0")
        ),
        t0(capture, INJECTION),
        operate,
        peak_current(capture, operate, slow_shift=0.0),
        let_through_i2t(capture, operate, slow_shift=0.0),
        let_through_energy(capture, operate),
        charge(capture, operate),
        port_voltage_peak(capture),
        recovery_time(capture, removal=INJECTION, low=40.0, high=60.0, hold=5e-6, record="fault"),
        recovery_time(capture, removal=Instant("slow", 1e-5, 1e-6), low=40.0, high=60.0, hold=5e-6),
        reverse_current(capture, (0.0, 1e-4), average=4e-6, zero_span=(-1.0, 0.0)),
        level(capture, "port_voltage", (0.0, 1e-4)),
    ]


def record_of(trace_of, injector, port, volts, **more):
    shared = {"start": -20e-6, "span": (-50.0, 50.0), **more}
    return [
        trace_of(injector, signal="injector_current", **shared),
        trace_of(port, **shared),
        trace_of(volts, signal="port_voltage", unit="V", **shared),
    ]


@settings(max_examples=200, deadline=None)
@given(RECORDS, RECORDS, RECORDS, st.booleans())
def test_arbitrary_records_give_finite_numbers_or_none(trace_of, capture_of, injector, port, volts, armed):
    traces = record_of(trace_of, injector, port, volts)
    capture = capture_of(fault=traces, slow=traces, recovery=traces, untriggered=() if armed else ("fault", "slow"))
    for found in everything(capture):
        assert (found.value is None) == (found.outcome in NUMBERLESS)
        if found.U is not None:
            assert math.isfinite(found.U)
            assert found.U >= 0.0
        if found.value is None:
            assert decide(found, high=1e9).verdict in {"INCONCLUSIVE", "FAIL"}
        if found.outcome == "Tripped":
            assert found.value >= 0.0


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([0, 1, 2, 5, 1000]),
    st.sampled_from([0.0, 2.5, -2.5, math.nan, 49.999, 50.0, -50.0, 80.0]),
    st.floats(0.0, 0.5),
)
def test_a_current_that_does_nothing_has_no_edge_no_trip_and_no_time(trace_of, capture_of, n, amps, noise):
    flat = np.full(n, amps)
    traces = record_of(trace_of, flat, flat, flat, noise=noise)
    capture = capture_of(fault=traces, slow=traces)
    assert t0(capture, INJECTION).value is None
    found = operate_time(capture, injection=INJECTION, rated_current=5.0, hold=1e-6, limit_current=7.0)
    assert (found.outcome, found.value) == ("Unresolved", None)
    for quantity in (peak_current(capture, found), let_through_i2t(capture, found), charge(capture, found)):
        assert quantity.value is None


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([0, 1, 2, 5, 1000]),
    st.sampled_from([0.0, 2.5, -2.5, math.nan, 49.999, 50.0, -50.0, 80.0]),
    st.floats(0.0, 0.5),
)
def test_where_nothing_changes_there_is_no_step_no_line_no_inrush_and_no_attempt(trace_of, capture_of, n, value, noise):
    flat = np.full(n, value)
    traces = record_of(trace_of, flat, flat, flat, noise=noise)
    capture = capture_of(fault=traces, slow=traces, recovery=traces)
    spans = {"initial": (-15e-6, -1e-6), "final": (40e-6, 60e-6)}
    tried = attempts(capture, signal="port_current", level=3.0, after=0.0, shortest=3e-6)
    for quantity in (
        overshoot(capture, "port_voltage", window=(0.0, 40e-6), **spans),
        settling_time(capture, "port_voltage", begin=INJECTION, band=0.1, hold=5e-6, **spans),
        *inrush(capture, begin=INJECTION, steady=(0.0, 3.0), hold=5e-6),
        *droop(capture, [(0.0, 2e-4), (2e-4, 4e-4), (4e-4, 6e-4)]),
        status_return(capture, (40.0, 60.0), removal=INJECTION, hold=5e-6, record="fault"),
        retry_period(tried),
        retry_duty(tried),
    ):
        assert (quantity.outcome, quantity.value) == ("Unresolved", None), quantity
    if n < 2 or not abs(value) < 3.0:  # nothing seen, or a current that never ended
        assert (retries(tried).value, latched(tried, period=1e-5).value) == (None, None)


@settings(max_examples=60, deadline=None)
@given(st.integers(100, 2000), st.floats(0.0, 0.5), st.floats(5.0, 60.0), st.integers(0, 2**31))
def test_a_current_that_goes_on_has_no_trip(trace_of, capture_of, n, noise, amps, seed):
    t = np.arange(n)
    injector, port = np.where(t > 30, 40.0, 0.0), np.where(t > 30, amps, 2.5)
    traces = record_of(trace_of, injector, port, port, noise=noise, seed=seed)
    found = operate_time(capture_of(fault=traces), injection=INJECTION, rated_current=5.0, hold=5e-6)
    assert (found.outcome, found.value) in {("NotTripped", None), ("Unresolved", None)}
    assert decide(found, high=1e-6).verdict in {"FAIL", "INCONCLUSIVE"}
    assert decide(found, high=1.0).verdict == "INCONCLUSIVE"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.floats(0.01, 0.4))
def test_pure_noise_has_no_injection_edge(trace_of, capture_of, seed, noise):
    rng = np.random.default_rng(seed)
    traces = record_of(trace_of, rng.normal(0.0, noise, 20_000), np.zeros(20_000), np.zeros(20_000))
    assert t0(capture_of(fault=traces), Threshold("injector_current", 0.5 * noise)).value is None


def test_a_trace_that_makes_no_sense_is_refused(trace_of):
    for wrong in ({"dt": 0.0}, {"dt": math.nan}, {"lsb": math.inf}, {"start": math.nan}, {"lead_time": -1.0}):
        with pytest.raises((ValueError, OverflowError)):
            trace_of(np.ones(3), **wrong)
    with pytest.raises(ValueError, match="one dimension"):
        trace_of(np.ones((3, 3)))
