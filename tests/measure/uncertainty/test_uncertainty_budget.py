"""What a budget makes of its lines: quadrature, correlation, degrees of freedom, the choice of GUM or Monte Carlo."""

import math

import GTC
import numpy as np
import pytest
from GTC import reporting
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.measure import Budget, Line, arcsine, rectangular, triangular

INPUTS = st.tuples(st.floats(0.01, 10.0), st.floats(-5.0, 5.0).filter(lambda c: abs(c) > 0.05), st.floats(2.0, 60.0))


@pytest.mark.parametrize(("dof", "k"), [(1.0, 12.706), (5.0, 2.571), (10.0, 2.228), (50.0, 2.009), (math.inf, 1.960)])
def test_coverage_factor_is_the_t_quantile(dof, k):
    """JCGM 100:2008 table G.2, 95 %."""
    assert Budget((Line("a", 1.0, dof=dof),), "V").k == pytest.approx(k, abs=5e-4)


def test_effective_dof_are_truncated_for_the_coverage_factor():
    """JCGM 100:2008 G.4.1: to the next lower integer."""
    assert Budget((Line("a", 1.0, dof=16.7),), "V", p=0.99).k == pytest.approx(2.92, abs=5e-3)


def test_lines_add_in_quadrature_with_their_sensitivity():
    budget = Budget((Line("a", 0.3, 10.0), Line("b", 4.0, -1.0)), "V")
    assert budget.u == pytest.approx(5.0)
    assert [row["name"] for row in budget.as_table()] == ["b", "a"]
    assert [row["share"] for row in budget.as_table()] == pytest.approx([0.64, 0.36])


def test_the_table_shows_half_width_and_divisor():
    (row,) = Budget((rectangular("dt", 0.5, source="data sheet"),), "s").as_table()
    assert (row["half_width"], row["divisor"]) == (pytest.approx(0.5), pytest.approx(math.sqrt(3.0)))
    assert (row["u_input"], row["kind"], row["source"]) == (pytest.approx(1.0 / math.sqrt(12.0)), "B", "data sheet")


@pytest.mark.parametrize(("make", "divisor"), [(rectangular, 3.0), (triangular, 6.0), (arcsine, 2.0)])
def test_divisors_of_the_distributions(make, divisor):
    assert make("a", 1.0).u_input == pytest.approx(1.0 / math.sqrt(divisor))


def test_empty_budget_is_zero_and_not_nan():
    assert Budget((), "V").u == 0.0
    assert Budget((), "V").U == 0.0


def test_opposite_errors_that_are_one_error_cancel():
    lines = Line("a", 1.0, 1.0), Line("b", 1.0, -1.0)
    assert Budget(lines, "V", correlations=(("a", "b", 1.0),)).u == pytest.approx(0.0, abs=1e-12)
    assert Budget(lines, "V", correlations=(("a", "b", -1.0),)).u == pytest.approx(2.0)


@given(st.lists(st.tuples(st.floats(1e-9, 1e6), st.floats(1.0, 1e4)), min_size=1, max_size=8))
def test_effective_dof_lies_between_the_smallest_and_the_sum(inputs):
    budget = Budget(tuple(Line(str(i), u, dof=dof) for i, (u, dof) in enumerate(inputs)), "V")
    assert min(dof for _, dof in inputs) * (1 - 1e-9) <= budget.dof <= sum(dof for _, dof in inputs) * (1 + 1e-9)


@settings(max_examples=150, deadline=None)
@given(st.lists(INPUTS, min_size=1, max_size=8))
def test_gtc_agrees_on_uncertainty_and_degrees_of_freedom(inputs):
    """GTC 1.5 of the Measurement Standards Laboratory of New Zealand, as a second opinion."""
    ours = Budget(tuple(Line(str(n), u, c, dof=dof) for n, (u, c, dof) in enumerate(inputs)), "V")
    theirs = sum(c * GTC.ureal(0.0, u, dof) for u, c, dof in inputs)
    assert ours.u == pytest.approx(theirs.u, rel=1e-12)
    assert ours.dof == pytest.approx(theirs.df, rel=1e-9)
    assert ours.k == pytest.approx(reporting.k_factor(math.floor(ours.dof), 95), rel=1e-9)


@settings(max_examples=150, deadline=None)
@given(INPUTS, INPUTS, st.floats(-1.0, 1.0))
def test_gtc_agrees_on_correlated_lines(one, other, r):
    a, b = GTC.multiple_ureal([0.0, 0.0], [one[0], other[0]], math.inf)
    GTC.set_correlation(r, a, b)
    ours = Budget((Line("a", one[0], one[1]), Line("b", other[0], other[1])), "V", correlations=(("a", "b", r),))
    assert ours.u == pytest.approx((one[1] * a + other[1] * b).u, rel=1e-7, abs=1e-9)


def test_the_choice_of_method_keeps_95_percent():
    """One rectangular line among normal ones, from nothing to everything: by whatever method, 95 % are held."""
    rng = np.random.default_rng(3)
    flat, bell = rng.uniform(-math.sqrt(3.0), math.sqrt(3.0), 400_000), rng.standard_normal(400_000)
    methods = set()
    for share in np.linspace(0.0, 1.0, 11):
        budget = Budget((Line("r", math.sqrt(share), 1.0, "rectangular"), Line("n", math.sqrt(1.0 - share))), "V")
        errors = math.sqrt(share) * flat + math.sqrt(1.0 - share) * bell
        inside = np.mean((errors >= budget.interval[0]) & (errors <= budget.interval[1]))
        assert 0.9485 <= inside <= 0.9545
        methods.add(budget.method)
    assert methods == {"GUM", "JCGM 101"}


def test_a_budget_repeats_to_the_last_digit():
    def made() -> Budget:
        return Budget((rectangular("r", 1.0), Line("n", 0.1, dof=4.0)), "V")

    assert made().interval == made().interval
    assert made().method == "JCGM 101"


def test_correlations_that_cannot_be_are_refused():
    lines = tuple(rectangular(name, 1.0) for name in "abcr")
    tied = ("a", "b", 1.0), ("b", "c", 1.0), ("a", "c", -1.0)
    with pytest.raises(ValueError, match="contradict each other"):
        _ = Budget((*lines[:3], rectangular("r", 30.0)), "V", correlations=tied).interval
