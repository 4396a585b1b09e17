"""The study of wrong benches: that none is forgotten, and that what is not seen or not named would be told."""

from __future__ import annotations

from collections import Counter

from rig.twin.scene.faults import FAULTS, Fault
from rig.twin.scene.load import load_scene
from studies.wrong_benches.__main__ import HEALTHY, comes_in_a_run, table
from studies.wrong_benches.benches import EXEMPT, Wrong, wrong_benches
from studies.wrong_benches.one import Seen, _judged, in_a_run

BENCHES = list(wrong_benches(load_scene(HEALTHY).bench))
OVP = next(one for one in BENCHES if one.kind == "ovp_dead")


def test_every_kind_of_fault_and_every_part_it_can_have():
    counted = Counter(one.kind for one in BENCHES)
    assert set(counted) | set(EXEMPT) == set(FAULTS)
    assert (counted["coils_swapped"], counted["coil_dead"], counted["probe_factor"], counted["reversed"]) == (
        45,
        10,
        9,
        4,
    )
    assert len({one.label for one in BENCHES}) == len(BENCHES)


def test_each_is_a_fault_that_a_scene_takes():
    for one in BENCHES:
        taken = Fault.model_validate(one.entry)
        assert (taken.fault, taken.part, taken.other) == (one.kind, one.part, one.other)


def test_what_a_wire_does_does_not_begin_in_a_run():
    assert not any(comes_in_a_run(one) for one in BENCHES if one.kind in {"reversed", "coils_swapped", "welds"})
    assert comes_in_a_run(OVP)


def test_one_that_is_not_seen_or_not_named_is_told():
    tap = Wrong("tap_value", "tap_1", None, "25 ohm", ("tap_1",))
    assert _judged(tap, 3, "injector_current (tap_1 closed, injector on)") == ""
    assert _judged(tap, 3, "tap 1 is wrong") == ""
    assert _judged(tap, 3, "the load is gone") == "the part is not named"
    assert _judged(tap, 0, "tap_1") == "exit code 0"
    assert _judged(tap, 3, "tap_1\nTraceback") == "exit code 3"
    rows = "".join(table([Seen(tap, 3, "", "")], [Seen(tap, 0, "", "exit code 0")]))
    assert rows.splitlines()[-1].endswith("| 1 | 1 | 1 | **0** |")


def test_a_protection_that_dies_as_the_only_case_ends_takes_its_verdicts_their_ground(tmp_path):
    seen = in_a_run(OVP, tmp_path / "run")
    assert (seen.code, seen.wrong) == (3, "")
    assert "supply's over-voltage protection: 4.9" in seen.said
