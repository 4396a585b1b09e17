"""The bench proof in a report: both side by side, what is outside said first, a missing value never a number."""

from __future__ import annotations

from reports.proof import bench_proof, is_proof

TAP = {"step": "tap_1 closed, injector on", "part": "injector_current (AIN2)", "unit": "A"}


def finding(found: float, *, ok: bool = True) -> dict:
    return {**TAP, "found": found, "low": 0.24, "high": 0.27, "ok": ok}


def test_both_stand_beside_each_other():
    page = bench_proof([finding(0.25)], [finding(0.26)])
    assert "Before the first case 1 of 1 findings inside" in page
    assert "after the last case 1 of 1 findings inside" in page
    assert page.count("<td>") == 5
    assert "problem" not in page
    assert page.index("250.0") < page.index("260.0")


def test_what_is_outside_is_said_before_the_table():
    page = bench_proof([finding(0.25)], [finding(0.31, ok=False)])
    assert "Outside: injector_current (AIN2) (tap_1 closed, injector on)." in page
    assert page.index("Outside") < page.index("<table")
    assert page.count('class="problem"') == 3


def test_a_run_that_was_not_proved_again_says_so():
    page = bench_proof([finding(0.25)], None)
    assert "after the last case not proved again" in page
    assert "problem" in page


def test_one_that_ended_with_what_it_found_is_told_with_it():
    page = bench_proof([finding(0.25), finding(0.26)], [finding(0.31, ok=False)])
    assert "after the last case 0 of 1 findings inside what the bench file allows, where it ended." in page
    assert "Outside: injector_current (AIN2)" in page
    assert page.count("—") == 1


def test_what_is_missing_or_hostile_is_no_number_and_no_markup():
    page = bench_proof([{"part": "<b>", "found": None, "low": float("nan"), "high": True}], None)
    assert "&lt;b&gt;" in page
    assert page.count("—") == 4
    assert not is_proof([])
    assert not is_proof("abc")
    assert not is_proof([1])
    assert is_proof([{}])
