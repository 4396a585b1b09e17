"""The decision table, exactly at its boundaries, and its sources' worked examples."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.measure import Budget, Line, Measurement, conformance, decide, rectangular, worst

K = Budget((Line("u", 1.0),), "s").k
ORDER = {"PASS": 0, "CONDITIONAL_PASS": 1, "CONDITIONAL_FAIL": 2, "FAIL": 3}


def measured(value, U=1.0, outcome="Measured", **more):
    """A measurement with expanded uncertainty U (None = no budget)."""
    budget = None if U is None else Budget((Line("u", U / K),), "s")
    return Measurement("operate_time", outcome, value, "s", "as defined", budget=budget, **more)


def stimulus(verified=True, window=2.0):
    return {"stimulus_verified": verified, "stimulus_window": window, "stimulus_reason": "because"}


EXACT_U = measured(0.0).U  # 1.0 up to rounding


@pytest.mark.parametrize(
    ("y", "verdict"),
    [
        (10.0 - 2.0, "PASS"),
        (10.0 - EXACT_U, "PASS"),
        (math.nextafter(10.0, 0.0), "CONDITIONAL_PASS"),
        (9.5, "CONDITIONAL_PASS"),
        (10.0, "CONDITIONAL_PASS"),
        (math.nextafter(10.0, 11.0), "CONDITIONAL_FAIL"),
        (10.5, "CONDITIONAL_FAIL"),
        (10.0 + EXACT_U, "CONDITIONAL_FAIL"),
        (math.nextafter(10.0 + EXACT_U, 20.0), "FAIL"),
        (12.0, "FAIL"),
    ],
)
def test_guarded_upper_limit(y, verdict):
    assert decide(measured(y), high=10.0).verdict == verdict
    assert decide(measured(-y), low=-10.0).verdict == verdict


@pytest.mark.parametrize(
    ("y", "verdict"),
    [
        (9.17, "PASS"),
        (9.18, "CONDITIONAL_PASS"),
        (10.01, "CONDITIONAL_FAIL"),
        (10.82, "CONDITIONAL_FAIL"),
        (10.84, "FAIL"),
    ],
)
def test_another_guard_band_moves_the_table(y, verdict):
    """ISO 14253-1:2017 with 1.65 u = 0.83 U."""
    found = decide(measured(y), high=10.0, guard=0.83)
    assert (found.verdict, found.guard) == (verdict, 0.83)


@pytest.mark.parametrize("guard", [0.0, -1.0, math.nan, math.inf])
def test_a_guard_band_that_guards_nothing_is_refused(guard):
    with pytest.raises(ValueError, match="guards nothing"):
        decide(measured(1.0), high=10.0, guard=guard)


@pytest.mark.parametrize(("y", "verdict"), [(9.9, "PASS"), (10.0, "PASS"), (math.nextafter(10.0, 11.0), "FAIL")])
def test_simple_acceptance_knows_only_pass_and_fail(y, verdict):
    assert decide(measured(y), high=10.0, rule="simple").verdict == verdict


@pytest.mark.parametrize(
    ("y", "verdict"),
    [(5.0, "PASS"), (1.5, "CONDITIONAL_PASS"), (0.5, "CONDITIONAL_FAIL"), (-3.0, "FAIL"), (13.0, "FAIL")],
)
def test_two_sided_is_the_worse_side(y, verdict):
    assert decide(measured(y), low=1.0, high=10.0).verdict == verdict


finite = st.floats(-1e6, 1e6)
positive = st.floats(1e-6, 1e3)


@given(finite, finite, finite, positive)
def test_monotone_in_y(a, b, limit, U):
    low, high = sorted((a, b))
    verdicts = [ORDER[decide(measured(y, U), high=limit).verdict] for y in (low, high)]
    assert verdicts[0] <= verdicts[1]
    mirrored = [ORDER[decide(measured(y, U), low=limit).verdict] for y in (low, high)]
    assert mirrored[0] >= mirrored[1]


@given(finite, finite, positive, st.sampled_from(["guarded", "simple"]))
def test_lower_limit_mirrors_upper(y, limit, U, rule):
    up = decide(measured(y, U), high=limit, rule=rule)
    down = decide(measured(-y, U), low=-limit, rule=rule)
    assert up.verdict == down.verdict
    assert up.p_conform == pytest.approx(down.p_conform, abs=1e-12)


@given(finite, finite, positive, positive)
def test_more_uncertainty_never_makes_a_pass_or_a_fail(y, limit, U, more):
    sure, unsure = (decide(measured(y, u), high=limit).verdict for u in (U, U + more))
    assert sure == unsure or unsure in {"CONDITIONAL_PASS", "CONDITIONAL_FAIL"}


@given(finite, finite, positive, st.floats(1e-6, 1e3))
def test_too_uncertain_never_passes_and_fails_only_for_certain(y, limit, U, allowed):
    m = measured(y, U)
    decision = decide(m, high=limit, uncertainty_max=allowed)
    if allowed < m.U:
        assert decision.verdict == ("FAIL" if y - m.U > limit else "INCONCLUSIVE")
    else:
        assert decision.verdict == decide(m, high=limit).verdict


def test_no_uncertainty_is_inconclusive_and_zero_is_none():
    for m in (measured(1.0, None), Measurement("t", "Measured", 1.0, "s", "", budget=Budget((), "s"))):
        decision = decide(m, high=10.0)
        assert decision.verdict == "INCONCLUSIVE"
        assert decision.p_conform is None


@pytest.mark.parametrize("outcome", ["NotArmed", "Unresolved"])
@pytest.mark.parametrize("limits", [{"high": 1.0}, {"low": -1.0}, {"must_not": True, "window": 2.0}])
def test_a_missing_result_never_passes(outcome, limits):
    m = Measurement("operate_time", outcome, None, "s", "", inputs=stimulus())
    assert decide(m, **limits).verdict == "INCONCLUSIVE"


def test_a_bound_beyond_its_limit_fails_however_wide_its_uncertainty():
    m = measured(62.0, outcome="Clipped", bound="lower", flags=("clipped",))
    assert m.U is not None
    assert m.U > 0.5
    assert decide(m, high=60.0, uncertainty_max=0.5).verdict == "FAIL"
    assert decide(measured(62.0), high=60.0, uncertainty_max=0.5).verdict == "FAIL"
    assert decide(measured(60.5), high=60.0, uncertainty_max=0.5).verdict == "INCONCLUSIVE"
    assert decide(measured(58.0), high=60.0, uncertainty_max=0.5).verdict == "INCONCLUSIVE"
    assert decide(measured(58.0), low=60.0, uncertainty_max=0.5).verdict == "FAIL"


def test_a_trip_that_must_not_be_fails_however_wide_its_uncertainty():
    surely = measured(0.5, 0.1, outcome="Tripped")
    assert decide(surely, must_not=True, window=2.0, uncertainty_max=0.01).verdict == "FAIL"
    perhaps = measured(1.99, 0.1, outcome="Tripped")
    assert decide(perhaps, must_not=True, window=2.0, uncertainty_max=0.01).verdict == "INCONCLUSIVE"


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(61.1, "FAIL"), (60.0 + EXACT_U, "INCONCLUSIVE"), (60.5, "INCONCLUSIVE"), (10.0, "INCONCLUSIVE")],
)
@pytest.mark.parametrize("rule", ["guarded", "simple"])
def test_lower_bound_against_an_upper_limit_fails_or_says_nothing(value, verdict, rule):
    m = measured(value, outcome="Clipped", bound="lower", flags=("clipped",))
    decision = decide(m, high=60.0, rule=rule)
    assert decision.verdict == verdict
    assert "clipped" in decision.reason
    assert decision.p_conform is None


def test_lower_bound_may_pass_a_lower_limit():
    m = measured(5.0, outcome="Clipped", bound="lower")
    assert decide(m, low=4.0).verdict == "PASS"
    assert decide(m, low=4.5).verdict == "INCONCLUSIVE"


@pytest.mark.parametrize("outcome", ["NotTripped", "NotRecovered"])
@pytest.mark.parametrize(("high", "verdict"), [(0.4999, "FAIL"), (0.5, "FAIL"), (0.5001, "INCONCLUSIVE")])
def test_no_event_fails_an_upper_limit_inside_the_window(outcome, high, verdict):
    m = Measurement("operate_time", outcome, None, "s", "", bound="lower", window=0.5)
    assert decide(m, high=high, uncertainty_max=1e-9).verdict == verdict


def not_tripped(window=2.0, **inputs):
    return Measurement("operate_time", "NotTripped", None, "s", "", bound="lower", window=window, inputs=inputs)


def test_must_not_trip_needs_the_verified_stimulus():
    assert decide(not_tripped(**stimulus()), must_not=True, window=2.0).verdict == "PASS"
    assert decide(not_tripped(**stimulus(verified=False)), must_not=True, window=2.0).verdict == "INCONCLUSIVE"
    assert decide(not_tripped(**stimulus(window=1.0)), must_not=True, window=2.0).verdict == "INCONCLUSIVE"
    assert decide(not_tripped(), must_not=True, window=2.0).verdict == "INCONCLUSIVE"
    assert decide(not_tripped(window=1.9, **stimulus()), must_not=True, window=2.0).verdict == "INCONCLUSIVE"


def test_must_not_trip_but_tripped():
    assert decide(measured(0.2, 1e-3, "Tripped"), must_not=True, window=2.0).verdict == "FAIL"
    assert decide(measured(2.0, 1e-3, "Tripped", inputs=stimulus()), must_not=True, window=2.0).verdict == "FAIL"
    late = measured(2.1, 1e-3, "Tripped", inputs=stimulus())
    assert decide(late, must_not=True, window=2.0).verdict == "PASS"
    assert decide(measured(2.1, 1e-3, "Tripped"), must_not=True, window=2.0).verdict == "INCONCLUSIVE"
    assert decide(measured(0.2, None, "Tripped"), must_not=True, window=2.0).verdict == "INCONCLUSIVE"


def test_not_tripped_against_a_lower_limit_needs_the_stimulus_too():
    assert decide(not_tripped(**stimulus()), low=1.0).verdict == "PASS"
    assert decide(not_tripped(), low=1.0).verdict == "INCONCLUSIVE"
    assert decide(not_tripped(**stimulus()), low=3.0).verdict == "INCONCLUSIVE"
    assert decide(not_tripped(**stimulus()), low=1.0, high=1.5).verdict == "FAIL"


def test_limited_is_judged_as_a_number():
    assert decide(measured(2e-4, 1e-6, "Limited"), high=75e-3).verdict == "PASS"
    assert decide(measured(0.2, 1e-3, "Limited"), high=75e-3).verdict == "FAIL"


@pytest.mark.parametrize(
    "wrong",
    [{}, {"high": math.nan}, {"low": 2.0, "high": 1.0}, {"high": 1.0, "rule": "lenient"}, {"must_not": True}],
)
def test_a_limit_that_says_nothing_is_refused(wrong):
    with pytest.raises(ValueError, match=r"^operate_time: "):
        decide(measured(1.0), **wrong)


def test_a_result_that_is_no_number_cannot_be_made():
    with pytest.raises(ValueError, match="must be None"):
        measured(math.nan)
    with pytest.raises(ValueError, match="cannot carry the number"):
        measured(1.0, outcome="NotTripped")


def test_jcgm_106_example_3_burst_pressure():
    assert conformance(509.7, 8.6, 490.0, None) == pytest.approx(0.989, abs=5e-4)


def test_jcgm_106_example_4_oil_viscosity():
    assert conformance(13.6, 1.8, 12.5, 16.3) == pytest.approx(0.66263, abs=5e-6)


@pytest.mark.parametrize(("p", "z"), [(0.80, 0.84), (0.90, 1.28), (0.95, 1.64), (0.99, 2.33), (0.999, 3.09)])
def test_jcgm_106_table_1(p, z):
    assert conformance(-z, 1.0, None, 0.0) == pytest.approx(p, abs=2e-3)


@pytest.mark.parametrize(
    ("r", "percent"), [(0.0, 50.0), (0.65, 9.68), (0.825, 4.95), (0.83, 4.85), (1.0, 2.275), (1.5, 0.135)]
)
def test_ilac_g8_specific_risk_at_the_acceptance_limit(r, percent):
    """Guard band w = r U with U = 2 u; ILAC-G8:09/2019 table 1 and the values recomputed from it."""
    assert 100.0 * (1.0 - conformance(10.0 - r * 2.0, 1.0, None, 10.0)) == pytest.approx(percent, abs=5e-3)


def test_guarded_pass_has_a_risk_of_at_most_two_and_a_half_percent():
    decision = decide(measured(10.0 - EXACT_U), high=10.0)
    assert decision.verdict == "PASS"
    assert decision.p_conform == pytest.approx(0.975, abs=1e-6)


def test_worst_of_many():
    assert worst(["PASS", "CONDITIONAL_PASS", "INCONCLUSIVE"]) == "INCONCLUSIVE"
    assert worst(["INCONCLUSIVE", "FAIL"]) == "FAIL"
    assert worst([]) == "NOT_TESTED"


def test_the_probability_of_conformance_comes_from_the_distribution_that_u_came_from():
    """A rectangular error of +- 1 about 9.5: a quarter of it lies above 10, of a normal one of the same u 19 %."""
    found = Measurement("a", "Measured", 9.5, "V", "as defined", budget=Budget((rectangular("r", 1.0),), "V"))
    assert decide(found, high=10.0).p_conform == pytest.approx(0.75, abs=5e-3)
    assert conformance(9.5, found.u, None, 10.0) == pytest.approx(0.807, abs=1e-3)
