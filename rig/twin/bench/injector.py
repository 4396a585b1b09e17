"""The fault injector: a transistor switch across the device's terminals, in series with one tap.

    terminals ─ shunt, L ─ fet ─┬─ transistor ──────┬─ tap ─┬─ contactor and resistor ─ ground
                                ├─ clamp 75 V       ┤       ├─ (other taps)
                                └─ snubber 4.7 nF, 10 ohm   └─ 100 kohm

The clamp (25 mohm) takes the energy of the inductance when the transistor opens under current, and the snubber damps
what rings after it: the transistor never sees its 100 V.
"""

from rig.twin.engine.network import Network
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.bench import Injector

CLAMP_VOLTS, CLAMP_OHMS = 75.0, 25e-3
GATE_VOLTS = 12.0


def wire_injector(network: Network, model: Injector, shunt_ohms: float) -> None:
    """Add the injector between node `terminals` and ground; contactors' switches are named like the taps."""
    network.branch("injector", "terminals", "fet", shunt_ohms, model.inductance)
    network.resistor("fet", "fet", "tap", model.resistance, switch="fet")
    network.capacitor("snubber", "fet", "tap", 4.7e-9, 10.0)
    network.diode("clamp", "fet", "tap", CLAMP_VOLTS, CLAMP_OHMS)
    network.diode("clamp_reverse", "tap", "fet", CLAMP_VOLTS, CLAMP_OHMS)
    network.resistor("tap_pull_down", "tap", "0", 100e3)
    for tap, ohms in model.taps.items():
        network.resistor(tap, "tap", "0", ohms, switch=tap)
    # The gate driver: 12 V through 33 ohm into the gate charge.
    network.source("gate", "gate", "0", 33.0)
    network.capacitor("gate_charge", "gate", "0", 10e-9, 1.0)


class InjectorPhysics:
    """Opens and closes the transistor `delay` after its gate line moves."""

    def __init__(self, sim: Simulation, model: Injector) -> None:
        self._sim, self._delay = sim, to_ps(model.delay)
        self.on = False

    def drive(self, high: bool) -> None:
        self._sim.set_input("gate", GATE_VOLTS if high else 0.0)
        self._sim.at(self._sim.now_ps + self._delay, lambda: self._switch(high))

    def _switch(self, on: bool) -> None:
        self.on = on
        self._sim.set_switch("fet", on)
        self._sim.log("injector", "on" if on else "off")
