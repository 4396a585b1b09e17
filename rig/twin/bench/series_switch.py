"""The series switch of the feed: transistors between the supply's plus and the lines that feed a device.

    supply_plus ─┬ transistors ┬─ "fed": energy_input, feed_line
                 └ soft ───────┤
                               ├─ freewheel diode ─ supply_minus
                               └─ leak ─ supply_minus
    control ─ driver ─┬─ "opening": 12 V while it opens, seen by whatever sees the injector's gate (diodes)

It conducts at rest, and comes back through a resistor first: switched hard onto a small capacitor behind a cable, 48 V
ring far above 60 V. Open, it leaves the lines at a high impedance: what the cables' inductance still drives comes
through the freewheel diode and goes into the device.
"""

from rig.twin.bench.injector import GATE_VOLTS
from rig.twin.bench.one_shot import OneShot
from rig.twin.engine.network import Network
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Timer
from rig.twin.scene.bench import SeriesSwitch

FED = "fed"
LEAK_OHMS = 1e6


def wire_series_switch(network: Network, model: SeriesSwitch) -> None:
    """Add it between `supply_plus` and `fed`."""
    network.resistor("series_switch", "supply_plus", FED, model.resistance, switch="series_switch")
    network.resistor("series_soft", "supply_plus", FED, model.soft_resistance, switch="series_soft")
    network.resistor("series_leak", FED, "supply_minus", LEAK_OHMS)
    network.diode("freewheel", "supply_minus", FED, 0.7, 10e-3)
    network.source("opening", "opening", "0", 33.0)
    network.resistor("opening_pull_down", "opening", "0", 100e3)


class SeriesSwitchPhysics:
    """Opens `delay` after its control line has gone high, until that goes low or its one-shot ends it."""

    def __init__(self, sim: Simulation, model: SeriesSwitch) -> None:
        self._sim, self._model = sim, model
        self.one_shot = OneShot(sim, "series switch", model.one_shot, lambda high: self._drive(high and self._powered))
        self.drive = self.one_shot.drive
        """Its control line moves."""
        self._soft: Timer | None = None
        self._powered, self._open, self._conducts = True, False, True
        self.stuck: bool | None = None  # conducts for good, or never
        sim.set_switch("series_switch", True)

    def power(self, on: bool) -> None:
        """The safety chain feeds the driver or not; what it missed stays missed until the line moves again."""
        self._powered = on
        if not on:
            self._drive(False)

    def stick(self, conducts: bool | None) -> None:
        """From now on it conducts or not whatever its driver does; None: it is sound again."""
        self.stuck = conducts
        self._apply()

    def _drive(self, opens: bool) -> None:
        self._sim.set_input("opening", GATE_VOLTS if opens else 0.0)
        self._sim.at(self._sim.now_ps + to_ps(self._model.delay), lambda: self._switch(opens))

    def _switch(self, opens: bool) -> None:
        self._open = opens
        self._apply()

    def _hard(self) -> None:
        self._soft = None
        self._sim.set_switch("series_switch", True)

    def _apply(self) -> None:
        conducts = not self._open if self.stuck is None else self.stuck
        if self._soft is not None:
            self._soft.cancel()
            self._soft = None
        if conducts and not self._conducts:
            self._soft = self._sim.at(self._sim.now_ps + to_ps(self._model.soft_time), self._hard)
        else:
            self._sim.set_switch("series_switch", conducts)
        self._sim.set_switch("series_soft", conducts)
        self._conducts = conducts
        self._sim.log("series switch", "conducts" if conducts else "open")
