"""The model of scene.yaml. All values SI, read from quantities."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from rig.files.document import Entry, Finding
from rig.twin.scene import checks
from rig.twin.scene.bench import Bench
from rig.twin.scene.device import Device
from rig.twin.scene.device_checks import device_checks


class Scene(Entry):
    """A whole scene after its `extends` have been merged."""

    version: Literal[1] = Field(alias="schema")
    name: str
    extends: str | dict[Literal["bench", "device"], str] | None = None
    device: Device
    bench: Bench

    @staticmethod
    def cross_check(data: Mapping[Any, Any]) -> Iterator[Finding]:
        """Names that refer to nothing, and values that must differ."""
        yield from checks.cross_check(data)
        yield from device_checks(data)
