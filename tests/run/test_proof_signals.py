"""What the bench proof takes from samples: when a signal has settled, and from when to when an injection was on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.bench.proof import Reading
from rig.measure import Trace
from rig.run.proof_capture import HELD, held
from rig.run.proof_hand import steady

DT = 0.2e-3
GONE_S = HELD[1] + 5e-3


@given(st.integers(0, 2**32 - 1), st.floats(-5.0, 5.0))
def test_noise_alone_is_steady(seed, level):
    noise = np.random.default_rng(seed).normal(0.0, 1e-3, 100)
    assert steady(level + noise, 0.0)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_capacitor_that_is_still_being_emptied_is_not(sign):
    noise = np.random.default_rng(1).normal(0.0, 1e-3, 100)
    falling = sign * 0.05 * np.exp(-np.arange(100) * 0.4e-3 / 0.1)
    assert not steady(falling + noise, 0.0)
    assert not steady(falling, 0.0)
    assert steady(np.full(100, 1.2), 0.0)


def test_one_step_of_the_converter_is_no_movement():
    assert steady(np.repeat([1.0, 1.1], 50), 0.11)
    assert not steady(np.repeat([1.0, 1.1], 50), 0.09)


def injection(level: float, rms: float, seed: int = 1) -> tuple[Trace, Reading]:
    """20 ms before and 100 ms after the edge, on an offset of 0.3; and what its zero looked like."""
    start = -20e-3
    times = start + DT * np.arange(800)
    noise = np.random.default_rng(seed).normal(0.0, rms, len(times)) if rms else np.zeros(len(times))
    values = 0.3 + noise + np.where((times >= 0.0) & (times < GONE_S), level, 0.0)
    return Trace("injector_current", "A", values, 1.0, 0.0, DT, start, -100.0, 100.0), Reading(0.3, rms / 30, rms)


@pytest.mark.parametrize("level", [4.0, -4.0])
def test_a_clear_edge_is_known_to_a_sample(level):
    begin, end, blur = held(*injection(level, 0.0))
    assert begin == pytest.approx(0.0, abs=DT)
    assert end == pytest.approx(GONE_S, abs=DT)
    assert blur == pytest.approx(DT)


@pytest.mark.parametrize("seed", range(20))
def test_noise_as_large_as_half_of_it_triggers_nothing_and_blurs(seed):
    begin, end, blur = held(*injection(0.25, 0.125, seed))
    assert abs(begin) <= blur
    assert abs(end - GONE_S) <= blur
    assert 14 * DT <= blur <= 24 * DT


def test_what_noise_hides_is_not_seen():
    assert held(*injection(0.25, 0.25)) is None
    assert held(*injection(0.0, 0.0)) is None
