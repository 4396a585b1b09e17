"""A battery: its charge in one large capacitor, behind its resistance and one polarisation.

node ── polarisation (R with C across) ── cell ── resistance, capacity / (full - empty) ── 0
"""

from rig.twin.device.nodes import Nodes
from rig.twin.engine.network import Network
from rig.twin.engine.probe import Probe, i, v
from rig.twin.engine.simulation import Simulation
from rig.twin.scene.parts import Battery

_POLARISATION_ESR = 1e-6  # ohm: a capacitor needs one


def wire_battery(network: Network, name: str, model: Battery, nodes: Nodes) -> None:
    """Add the elements of battery `name`, charged as its model says."""
    own, node = nodes(name), nodes(model.node)
    farads, volts = model.capacity / (model.full - model.empty), volts_at(model, model.charge)
    network.capacitor(f"{own}_cell", _cell(model, own, node), "0", farads, model.resistance, volts=volts)
    if (polarisation := model.polarisation) is not None:
        network.resistor(f"{own}_polarisation", node, f"{own}_cell", polarisation.resistance)
        network.capacitor(f"{own}_build_up", node, f"{own}_cell", polarisation.capacitance, _POLARISATION_ESR)


def open_circuit(name: str, model: Battery, nodes: Nodes) -> Probe:
    """The open-circuit voltage, polarisation and resistance left out [V]."""
    own = nodes(name)
    return v(_cell(model, own, nodes(model.node))) - model.resistance * i(f"{own}_cell")


def volts_at(model: Battery, charge: float) -> float:
    """The open-circuit voltage at a state of charge (a fraction)."""
    return model.empty + charge * (model.full - model.empty)


class BatteryPhysics:
    """Nothing happens in it by itself; `charge` is its true state of charge, a fraction, above 1 when over-charged."""

    def __init__(self, sim: Simulation, name: str, model: Battery, nodes: Nodes) -> None:
        self._sim, self._model = sim, model
        self.open_circuit = open_circuit(name, model, nodes)
        self.current = i(f"{nodes(name)}_cell")  # charging is positive [A]

    @property
    def charge(self) -> float:
        volts = self._sim.value(self.open_circuit)
        return (volts - self._model.empty) / (self._model.full - self._model.empty)


def _cell(model: Battery, own: str, node: str) -> str:
    return node if model.polarisation is None else f"{own}_cell"
