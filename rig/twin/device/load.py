"""A load of the device: a resistance, a current or a power, on when it is started."""

from rig.twin.device.draw import Draw, wire_draw
from rig.twin.device.nodes import INSULATION_OHMS, Nodes
from rig.twin.engine.network import Network
from rig.twin.engine.probe import i
from rig.twin.engine.simulation import Simulation
from rig.twin.scene.loads import Load


def wire_load(network: Network, name: str, model: Load, nodes: Nodes) -> None:
    """Add the elements of load `name`."""
    own, node = nodes(name), nodes(model.node)
    if model.resistance is None:
        wire_draw(network, own, node)
    else:
        network.resistor(own, node, "0", model.resistance, switch=own)
        network.resistor(f"{own}_insulation", node, "0", INSULATION_OHMS)


class LoadPhysics:
    """`current` is what it draws [A]."""

    def __init__(self, sim: Simulation, name: str, model: Load, nodes: Nodes) -> None:
        self._sim, self._own, self._soft_start = sim, nodes(name), model.soft_start
        self._draw: Draw | None = None
        if model.minimum is not None:
            amps, watts = model.current or 0.0, model.power or 0.0
            self._draw = Draw(sim, self._own, nodes(model.node), model.minimum, amps=amps, watts=watts)
        self.current = i(self._own) if self._draw is None else self._draw.current

    def start(self) -> None:
        if self._draw is None:
            self._sim.set_switch(self._own, on=True)
        else:
            self._draw.rise(self._soft_start)

    def stop(self) -> None:
        if self._draw is None:
            self._sim.set_switch(self._own, on=False)
        else:
            self._draw.cease()
