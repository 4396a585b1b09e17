"""Overshoot and settling against the closed forms of first- and second-order systems (IEEE 181-2011 definitions)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rig.measure import Threshold, overshoot, settling_time

DT = 1e-6
BEGIN = Threshold("step", 0.5)
SPANS = {"initial": (-1e-3, -1e-5), "final": (18e-3, 20e-3)}


def response(trace_of, capture_of, shape, *, low=5.0, high=48.0, noise=0.0, seed=1, lsb=1e-4, phase=0.0, **more):
    """A step at t = 0 from `low` to `high` whose normalised course is shape(t)."""
    t = (np.arange(-1000, 20_000) + phase) * DT
    x = low + (high - low) * np.where(t >= 0, shape(np.maximum(t, 0.0)), 0.0)
    step = trace_of((t >= 0) * 1.0, signal="step", unit="V", dt=DT, start=t[0], lsb=1e-3, seed=seed + 77)
    seen = trace_of(x, signal="port_voltage", unit="V", dt=DT, start=t[0], lsb=lsb, noise=noise, seed=seed, **more)
    return capture_of(fault=[step, seen])


def first_order(tau):
    return lambda t: 1.0 - np.exp(-t / tau)


def second_order(zeta, omega):
    damped = omega * math.sqrt(1.0 - zeta**2)
    phase = math.acos(zeta)
    return lambda t: 1.0 - np.exp(-zeta * omega * t) * np.sin(damped * t + phase) / math.sqrt(1.0 - zeta**2)


@pytest.mark.parametrize(("band", "times"), [(0.02, 3.912), (0.01, 4.605), (0.05, 2.996), (0.001, 6.908)])
def test_a_first_order_system_settles_after_so_many_time_constants(trace_of, capture_of, band, times):
    """-ln(band): 3.912 tau to 2 %, 4.605 tau to 1 % (textbook closed form)."""
    tau = 1e-3
    capture = response(trace_of, capture_of, first_order(tau))
    found = settling_time(capture, "port_voltage", begin=BEGIN, band=band, hold=1e-3, **SPANS)
    assert found.outcome == "Measured"
    assert found.value == pytest.approx(times * tau, rel=5e-4)
    assert abs(found.value + math.log(band) * tau) <= found.U


@pytest.mark.parametrize(("zeta", "percent"), [(0.2, 52.66), (0.5, 16.30), (0.7, 4.60)])
def test_a_second_order_system_overshoots_by_its_damping(trace_of, capture_of, zeta, percent):
    """exp(-pi zeta / sqrt(1 - zeta^2)): 52.66 % at zeta = 0.2 (textbook closed form)."""
    capture = response(trace_of, capture_of, second_order(zeta, 2e4 / zeta))
    found = overshoot(capture, "port_voltage", window=(0.0, 15e-3), **SPANS)
    assert 100 * found.value == pytest.approx(percent, abs=0.02)
    exact = math.exp(-math.pi * zeta / math.sqrt(1 - zeta**2))
    assert abs(found.value - exact) <= found.U


def test_an_overshoot_in_volts(trace_of, capture_of):
    """52.66 % of the step of 43 V at zeta = 0.2 (textbook closed form); the gain no longer cancels."""
    capture = response(trace_of, capture_of, second_order(0.2, 1e5))
    found = overshoot(capture, "port_voltage", window=(0.0, 15e-3), absolute=True, **SPANS)
    assert (found.measurand, found.unit) == ("overshoot_absolute", "V")
    assert found.value == pytest.approx(0.5266 * 43.0, abs=0.01)
    assert {line.name: line.contribution for line in found.budget.lines}["gain"] == pytest.approx(0.002 * found.value)


def test_a_step_down_and_none_over(trace_of, capture_of):
    down = response(trace_of, capture_of, second_order(0.2, 1e5), low=48.0, high=5.0)
    assert overshoot(down, "port_voltage", window=(0.0, 15e-3), **SPANS).value == pytest.approx(0.5266, abs=2e-4)
    slow = response(trace_of, capture_of, first_order(1e-3), noise=0.01)
    found = overshoot(slow, "port_voltage", window=(0.0, 15e-3), **SPANS)
    assert found.value <= found.U


def test_a_clipped_excursion_is_a_lower_bound(trace_of, capture_of):
    capture = response(trace_of, capture_of, second_order(0.2, 1e5), span=(-100.0, 60.0))
    found = overshoot(capture, "port_voltage", window=(0.0, 15e-3), **SPANS)
    assert (found.outcome, found.bound) == ("Clipped", "lower")


def test_what_is_not_there_is_no_number(trace_of, capture_of):
    flat = response(trace_of, capture_of, lambda t: 0.0 * t)
    assert overshoot(flat, "port_voltage", window=(0.0, 1e-3), **SPANS).outcome == "Unresolved"
    assert settling_time(flat, "port_voltage", begin=BEGIN, band=0.02, hold=1e-3, **SPANS).flags == ("no-step",)
    ringing = response(trace_of, capture_of, lambda t: 1.0 + 0.3 * np.sin(2e4 * t))
    found = settling_time(ringing, "port_voltage", begin=BEGIN, band=0.02, hold=1e-3, **SPANS)
    assert (found.outcome, found.value, found.window) == ("NotRecovered", None, pytest.approx(20e-3, rel=1e-3))
    good = response(trace_of, capture_of, first_order(1e-3))
    unknown = Threshold("step", 5.0)
    assert settling_time(good, "port_voltage", begin=unknown, band=0.02, hold=1e-3, **SPANS).flags == ("no-begin-edge",)


def test_noisy_captures_hold_the_truth(trace_of, capture_of):
    held = {"overshoot": 0, "absolute": 0, "settling_time": 0}
    exact = math.exp(-math.pi * 0.3 / math.sqrt(1 - 0.3**2))
    for seed in range(300):
        rng = np.random.default_rng(seed)
        gain, offset, phase = 1 + 0.002 * rng.normal(), 0.02 * rng.normal(), rng.uniform()
        ring = response(
            trace_of, capture_of, second_order(0.3, 2e4), noise=0.05, seed=seed, lsb=0.02,
            low=5 * gain + offset, high=48 * gain + offset, phase=phase,
        )  # fmt: skip
        found = overshoot(ring, "port_voltage", window=(0.0, 15e-3), **SPANS)
        held["overshoot"] += abs(found.value - exact) <= found.U
        found = overshoot(ring, "port_voltage", window=(0.0, 15e-3), absolute=True, **SPANS)
        held["absolute"] += abs(found.value - 43.0 * exact) <= found.U
        tail = response(
            trace_of, capture_of, first_order(1e-3), noise=0.05, seed=seed, lsb=0.02,
            low=5 * gain + offset, high=48 * gain + offset, phase=phase,
        )  # fmt: skip
        found = settling_time(tail, "port_voltage", begin=BEGIN, band=0.05, hold=1e-3, **SPANS)
        held["settling_time"] += abs(found.value + math.log(0.05) * 1e-3) <= found.U
    assert min(held.values()) >= 279, held  # 93 % of 300
