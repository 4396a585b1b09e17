"""Opening and arcing need a probe at the contact; with one they add up to the operate time."""

from __future__ import annotations

import numpy as np
import pytest

from rig.measure import Threshold, arcing_time, opening_time, operate_time

DT = 1e-7
INJECTION = Threshold("injector_current", 10.0)
PROBE = Threshold("contact_voltage", 5.0)


def breaking(trace_of, capture_of, *, parts=300e-6, arcs=400e-6, seed=1, phase=0.0):
    t = (np.arange(-1000, 12_000) + phase) * DT
    flowing = (t >= 0) & (t < parts + arcs)
    i = np.where(flowing, 60.0, 0.0)
    arc = np.where((t >= parts) & (t < parts + arcs), 18.0, np.where(t >= parts + arcs, 48.0, 0.0))
    shared = {"dt": DT, "start": t[0], "noise": 0.05}
    return capture_of(
        fault=[
            trace_of(i, signal="injector_current", seed=seed, **shared), trace_of(i, seed=seed + 1, **shared),
            trace_of(arc, signal="contact_voltage", unit="V", seed=seed + 2, **shared),
        ]
    )  # fmt: skip


def test_they_add_up_to_the_operate_time(trace_of, capture_of):
    capture = breaking(trace_of, capture_of, phase=0.3)
    operate = operate_time(capture, injection=INJECTION, rated_current=5.0, hold=20e-6)
    opening = opening_time(capture, injection=INJECTION, probe=PROBE)
    arcing = arcing_time(capture, operate, injection=INJECTION, probe=PROBE)
    assert abs(opening.value - 300e-6) <= opening.U
    assert abs(arcing.value - 400e-6) <= arcing.U
    assert opening.value + arcing.value == pytest.approx(operate.value, abs=operate.U)


def test_without_a_declared_probe_neither_is_known(trace_of, capture_of):
    capture = breaking(trace_of, capture_of)
    operate = operate_time(capture, injection=INJECTION, rated_current=5.0, hold=20e-6)
    for found in (
        opening_time(capture, injection=INJECTION, probe=None),
        arcing_time(capture, operate, injection=INJECTION, probe=None),
    ):
        assert (found.outcome, found.value, found.flags) == ("Unresolved", None, ("no-declared-probe",))


def test_a_probe_that_shows_nothing_or_a_current_that_goes_on(trace_of, capture_of):
    capture = breaking(trace_of, capture_of)
    silent = Threshold("contact_voltage", 90.0)
    assert opening_time(capture, injection=INJECTION, probe=silent).flags == ("no-edge",)
    going_on = breaking(trace_of, capture_of, arcs=1.0)
    operate = operate_time(going_on, injection=INJECTION, rated_current=5.0, hold=20e-6)
    assert arcing_time(going_on, operate, injection=INJECTION, probe=PROBE).flags == ("no-end-in-this-record",)
    assert opening_time(capture_of(), injection=INJECTION, probe=PROBE).outcome == "NotArmed"


def test_why_there_is_no_edge(trace_of, capture_of):
    t = np.arange(2000) * DT
    late = capture_of(fault=[trace_of(np.full(t.size, 60.0), signal="injector_current", dt=DT, noise=0.05)])
    assert operate_time(late, injection=INJECTION, rated_current=5.0, hold=2e-6).flags == (
        "no-injection-edge", "pre-trigger-missing",
    )  # fmt: skip
    loud = capture_of(fault=[trace_of(0 * t, signal="injector_current", dt=DT, noise=5.0)])
    assert operate_time(loud, injection=INJECTION, rated_current=5.0, hold=2e-6).flags == (
        "no-injection-edge", "noise-above-hysteresis",
    )  # fmt: skip
