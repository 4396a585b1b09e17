"""Parts of a device alone on a small network, as a scene writes them."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from rig.twin.device.nodes import Nodes
from rig.twin.device.parts import PartsPhysics, wire_part
from rig.twin.engine.network import Network
from rig.twin.engine.probe import Probe, v
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.parts import Part

MODEL = TypeAdapter(dict[str, Part])


class PartsBench:
    """Parts by name; a current source at each of `pushed` and a stiff voltage source (1 mohm) at each of `held`."""

    def __init__(
        self, parts: Mapping[str, Mapping[str, Any]], *, pushed: tuple[str, ...] = (), held: tuple[str, ...] = ()
    ) -> None:
        nodes, network = Nodes({}), Network()
        self.models = MODEL.validate_python(parts)
        for name, part in self.models.items():
            wire_part(network, name, part, nodes)
        for node in pushed:
            network.current_source(f"push_{node}", nodes(node), "0")
        for node in held:
            network.source(f"hold_{node}", nodes(node), "0", 1e-3)
        self.sim = Simulation(network)
        self.parts = PartsPhysics(self.sim, self.models, nodes)

    def start(self, settle: float = 0.5) -> None:
        self.wait(self.parts.start_sources())
        self.parts.start_sinks()
        self.wait(settle)

    def wait(self, seconds: float) -> None:
        self.sim.run_until(self.sim.now_ps + to_ps(seconds))

    def push(self, node: str, amps: float, settle: float = 0.5) -> None:
        """Into the node, from now on."""
        self.sim.set_input(f"push_{node}", amps)
        self.wait(settle)

    def hold(self, node: str, volts: float, settle: float = 0.5) -> None:
        self.sim.set_input(f"hold_{node}", volts)
        self.wait(settle)

    def volts(self, node: str) -> float:
        return self.sim.value(node_volts(node))

    def value(self, probe: Probe) -> float:
        return self.sim.value(probe)


def node_volts(node: str) -> Probe:
    return v(f"device_{node}")
