"""Defects that no plan was written against: each applies where it is meant to, and changes what it says."""

from typing import Any

import pytest

from rig.files.document import resolve
from rig.twin.scene.defects.apply import apply
from rig.twin.scene.defects.change import differences
from rig.twin.scene.defects.kept_aside import KEPT_ASIDE, KeptAside
from rig.twin.scene.defects.table import DEFECTS
from rig.twin.scene.device import Device
from rig.twin.scene.load import load_scene
from tests.twin.defects.scenarios import SCENARIOS, sound
from tests.twin.defects.test_defects import having

SCENE_OF = {"reference": "healthy", "limiter": "current-limiter"}
BY_NAME = {one.defect.name: one for one in KEPT_ASIDE}
MEANT = [(one, device) for one in KEPT_ASIDE for device in one.devices]
GRID = "ports.grid."

CHANGED: dict[str, tuple[str, dict[str, Any]]] = {  # device, and where its values differ from those of the sound one
    "adds-up-peaks": (
        "reference", {f"{GRID}protection.stages.{number}.resets": False for number in range(3)},
    ),
    "bare-terminals": ("reference", {f"{GRID}capacitance": pytest.approx(94e-9)}),
    "high-restart": ("appliance", {"control.start": 47.0}),
    "dried-out": ("ac-adapter", {"parts.converter.esr": pytest.approx(3.0)}),
    "zeroed-by-power-cut": ("reference", {f"{GRID}meter.on_power_cut": "clear"}),
    "steep-charging": ("charge-controller", {"parts.grid_converter.import_line.resistance": pytest.approx(1.0)}),
    "long-soft-start": ("reference", {f"{GRID}switch.soft_start": 30.0}),
    "cold-mains-resistor": ("ac-adapter", {"parts.mains.resistance": pytest.approx(300.0)}),
    "feeder-trips-first": (
        "grid-node", {f"ports.{name}.protection.fast.current": pytest.approx(7.0) for name in ("b", "c")},
    ),
    "swapped-priorities": (
        "appliance",
        {
            "parts.stages.stages.0.resistance": 30.0, "parts.stages.stages.0.power": None,
            "parts.stages.stages.2.resistance": None, "parts.stages.stages.2.power": 40.0,
        },
    ),
}  # fmt: skip


def device_of(name: str) -> Device:
    return load_scene(resolve("scenes", SCENE_OF.get(name, name))).device


def with_defect(one: KeptAside, device: str) -> Device:
    changed, findings = apply(device_of(device), {one.defect: one.defect.read("default")})
    assert findings == []
    return changed


@pytest.mark.parametrize(("one", "device"), MEANT, ids=[f"{one.defect.name}-{device}" for one, device in MEANT])
def test_it_applies_to_each_device_that_it_is_meant_for(one, device):
    assert differences(device_of(device), with_defect(one, device))


@pytest.mark.parametrize("name", CHANGED)
def test_it_changes_what_it_says_and_nothing_else(name):
    device, wanted = CHANGED[name]
    found = differences(device_of(device), with_defect(BY_NAME[name], device))
    assert {".".join(map(str, path)): value for path, value in found.items()} == wanted


def test_after_an_overload_alone_it_stays_off():
    port = with_defect(BY_NAME["slow-after-overload"], "reference").ports["grid"]
    assert {cause: one.delay for cause, one in port.recovery_after.items()} == dict.fromkeys(
        ("stage", "i2t", "curve", "thermal"), 60.0
    )
    assert port.recovery.delay == 0.8


def test_pauses_double_up_to_the_longest():
    recovery = with_defect(BY_NAME["growing-pauses"], "reference").ports["grid"].recovery
    assert recovery.policy == "auto-n"
    assert recovery.delays[:8] == pytest.approx([0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 60.0])
    assert (set(recovery.delays[7:]), recovery.forget) == ({60.0}, 61.0)


def test_a_swell_opens_at_the_terminals_and_closes_far_below():
    guard = with_defect(BY_NAME["stuck-after-swell"], "appliance").ports["feed"].guards.over
    assert guard is not None
    assert (guard.off, guard.on, guard.where) == (56.0, 47.0, "outside")


def test_a_leak_goes_one_way():
    port = with_defect(BY_NAME["one-way-leak"], "reference").ports["grid"]
    assert port.polarity is not None
    assert port.polarity.leakage == pytest.approx(54.0 / 8.0)
    assert port.leakage == device_of("reference").ports["grid"].leakage


def test_they_are_no_part_of_the_defects_that_the_plans_were_written_against():
    assert len(KEPT_ASIDE) == len(BY_NAME) == 14
    assert not BY_NAME.keys() & {defect.name for defect in DEFECTS}


def test_a_scene_names_one_like_any_other(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "schema: 1\nname: mine\nextends: healthy\ndevice: {defects: {long-soft-start: 12 s}}\n", encoding="utf-8"
    )
    assert load_scene(path).device.ports["grid"].switch.soft_start == 12.0


@pytest.mark.parametrize(("name", "scenario"), [("bare-terminals", "hard-short"), ("one-way-leak", "reversed-54V")])
def test_in_truth_it_lies_beyond_its_limit(name, scenario):
    defect = BY_NAME[name].defect
    scene = having(sound(SCENARIOS[scenario].scene), {defect: defect.read("default")})
    truths = SCENARIOS[scenario].truths(scene)
    assert defect.limit.high is not None
    assert truths[defect.limit.quantity] > defect.limit.high
