"""A certificate's table becomes a correction that holds the truth; what it cannot say stays in the budget."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.measure import Budget
from rig.measure.calibration.certificate import beyond, covers, drifting, from_table, from_value

READINGS = (-10.0, -5.0, 0.0, 5.0, 10.0)


@given(st.floats(0.9, 1.1), st.floats(-0.1, 0.1), st.floats(1e-6, 1e-3))
def test_an_exact_line_is_found_and_leaves_the_laboratorys_uncertainty_alone(gain, offset, expanded):
    trues = [gain * x + offset for x in READINGS]
    found = from_table(READINGS, trues, [expanded / 2, expanded, expanded / 3, 0.9 * expanded, expanded / 2], 2.0, "C")
    assert (found.gain, found.offset) == (pytest.approx(gain), pytest.approx(offset, abs=1e-12))
    lab = found.offset_lines[0]
    assert (lab.u_input, lab.distribution, lab.source) == (pytest.approx(expanded / 2), "normal", "C")
    assert math.hypot(*(line.contribution for line in found.offset_lines)) == pytest.approx(expanded / 2, rel=1e-6)


def test_what_a_straight_line_misses_is_a_half_width():
    bent = [x + 1e-3 * (x / 10.0) ** 2 for x in READINGS]
    found = from_table(READINGS, bent, [1e-5] * 5, 2.0, "C")
    line = found.gain * np.array(READINGS) + found.offset
    residual = np.abs(np.array(bent) - line).max()
    assert [one.distribution for one in found.offset_lines] == ["normal", "rectangular"]
    assert found.offset_lines[1].u_input == pytest.approx(residual / math.sqrt(3))


def test_one_reading_is_no_line():
    with pytest.raises(ValueError, match="two different readings"):
        from_table([1.0, 1.0], [1.0, 1.1], [1e-3, 1e-3], 2.0, "C")


def test_the_value_of_a_transducer():
    """EA-4/02 M:2022, 4.1: the standard uncertainty of a certificate is its U over its k."""
    found = from_value(5.0012e-3, 5e-3, 0.6e-6, 2.0, "C")
    assert found.gain == pytest.approx(1.00024)
    assert found.gain_lines[0].u_input == pytest.approx(0.3e-6 / 5.0012e-3)


def test_a_table_has_to_reach_towards_both_ends():
    assert covers(READINGS, 10.0)
    assert not covers((0.0, 5.0, 10.0), 10.0)
    assert not covers((-7.0, 7.0), 10.0)


def test_temperatures_beyond_those_of_the_sheet():
    assert beyond((21.0, 24.0), (20.0, 30.0)) == 0.0
    assert beyond((18.0, 24.0), (20.0, 30.0)) == 2.0
    assert beyond((18.0, 35.0), (20.0, 30.0)) == 5.0
    (line,) = drifting(15e-6, 4.0, "beyond 25 degC", "sheet")
    assert (line.name, line.u_input) == ("temperature, 4 K beyond 25 degC", pytest.approx(60e-6 / math.sqrt(3)))
    assert drifting(0.0, 4.0, "", "") == drifting(15e-6, 0.0, "", "") == ()


def test_corrected_readings_hold_the_truth():
    """2000 instruments, each calibrated by a laboratory whose own error is drawn from its U, and used anywhere."""
    rng = np.random.default_rng(5)
    U, held = 2e-4, 0
    for _ in range(2000):
        gain, offset, lab = 1 + rng.uniform(-1e-3, 1e-3), rng.uniform(-5e-3, 5e-3), rng.normal(0.0, U / 2)
        applied = np.array(READINGS)
        readings = (gain * applied + offset).tolist()
        found = from_table(readings, (applied + lab).tolist(), [U] * 5, 2.0, "C")
        true = rng.uniform(-10, 10)
        error = found.gain * (gain * true + offset) + found.offset - true
        held += abs(error) <= Budget(found.offset_lines, "V").U
    assert 0.93 <= held / 2000 <= 0.97
