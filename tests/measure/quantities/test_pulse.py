"""The width of a pulse, from edge to edge, and what is no width."""

from __future__ import annotations

import numpy as np
import pytest

from rig.measure import pulse_width

DT = 1e-6


def pulse(trace_of, capture_of, begin, end, **more):
    t = np.arange(1000) * DT
    v = np.where((t >= begin) & (t < end), 12.0, 0.0)
    return capture_of(fault=[trace_of(v, signal="gate_voltage", unit="V", dt=DT, lsb=1e-2, **more)])


def test_from_the_rising_to_the_falling_edge(trace_of, capture_of):
    found = pulse_width(pulse(trace_of, capture_of, 200.5e-6, 300.5e-6), "gate_voltage", 6.0)
    assert found.value == pytest.approx(100e-6, abs=1e-6)
    assert abs(found.value - 100e-6) <= found.U


def test_a_pulse_without_its_end_or_its_begin_is_no_number(trace_of, capture_of):
    found = pulse_width(pulse(trace_of, capture_of, 200.5e-6, 2.0), "gate_voltage", 6.0)
    assert (found.outcome, found.value, found.flags) == ("Unresolved", None, ("no-falling-edge",))
    found = pulse_width(pulse(trace_of, capture_of, 1.0, 2.0), "gate_voltage", 6.0)
    assert (found.outcome, found.value, found.flags) == ("Unresolved", None, ("no-rising-edge",))
    assert pulse_width(capture_of(), "gate_voltage", 6.0).outcome == "NotArmed"
