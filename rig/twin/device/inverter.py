"""What an AC inverter draws from its DC side: a mean current and a sine at twice the mains frequency."""

from rig.twin.device.nodes import INSULATION_OHMS, Nodes
from rig.twin.engine.network import Network
from rig.twin.engine.probe import i
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Timer
from rig.twin.scene.loads import Inverter


def wire_inverter(network: Network, name: str, model: Inverter, nodes: Nodes) -> None:
    """Add the elements of inverter `name`; body diodes keep its DC side from going below zero."""
    own, node = nodes(name), nodes(model.node)
    network.current_source(own, "0", node)
    network.diode(f"{own}_bridge", "0", node, 0.6, 5e-3)
    network.resistor(f"{own}_insulation", node, "0", INSULATION_OHMS)


class InverterPhysics:
    """`current` is what it draws [A]."""

    def __init__(self, sim: Simulation, name: str, model: Inverter, nodes: Nodes) -> None:
        self._sim, self._own, self._model = sim, nodes(name), model
        self.current = i(self._own)
        self._full: Timer | None = None

    def start(self) -> None:
        model, sim = self._model, self._sim
        if model.soft_start:
            sim.set_input(self._own, 0.0, model.current / model.soft_start)
        self._full = sim.at(sim.now_ps + to_ps(model.soft_start), self._run)

    def stop(self) -> None:
        if self._full is not None:
            self._full.cancel()
        self._sim.set_input(self._own, 0.0)
        self._sim.set_sine(self._own, 0.0, self._model.frequency)

    def _run(self) -> None:
        self._sim.set_input(self._own, self._model.current)
        self._sim.set_sine(self._own, self._model.ripple * self._model.current, self._model.frequency)
