"""The power stage of the electronic load: what its transistors can be told to be.

    load ─┬─ resistance (a set one; or what the transistors have left when they are fully on)
          ├─ current sink, its set point slewing
          ├─ voltage sink behind 20 mohm: it takes what the source gives, up to a highest current, and gives nothing
          └─ input filter (100 nF, 10 ohm)

A current sink on a source that gives less saturates: it is then the resistance of transistors fully on, and a reversed
source sees the same. Switched off, all but the filter blocks both ways.
"""

from rig.twin.engine.network import Network
from rig.twin.engine.probe import Probe, i, v
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Watch

SATURATED_OHMS = 0.05
HOLD_OHMS = 0.02
BAND = 1e-9  # V or A: hysteresis of all switch-overs, so that a load at rest at zero does not chatter
PARTS = ("load_ohms", "load_sink", "load_hold")


def wire_load_stage(network: Network, minus: str) -> None:
    """Add the stage between node `load` and node `minus`."""
    network.resistor("load_ohms", "load", minus, SATURATED_OHMS, switch="load_ohms")
    network.current_source("load_sink", minus, "load", switch="load_sink")
    network.source("load_hold", "load", minus, HOLD_OHMS, switch="load_hold")
    network.source("load_set", "load_set", "0", 1.0)  # set-point node, 1 V per ampere
    network.capacitor("load_filter", "load", minus, 100e-9, 10.0)


class LoadStage:
    """Off at first. `highest` [A] is what a voltage sink takes at most; `voltage` is across the load's terminals."""

    def __init__(self, sim: Simulation, highest: float, voltage: Probe) -> None:
        self._voltage = voltage
        self._sim, self._highest = sim, highest
        self._ramp_end = sim.at(sim.now_ps, lambda: None)
        self._guards: list[Watch] = []
        self._saturated = False

    def off(self) -> None:
        self._close(None)

    def be_ohms(self, ohms: float) -> None:
        """A resistance, at once."""
        self._sim.set_ohms("load_ohms", ohms)
        self._close("load_ohms")

    def be_amps(self, amps: float, rise: float, fall: float, *, from_zero: bool) -> None:
        """A current, reached at `rise` or `fall` [A/s] from zero or from where the set point is."""
        self._ramp_end.cancel()
        start = 0.0 if from_zero else self._sim.input("load_set")
        slew = rise if amps >= start else -fall
        self._set_amps(start, slew)
        end = self._sim.now_ps + to_ps((amps - start) / slew)
        self._ramp_end = self._sim.at(end, lambda: self._set_amps(amps, 0.0))
        if not self._saturated:  # else it stays so until the source gives the new current
            self._sink()

    def be_volts(self, volts: float) -> None:
        """A voltage, at once."""
        self._ramp_end.cancel()
        self._sim.set_input("load_hold", volts)
        self._hold(volts)

    def _set_amps(self, amps: float, slope: float) -> None:
        for source in ("load_sink", "load_set"):
            self._sim.set_input(source, amps, slope)

    def _sink(self) -> None:
        """Saturates when the voltage no longer gives the set current."""
        self._close("load_sink")
        self._guards = [
            self._sim.watch(self._voltage - v("load_set") * SATURATED_OHMS, -BAND, -1, self._saturate, level=True)
        ]

    def _saturate(self) -> None:
        """A sink again when the resistance draws the set current."""
        self._sim.set_ohms("load_ohms", SATURATED_OHMS)
        self._close("load_ohms")
        self._saturated = True
        self._guards = [self._sim.watch(i("load_ohms") - v("load_set"), BAND, +1, self._sink, level=True)]

    def _hold(self, volts: float) -> None:
        self._close("load_hold")
        given = i("load_hold")
        self._guards = [
            self._sim.watch(given, BAND, +1, lambda: self._block(volts), level=True),
            self._sim.watch(-given, self._highest + BAND, +1, lambda: self._limit(volts), level=True),
        ]

    def _block(self, volts: float) -> None:
        """The source is below the voltage to be held."""
        self._close(None)
        self._guards = [self._sim.watch(self._voltage, volts + BAND, +1, lambda: self._hold(volts), level=True)]

    def _limit(self, volts: float) -> None:
        """The source gives more than the load can take: it takes its highest current, and the voltage rises."""
        self._set_amps(self._highest, 0.0)
        self._close("load_sink")
        edge = volts + self._highest * HOLD_OHMS - BAND
        self._guards = [self._sim.watch(self._voltage, edge, -1, lambda: self._hold(volts), level=True)]

    def _close(self, part: str | None) -> None:
        """Let one part conduct; whoever watches it comes after."""
        for guard in self._guards:
            guard.cancel()
        self._guards = []
        self._saturated = False
        for name in PARTS:
            self._sim.set_switch(name, on=name == part)
