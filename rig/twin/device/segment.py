"""A piece of line between two nodes of the device, with a contact."""

from functools import partial

from rig.twin.device.nodes import INSULATION_OHMS, Nodes
from rig.twin.engine.network import Network
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.parts import Segment


def wire_segment(network: Network, name: str, model: Segment, nodes: Nodes) -> None:
    """Add segment `name`."""
    own, a, b = nodes(name), nodes(model.a), nodes(model.b)
    if model.inductance is None:
        network.resistor(own, a, b, model.resistance, switch=own)
    else:
        network.branch(own, a, b, model.resistance, model.inductance, switch=own)
    for end, node in (("a", a), ("b", b)):
        network.resistor(f"{own}_insulation_{end}", node, "0", INSULATION_OHMS)


class SegmentPhysics:
    """Closed, but for the intervals of its model."""

    def __init__(self, sim: Simulation, name: str, model: Segment, nodes: Nodes) -> None:
        self._sim, self._name = sim, nodes(name)
        self.set_closed(closed=True)
        for interval in model.opened:
            sim.at(to_ps(interval.at), partial(self.set_closed, closed=False))
            sim.at(to_ps(interval.at) + to_ps(interval.duration), partial(self.set_closed, closed=True))

    def set_closed(self, *, closed: bool) -> None:
        """The contact closes or opens; opening cuts the current off."""
        self._sim.log("device", f"{self._name} {'closed' if closed else 'open'}")
        self._sim.set_switch(self._name, on=closed)
