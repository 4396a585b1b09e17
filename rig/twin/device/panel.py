"""A photovoltaic panel: a current source, the resistance that it leaks through, and a diode at its knee.

node ─┬─ light (current) ─┬─ leak ─┬─ knee diode ─┬─ bypass diode ─ 0
"""

from functools import partial

from rig.twin.device.nodes import Nodes
from rig.twin.engine.network import Network
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.parts import Panel

BYPASS_VOLTS, BYPASS_OHMS = 0.6, 10e-3


def wire_panel(network: Network, name: str, model: Panel, nodes: Nodes) -> None:
    """Add the elements of panel `name`: its curve is exact at its three corners in full sun."""
    own, node, knee = nodes(name), nodes(model.node), model.maximum_power
    leak = (model.short_circuit - knee.current) / knee.voltage  # A/V from short circuit to the knee
    steep = knee.current / (model.open_circuit - knee.voltage)  # A/V from the knee to open circuit
    network.current_source(f"{own}_light", node, "0")
    network.resistor(f"{own}_leak", node, "0", 1.0 / leak)
    network.diode(f"{own}_knee", node, "0", knee.voltage, 1.0 / (steep - leak))
    network.diode(f"{own}_bypass", "0", node, BYPASS_VOLTS, BYPASS_OHMS)


class PanelPhysics:
    """Sees the light that its model says, and changes of it at their times."""

    def __init__(self, sim: Simulation, name: str, model: Panel, nodes: Nodes) -> None:
        self._sim, self._name, self._full_sun = sim, nodes(name), model.short_circuit
        self.set_irradiance(model.irradiance)
        for change in model.changes:
            sim.at(to_ps(change.at), partial(self.set_irradiance, change.fraction))

    def set_irradiance(self, fraction: float) -> None:
        """From now on `fraction` of full sun."""
        self._sim.log("device", f"{self._name} irradiance {fraction:g}")
        self._sim.set_input(f"{self._name}_light", fraction * self._full_sun)
