"""t0, the removal, and one instant on two records."""

import math

import numpy as np
import pytest

from rig.measure import Threshold, align, t0

INJECTION = Threshold("injector_current", 10.0)
COLLAPSE = Threshold("port_voltage", 27.0, "falling")


def records(trace_of, capture_of, *, seconds, shift=0.2501):
    """A fault at 0 on the fast axis and at `shift` on the slow one, whose injection lasts for `seconds`."""
    out = {}
    for name, dt, start in (("fault", 1e-6, -1e-3), ("slow", 400e-6, -0.2)):
        t = start + dt * np.arange(4000) - (shift if name == "slow" else 0.0)
        shared = {"dt": dt, "start": start, "noise": 0.01}
        out[name] = [
            trace_of(np.where((t >= 0.0) & (t < seconds), 100.0, 0.0), signal="injector_current", **shared),
            trace_of(np.where(t < 0.0, 54.0, 0.0), signal="port_voltage", unit="V", **shared),
        ]
    return capture_of(**out)


def test_t0_of_a_short(trace_of, capture_of):
    found = t0(records(trace_of, capture_of, seconds=1.0), INJECTION)
    assert found.value == pytest.approx(-0.5e-6, abs=2e-9)  # half of the delay that 50 MHz allow is taken off
    assert found.u == pytest.approx(math.hypot(1e-6 / math.sqrt(12.0), 2e-9), rel=1e-3)
    assert "edge-within-one-sample" in found.flags
    assert [(mark.record, mark.label) for mark in found.marks] == [("fault", "t0")]


def test_removal_is_the_falling_edge(trace_of, capture_of):
    capture = records(trace_of, capture_of, seconds=1e-3)
    found = t0(capture, Threshold("injector_current", 10.0, "falling"), measurand="removal")
    assert found.value == pytest.approx(1e-3, abs=1e-6)


def test_no_edge_no_t0(trace_of, capture_of):
    capture = records(trace_of, capture_of, seconds=0.0)
    assert (t0(capture, INJECTION).outcome, t0(capture, INJECTION).value) == ("Unresolved", None)
    assert t0(capture_of(), INJECTION).outcome == "NotArmed"
    hidden = capture_of(untriggered=("fault",), fault=list(capture.records["fault"].traces.values()))
    assert t0(hidden, COLLAPSE).outcome == "NotArmed"


def test_alignment_on_the_injection_current(trace_of, capture_of):
    found = align(records(trace_of, capture_of, seconds=1.0), [INJECTION])
    assert found is not None
    assert abs(found.shift - 0.2501) < 2.0 * found.u
    assert found.u == pytest.approx(400e-6 / math.sqrt(12.0), rel=0.01)
    removal = found.on_slow(0.5, 1e-3, "gate off")
    assert (removal.record, removal.label) == ("slow", "gate off")
    assert removal.t == pytest.approx(0.7501, abs=400e-6)
    assert removal.u == pytest.approx(math.hypot(1e-3, found.u))


def test_a_short_too_brief_for_the_slow_current_aligns_on_the_voltage(trace_of, capture_of):
    capture = records(trace_of, capture_of, seconds=20e-6)
    assert align(capture, [INJECTION]) is None
    found = align(capture, [INJECTION, COLLAPSE])
    assert found is not None
    assert found.signal == "port_voltage"
    assert abs(found.shift - 0.2501) < 2.0 * found.u
