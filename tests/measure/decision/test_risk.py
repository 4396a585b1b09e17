"""Risks of decisions against published figures; where only our own second computation stands behind one, it says so."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from rig.measure import Prior, conformance, conformance_of, false_acceptance_at_limit, global_risks, guard_factor
from rig.measure.decision.risk import acceptance


@pytest.mark.parametrize(("p", "z"), [(0.80, 0.84), (0.90, 1.28), (0.95, 1.64), (0.99, 2.33), (0.999, 3.09)])
def test_jcgm_106_table_of_one_sided_conformance(p, z):
    """JCGM 106:2012 table 1: (TU - y)/u for a conformance probability p."""
    assert conformance(-z, 1.0, None, 0.0) == pytest.approx(p, abs=2e-3)


def test_jcgm_106_burst_pressure():
    """JCGM 106:2012 7.3.2 example: y = 509.7 kPa, u = 8.6 kPa, at least 490 kPa: 0.99."""
    assert conformance(509.7, 8.6, 490.0, None) == pytest.approx(0.98901, abs=5e-6)


def test_jcgm_106_viscosity_of_oil():
    """JCGM 106:2012 7.4 example: 13.6 mm2/s, u = 1.8, SAE 40 from 12.5 to 16.3: 0.66."""
    assert conformance(13.6, 1.8, 12.5, 16.3) == pytest.approx(0.66263, abs=5e-6)


def test_jcgm_106_resistors():
    """JCGM 106:2012 9.5.4 example, tolerance +- 0.2 ohm, u0 = 0.12, um = 0.04 (risks recomputed twice, not read)."""
    consumer, producer = global_risks(Prior(0.0, 0.12), 0.04, low=-0.2, high=0.2)
    assert (consumer, producer) == pytest.approx((0.01894, 0.03721), abs=1e-5)


@pytest.mark.parametrize(
    ("r", "percent"), [(0.0, 50.0), (0.65, 9.68), (0.825, 4.95), (0.83, 4.85), (1.0, 2.275), (1.5, 0.135)]
)
def test_ilac_g8_specific_risk_at_the_acceptance_limit(r, percent):
    """ILAC-G8:09/2019 table 1 (w = U below 2.5 %, w = 1.5 U below 0.16 %) and ISO 14253-1 (0.83 U, 5 %)."""
    assert 100.0 * false_acceptance_at_limit(r) == pytest.approx(percent, abs=6e-3)


@pytest.mark.parametrize(("risk", "r"), [(0.05, 0.8224), (0.025, 0.9800), (0.02, 1.0269), (0.01, 1.1632)])
def test_guard_factor_for_a_risk(risk, r):
    assert guard_factor(risk) == pytest.approx(r, abs=5e-5)
    assert false_acceptance_at_limit(guard_factor(risk)) == pytest.approx(risk)


def eopr_spread(eopr, tolerance=1.0):
    """Spread of a production of which `eopr` lies within +- tolerance."""
    return tolerance / stats.norm.ppf(0.5 * (1.0 + eopr))


@pytest.mark.parametrize(
    ("tur", "pfa", "pfr"),
    [(1, 1.801, 12.957), (2, 1.337, 4.178), (3, 1.049, 2.294), (4, 0.858, 1.554), (10, 0.406, 0.516)],
)
def test_simple_acceptance_of_95_percent_reliable_items(tur, pfa, pfr):
    """End-of-period reliability 95 %, test uncertainty ratio T / (2 u) (recomputed independently, in percent)."""
    observed = eopr_spread(0.95)
    um = 1.0 / (2.0 * tur)
    spread = observed  # of the true values
    consumer, producer = global_risks(Prior(0.0, spread), um, low=-1.0, high=1.0)
    assert (100.0 * consumer, 100.0 * producer) == pytest.approx((pfa, pfr), abs=2e-3)


def test_a_ratio_of_4_6_keeps_false_acceptance_below_2_percent():
    """The known bound: at 4.6 : 1 no production, however good or bad, has more (1.965 %)."""

    def risk(spread):
        return global_risks(Prior(0.0, spread), 1.0 / (2.0 * 4.6), low=-1.0, high=1.0)[0]

    worst = optimize.minimize_scalar(lambda s: -risk(s), bounds=(0.2, 3.0), method="bounded")
    assert -100.0 * worst.fun == pytest.approx(1.965, abs=3e-3)


@pytest.mark.parametrize(("tur", "m"), [(1.0, 0.4573), (1.5, 0.3602), (2.0, 0.2816), (3.0, 0.1553), (4.0, 0.0531)])
def test_managed_guard_band(tur, m):
    """M = 1.04 - exp(0.38 ln TUR - 0.54): the guard band U M keeps the largest false acceptance near 2 %."""
    assert 1.04 - math.exp(0.38 * math.log(tur) - 0.54) == pytest.approx(m, abs=6e-5)
    U = 1.0 / tur

    def risk(spread):
        return global_risks(Prior(0.0, spread), U / 2.0, low=-1.0, high=1.0, w=U * m)[0]

    worst = optimize.minimize_scalar(lambda s: -risk(s), bounds=(0.1, 4.0), method="bounded")
    assert 1.90 <= -100.0 * worst.fun <= 1.97


def test_global_risks_agree_with_a_simulated_production():
    rng = np.random.default_rng(1)
    true = rng.normal(0.1, 0.5, 1_000_000)
    seen = true + rng.normal(0.0, 0.2, true.size)
    good, accepted = np.abs(true) <= 1.0, np.abs(seen) <= 0.9
    found = global_risks(Prior(0.1, 0.5), 0.2, low=-1.0, high=1.0, w=0.1)
    for ours, counted in zip(found, (np.mean(accepted & ~good), np.mean(~accepted & good)), strict=True):
        assert abs(ours - counted) < 4.0 * math.sqrt(counted / true.size)


@settings(max_examples=60, deadline=None)
@given(st.floats(-2.0, 2.0), st.floats(0.05, 1.0), st.floats(-0.5, 0.5))
def test_shares_are_probabilities_and_a_wider_guard_band_helps_the_consumer(mean, spread, w):
    prior = Prior(mean, spread)
    consumer, producer = global_risks(prior, 0.1, low=None, high=1.0, w=w)
    stricter, dearer = global_risks(prior, 0.1, low=None, high=1.0, w=w + 0.05)
    assert 0.0 <= stricter <= consumer + 1e-12 <= 1.0
    assert 0.0 <= producer <= dearer + 1e-12 <= 1.0


def test_drawn_values_and_a_formula_agree():
    draws = np.random.default_rng(2).normal(0.9, 0.1, 400_000)
    assert conformance_of(draws, None, 1.0) == pytest.approx(conformance(0.9, 0.1, None, 1.0), abs=2e-3)
    assert conformance(0.9, 0.1, 0.8, 1.0) == pytest.approx(conformance_of(draws, 0.8, 1.0), abs=3e-3)


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="leave nothing between"):
        acceptance(0.0, 1.0, 0.6)
    with pytest.raises(ValueError, match="mean and a spread"):
        Prior(0.0, 0.0)
    with pytest.raises(ValueError, match="above 0"):
        global_risks(Prior(0.0, 1.0), 0.0, low=None, high=1.0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        guard_factor(1.0)
    with pytest.raises(ValueError, match="needs some"):
        conformance_of(np.array([]), None, 1.0)
