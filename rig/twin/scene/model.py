"""The model of scene.yaml. All values SI, read from quantities."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from rig.files.document import Entry, Finding, PartName
from rig.twin.scene import checks
from rig.twin.scene.bench import Bench
from rig.twin.scene.device import Device
from rig.twin.scene.device_checks import device_checks


class Other(Entry):
    """Another device on the grid, `device`; with `scene`, a NAME or a FILE beside this one, merged over the one there.
    Nodes of it are `joined` to nodes of the tested device, or of an other that stands before it, as in "north.line".
    """

    scene: str | None = None
    device: Device
    joined: Annotated[dict[str, str], Field(min_length=1)]


class Scene(Entry):
    """A whole scene after its `extends` have been merged; `others` stand on the grid beside the tested device."""

    version: Literal[1] = Field(alias="schema")
    name: str
    extends: str | dict[Literal["bench", "device"], str] | None = None
    device: Device
    bench: Bench
    others: Annotated[dict[PartName, Other], Field(default_factory=dict)]

    @staticmethod
    def cross_check(data: Mapping[Any, Any]) -> Iterator[Finding]:
        """Names that refer to nothing, and values that must differ."""
        yield from checks.cross_check(data)
        yield from device_checks(data)
        others = data.get("others")
        for name, other in others.items() if isinstance(others, Mapping) else ():
            alone = {"device": other.get("device")} if isinstance(other, Mapping) else {}
            for path, sentence in device_checks(alone):
                yield ("others", name, *path), sentence
