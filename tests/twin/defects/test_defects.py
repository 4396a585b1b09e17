"""Each defect breaks its limit in exact truth, by what a bench can see; a small one does not."""

from functools import cache

import pytest

from rig.twin.scene.defects.apply import apply
from rig.twin.scene.defects.defect import Defect
from rig.twin.scene.defects.limits import Limit
from rig.twin.scene.defects.table import DEFECTS
from rig.twin.scene.model import Scene
from tests.twin.defects.scenarios import SCENARIOS, Truths, sound
from tests.twin.defects.uncertainty import typical


@cache
def healthy_truths(scenario: str) -> Truths:
    return SCENARIOS[scenario].truths(sound(SCENARIOS[scenario].scene))


def having(scene: Scene, magnitudes: dict[Defect, float]) -> Scene:
    device, findings = apply(scene.device, magnitudes)
    assert findings == []
    return scene.model_copy(update={"device": device})


def excess(limit: Limit, truths: Truths) -> float:
    """How far the quantity lies beyond the limit."""
    value = truths[limit.quantity]
    sides = []
    if limit.high is not None:
        sides.append(value - limit.high)
    if limit.low is not None:
        sides.append(limit.low - value)
    return max(sides)


def truths(defect: Defect, magnitude: str) -> Truths:
    scenario = SCENARIOS[defect.scenario]
    return scenario.truths(having(sound(scenario.scene), {defect: defect.read(magnitude)}))


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_at_its_default_a_defect_lies_two_uncertainties_beyond_its_limit(defect):
    assert excess(defect.limit, truths(defect, defect.default)) >= 2 * typical(defect.limit)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_when_small_a_defect_keeps_the_limit(defect):
    assert excess(defect.limit, truths(defect, defect.small)) <= 0


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_without_it_the_device_keeps_the_limit(defect):
    assert excess(defect.limit, healthy_truths(defect.scenario)) <= 0


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_small_one_goes_the_same_way(defect):
    small, sound_one = (
        excess(defect.limit, truths(defect, defect.small)),
        excess(defect.limit, healthy_truths(defect.scenario)),
    )
    assert small >= sound_one - 0.2 * typical(defect.limit)
