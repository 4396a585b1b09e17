"""A device's meter against the measured energy, and functional status by declared bands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rig.measure import (
    Budget,
    Line,
    Measurement,
    Threshold,
    averaged,
    energy_error,
    lost_energy,
    nuisance_trips,
    restarts,
    status_floor,
    status_return,
)

BANDS = [(45.0, 51.0), (40.0, 55.0), (20.0, 58.0), (0.0, 60.0)]
REFERENCE = Measurement("energy", "Measured", 1000.0, "J", "as a test says", Budget((Line("all of it", 2.0),), "J"))


def test_the_error_of_a_meter():
    found = energy_error(1012.0, 1.0, REFERENCE)
    assert found.value == pytest.approx(0.012)
    lines = {line.name: line.contribution for line in found.budget.lines}
    assert lines["all of it"] == pytest.approx(2.0 * 1012 / 1000**2)
    assert lines["resolution of the device's reading"] == pytest.approx(0.5 / 1000 / np.sqrt(3))


@pytest.mark.parametrize(
    ("reading", "reference", "flag"),
    [
        (None, REFERENCE, "no-reading"),
        (float("nan"), REFERENCE, "no-reading"),
        (float("inf"), REFERENCE, "no-reading"),
        (1.0, replace(REFERENCE, bound="lower"), "reference-is-no-value"),
        (1.0, replace(REFERENCE, value=None, outcome="Unresolved"), "reference-is-no-value"),
        (1.0, replace(REFERENCE, value=1.0), "reference-within-its-uncertainty"),
    ],
)
def test_without_a_reading_or_a_reference_there_is_no_error(reading, reference, flag):
    found = energy_error(reading, 1.0, reference)
    assert (found.outcome, found.value, found.flags[0]) == ("Unresolved", None, flag)


@pytest.mark.parametrize("resolution", [-1.0, float("nan"), float("inf")])
def test_a_resolution_that_is_none_is_refused(resolution):
    with pytest.raises(ValueError, match="give its last digit"):
        energy_error(1.0, resolution, REFERENCE)


def test_errors_of_meters_hold_the_truth():
    """A meter 2 % fast that counts in steps of 5 J, against a reference of u = 2 J."""
    held = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        true = rng.uniform(800.0, 1200.0)
        reference = replace(REFERENCE, value=true + 2.0 * rng.normal())
        found = energy_error(5.0 * round(1.02 * true / 5.0), 5.0, reference)
        held += abs(found.value - 0.02) <= found.U
    assert held >= 279  # 93 % of 300


def test_times_back_to_the_best_hold_the_truth(trace_of, capture_of):
    """A voltage that rises by 200 V/s after the gate has fallen at t = 0 is back at 45 V after 225 ms."""
    held = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        gain, offset, phase = 1 + 0.002 * rng.normal(), 0.02 * rng.normal(), rng.uniform()
        t = (np.arange(1500) + phase) * 1e-3 - 0.5
        v = np.where(t < -0.1, 48.0, np.clip(200.0 * t, 0.0, 48.0))
        gate = np.where((t >= -0.1) & (t < 0.0), 12.0, 0.0)
        shared = {"unit": "V", "dt": 1e-3, "start": float(t[0]), "noise": 0.05}
        capture = capture_of(
            slow=[
                trace_of(v * gain + offset, signal="port_voltage", seed=seed, **shared),
                trace_of(gate, signal="gate_voltage", seed=seed + 999, **shared),
            ]
        )
        removal = Threshold("gate_voltage", 6.0, "falling")
        found = status_return(capture, BANDS[0], removal=removal, hold=0.1)
        held += abs(found.value - 0.225) <= found.U
    assert held >= 279  # 93 % of 300


def dip(trace_of, capture_of, volts, length=0.05, noise=0.01):
    t = np.arange(4000) * 1e-3 - 1.0
    v = np.where((t >= 0) & (t < length), volts, 48.0)
    on = np.where((t >= 0) & (t < length), 12.0, 0.0)
    shared = {"unit": "V", "dt": 1e-3, "start": -1.0, "noise": noise}
    return capture_of(
        slow=[trace_of(v, signal="port_voltage", **shared), trace_of(on, signal="gate_voltage", seed=2, **shared)]
    )


@pytest.mark.parametrize(("volts", "status"), [(48.0, 1), (42.0, 2), (56.5, 3), (10.0, 4), (-5.0, 5), (70.0, 5)])
def test_the_worst_status_counts(trace_of, capture_of, volts, status):
    found = status_floor(dip(trace_of, capture_of, volts), BANDS, (-0.5, 2.0), shortest=0.01)
    assert (found.outcome, found.value, found.flags) == ("Counted", status, ())


def test_what_is_too_short_does_not_count(trace_of, capture_of):
    capture = dip(trace_of, capture_of, 10.0, length=0.02)
    assert status_floor(capture, BANDS, (-0.5, 2.0), shortest=0.05).value == 1
    assert status_floor(capture, BANDS, (-0.5, 2.0), shortest=0.01).value == 4


def test_near_the_edge_of_a_band_the_worse_one_counts_and_is_flagged(trace_of, capture_of):
    found = status_floor(dip(trace_of, capture_of, 40.05), BANDS, (-0.5, 2.0), shortest=0.01)
    assert (found.value, found.flags) == (3, ("status-within-uncertainty",))


def test_lost_samples_have_no_status(trace_of, capture_of):
    trace = trace_of(np.full(100, np.nan), signal="port_voltage", unit="V", dt=1e-3)
    assert status_floor(capture_of(slow=[trace]), BANDS, (0.0, 0.1), shortest=0.01).value is None
    assert status_floor(capture_of(), BANDS, (0.0, 0.1), shortest=0.01).outcome == "NotArmed"


def test_the_time_back_to_the_best(trace_of, capture_of):
    removal = Threshold("gate_voltage", 6.0, "falling")
    found = status_return(dip(trace_of, capture_of, 10.0), BANDS[0], removal=removal, hold=0.2)
    assert (found.measurand, found.outcome) == ("status_return", "Measured")
    assert found.value <= found.U


BEST, LEAST = (45.0, 51.0), (30.0, 55.0)


@pytest.mark.parametrize(
    ("volts", "count"),
    [
        ([48] * 40, 0),
        ([48] * 10 + [0] * 10 + [48] * 20, 1),
        ([48] * 5 + [0] * 5 + [48] * 5 + [0] * 5 + [48] * 5 + [0] * 5 + [48] * 10, 3),
        ([48] * 10 + [35] * 10 + [48] * 20, 0),  # less, not nothing
        ([48] * 10 + [35] * 5 + [0] * 5 + [35] * 5 + [48] * 15, 1),  # through both on the way
        ([0] * 40, 0),
        ([48] * 10 + [58] * 10 + [48] * 20, 1),  # too much is outside as well
    ],
)
def test_how_often_it_came_back(trace_of, capture_of, volts, count):
    capture = capture_of(slow=[trace_of(volts, dt=1e-2, signal="port_voltage", unit="V")])
    found = restarts(capture, BEST, LEAST, (0.0, 0.4))
    assert (found.outcome, found.value, found.unit) == ("Counted", float(count), "count")


@pytest.mark.parametrize(
    ("volts", "count"),
    [
        ([0] * 10 + [48] * 30, 0),  # it started
        ([48] * 10 + [35] * 10 + [48] * 20, 0),  # less, not nothing
        ([48] * 10 + [0] * 10 + [48] * 10 + [0] * 10, 2),  # the last one counts without a return
        ([48] * 10 + [35] * 5 + [0] * 5 + [35] * 5 + [0] * 15, 1),  # it was not back between
    ],
)
def test_how_often_it_stopped(trace_of, capture_of, volts, count):
    capture = capture_of(slow=[trace_of(volts, dt=1e-2, signal="port_voltage", unit="V")])
    found = nuisance_trips(capture, BEST, LEAST, (0.0, 0.4))
    assert (found.measurand, found.outcome, found.value, found.unit) == ("nuisance_trips", "Counted", count, "count")


def test_what_was_not_seen_is_no_count(trace_of, capture_of):
    lost = trace_of([48.0] * 10 + [float("nan")] + [48.0] * 10, dt=1e-2, signal="port_voltage", unit="V")
    clipped = trace_of([48.0] * 10 + [70.0] * 10, dt=1e-2, signal="port_voltage", unit="V", span=(-60.0, 60.0))
    for trace in (lost, clipped):
        found = restarts(capture_of(slow=[trace]), BEST, LEAST, (0.0, 0.3))
        assert (found.outcome, found.value) == ("Unresolved", None)


def test_what_never_left_took_no_time_to_return(trace_of, capture_of):
    volts = trace_of([48.0] * 100, dt=1e-2, signal="port_voltage", unit="V")
    feed = trace_of([30.0] * 50 + [48.0] * 50, dt=1e-2, signal="input_voltage", unit="V")
    found = status_return(
        capture_of(slow=[volts, feed]), BEST, removal=Threshold("input_voltage", 40.0, "rising"), hold=0.1
    )
    assert (found.outcome, found.value, found.flags) == ("Measured", 0.0, ())
    assert pytest.approx(1.65 * 1e-2 / np.sqrt(3), rel=0.2) == found.U


def test_an_average_is_of_whole_blocks_at_their_middle(trace_of):
    trace = trace_of([1.0, 3.0, 5.0, 7.0, 2.0, 2.0, 9.0], dt=1e-3, start=0.5, lsb=0.5)
    found = averaged(trace, 2e-3)
    assert found.values.tolist() == [2.0, 6.0, 2.0]
    assert (found.dt, found.start) == (pytest.approx(2e-3), pytest.approx(0.5005))


def test_a_block_with_a_clipped_or_a_lost_sample_is_clipped_or_lost(trace_of):
    clipped = averaged(trace_of([1.0, 99.0, 1.0, 1.0, -99.0, 1.0], dt=1e-3, span=(-10.0, 10.0)), 2e-3)
    assert clipped.clipped().tolist() == [True, False, True]
    lost = averaged(trace_of([1.0, float("nan"), 1.0, 1.0], dt=1e-3), 2e-3)
    assert np.isnan(lost.values).tolist() == [True, False]


def test_what_was_not_counted():
    found = lost_energy(900.0, 10.0, REFERENCE)
    assert (found.measurand, found.value, found.unit) == ("lost_energy", 100.0, "J")
    assert found.u == pytest.approx(np.hypot(2.0, 5.0 / np.sqrt(3)))
    assert lost_energy(None, 10.0, REFERENCE).outcome == "Unresolved"
    assert lost_energy(1.0, 10.0, replace(REFERENCE, bound="lower")).flags[0] == "reference-is-no-value"
