"""The converter's step in a column of numbers: found where it shows, never by moving a value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from rig.waveforms import in_steps, tells_its_step
from rig.waveforms.samples import steps_of, trace_of

rng = np.random.default_rng(5)
CODES = np.concatenate([rng.integers(-100, 100, 2000), np.arange(-100, 100)])


def trace(values):
    return trace_of("v", "V", np.asarray(values, np.float64), 1e-6, 0.0)


@pytest.mark.parametrize("step", [0.08, 1e-3, 0.0125, 6.25, 1 / 3])
def test_a_lattice_gives_its_step(step):
    found = trace(CODES * step - 0.7)
    assert found.codes.dtype.kind == "i"
    assert found.resolution == pytest.approx(step, rel=1e-9)
    np.testing.assert_allclose(found.values, CODES * step - 0.7, rtol=1e-12, atol=1e-12)


def test_a_lattice_in_single_precision_keeps_its_digits():
    values = (CODES * np.float32(0.0402) + np.float32(12.5)).astype(np.float32).astype(np.float64)
    found = trace(values)
    assert found.resolution == pytest.approx(0.0402, rel=1e-4)
    np.testing.assert_allclose(found.values, values, rtol=1e-13)


def test_levels_with_holes_between_them():
    """A fast edge is seen in few of its levels."""
    codes = np.array([0, 1, 2, 3, 50, 117, 200, 201, 203])
    assert steps_of(codes * 0.02)[0] == pytest.approx(0.02)


def test_a_lattice_that_arithmetic_blurred_gives_the_median_distance():
    """Some scopes write 12 bits as multiples of a finer step, 16 of it and 17 of it in turn."""
    assert steps_of(np.cumsum([0.0, 16.0, 17.0, 16.0, 17.0, 16.0])) == (16.0, 0.0)


def test_a_square_wave_shows_no_step():
    assert not tells_its_step(trace([0.0, 3.3, 0.0, 3.3]))
    assert not tells_its_step(trace([np.nan, 1.0]))
    assert tells_its_step(trace([0.0, 1.0, 2.0]))
    stated = in_steps(trace([0.0, 3.3, 0.0, 3.3]), 0.1)
    assert stated.resolution == 0.1
    np.testing.assert_allclose(stated.values, [0.0, 3.3, 0.0, 3.3])


@given(npst.arrays(np.float64, st.integers(1, 50), elements=st.floats(-1e9, 1e9) | st.just(np.nan)))
def test_no_value_is_moved(values):
    found = trace(values)
    span = np.nanmax(np.abs(values), initial=0.0)
    np.testing.assert_allclose(found.values, values, rtol=0, atol=1e-6 * found.resolution + 1e-15 * span)
    assert found.resolution > 0.0
