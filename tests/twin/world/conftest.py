"""Operating the twin's world by its physics objects alone, as the servers do."""

from collections.abc import Callable

import pytest

from rig.twin.scene.faults import Fault
from rig.twin.scene.model import Scene
from tests.twin.operator import Operator


@pytest.fixture
def operate() -> Callable[..., Operator]:
    def build(scene: str | Scene = "healthy", seed: int = 1) -> Operator:
        return Operator(scene, seed)

    return build


@pytest.fixture
def powered(operate: Callable[..., Operator]) -> Callable[..., Operator]:
    """The world of a scene, running at half load."""

    def build(scene: str | Scene = "healthy", seed: int = 1) -> Operator:
        operator = operate(scene, seed)
        operator.power_up()
        return operator

    return build


@pytest.fixture
def broken(operate, tmp_path):
    """The healthy world with faults, each as it stands in a scene."""

    def build(*faults: str):
        path = tmp_path / "broken.yaml"
        lines = "".join(f"    - {fault}\n" for fault in faults)
        path.write_text(f"schema: 1\nname: broken\nextends: healthy\nbench:\n  faults:\n{lines}", encoding="utf-8")
        return operate(str(path))

    return build


def now(bench, fault, part, **more):
    """Break something this instant; its number."""
    return bench.world.faults.schedule(Fault.model_validate({"fault": fault, "part": part, **more}))
