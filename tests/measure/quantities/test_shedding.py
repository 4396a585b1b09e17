"""The stages of a load while the voltage sinks: where each goes, and whether it goes once."""

import numpy as np
import pytest

from rig.measure import shedding

STAGES = [(48.0, 1.6), (44.0, 1.1), (40.0, 0.9)]
DOWN = (0.0, 60.0)


def sinking(trace_of, capture_of, at=(48.0, 44.0, 40.0), flutter=False):
    """52 to 38 V in a minute; each stage draws its current above its voltage, and 0.1 A is always drawn."""
    t = np.arange(0.0, 60.0, 4e-3)
    volts = 52.0 - 14.0 / 60.0 * t
    amps = 0.1 + sum(np.where(volts > level, current, 0.0) for level, (_, current) in zip(at, STAGES, strict=True))
    if flutter:
        amps = np.where((volts > 47.7) & (volts < 47.8), amps + 1.6, amps)
    traces = [
        trace_of(volts, dt=4e-3, signal="port_voltage", unit="V", noise=0.005),
        trace_of(-amps, dt=4e-3, signal="port_current", noise=0.01),
    ]
    return shedding(capture_of(slow=traces), STAGES, DOWN, volts="port_voltage", amps="port_current")


def test_stages_that_go_where_they_are_declared_to(trace_of, capture_of):
    error, surplus = sinking(trace_of, capture_of)
    assert error.value == pytest.approx(0.0, abs=0.03)
    assert 0.01 < error.U < 0.25
    assert (surplus.outcome, surplus.value) == ("Counted", 0.0)


@pytest.mark.parametrize(
    ("at", "worst"), [((45.0, 43.8, 40.1), -3.0), ((48.2, 44.7, 40.0), 0.7), ((47.9, 44.0, 38.5), -1.5)]
)
def test_the_worst_of_them_counts(trace_of, capture_of, at, worst):
    error, surplus = sinking(trace_of, capture_of, at)
    assert error.value == pytest.approx(worst, abs=error.U)
    assert surplus.value == 0.0


def test_one_that_comes_back_and_goes_again_is_one_too_many(trace_of, capture_of):
    error, surplus = sinking(trace_of, capture_of, flutter=True)
    assert surplus.value == 1.0
    assert (error.outcome, error.value, error.flags[-1]) == ("Unresolved", None, "other-number-of-stages")


def test_one_that_stays_is_one_too_few(trace_of, capture_of):
    error, surplus = sinking(trace_of, capture_of, (48.0, 44.0, 20.0))
    assert (surplus.value, error.value) == (1.0, None)


def test_stages_that_go_in_another_order_are_told_by_their_currents(trace_of, capture_of):
    error, surplus = sinking(trace_of, capture_of, (40.0, 44.0, 48.0))
    assert error.value == pytest.approx(0.0, abs=0.03)
    assert surplus.value == 2.0


def test_a_lost_sample_leaves_nothing(trace_of, capture_of):
    amps = np.full(200, -1.0)
    amps[50] = np.nan
    traces = [trace_of(np.full(200, 50.0), dt=1e-2, signal="port_voltage", unit="V"), trace_of(amps, dt=1e-2)]
    for found in shedding(capture_of(slow=traces), STAGES, (0.0, 2.0), volts="port_voltage", amps="port_current"):
        assert (found.outcome, found.value) == ("Unresolved", None)
