"""The study of what the plans catch: no defect is forgotten; what is not caught, spared or predicted would be told."""

from __future__ import annotations

import pytest

from rig.twin.scene.defects.table import DEFECTS
from studies.catch.__main__ import open_clauses, predictions, size_table, table
from studies.catch.chances import chance, chances, seldom
from studies.catch.devices import KINDS, Defective, Kind, applicable, inapplicable
from studies.catch.one import Found, remembered
from studies.catch.pairs import Pair, pair_table, pairs
from studies.catch.smallest import Smallest, smallest, written
from studies.catch.sorting import CANNOT, EXEMPT, HARMLESS, left_out

BY_NAME = {one.name: one for one in DEFECTS}
REFERENCE = KINDS[0]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.device)
def test_every_defect_applies_or_has_a_reason_why_not(kind):
    reasons = inapplicable(kind)
    assert {one.defect.name for one in applicable(kind)} | reasons.keys() == BY_NAME.keys()
    assert all(reasons.values())
    assert len(reasons) < len(DEFECTS) - 10


def test_what_is_exempt_is_a_defect_with_a_reason():
    assert EXEMPT.keys() <= BY_NAME.keys()
    assert all(EXEMPT.values())


def test_clauses_that_no_case_judges_are_told_with_the_reason():
    found = open_clauses()
    assert "SC-01" not in found
    assert found["SELV-04"].startswith("no case of this plan tests it")


def test_what_was_not_caught_is_told():
    late = Defective(REFERENCE, BY_NAME["late-trip"])
    caught, missed = Found("FAIL", (), "exit 1"), Found("PASS", (), "exit 0: 1 PASS")
    assert "| SC-01 | late-trip 900 us | FAIL |" in "".join(table([(late, caught)], {}))
    assert "| **PASS** (exit 0: 1 PASS) |" in "".join(table([(late, missed)], {"REC-04": "no case"}))
    assert "Not caught yet, REC-04: no case." in "".join(table([(late, missed)], {"REC-04": "no case"}))


def test_what_another_clause_shows_counts_where_it_is_known_to():
    assert Found("PASS", ("REC-01",), "", frozenset({"REC-01"})).caught
    assert not Found("PASS", ("REC-01",), "").caught


def test_a_prediction_that_does_not_hold_is_told():
    kind = Kind("x", "x", (("OC-01 SC-03", "slow (manual)"),))
    assert "as predicted" in "".join(predictions([(kind, Found("FAIL", ("OC-01", "SC-03"), ""))]))
    said = "".join(predictions([(kind, Found("FAIL", ("OC-01", "REC-01"), ""))]))
    assert "**SC-03 not found**" in said
    assert "**REC-01 not predicted**" in said


@pytest.mark.parametrize(("name", "threshold"), [("late-trip", 300e-6), ("late-trip", 20e-6), ("slow-overload", 1.7)])
def test_the_smallest_size_lies_between_one_caught_and_one_not(name, threshold):
    defect, tried = BY_NAME[name], []

    def run(one: Defective, about: tuple[str, str] | None) -> Found:
        assert about is None
        tried.append(defect.read(one.size))
        over = tried[-1] > threshold
        return Found("FAIL" if over else "PASS", (), "", beyond=tried[-1] - threshold, U=threshold / 10)

    default = defect.read("default")
    found = smallest(Defective(REFERENCE, defect), run, Found("FAIL", (), "", beyond=default - threshold, U=1.0))
    assert defect.read(found.missed) <= threshold < defect.read(found.caught)
    assert found.near is True
    assert len(tried) <= 7
    assert str(found.caught) in "".join(size_table([found]))


def test_a_count_is_found_exactly():
    defect = BY_NAME["trips-only"]
    found = smallest(
        Defective(REFERENCE, defect), lambda one, _: Found("FAIL" if int(one.size) < 10 else "PASS", (), ""),
        Found("FAIL", (), ""),
    )  # fmt: skip
    assert (found.caught, found.missed) == (9, 10)
    assert found.near is None


def test_sizes_are_written_as_scenes_have_them():
    for defect in DEFECTS:
        value = defect.read("default")
        assert defect.read(written(defect, value)) == pytest.approx(value)


def test_what_is_left_out_of_a_device_is_a_defect_that_it_can_have():
    for listed in (HARMLESS, CANNOT):
        for device, told in listed.items():
            kind = next(one for one in KINDS if one.device == device)
            can = {one.defect.name for one in applicable(kind)}
            for names, why in told.items():
                assert set(names.split()) <= can, (device, names)
                assert why
    assert left_out(Defective(next(one for one in KINDS if one.device == "small-battery"), BY_NAME["high-trip"]))
    assert not left_out(Defective(REFERENCE, BY_NAME["high-trip"]))


def test_every_defect_is_paired_with_others_of_its_device():
    names = ("late-trip", "early-overload", "meter-gain")
    caught = [one for kind in (REFERENCE, KINDS[9]) for one in applicable(kind) if one.defect.name in names]
    assert len(caught) == 6
    found = pairs(caught)
    paired = [one for pair in found for one in (pair.first, pair.second)]
    assert len(paired) == len(set(paired)) == 4, "of three of a device one is left over"
    assert set(paired) <= set(caught)
    assert all(pair.first.kind == pair.second.kind for pair in found)
    assert "defects: {" in found[0].scene
    assert found == pairs(caught)
    # what changes one value in two ways, or violates one clause twice, is no pair
    assert pairs([Defective(REFERENCE, BY_NAME[name]) for name in ("wrong-droop", "stiff-source")]) == []
    assert pairs([Defective(REFERENCE, BY_NAME[name]) for name in ("late-trip", "high-trip")]) == []
    assert pairs(caught[:1]) == []


def test_a_defect_that_hides_another_is_told():
    pair = Pair(Defective(REFERENCE, BY_NAME["late-trip"]), Defective(REFERENCE, BY_NAME["meter-gain"]))
    told = "".join(
        pair_table([(pair, {"SC-01", "MTR-01"}, ""), (pair, {"SC-01", "REC-01"}, ""), (pair, set(), "exit 4")])
    )
    assert "1 caught on both clauses, 1 on one, 1 on neither" in told
    assert "- reference, late-trip and meter-gain: not on MTR-01; fails REC-01, SC-01." in told
    assert "not on SC-01, MTR-01; fails **nothing** (exit 4)." in told


def test_the_chance_to_find_what_comes_and_goes():
    assert chance(0.5, 2) == pytest.approx(0.75)
    assert seldom(1) == pytest.approx(0.95)
    assert chance(seldom(7), 7) == pytest.approx(0.95)
    found = Found("FAIL", (), "", cases=("one", "two"))
    told = "".join(chances([(Defective(REFERENCE, BY_NAME["late-trip"]), found)]))
    assert "| 2 | 75% | 36% | 19% | 78% | late-trip |" in told
    assert "".join(chances([])) == ""


def test_what_was_found_is_not_looked_for_again(tmp_path):
    begun = []

    def carry(folder):
        begun.append(folder)
        folder.mkdir()
        return Found("FAIL", ("OC-01",), "exit 1", frozenset({"REC-01"}), 0.5, 0.1, ("a case", "power"), ("a case",))

    first = remembered(tmp_path / "x, 0.5 s", carry)
    assert remembered(tmp_path / "x, 0.5 s", carry) == first
    assert [one.name for one in begun] == ["x, 0.5 s"]
    assert not begun[0].exists(), "the runs are not kept"
    assert remembered(tmp_path / "x, 0.7 s", carry) == first
    assert len(begun) == 2


def test_a_value_leads_to_the_smallest_size_faster_than_halving():
    defect, tried = BY_NAME["slow-start"], []

    def run(one: Defective, about: tuple[str, str] | None) -> Found:
        tried.append(one.size)
        assert about == ("start", "recovery_time")
        value = defect.read(one.size)
        return Found("FAIL" if value > 5.05 else "PASS", (), "", beyond=value - 5.0, U=0.05, about=about)

    default = Found("FAIL", (), "", beyond=defect.read("default") - 5.0, U=0.05, about=("start", "recovery_time"))
    found = smallest(Defective(REFERENCE, defect), run, default)
    assert found.near is True
    assert 5.05 < defect.read(found.caught) <= 5.15
    assert len(tried) <= 5


@pytest.mark.parametrize("beyond", [-0.4, 0.0, float("-inf"), float("inf"), None])
def test_a_value_that_is_not_why_it_failed_says_nothing_of_the_size(beyond):
    found = Found("FAIL", (), "", beyond=beyond, U=1.0)
    assert Smallest(Defective(REFERENCE, BY_NAME["late-trip"]), "50 us", "40 us", found).near is None
