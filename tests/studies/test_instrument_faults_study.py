"""The study of instrument faults in short: one fault a kind of end, and that what does not hold would be seen."""

from __future__ import annotations

import pytest

from studies.instrument_faults.__main__ import table
from studies.instrument_faults.one import COMBINATIONS, Broken, Ended, _unsafe, _wrong, carry_out
from studies.instrument_faults.victim import PHASES

SAFE = {"supply_output": False, "load_input": False, "injector": False, "contactors": {"energy_input": False}}


@pytest.mark.parametrize(
    ("label", "phase", "code"),
    [("reboots, supply", "watch", 4), ("gate_dead, injector", "arm", 3)],
)
def test_a_fault_in_the_middle_of_a_case(label, phase, code, tmp_path):
    (broken,) = [one for one in COMBINATIONS if one.label == label]
    ended = carry_out(broken, phase, tmp_path / "run", "short")
    assert (ended.code, ended.wrong) == (code, ())


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"supply_output": True}, []),
        ({"supply_output": True, "contactors": {"feed_line": True}},
         ["the supply feeds through a closed contactor", "closed: feed_line"]),
        ({"load_input": True, "contactors": {"load_line": True}}, ["the load draws through a closed contactor"]),
        ({"injector": True, "contactors": {"tap_1": True}},
         ["the injector conducts through a closed tap", "closed: tap_1"]),
        ({"injector": True}, []),
    ],
)  # fmt: skip
def test_what_is_unsafe(changes, found):
    assert _unsafe(Broken("welded", "load_line", ("load_line",)), {**SAFE, **changes}) == found


def test_what_is_wrong_with_an_end():
    broken = Broken("dead", "scope", ("scope",))
    assert _wrong(broken, 3, "", "scope: no reply", SAFE) == []
    assert _wrong(broken, 0, "", "", SAFE) == []
    assert _wrong(broken, 1, "FAIL", "", SAFE) == ["exit code 1"]
    assert _wrong(broken, 4, "the scope was asked", "the load is gone", SAFE) == ["the culprit is not named"]
    assert _wrong(broken, -9, "Traceback", "", SAFE) == ["exit code -9, with a traceback"]


def test_every_phase_has_its_column():
    one = COMBINATIONS[0]
    rows = "".join(table([Ended(one, "arm", 3, "", ()), Ended(one, "safe", 1, "", ("exit code 1",))])).splitlines()
    assert rows[0].count("|") == len(PHASES) + 2
    assert rows[2] == "| dead, supply |  |  | 3 |  |  | **1: exit code 1** |"
