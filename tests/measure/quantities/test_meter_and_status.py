"""A device's meter against the measured energy, and functional status by declared bands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rig.measure import Budget, Line, Measurement, Threshold, energy_error, status_floor, status_return

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
        (1.0, replace(REFERENCE, bound="lower"), "reference-is-no-value"),
        (1.0, replace(REFERENCE, value=None, outcome="Unresolved"), "reference-is-no-value"),
        (1.0, replace(REFERENCE, value=1.0), "reference-within-its-uncertainty"),
    ],
)
def test_without_a_reading_or_a_reference_there_is_no_error(reading, reference, flag):
    found = energy_error(reading, 1.0, reference)
    assert (found.outcome, found.value, found.flags[0]) == ("Unresolved", None, flag)


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
