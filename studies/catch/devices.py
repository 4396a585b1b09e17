"""Which devices there are to test, and which defects each can have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import testplans
from rig.twin.scene.defects.apply import apply
from rig.twin.scene.defects.defect import Defect
from rig.twin.scene.defects.table import DEFECTS
from rig.twin.scene.load import load_scene

__all__ = ["KINDS", "Defective", "Kind", "applicable", "inapplicable"]

SCENES = Path(testplans.__file__).parent / "scenes"


@dataclass(frozen=True, slots=True)
class Kind:
    """A simulated device in its sound state, and its maker's declaration. `sound`: whether it keeps every limit."""

    scene: str
    device: str
    sound: bool = True


KINDS = (
    Kind("healthy", "reference"), Kind("current-limiter", "limiter"), Kind("poe-like", "poe-like"),
    Kind("tps2663-like", "tps2663-like", sound=False), Kind("ltc4368-like", "ltc4368-like", sound=False),
    Kind("libresolar-charge-controller", "libresolar-charge-controller", sound=False),
    Kind("libresolar-bms", "libresolar-bms", sound=False), Kind("epever-like", "epever-like", sound=False),
    Kind("bq769x2", "bq769x2", sound=False),
)  # fmt: skip
"""Those with one source port, which the plans test. The models of real devices break limits as their makers say."""


@dataclass(frozen=True, slots=True)
class Defective:
    """A device with one defect of this size, as a scene has it."""

    kind: Kind
    defect: Defect
    size: str | int = "default"

    @property
    def label(self) -> str:
        """For lists."""
        return f"{self.kind.device}, {self.defect.name} {self.size}"

    @property
    def scene(self) -> str:
        """The text of its scene file."""
        return (
            f"schema: 1\nname: defective\nextends: {self.kind.scene}\n"
            f"device: {{defects: {{{self.defect.name}: {self.size}}}}}\n"
        )


def applicable(kind: Kind) -> Iterator[Defective]:
    """The defects that a device can have."""
    left_out = inapplicable(kind)
    return (Defective(kind, defect) for defect in DEFECTS if defect.name not in left_out)


def inapplicable(kind: Kind) -> dict[str, str]:
    """The defects that it cannot have, each with the twin's reason."""
    device, found = load_scene(SCENES / f"{kind.scene}.yaml").device, {}
    for defect in DEFECTS:
        _, findings = apply(device, {defect: defect.read("default")})
        if findings:
            found[defect.name] = findings[0][1].removeprefix(f"defect {defect.name!r} ")
    return found
