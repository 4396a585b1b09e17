"""A read-back is of another moment than its sample says, and nobody looks between two of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rig.measure import READ_BACK, UNWATCHED, Capture, Record, Trace, TraceAccuracy, level, port_voltage_peak
from rig.measure.quantities.energy import energy

LATE_S = 0.14
KNOWN = TraceAccuracy(0.0, 0.0, skew_u=LATE_S / 3**0.5, flags=(READ_BACK,))


def trace(signal: str, values: list[float], *, unit: str = "V", flags: tuple[str, ...] = (READ_BACK,)) -> Trace:
    codes = np.array(values, dtype=np.float64)
    accuracy = replace(KNOWN, flags=flags)
    return Trace(signal, unit, codes, 1.0, 0.0, 0.04, 0.0, -1e6, 1e6, bandwidth=4.43, accuracy=accuracy)


def capture(*traces: Trace) -> Capture:
    return Capture({"slow": Record("slow", {one.signal: one for one in traces}, triggered=True, source="load")})


STEP = [54.0] * 25 + [20.0] * 25 + [54.0] * 25
"""From 1 s to 2 s it is lower."""


def test_a_level_leaves_out_what_may_be_of_before_or_after() -> None:
    found = level(capture(trace("port_voltage", STEP)), "port_voltage", (0.96, 2.04))
    assert found.value == 20.0
    sampled = level(capture(trace("port_voltage", STEP, flags=())), "port_voltage", (0.96, 2.04))
    assert sampled.value > 21.0


def test_a_span_that_is_too_short_for_read_backs_has_no_level() -> None:
    found = level(capture(trace("port_voltage", STEP)), "port_voltage", (1.4, 1.65))
    assert (found.value, found.flags) == (None, ("no-samples",))


def test_the_largest_that_was_read_is_a_lower_bound_without_a_fit() -> None:
    found = port_voltage_peak(capture(trace("port_voltage", STEP)), records=("slow",), must=())
    assert (found.value, found.bound) == (54.0, "lower")
    assert UNWATCHED in found.flags
    assert found.U == 0.0


def test_energy_does_not_know_its_ends_better_than_the_read_backs() -> None:
    both = trace("port_voltage", [50.0] * 100), trace("port_current", [2.0] * 100, unit="A")
    found = energy(capture(*both), (0.4, 3.6), ends=0.0)
    assert found.value == pytest.approx(320.0, rel=0.02)
    assert found.U > 2 * 100.0 * LATE_S / 3**0.5
