"""Ripple against sines of known size, under noise, and where noise is all there is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rig.measure import ripple_peak_to_peak, ripple_rms

DT = 1e-7
SPAN = (0.0, 1e-3)


def rippling(trace_of, capture_of, amplitude, *, noise=0.0, seed=1, frequency=51_234.0, lsb=1e-3, **more):
    t = np.arange(10_000) * DT
    v = 48.0 + amplitude * np.sin(2 * math.pi * frequency * t + seed)
    return capture_of(
        fault=[trace_of(v, signal="port_voltage", unit="V", dt=DT, lsb=lsb, noise=noise, seed=seed, **more)]
    )


def test_a_sine(trace_of, capture_of):
    capture = rippling(trace_of, capture_of, 0.2)
    rms = ripple_rms(capture, "port_voltage", SPAN)
    assert rms.value == pytest.approx(0.2 / math.sqrt(2), rel=2e-3)
    assert abs(rms.value - 0.2 / math.sqrt(2)) <= rms.U
    across = ripple_peak_to_peak(capture, "port_voltage", SPAN)
    assert across.value == pytest.approx(0.4, rel=5e-3)
    assert across.inputs["bandwidth"] == 50e6


def test_noise_is_taken_off_and_raises_no_peak(trace_of, capture_of):
    held = {"rms": 0, "pp": 0}
    for seed in range(300):
        gain = 1 + 0.002 * np.random.default_rng(seed).normal()
        capture = rippling(trace_of, capture_of, 0.2 * gain, noise=0.03, seed=seed)
        rms, across = ripple_rms(capture, "port_voltage", SPAN), ripple_peak_to_peak(capture, "port_voltage", SPAN)
        held["rms"] += abs(rms.value - 0.2 / math.sqrt(2)) <= rms.U
        held["pp"] += abs(across.value - 0.4) <= across.U
    assert min(held.values()) >= 279, held  # 93 % of 300


def test_noise_alone_is_an_upper_bound(trace_of, capture_of):
    capture = rippling(trace_of, capture_of, 0.0, noise=0.05)
    for found in (ripple_rms(capture, "port_voltage", SPAN), ripple_peak_to_peak(capture, "port_voltage", SPAN)):
        assert (found.bound, found.flags) == ("upper", ("noise-dominated",))


def test_what_is_clipped_lost_or_absent_is_no_number(trace_of, capture_of):
    clipped = rippling(trace_of, capture_of, 0.2, span=(47.0, 48.1))
    assert ripple_rms(clipped, "port_voltage", SPAN).flags == ("clipped",)
    assert ripple_peak_to_peak(clipped, "port_voltage", SPAN).value is None
    short = ripple_rms(rippling(trace_of, capture_of, 0.2), "port_voltage", (0.0, 1e-6))
    assert (short.outcome, short.flags) == ("Unresolved", ("no-samples",))
    assert ripple_rms(capture_of(), "port_voltage", SPAN).outcome == "NotArmed"


@pytest.mark.parametrize(
    ("channel", "declared", "bound", "flag"),
    [
        (2e6, 2e6, None, ()),
        (1e6, 2e6, "lower", ("bandwidth-below-declared",)),
        (4e6, 2e6, "upper", ("bandwidth-above-declared",)),
        (20e6, 20e6, "lower", ("bandwidth-below-declared",)),  # 10 MS/s hold no more than 5 MHz
    ],
)
def test_a_declared_bandwidth_is_held_against_the_channels(trace_of, capture_of, channel, declared, bound, flag):
    capture = rippling(trace_of, capture_of, 0.2, bandwidth=channel)
    for quantity in (ripple_rms, ripple_peak_to_peak):
        found = quantity(capture, "port_voltage", SPAN, bandwidth=declared)
        assert (found.bound, found.flags, found.inputs["declared_bandwidth"]) == (bound, flag, declared)
        assert quantity(capture, "port_voltage", SPAN).bound is None


def test_a_bandwidth_that_cannot_be_held_against_anything(trace_of, capture_of):
    unknown = ripple_rms(rippling(trace_of, capture_of, 0.2, bandwidth=None), "port_voltage", SPAN, bandwidth=2e6)
    assert (unknown.U, unknown.flags) == (None, ("bandwidth-unknown",))
    drowned = rippling(trace_of, capture_of, 0.0, noise=0.05, bandwidth=1e6)
    found = ripple_rms(drowned, "port_voltage", SPAN, bandwidth=2e6)
    assert (found.outcome, found.value) == ("Unresolved", None)
    assert found.flags == ("noise-dominated", "bandwidth-below-declared")
