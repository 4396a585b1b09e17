"""Inrush: peak and Joule integral from the edge that switches on until the current rests."""

from __future__ import annotations

import numpy as np
import pytest

from rig.measure import Threshold, inrush

DT = 1e-6
ON = Threshold("port_voltage", 24.0)


def switched_on(
    trace_of, capture_of, peak=20.0, tau=200e-6, rest=1.0, n=8000, *, seed=1, phase=0.0, gain=1.0, offset=0.0
):
    t = (np.arange(n) - 1000 + phase) * DT
    on = t >= 0
    i = np.where(on, rest + (peak - rest) * np.exp(-np.maximum(t, 0) / tau), 0.0)
    shared = {"dt": DT, "start": float(t[0]), "noise": 0.01}
    return capture_of(
        fault=[
            trace_of(i * gain + offset, seed=seed, **shared),
            trace_of(48.0 * on, signal="port_voltage", unit="V", seed=seed + 1000, **shared),
        ]
    )


def test_a_capacitor_that_charges(trace_of, capture_of):
    found = inrush(switched_on(trace_of, capture_of), begin=ON, steady=(0.5, 1.5), hold=1e-3)
    time, peak, joule = found
    ends = 200e-6 * np.log(19 / 0.5)
    assert [one.measurand for one in found] == ["inrush_time", "inrush_current", "inrush_i2t"]
    assert [one.outcome for one in found] == ["Measured"] * 3
    assert abs(time.value - ends) <= time.U
    assert abs(peak.value - 20.0) <= peak.U
    t = np.linspace(0.0, ends, 200_001)
    exact = np.trapezoid((1 + 19 * np.exp(-t / 200e-6)) ** 2, t)
    assert abs(joule.value - exact) <= joule.U


def test_a_current_that_does_not_come_to_rest_leaves_bounds(trace_of, capture_of):
    capture = switched_on(trace_of, capture_of, tau=1.0)
    time, peak, joule = inrush(capture, begin=ON, steady=(0.5, 1.5), hold=1e-3)
    assert (time.outcome, time.value) == ("NotRecovered", None)
    assert peak.value == pytest.approx(20.0, abs=0.1)
    assert joule.bound == "lower"


def test_without_the_edge_nothing_is_known(trace_of, capture_of):
    capture = switched_on(trace_of, capture_of)
    missing = inrush(capture, begin=Threshold("port_voltage", 60.0), steady=(0.5, 1.5), hold=1e-3)
    assert [one.value for one in missing] == [None, None, None]


def test_inrushes_hold_the_truth(trace_of, capture_of):
    ends = 200e-6 * np.log(19 / 0.5)
    t = np.linspace(0.0, ends, 200_001)
    exact = (ends, 20.0, np.trapezoid((1 + 19 * np.exp(-t / 200e-6)) ** 2, t))
    held = [0, 0, 0]
    for seed in range(300):
        rng = np.random.default_rng(seed)
        errors = {"gain": 1 + 0.002 * rng.normal(), "offset": 0.02 * rng.normal(), "phase": rng.uniform()}
        found = inrush(switched_on(trace_of, capture_of, seed=seed, **errors), begin=ON, steady=(0.5, 1.5), hold=1e-3)
        held = [n + (abs(one.value - true) <= one.U) for n, one, true in zip(held, found, exact, strict=True)]
    assert min(held) >= 279, held  # 93 % of 300
