"""How far from its limits a sound device lies, against numbers worked out by hand."""

import math

import pytest

from studies.false_alarms.margins import Seen, margins, seen, table

WHAT = "SC-01 peak_current, SC-01-short"


def entry(value, u, low=None, high=None, *, must_not=False):
    return {"measurement": {"value": value}, "U": u, "limit": {"low": low, "high": high, "must_not": must_not}}


def test_the_mean_over_the_seeds_counts_against_the_nearer_limit():
    found = [Seen("a", WHAT, value, 2.0, 0.0, 16.0) for value in (9.0, 10.0, 11.0)]
    assert margins(found) == {("a", WHAT): pytest.approx(3.0)}


def test_outside_is_negative_and_without_u_it_is_far():
    found = [Seen("a", WHAT, 12.0, 1.0, -math.inf, 10.0), Seen("b", WHAT, 1.0, 0.0, -math.inf, 3.0)]
    assert margins(found) == {("a", WHAT): -2.0, ("b", WHAT): math.inf}


def test_what_is_no_number_with_a_u_is_left_out():
    assert seen("a", WHAT, entry(None, None, high=1.0)) is None
    assert seen("a", WHAT, entry(0.5, None, high=1.0)) is None
    assert seen("a", WHAT, entry(0.5, 0.1, high=1.0, must_not=True)) is None
    assert seen("a", WHAT, entry(0.5, 0.1, high=1.0)) == Seen("a", WHAT, 0.5, 0.1, -math.inf, 1.0)


def test_the_table_names_what_lies_near():
    text = "".join(table([Seen("a", WHAT, 9.0, 1.0, -math.inf, 10.0), Seen("b", WHAT, 2.0, 1.0, -math.inf, 10.0)]))
    assert "Of 2 quantities that are numbers with a U, 1 lie at least 2 U inside" in text
    assert "| peak_current | 1 | a, SC-01 peak_current, SC-01-short |" in text
    assert "Nearer than 2 U: a, SC-01 peak_current, SC-01-short: 1 U." in text
