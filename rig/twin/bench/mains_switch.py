"""The relay between the mains and a device that lives on it, and what tells whether the mains is there.

mains ─ relay ─ device: the AC side is the device's own, abstracted to its rectified link
control ─ driver ─ relay (it conducts at rest)
"mains": an isolated image of what is behind the relay, its magnitude
"""

from collections.abc import Collection

from rig.twin.bench.one_shot import OneShot
from rig.twin.device.mains import MainsPhysics
from rig.twin.device.nodes import Nodes
from rig.twin.engine.network import Network
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.bench import MainsSwitch
from rig.twin.scene.device import Device
from rig.twin.scene.parts import Mains

IMAGE = "mains"
IMAGE_OHMS = 100e3  # nothing of the mains' power


def wire_image(network: Network, device: Device, nodes: Nodes) -> None:
    """Join the image to the first mains that the device has; without one it stays at nothing."""
    name = next((name for name, part in device.parts.items() if isinstance(part, Mains)), None)
    if name is not None:
        network.resistor("mains_image", f"{nodes(name)}_line", IMAGE, IMAGE_OHMS)


class MainsSwitchPhysics:
    """Opens `delay` after its control line has gone high, until that goes low or its one-shot ends it."""

    def __init__(self, sim: Simulation, model: MainsSwitch, mains: Collection[MainsPhysics]) -> None:
        self._sim, self._model, self._mains = sim, model, tuple(mains)
        self.drive = OneShot(sim, "mains switch", model.one_shot, self._drive).drive
        """Its control line moves."""
        self.stuck = False
        """It conducts for good."""

    def _drive(self, opens: bool) -> None:
        self._sim.at(self._sim.now_ps + to_ps(self._model.delay), lambda: self._switch(opens))

    def _switch(self, opens: bool) -> None:
        self._sim.log("mains switch", "open" if opens and not self.stuck else "conducts")
        for one in self._mains:
            one.set_present(present=not opens or self.stuck)
