"""Profiles and a budget of bench time: which cases are taken, what is left out, and why."""

from __future__ import annotations

import json

import pytest

from rig.record import read_run
from rig.run.needs import fitting
from rig.run.profiles import choices, selected
from rig.run.runner import collect
from rig.run.setup import Options, load_setup, plan_paths


@pytest.fixture(scope="module")
def plan():
    return collect(plan_paths([]), None)


def chosen(plan, **asked):
    return choices(plan, load_setup(Options(**asked)))


def test_without_a_profile_all_that_fits_is_taken_in_order(plan):
    found = chosen(plan)
    assert all(one.taken for one in found)
    fit = fitting(plan, load_setup(Options()).device)
    assert 40 < len(fit) < len(plan)
    assert [one.planned for one in found] == fit == selected(plan, load_setup(Options()))


def test_compliance_is_everything(plan):
    assert all(one.taken for one in chosen(plan, profile="compliance"))


@pytest.mark.parametrize("budget", ["20 s", "1 min", "3 min", "10 min", "1 h"])
def test_a_budget_is_kept_and_what_would_still_fit_is_not_left_out(plan, budget):
    from rig.files.quantity import parse

    found, seconds = chosen(plan, budget=budget), parse(budget, "s")
    taken = sum(one.seconds for one in found if one.taken)
    assert taken <= seconds
    too_long = [one for one in found if not one.taken and not one.why.startswith("the bench lacks ")]
    assert all(one.seconds > seconds - taken for one in too_long)


def test_every_clause_comes_before_any_clause_comes_again_and_safety_first(plan):
    found = [one for one in chosen(plan, budget="3 min") if one.taken]
    clauses = [one.planned.case.clause for one in found]
    assert len(set(clauses)) == len(clauses) >= 8
    assert clauses[0] in {"OC-02", "RP-01", "SC-01", "SELV-02"}
    assert found[0].why == f"first of {clauses[0]}, mandatory"


def test_nightly_is_about_safety_and_recovery_and_says_what_it_leaves_out(plan):
    found = chosen(plan, profile="nightly")
    assert sum(one.seconds for one in found if one.taken) <= 1200.0
    why = {one.planned.case.clause: one.why for one in found if not one.taken}
    assert why["PWR-01"] == "nightly is not about Power demands"
    taken = {one.planned.case.clause for one in found if one.taken}
    assert {"SC-01", "SC-02", "SC-03", "OC-01", "OC-02", "RP-01", "REC-02", "SELV-02", "UV-04", "OV-01"} <= taken


def test_a_night_is_long_enough_for_a_chamber_and_an_asked_for_budget_counts_it(plan):
    """40 min of way and 30 min of soak into each of two climates; 20 min in the air of each case, whatever it is."""
    found = [one for one in chosen(plan, profile="nightly", bench="full") if one.taken]
    in_climates = [one for one in found if one.planned.case.degc is not None]
    assert {(one.planned.case.clause, one.planned.case.degc) for one in in_climates} == {
        ("TMPR-01", -10.0),
        ("TMPR-01", 45.0),
        ("TMPR-02", -10.0),
        ("TMPR-02", 45.0),
    }
    ways = [one.seconds for one in in_climates if one.seconds > 4000.0]
    assert len(ways) == 2, "the first case in each climate pays for the way"
    assert sum(one.seconds for one in found) - 2 * 4200.0 <= 1200.0
    asked = [one for one in chosen(plan, profile="nightly", bench="full", budget="20 min") if one.taken]
    assert all(one.planned.case.degc is None for one in asked)
    longer = [one for one in chosen(plan, profile="nightly", bench="full", budget="100 min") if one.taken]
    assert len({one.planned.case.degc for one in longer} - {None}) == 1
    assert sum(one.seconds for one in longer) <= 6000.0


def test_the_rest_is_said_to_be_too_long(plan):
    left_out = [one for one in chosen(plan, profile="precert", budget="30 s") if not one.taken]
    assert left_out
    lacking = [one for one in left_out if one.why.startswith("the bench lacks a")]
    assert {one.planned.case.clause for one in lacking} == {
        "PWR-03", "UV-02", "NSE-01", "PNP-01", "OC-03", "OC-04", "OC-05", "SCAL-01", "SCAL-02", "TMPR-01",
        "TMPR-02", "TMPR-03", "GND-01",
    }  # fmt: skip
    assert all(one.why.endswith("of 30 s are left") for one in left_out if one not in lacking)


def test_plan_shows_it_and_run_keeps_to_it(rig, tmp_path):
    done = rig("plan", "--budget", "35 s", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    taken = {one["case"] for one in told["choices"] if one["taken"]}
    assert {row["case"] for row in told["cases"]} == taken
    assert len(told["choices"]) > len(taken) == 3
    assert "of 35 s are left" in " ".join(rig("plan", "--budget", "35 s").stdout.split())
    done = rig("run", "--budget", "35 s", "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    run = read_run(tmp_path / "run").run
    assert sum(run["counts"].values()) == 3
    assert run["selection"]["by"] == ["--budget 35 s"]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (("--profile", "nightyl"), "--profile: there is no profile 'nightyl' (did you mean 'nightly'?"),
        (("--budget", "30"), '--budget: write a quantity with a unit, for example "500 ms"'),
        (("--budget", "-3 s"), "--budget: must be above 0 s, found -3 s"),
        (("--budget", "1 s"), "the plan has no case within 1 s for a port like that of reference"),
    ],
)
def test_what_cannot_be_asked_for(rig, asked, sentence):
    done = rig("plan", *asked)
    assert done.returncode == 2
    assert sentence in done.stderr
