"""The AC side of an adapter: a rectified link that is there or not, held up by its capacitor.

mains ─ line ─ resistance ─ rectifier ─┬─ node (what it feeds)
                                       └─ link capacitor
"""

from functools import partial

from rig.twin.device.nodes import Nodes
from rig.twin.engine.network import Network
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.parts import Mains

_RECTIFIER_OHMS = 1e-3
_SUPPLY_OHMS = 1e-3  # of the mains itself; the rest of what the model has is the device's own


def wire_mains(network: Network, name: str, model: Mains, nodes: Nodes) -> None:
    """Add the elements of mains `name`; the link is charged at the start."""
    own, node = nodes(name), nodes(model.node)
    network.source(own, f"{own}_line", "0", _SUPPLY_OHMS)
    network.resistor(f"{own}_inrush", f"{own}_line", f"{own}_rectifier", model.resistance - _SUPPLY_OHMS)
    network.diode(f"{own}_rectifier", f"{own}_rectifier", node, 0.0, _RECTIFIER_OHMS)
    network.capacitor(f"{own}_link", node, "0", model.capacitance, model.esr, volts=model.voltage)
    if (leak := model.back_feed) is not None:
        network.resistor(f"{own}_back_feed", nodes(leak.node), "0", leak.resistance, switch=f"{own}_back_feed")


class MainsPhysics:
    """There, but for the outages of its model and those asked for by `set_present`."""

    def __init__(self, sim: Simulation, name: str, model: Mains, nodes: Nodes) -> None:
        self._sim, self._name, self._model = sim, nodes(name), model
        self.set_present(present=True)
        for outage in model.outages:
            sim.at(to_ps(outage.at), partial(self.set_present, present=False))
            sim.at(to_ps(outage.at) + to_ps(outage.duration), partial(self.set_present, present=True))

    def set_present(self, *, present: bool) -> None:
        """The mains comes or goes."""
        self._sim.log("device", f"{self._name} {'present' if present else 'away'}")
        self._sim.set_input(self._name, self._model.voltage if present else 0.0)
        if self._model.back_feed is not None:
            self._sim.set_switch(f"{self._name}_back_feed", on=not present)
