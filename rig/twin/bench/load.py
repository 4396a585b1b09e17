"""The electronic load: an SDL1030X class load, 150 V, 30 A, 300 W.

    load ─┬─ resistance (RES; CURR saturated) ─ ground
          ├─ current sink (CURR)
          └─ input filter (100 nF, 10 ohm)

In CURR mode the transistors cannot go below 50 mohm: a port that gives less simply sees that resistance, and so does a
reversed one. With its input off the load blocks both ways.
Figures, all [K] unverified class figures: set and read errors (rectangular, drawn once) 0.05 % of value + 0.02 % of
150 V, 0.05 % + 0.05 % of 30 A, 1 % of the set resistance; current slew 0.5 A/us; resolution 1 mV and 1 mA.
"""

from typing import Literal

from rig.twin.bench.draw import rectangular
from rig.twin.engine.network import Network
from rig.twin.engine.probe import Probe, i, v
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps

MAX_VOLTS, MAX_AMPS = 150.0, 30.0
MIN_OHMS, MAX_OHMS = 0.03, 10e3
SLEW = 0.5e6  # A/s
SATURATED_OHMS = 0.05
RESOLUTION = 0.001  # V and A
BAND = 1e-9  # V or A: hysteresis in and out of saturation, so that a load at rest at zero does not chatter

Mode = Literal["CURR", "RES"]


def wire_load(network: Network, minus: str) -> None:
    """Add the load between node `load` and node `minus`."""
    network.resistor("load_ohms", "load", minus, SATURATED_OHMS, switch="load_ohms")
    network.current_source("load_sink", minus, "load", switch="load_sink")
    network.source("load_set", "load_set", "0", 1.0)  # set-point node, 1 V per ampere
    network.capacitor("load_filter", "load", minus, 100e-9, 10.0)
    network.resistor("load_sense", "load", minus, 1e6)


class LoadPhysics:
    """What the load does at its terminals; all acts at once but the current, which slews.

    Setters raise ValueError outside the instrument's range.
    """

    def __init__(self, sim: Simulation, seed: int, current: Probe, minus: str) -> None:
        self._sim = sim
        self.mode: Mode = "CURR"
        self.input_on = False
        self._level: dict[Mode, float] = {"CURR": 0.0, "RES": MAX_OHMS}
        self._gain = {what: rectangular(seed, f"load {what} gain", 0.0005) for what in ("set A", "read V", "read A")}
        self._gain["set ohm"] = rectangular(seed, "load set ohm gain", 0.01)
        self._offset = {
            "set A": rectangular(seed, "load set A offset", 0.0005 * MAX_AMPS),
            "read V": rectangular(seed, "load read V offset", 0.0002 * MAX_VOLTS),
            "read A": rectangular(seed, "load read A offset", 0.0005 * MAX_AMPS),
        }
        self.voltage = v("load", minus)
        self.current = current  # into the plus terminal [A]
        self._ramp_end = sim.at(sim.now_ps, lambda: None)
        # Out of saturation when the resistance draws the set current; into it when the voltage no longer gives it.
        self._rise = sim.watch(
            i("load_ohms") - v("load_set"), BAND, +1, lambda: self._sink(saturated=False), level=True
        )
        self._sag = sim.watch(
            self.voltage - v("load_set") * SATURATED_OHMS, -BAND, -1, lambda: self._sink(saturated=True), level=True
        )
        self._rise.enabled = self._sag.enabled = False

    def set_level(self, mode: Mode, value: float) -> None:
        """Set the level of a mode, in A or ohm, and make it the mode in use."""
        low, high, unit = (0.0, MAX_AMPS, "A") if mode == "CURR" else (MIN_OHMS, MAX_OHMS, "ohm")
        if not low <= value <= high:
            raise ValueError(f"the load's {mode} level must be between {low:g} and {high:g} {unit}, not {value:g}")
        self._sim.log("load", f"{mode} {value:g} {unit}")
        changed = mode != self.mode
        self._level[mode], self.mode = float(value), mode
        if self.input_on:
            self._apply(from_zero=changed)

    def set_input(self, on: bool) -> None:
        if on == self.input_on:
            return
        self.input_on = on
        self._sim.log("load", f"input {'on' if on else 'off'}")
        if on:
            self._apply(from_zero=True)
            return
        self._rise.enabled = self._sag.enabled = False
        for switch in ("load_ohms", "load_sink"):
            self._sim.set_switch(switch, on=False)

    def level(self, mode: Mode) -> float:
        """The level as set, in A or ohm."""
        return self._level[mode]

    def measure(self) -> tuple[float, float]:
        """(V, A) as displayed: terminal values with the drawn reading errors, in steps of the resolution."""
        volts = self._reading("read V", self._sim.value(self.voltage))
        amps = self._reading("read A", self._sim.value(self.current) if self.input_on else 0.0)
        return _displayed(volts), _displayed(amps)

    def _reading(self, what: str, value: float) -> float:
        return value * (1 + self._gain[what]) + self._offset[what]

    def _apply(self, *, from_zero: bool) -> None:
        self._ramp_end.cancel()
        if self.mode == "RES":
            self._rise.enabled = self._sag.enabled = False
            self._sim.set_switch("load_sink", on=False)
            self._sim.set_ohms("load_ohms", self._level["RES"] * (1 + self._gain["set ohm"]))
            self._sim.set_switch("load_ohms", on=True)
            return
        target = max(self._reading("set A", self._level["CURR"]), 0.0) if self._level["CURR"] > 0 else 0.0
        start = 0.0 if from_zero else self._sim.value(v("load_set"))
        slope = SLEW if target >= start else -SLEW
        self._set_amps(start, slope)
        end = self._sim.now_ps + to_ps(abs(target - start) / SLEW)
        self._ramp_end = self._sim.at(end, lambda: self._set_amps(target, 0.0))
        self._sink(saturated=False)

    def _set_amps(self, amps: float, slope: float) -> None:
        for source in ("load_sink", "load_set"):
            self._sim.set_input(source, amps, slope)

    def _sink(self, *, saturated: bool) -> None:
        self._rise.enabled, self._sag.enabled = saturated, not saturated
        self._sim.set_ohms("load_ohms", SATURATED_OHMS)
        self._sim.set_switch("load_ohms", on=saturated)
        self._sim.set_switch("load_sink", on=not saturated)


def _displayed(value: float) -> float:
    return round(round(value / RESOLUTION) * RESOLUTION, 3)
