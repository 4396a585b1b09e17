"""Published examples, recomputed. The published figure stands beside each assertion; none was adapted to our result."""

import math

import numpy as np
import pytest

from rig.measure import Budget, Line, monte_carlo, rectangular, triangular


def normal(mean, u):
    return lambda rng, n: mean + u * rng.standard_normal(n)


def flat(low, high):
    return lambda rng, n: rng.uniform(low, high, n)


END_GAUGE = (  # JCGM 100:2008 table H.1, contributions in nm
    Line("standard", 25.0, dof=18.0),
    Line("repeated observations", 5.8, dof=24.0, kind="A"),
    Line("random effects of comparator", 3.9, dof=5.0),
    Line("systematic effects of comparator", 6.7, dof=8.0),
    Line("difference of expansion coefficients", 2.9, dof=50.0),
    Line("difference of temperatures", 16.6, dof=2.0),
)


def test_gum_h1_end_gauge():
    """JCGM 100:2008 H.1.6: u = 32 nm, 16 effective degrees of freedom, U99 = 93 nm."""
    budget = Budget(END_GAUGE, "nm", p=0.99)
    assert budget.u == pytest.approx(31.7, abs=0.05)
    assert math.floor(budget.dof) == 16
    expanded = budget.U
    assert expanded == pytest.approx(93.0, abs=0.6)


def test_gum_h2_resistance_and_reactance():
    """JCGM 100:2008 H.2, tables H.2 to H.4: R, X, Z of one element from five simultaneous readings of V, I and phi."""
    volts = np.array([5.007, 4.994, 5.005, 4.990, 4.999])
    amps = np.array([19.663, 19.639, 19.640, 19.685, 19.678]) * 1e-3
    phi = np.array([1.0456, 1.0438, 1.0468, 1.0428, 1.0433])
    readings = np.vstack([volts, amps, phi])
    mean, covariance = readings.mean(axis=1), np.cov(readings) / 5.0
    r = np.corrcoef(readings)
    assert [r[0, 1], r[0, 2], r[1, 2]] == pytest.approx([-0.36, 0.86, -0.65], abs=0.006)
    v, i, f = mean
    z = v / i
    derivatives = {
        "R": (math.cos(f) / i, -z * math.cos(f) / i, -z * math.sin(f)),
        "X": (math.sin(f) / i, -z * math.sin(f) / i, z * math.cos(f)),
        "Z": (1.0 / i, -z / i, 0.0),
    }
    assert (z * math.cos(f), z * math.sin(f), z) == pytest.approx((127.732, 219.847, 254.260), abs=6e-4)
    published = {"R": 0.071, "X": 0.295, "Z": 0.236}
    tied = (("V", "I", r[0, 1]), ("V", "phi", r[0, 2]), ("I", "phi", r[1, 2]))
    for name, by in derivatives.items():
        u = np.sqrt(np.diag(covariance))
        lines = tuple(Line(n, float(u[k]), by[k], dof=4.0, kind="A") for k, n in enumerate(("V", "I", "phi")))
        assert Budget(lines, "ohm", correlations=tied).u == pytest.approx(published[name], abs=8e-4)
    jacobian = np.array([derivatives[name] for name in "RXZ"])
    joint = jacobian @ covariance @ jacobian.T
    rho = joint / np.sqrt(np.outer(np.diag(joint), np.diag(joint)))
    assert [rho[0, 1], rho[0, 2], rho[1, 2]] == pytest.approx([-0.588, -0.485, 0.993], abs=6e-4)


def test_jcgm_101_additive_model_of_normal_inputs():
    """JCGM 101:2008 9.2.2: u = 2.0, interval [-3.92, 3.92]."""
    budget = Budget(tuple(Line(name, 1.0) for name in "abcd"), "1")
    assert (budget.method, budget.u) == ("GUM", pytest.approx(2.0))
    assert budget.interval == pytest.approx((-3.92, 3.92), abs=5e-3)


def test_jcgm_101_additive_model_of_rectangular_inputs():
    """JCGM 101:2008 9.2.3: four equal rectangular inputs, u = 2.0, interval [-3.88, 3.88] against [-3.92, 3.92]."""
    inputs = {name: flat(-math.sqrt(3.0), math.sqrt(3.0)) for name in "abcd"}
    found = monte_carlo(lambda x: x["a"] + x["b"] + x["c"] + x["d"], inputs, draws=1_000_000)
    assert found.u == pytest.approx(2.0, abs=0.005)
    assert found.symmetric == pytest.approx((-3.88, 3.88), abs=0.015)


def test_jcgm_101_additive_model_with_one_large_rectangular_input():
    """JCGM 101:2008 9.2.4: the fourth ten times as large: u = 10.1, Monte Carlo [-17.0, 17.0], GUM [-19.9, 19.9]."""
    lines = (*(Line(name, 1.0, distribution="rectangular") for name in "abc"), Line("d", 10.0, 1.0, "rectangular"))
    budget = Budget(lines, "1")
    assert budget.u == pytest.approx(10.1, abs=0.06)
    assert budget.k_gum * budget.u == pytest.approx(19.9, abs=0.05)
    assert budget.method == "JCGM 101"
    assert budget.interval == pytest.approx((-17.0, 17.0), abs=0.1)


def test_jcgm_101_mass_calibration():
    """JCGM 101:2008 9.3, table 5: first-order GUM 1.2340(539) mg; Monte Carlo 1.2341, u = 0.0754, [1.0834, 1.3825]."""
    inputs = {
        "mRc": normal(100_000.000, 0.050),  # mg
        "dmRc": normal(1.234, 0.020),
        "a": flat(1.10, 1.30),  # kg/m3
        "W": flat(7000.0, 9000.0),
        "R": flat(7950.0, 8050.0),
    }

    def model(x):
        buoyancy = (x["a"] - 1.2) * (1.0 / x["W"] - 1.0 / x["R"])
        return (x["mRc"] + x["dmRc"]) * (1.0 + buoyancy) - 100_000.0

    found = monte_carlo(model, inputs, draws=1_000_000)
    assert found.y == pytest.approx(1.2341, abs=3e-4)
    assert found.u == pytest.approx(0.0754, abs=3e-4)
    assert found.shortest[1] - found.shortest[0] == pytest.approx(1.3825 - 1.0834, abs=2e-3)
    first_order = Budget((Line("reference", 0.050), Line("difference", 0.020)), "mg")  # the other derivatives are 0
    assert first_order.u == pytest.approx(0.0539, abs=5e-5)
    assert pytest.approx(1.1285, abs=2e-4) == 1.2340 - first_order.U


@pytest.mark.parametrize(
    ("x1", "y", "u", "shortest"),
    [(0.0, 50e-6, 50e-6, (0.0, 150e-6)), (0.010, 150e-6, 112e-6, (0.0, 367e-6))],
)
def test_jcgm_101_comparison_loss(x1, y, u, shortest):
    """JCGM 101:2008 9.4, uncorrelated: X1^2 + X2^2 with u = 0.005 each, which no first-order law can treat at 0."""
    inputs = {"x1": normal(x1, 0.005), "x2": normal(0.0, 0.005)}
    found = monte_carlo(lambda x: x["x1"] ** 2 + x["x2"] ** 2, inputs, draws=1_000_000)
    assert found.y == pytest.approx(y, rel=0.01)
    assert found.u == pytest.approx(u, rel=0.01)
    assert found.shortest == pytest.approx(shortest, abs=3e-6)


def test_ea_4_02_s2_weight():
    """EA-4/02 S2, weight of 10 kg by substitution: u = 29.3 mg, U = 59 mg with k = 2."""
    budget = Budget(
        (
            Line("standard", 45.0 / 2.0),
            rectangular("drift of the standard", 15.0),
            Line("difference, pooled s of 25 mg, 3 readings", 25.0 / math.sqrt(3.0), kind="A"),
            rectangular("eccentricity and magnetism", 10.0),
            rectangular("air buoyancy", 10.0),
        ),
        "mg",
    )
    assert budget.u == pytest.approx(29.3, abs=0.05)
    assert 2.0 * budget.u == pytest.approx(59.0, abs=0.5)
    assert budget.method == "GUM"


def test_ea_4_02_s9_multimeter_at_100_v():
    """EA-4/02 S9: the resolution of a hand-held meter dominates; u = 0.030 V and k = 1.65 for 95 %, U = 0.05 V."""
    budget = Budget(
        (
            Line("calibrator, certificate", 0.002 / 2.0),
            rectangular("calibrator, specification", 0.011),
            rectangular("resolution of the meter", 0.05),
        ),
        "V",
    )
    assert budget.method == "JCGM 101"
    assert budget.u == pytest.approx(0.030, abs=5e-4)
    assert budget.k == pytest.approx(1.65, abs=0.06)
    assert pytest.approx(0.05, abs=2e-3) == budget.U


def test_two_rectangular_errors_make_a_triangular_one():
    """JCGM 100:2008 4.3.9 note 2: two equal rectangular errors make one triangular of twice the width."""
    two = Budget((rectangular("a", 1.0), rectangular("b", 1.0)), "V")
    one = Budget((triangular("a + b", 2.0),), "V")
    assert two.u == pytest.approx(one.u)
    assert pytest.approx(one.U, rel=0.01) == two.U
    assert pytest.approx(2.0 * (1.0 - math.sqrt(0.05)), rel=0.01) == one.U  # exact quantile of the triangle


def test_nist_tn_1900_e2_surface_temperature():
    """NIST TN 1900 example E2: 22 readings, s = 4.1 degC, u = 0.872, 95 % interval (23.8, 27.4) about 25.6."""
    budget = Budget((Line("mean", 4.1 / math.sqrt(22.0), distribution="t", dof=21.0, kind="A"),), "degC")
    assert budget.u == pytest.approx(0.872, abs=0.003)
    assert budget.k == pytest.approx(2.08, abs=1e-3)
    assert pytest.approx(23.8, abs=0.05) == 25.6 - budget.U
    assert pytest.approx(27.4, abs=0.05) == 25.6 + budget.U


def test_a_model_that_is_not_defined_for_its_inputs_is_refused():
    with np.errstate(invalid="ignore"), pytest.raises(ValueError, match="not all finite"):
        monte_carlo(lambda x: np.sqrt(x["a"]), {"a": normal(0.0, 1.0)})
