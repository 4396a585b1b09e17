"""The study of defects kept aside: what it counts as a catch, and that nothing is left out of the table."""

import pytest

from rig.twin.scene.defects.kept_aside import KEPT_ASIDE
from studies.catch.devices import KINDS, Defective
from studies.catch.one import Found
from studies.unseen.__main__ import TRIES, Result, figure, meant, misses, steady, table
from studies.unseen.told import HARMLESS, MISSED

ASIDE = next(one for one in KEPT_ASIDE if one.defect.clause == "OC-02")
TESTED = Defective(KINDS[0], ASIDE.defect)
PASSED = Found("PASS", (), "exit 0: 2 PASS")


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (Result(TESTED, Found("FAIL", (), "exit 1")), "caught"),
        (Result(TESTED, PASSED, Found("FAIL", (), "exit 1")), "caught"),
        (Result(TESTED, PASSED, Found("PASS", ("PAR-01",), "exit 1")), "caught elsewhere"),
        (Result(TESTED, PASSED, Found("PASS", ("PAR-01",), "exit 1"), frozenset({"PAR-01"})), "missed"),
        (Result(TESTED, Found("FAIL", (), "exit 1"), None, frozenset({"OC-02"})), "missed"),
        (Result(TESTED, PASSED, PASSED), "missed"),
        (Result(TESTED, PASSED, Found("NOT_TESTED", (), "exit 3: 4 NOT_TESTED")), "no result"),
    ],
)
def test_what_a_sound_device_fails_too_is_no_catch(result, outcome):
    assert result.outcome == outcome
    row = "".join(table([result])).splitlines()[-1]
    assert row.startswith("| adds-up-peaks 3 | reference | OC-02 |")
    assert outcome in row


def test_each_defect_comes_with_its_first_device_before_any_with_its_second():
    first = list(meant(1))
    assert [one.defect for _, one in first] == [one.defect for one in KEPT_ASIDE]
    assert [one.kind.device for _, one in first] == [one.devices[0] for one in KEPT_ASIDE]
    every = list(meant(3))
    assert len(every) == sum(len(one.devices) for one in KEPT_ASIDE)
    assert [at for at, _ in every] == sorted(at for at, _ in every)


def test_what_the_bench_ended_is_repeated_and_no_more_than_so_often(tmp_path):
    runs = []

    def carry(folder):
        runs.append(folder)
        return Found("NOT_TESTED", (), "exit 3: 4 NOT_TESTED") if len(runs) == 1 else PASSED

    assert steady(carry, tmp_path) is PASSED
    assert len(set(runs)) == 2
    ended = Found("NOT_TESTED", (), "exit 3: 4 NOT_TESTED")
    assert steady(lambda folder: runs.append(folder) or ended, tmp_path) is ended
    assert len(runs) == 2 + TRIES


def test_the_figure_counts_defects_and_runs():
    caught, missed = Result(TESTED, Found("FAIL", (), "")), Result(Defective(KINDS[9], ASIDE.defect), PASSED)
    said = figure([caught, missed])
    assert said.startswith("1 defects, each in the first device that it is meant for: 1 caught, 0 caught elsewhere, 0")
    assert said.endswith("All 2 runs of a defect in a device: 1 caught, 0 caught elsewhere, 1 missed.")
    assert "- **adds-up-peaks**: " in "".join(misses([caught, missed]))


def test_what_is_told_is_of_defects_that_there_are():
    names = {one.defect.name for one in KEPT_ASIDE}
    assert {name for name, _ in HARMLESS} | MISSED.keys() <= names
