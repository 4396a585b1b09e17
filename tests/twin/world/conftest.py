"""Operating the twin's world by its physics objects alone, as the servers do."""

from collections.abc import Callable

import pytest

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
