"""The fault injector: a transistor switch across the device's terminals, in series with one tap.

    terminals ─ shunt, L ─ fet ─┬─ transistor ──────┬─ tap ─┬─ contactor and resistor ─ ground
                                ├─ clamp 75 V       ┤       ├─ (other taps)
                                └─ snubber 4.7 nF, 10 ohm   └─ 100 kohm

The clamp (25 mohm) takes the energy of the inductance when the transistor opens under current, and the snubber damps
what rings after it: the transistor never sees its 100 V.
"""

from rig.twin.bench.one_shot import OneShot
from rig.twin.engine.network import Network
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.bench import Injector

CLAMP_VOLTS, CLAMP_OHMS = 75.0, 25e-3
GATE_VOLTS = 12.0
SOUND_OHMS = 10e6


def wire_injector(network: Network, model: Injector, shunt_ohms: float, at: str = "terminals") -> None:
    """Add the injector between node `at` and ground; contactors' switches are named like the taps."""
    network.branch("injector", at, "fet", shunt_ohms, model.inductance)
    network.resistor("fet", "fet", "tap", model.resistance, switch="fet")
    network.resistor("fet_leak", "fet", "tap", SOUND_OHMS, switch="fet_leak")  # closed when the transistor leaks
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
    """Opens and closes the transistor `delay` after its gate line moves, unless something is broken."""

    def __init__(self, sim: Simulation, model: Injector) -> None:
        self._sim, self._delay = sim, model.delay
        self.one_shot = OneShot(sim, "injector", model.one_shot, self._through)
        self._line = self._conducts = False
        self._powered = True  # the safety chain is closed
        self.on = False
        self.gate_dead = False
        self.stuck: bool | None = None  # conducts for good, or never
        self.later = {True: 0.0, False: 0.0}  # s, beyond the delay, to close and to open

    def drive(self, high: bool) -> None:
        """The gate line moves; its one-shot lets a high line through for so long and no longer."""
        self._line = high
        self.one_shot.drive(high)

    def _through(self, high: bool) -> None:
        self._gate(high and self._powered and not self.gate_dead)

    def power(self, on: bool) -> None:
        """The safety chain feeds the gate driver or not; what it missed stays missed until the line moves again."""
        self._powered = on
        if not on:
            self._gate(False)

    def break_gate(self, dead: bool) -> None:
        """Interrupt the gate line, or mend it."""
        self.gate_dead = dead
        if self._line:
            self._gate(not dead and self._powered)

    def stick(self, conducts: bool | None) -> None:
        """From now on the transistor conducts or not whatever its gate does; None: it is sound again."""
        self.stuck = conducts
        self._apply()

    def leak(self, ohms: float | None) -> None:
        """This resistance across the transistor; None: it is sound again."""
        self._sim.set_ohms("fet_leak", ohms or SOUND_OHMS)
        self._sim.set_switch("fet_leak", ohms is not None)

    def _gate(self, high: bool) -> None:
        self._sim.set_input("gate", GATE_VOLTS if high else 0.0)
        self._sim.at(self._sim.now_ps + to_ps(self._delay + self.later[high]), lambda: self._switch(high))

    def _switch(self, on: bool) -> None:
        self._conducts = on
        self._apply()

    def _apply(self) -> None:
        self.on = self._conducts if self.stuck is None else self.stuck
        self._sim.set_switch("fet", self.on)
        self._sim.log("injector", "on" if self.on else "off")
