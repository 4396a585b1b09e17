"""Worked examples with published results."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.measure import Budget, Line, rectangular

END_GAUGE = (  # JCGM 100:2008 table H.1, contributions in nm
    Line("standard", 25.0, dof=18.0),
    Line("repeated observations", 5.8, dof=24.0),
    Line("random effects of comparator", 3.9, dof=5.0),
    Line("systematic effects of comparator", 6.7, dof=8.0),
    Line("difference of expansion coefficients", 2.9, dof=50.0),
    Line("difference of temperatures", 16.6, dof=2.0),
)


def test_gum_h1_end_gauge():
    budget = Budget(END_GAUGE, "nm", p=0.99)
    assert budget.u == pytest.approx(31.7, abs=0.05)  # published 32
    assert budget.dof == pytest.approx(16.7, abs=0.1)  # published 16 (truncated)
    assert budget.k == pytest.approx(2.90, abs=0.02)  # 2.92 for 16
    expanded = budget.U
    assert expanded == pytest.approx(92.0, abs=1.0)  # published 93 for the truncated dof


def test_nist_tn_1900_example_2():
    """Surface temperature: 22 readings, s = 4.1 degC, u = 0.872, 95 % interval (23.8, 27.4) about 25.6."""
    budget = Budget((Line("scatter of the mean", 4.1 / math.sqrt(22.0), distribution="t", dof=21.0),), "degC")
    assert budget.u == pytest.approx(0.874, abs=0.003)
    assert budget.k == pytest.approx(2.0796, abs=1e-4)
    expanded = budget.U
    assert 25.6 - expanded == pytest.approx(23.8, abs=0.05)
    assert 25.6 + expanded == pytest.approx(27.4, abs=0.05)


@pytest.mark.parametrize(("dof", "k"), [(1.0, 12.706), (5.0, 2.571), (10.0, 2.228), (50.0, 2.009), (math.inf, 1.960)])
def test_coverage_factor_is_the_t_quantile(dof, k):
    """JCGM 100:2008 table G.2, 95 %."""
    assert Budget((Line("a", 1.0, dof=dof),), "V").k == pytest.approx(k, abs=5e-4)


def test_lines_add_in_quadrature_with_their_sensitivity():
    budget = Budget((Line("a", 0.3, 10.0), Line("b", 4.0, -1.0)), "V")
    assert budget.u == pytest.approx(5.0)
    assert [row["name"] for row in budget.as_table()] == ["b", "a"]
    assert [row["share"] for row in budget.as_table()] == pytest.approx([0.64, 0.36])


def test_rectangular_half_width():
    assert rectangular("dt", 0.5).contribution == pytest.approx(1.0 / math.sqrt(12.0))


def test_empty_budget_is_zero_and_not_nan():
    assert Budget((), "V").u == 0.0
    assert Budget((), "V").U == 0.0


@given(st.lists(st.tuples(st.floats(1e-9, 1e6), st.floats(1.0, 1e4)), min_size=1, max_size=8))
def test_effective_dof_lies_between_the_smallest_and_the_sum(inputs):
    budget = Budget(tuple(Line(str(i), u, dof=dof) for i, (u, dof) in enumerate(inputs)), "V")
    assert min(dof for _, dof in inputs) * (1 - 1e-9) <= budget.dof <= sum(dof for _, dof in inputs) * (1 + 1e-9)
