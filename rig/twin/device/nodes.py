"""The names of a device's nodes and elements in the network.

The bench knows a device by the places where it is plugged in ("energy_in", "port"); all else of it is its own affair
and carries the prefix `device_`, so that no scene can name a part of the bench by accident. Another device of the scene
carries its own name and a dot, which nothing of the bench has.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rig.twin.engine.network import GROUND

DEVICE = "device"
INSULATION_OHMS = 1e9  # of a node that has nothing else to ground when what hangs there is off


@dataclass(frozen=True, slots=True)
class Nodes:
    """`plugged` maps nodes of the device to nodes of the bench, or of another device that it is joined to. `owner`: the
    device's name in the network and in the log.
    """

    plugged: Mapping[str, str]
    owner: str = DEVICE

    def said(self, name: str) -> str:
        """A port, as the log has it."""
        return name if self.owner == DEVICE else f"{self.owner} {name}"

    def __call__(self, name: str) -> str:
        """The network's name for a node (or for what belongs to a port) of the device."""
        return GROUND if name == GROUND else self.plugged.get(name, self.own(name))

    def own(self, name: str) -> str:
        """The same, wherever the device is plugged in."""
        return f"{DEVICE}_{name}" if self.owner == DEVICE else f"{self.owner}.{name}"
