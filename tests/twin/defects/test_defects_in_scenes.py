"""Defects as a scene names them: read, merged, refused in a sentence, several at once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rig.files.document import BadFile, names, resolve
from rig.twin.scene.defects.apply import BY_NAME, apply
from rig.twin.scene.defects.defect import DoesNotApply
from rig.twin.scene.defects.table import DEFECTS
from rig.twin.scene.device import Device
from rig.twin.scene.load import load_scene

HEAD = "schema: 1\nname: child\nextends: healthy\n"


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    def write(defects: str, name: str = "child", extends: str = "healthy") -> Path:
        path = tmp_path / f"{name}.yaml"
        path.write_text(
            f"schema: 1\nname: {name}\nextends: {extends}\ndevice:\n  defects: {defects}\n", encoding="utf-8"
        )
        return path

    return write


def mistakes(path: Path) -> list[str]:
    with pytest.raises(BadFile) as caught:
        load_scene(path)
    return [str(mistake).removeprefix(f"{path.parent}/") for mistake in caught.value.mistakes]


def healthy() -> Device:
    return load_scene(resolve("scenes", "healthy")).device


def test_names_are_unique_and_every_defect_has_one_line_of_text():
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS)
    for defect in DEFECTS:
        assert defect.line.endswith(".")
        assert len(defect.line) <= 100, defect.name


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_both_magnitudes_can_be_read_and_differ(defect):
    assert defect.read("default") == defect.read(defect.default) > 0
    assert 0 < defect.read(defect.small) != defect.read(defect.default)


def test_a_scene_with_defects_has_them_in_its_values(written):
    device = load_scene(written("{late-trip: 600 us, reverse-leakage: default}")).device
    assert device.ports["grid"].protection.fast.delay == 600e-6
    assert device.ports["grid"].leakage == pytest.approx(54 / 0.15)
    assert device.defects == {"late-trip": "600 us", "reverse-leakage": "default"}


def test_a_scene_that_extends_adds_changes_and_removes_defects(written):
    written("{late-trip: default, slow-start: default, slow-gate: default}", "middle")
    child = written("{late-trip: null, slow-start: 9 s, slow-recovery: default}", extends="middle.yaml")
    device, sound = load_scene(child).device, healthy()
    assert device.ports["grid"].protection == sound.ports["grid"].protection
    assert device.control.start_delay == 9.0
    assert device.ports["grid"].switch.turn_off == BY_NAME["slow-gate"].read("default")
    assert device.ports["grid"].recovery.delay == 30.0


def test_an_empty_mapping_changes_nothing(written):
    assert load_scene(written("{}")).device == healthy()


def test_all_mistakes_are_told_at_once_each_where_it_stands(written):
    text = "{late-trap: default, slow-gate: 5 V, late-trip: 3, slow-start: -1 s}\n  kind: sauce"
    late, unit, bare, negative = mistakes(written(text))[:4]
    assert late == "child.yaml:5: device.defects.late-trap: no defect is named 'late-trap'; did you mean 'late-trip'?"
    assert unit == (
        'child.yaml:5: device.defects.slow-gate: expected a time in s, found "5 V" (a voltage); '
        'write for example "500 ms"; write default, or for example "50 us"'
    )
    assert bare.startswith("child.yaml:5: device.defects.late-trip: write a quantity with a unit")
    assert negative.startswith("child.yaml:5: device.defects.slow-start: a magnitude lies above 0")
    assert any("child.yaml:6: device.kind" in one for one in mistakes(written(text)))


def test_a_name_that_is_like_none_points_to_the_list(written):
    (sentence,) = mistakes(written("{zebra: default}"))
    assert sentence.endswith("no defect is named 'zebra'; `rig twin devices` lists them")


def test_two_that_contradict_are_refused(written):
    (sentence,) = mistakes(written("{late-trip: default, slow-recovery: default, hasty-retry: default}"))
    assert sentence == (
        "child.yaml:5: device.defects.hasty-retry: defects 'slow-recovery' and 'hasty-retry' both change "
        "ports.grid.recovery.delay; keep one of them"
    )


def test_one_that_leaves_nothing_for_another_is_told_apart(written):
    (sentence,) = mistakes(written("{latches-after: 3, waits-for-unload: null, looks-too-early: default}"))
    assert sentence == (
        "child.yaml:5: device.defects.looks-too-early: defect 'looks-too-early' needs a port that recovers by itself; "
        "port 'grid' has none: the defects before it took that away"
    )


def test_a_defect_that_does_not_apply_says_what_it_needs(written):
    (sentence,) = mistakes(written("{late-trip: default}", extends="current-limiter"))
    assert sentence == (
        "child.yaml:5: device.defects.late-trip: defect 'late-trip' needs a port with a fast trip; port 'grid' has none"
    )


@pytest.mark.parametrize("scene", names("scenes"))
def test_in_every_scene_a_defect_applies_or_says_why_not(scene):
    device = load_scene(resolve("scenes", scene)).device
    applied = 0
    for defect in DEFECTS:
        try:
            changed, small = (defect.change(device, defect.read(text)) for text in (defect.default, defect.small))
        except DoesNotApply as error:
            reason = str(error)
        else:
            applied, reason = applied + 1, "needs nothing"
            assert changed != small, defect.name
        assert reason.startswith("needs ")
    assert applied >= 10


def test_together_they_do_what_they_do_alone():
    device = healthy()
    several = {BY_NAME[name]: BY_NAME[name].read("default") for name in ("late-trip", "wrong-droop", "slow-start")}
    both, findings = apply(device, several)
    assert findings == []
    alone = [defect.change(device, magnitude) for defect, magnitude in several.items()]
    assert both.ports == alone[0].ports
    assert both.parts == alone[1].parts
    assert both.control == alone[2].control


@pytest.mark.parametrize("count", ["1001", "99999999999999", "1" + 25 * "0", f'"1{4999 * "0"}"'])
def test_an_absurd_count_is_refused(written, count):
    (message,) = mistakes(written(f"{{trips-only: {count}}}"))
    assert message == (
        "child.yaml:5: device.defects.trips-only: a count lies at or below 1000; write default, or for example 1"
    )


def test_the_largest_count_is_taken(written):
    assert load_scene(written("{trips-only: 1000}")).device.ports["grid"].protection.fast.armed_times == 1000
