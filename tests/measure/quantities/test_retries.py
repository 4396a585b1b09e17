"""Auto-retry: attempts counted, their period and duty held against the truth, and what cannot be said."""

from __future__ import annotations

import numpy as np
import pytest

from rig.measure import attempts, decide, latched, retries, retry_duty, retry_period, retry_recovery

DT, LEVEL = 1e-4, 2.5


def current(trace_of, capture_of, begins, length, stop=4.0, *, amps=6.0, noise=0.02, seed=1, phase=0.0):
    t = (np.arange(round(stop / DT)) + phase) * DT
    i = np.zeros(t.size)
    for begin in begins:
        i[(t >= begin) & (t < begin + length)] = amps
    trace = trace_of(i, signal="port_current", dt=DT, start=t[0], lsb=0.01, noise=noise, seed=seed)
    return capture_of(slow=[trace])


def found_in(capture, **more):
    asked = {"signal": "port_current", "level": LEVEL, "after": 0.1, "shortest": 5e-3, **more}
    return attempts(capture, **asked)


def test_attempts_are_counted_and_timed(trace_of, capture_of):
    found = found_in(current(trace_of, capture_of, [0.5, 1.0, 1.5, 2.0], 0.02))
    assert (retries(found).value, retries(found).outcome) == (4.0, "Counted")
    assert latched(found, period=0.5).value == 0.0
    period = retry_period(found)
    assert period.value == pytest.approx(0.5, abs=2e-4)
    assert abs(period.value - 0.5) <= period.U
    duty = retry_duty(found)
    assert abs(duty.value - 0.04) <= duty.U
    assert retries(found).marks[0].t == pytest.approx(0.5, abs=DT)


def test_what_is_too_short_is_noise_and_not_an_attempt(trace_of, capture_of):
    capture = current(trace_of, capture_of, [0.5, 1.0], 0.002)
    assert retries(found_in(capture)).value == 0.0
    assert retries(found_in(capture, shortest=1e-3)).value == 2.0


def test_an_attempt_that_goes_on_is_counted_and_flagged(trace_of, capture_of):
    found = found_in(current(trace_of, capture_of, [0.5, 3.5], 1.0))
    assert (retries(found).value, retries(found).flags) == (2.0, ("attempt-not-ended",))


def test_latched_needs_to_be_watched_long_enough(trace_of, capture_of):
    found = found_in(current(trace_of, capture_of, [], 0.0))
    assert latched(found, period=1.0).value == 1.0
    short = latched(found, period=3.0)
    assert (short.outcome, short.value, short.flags) == ("Unresolved", None, ("window-too-short",))
    assert retry_period(found).flags == retry_duty(found).flags == ("no-second-attempt",)


def unseen(trace_of, capture_of):
    """(why, attempts that nobody can see): in each a device tries again, or may have."""
    lost = capture_of(slow=[trace_of(np.array([0.0, np.nan] * 500), signal="port_current", dt=DT)])
    drowned = current(trace_of, capture_of, [0.5, 1.0, 1.5], 0.02, noise=0.6)
    clipped = trace_of(np.tile(np.repeat([0.0, 6.0], 500), 20), signal="port_current", dt=DT, span=(-2.0, 2.0))
    steady = current(trace_of, capture_of, [0.0], 9.0)
    short = current(trace_of, capture_of, [], 0.0, stop=0.2)
    return [
        ("missing-samples", found_in(lost, after=0.0)),
        ("level-within-noise", found_in(drowned)),
        ("level-out-of-range", found_in(capture_of(slow=[clipped]), after=0.0)),
        ("not-ended", found_in(steady)),
        ("not-covered", found_in(short, after=-5.0)),
        ("not-covered", found_in(short, after=5.0)),
    ]


def test_attempts_that_cannot_be_seen_are_no_number_and_never_latched(trace_of, capture_of):
    for why, found in unseen(trace_of, capture_of):
        for quantity in (retries(found), latched(found, period=0.5), retry_period(found), retry_duty(found)):
            assert (quantity.outcome, quantity.value, quantity.flags) == ("Unresolved", None, (why,))
            assert decide(quantity, high=3.0).verdict == "INCONCLUSIVE"


def test_without_the_record_nothing_is_armed(trace_of, capture_of):
    found = found_in(capture_of())
    assert found is None
    for quantity in (retries(found), latched(found, period=1.0), retry_period(found), retry_duty(found)):
        assert (quantity.outcome, quantity.value) == ("NotArmed", None)


def test_what_begins_just_before_the_end_is_not_decided(trace_of, capture_of):
    found = found_in(current(trace_of, capture_of, [3.997], 1.0))
    assert (retries(found).value, retries(found).bound) == (0.0, "lower")
    assert decide(retries(found), high=3.0).verdict == "INCONCLUSIVE"
    assert latched(found, period=0.5).flags == ("attempt-undecided",)
    assert latched(found_in(current(trace_of, capture_of, [1.0, 3.997], 1e-2)), period=0.5).value == 0.0


def test_a_count_is_judged_without_an_uncertainty(trace_of, capture_of):
    found = retries(found_in(current(trace_of, capture_of, [0.5, 1.0, 1.5], 0.02)))
    assert decide(found, high=3.0).verdict == "PASS"
    decision = decide(found, high=2.0)
    assert (decision.verdict, decision.reason) == ("FAIL", "retries: 3 (U = 0), at most 2")


def test_periods_and_duties_hold_the_truth(trace_of, capture_of):
    held = {"period": 0, "duty": 0}
    for seed in range(300):
        rng = np.random.default_rng(seed)
        length, gaps = rng.uniform(0.02, 0.05), rng.normal(0.5, 0.002, 5)
        begins = 0.3 + np.concatenate([[0.0], np.cumsum(gaps)])
        capture = current(trace_of, capture_of, begins, length, seed=seed, phase=rng.uniform())
        found = found_in(capture)
        period, duty = retry_period(found), retry_duty(found)
        held["period"] += abs(period.value - 0.5) <= period.U
        held["duty"] += abs(duty.value - 5 * length / gaps.sum()) <= duty.U
    assert min(held.values()) >= 279, held  # 93 % of 300


def test_the_way_back_is_timed_from_the_attempt(trace_of, capture_of):
    t = np.arange(40_000) * DT
    volts = np.where((t > 0.1) & (t < 2.0), 0.0, 48.0) - np.where(
        (t >= 2.0) & (t < 2.03), 48.0 * (2.03 - t) / 0.03, 0.0
    )
    amps = np.where((t >= 1.0) & (t < 1.02), 6.0, 0.0) + np.where(t >= 2.0, 5.0, 0.0)
    capture = capture_of(
        slow=[
            trace_of(amps, dt=DT, noise=0.02),
            trace_of(volts, signal="port_voltage", unit="V", dt=DT, noise=0.02, seed=2),
        ]
    )
    found = found_in(capture)
    assert retries(found).value == 2
    back = retry_recovery(capture, found, low=45.6, high=50.4, hold=0.2)
    assert abs(back.value - 0.03 * 45.6 / 48.0) <= back.U
    none = found_in(current(trace_of, capture_of, [], 0.0))
    assert retry_recovery(capture, none, low=45.6, high=50.4, hold=0.2).flags == ("no-attempt",)
