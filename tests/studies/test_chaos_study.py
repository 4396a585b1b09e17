"""The chaos study in short: one end of each kind, in a fault. Bounds are wider than the study's, which has the machine
to itself."""

from __future__ import annotations

import pytest

from studies.chaos.__main__ import drawn, table
from studies.chaos.one import Bounds, End, Observed, carry_out, last_off
from studies.chaos.victim import ENDS

BOUNDS = Bounds(death_s=4.0, hang_s=6.0)


@pytest.mark.parametrize(
    "kind", ["SIGSTOP", "deadlock"]
)  # killed: tests/run/test_run_resume.py; asked to end: test_survival.py
def test_a_bench_is_safe_after_every_kind_of_end(kind, tmp_path):
    seen = carry_out(End(1, kind, 8, "fault"), tmp_path / "end", pace=5.0, select="short", bounds=BOUNDS)
    assert seen.reached
    assert seen.fault_on
    assert seen.faults == []
    assert seen.lines >= 6
    assert (seen.deadline_s > 0) == (kind == "deadlock")


def test_a_run_without_a_guard_would_be_caught(tmp_path, monkeypatch):
    """The same look at a run whose guard is killed right before the end."""
    monkeypatch.setenv("RIG_CHAOS_UNGUARDED", "1")
    monkeypatch.setattr("studies.chaos.one.PATIENCE_S", 5.0)
    monkeypatch.setattr("studies.chaos.one.GUARD_LOOKS", 10)
    seen = carry_out(End(1, "SIGKILL", 8, "fault"), tmp_path / "end", pace=5.0, select="short", bounds=BOUNDS)
    assert seen.faults[0] == "off after 5.00 s, allowed 4.00 s"
    assert "the record has no end" in seen.faults


def test_ends_are_drawn_in_turn_and_a_third_of_each_kind_in_faults():
    ends = drawn(300, 1, 1000, 100)
    assert ends == drawn(300, 1, 1000, 100)
    for kind in ENDS:
        mine = [end for end in ends if end.kind == kind]
        assert len(mine) == 60
        assert sum(end.where == "fault" for end in mine) == 20
    assert all(end.event <= 100 for end in ends if end.where == "fault")


def test_the_table_counts_what_did_not_hold():
    good = Observed(End(1, "SIGKILL", 5, "fault"), True, True, 0.1, 0.5, 0.0, 1.0, 6, [])
    bad = Observed(End(2, "SIGKILL", 6, "fault"), True, True, 0.1, 1.5, 0.0, 1.0, 7, ["off after 1.50 s"])
    late = Observed(End(3, "SIGKILL", 7, "fault"), False, False, 0.0, 0.0, 0.0, 0.0, 0, [])
    row = "".join(table([good, bad, late])).splitlines()[-1]
    assert row == "| SIGKILL | in a fault | 2 | 2 | 0.10, at most 0.10 | 1.00, at most 1.50 |  | 13 | 1 |"


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([], (0, 0)),
        (["5 contactor a in", "7 injector on", "8 injector off", "9 contactor a out"], (8, 9)),
        (["5 supply output on", "7 injector on", "8 supply output off"], (None, None)),
        (["5 load input on", "7 injector on", "8 injector off"], (8, None)),
        (["7 injector on", "8 injector off", "9 injector on", "12 injector off", "20 supply off"], (12, 12)),
    ],
)
def test_what_the_truth_says_of_the_end(lines, found):
    assert last_off(lines) == found
