"""A regulated output: constant voltage behind a resistance, constant current at its limits, or off.

Both the bench supply and the device's converter are built from it. The set points are nodes of the network (1 V per
volt, 1 V per ampere), so that a ramped set point moves the switch-over between voltage and current exactly.
"""

from typing import Literal

from rig.twin.network import Network
from rig.twin.probe import i, v
from rig.twin.simulation import Simulation
from rig.twin.units import to_ps

Mode = Literal["off", "cv", "cc+", "cc-"]

_DEAD_BAND = 1e-6  # rounding at a switch-over must not switch back


class Regulator:
    """The state of one regulated output named `name` between nodes `plus` and `minus`.

    `resistance` is the output resistance in constant voltage [ohm]; `sinks` lets it also limit negative current,
    otherwise the circuit around it must block (a diode).
    """

    def __init__(self, sim: Simulation, name: str, plus: str, minus: str, *, resistance: float, sinks: bool) -> None:
        self._sim, self._name, self._resistance = sim, name, resistance
        self.mode: Mode = "off"
        self._limit = 0.0
        self._ramp_end = sim.at(sim.now_ps, lambda: None)
        self._over = i(f"{name}_cv") - v(f"{name}_limit")
        self._under = i(f"{name}_cv") + v(f"{name}_limit")
        # Above zero when constant voltage would deliver less than the limit.
        self._sated = v(plus, minus) - v(f"{name}_set") + v(f"{name}_limit") * resistance
        self._starved = v(plus, minus) - v(f"{name}_set") - v(f"{name}_limit") * resistance
        self._guards = {
            "cv": [sim.watch(self._over, 0.0, +1, lambda: self._enter("cc+"))],
            "cc+": [sim.watch(self._sated, 0.0, +1, lambda: self._enter("cv"))],
            "cc-": [],
            "off": [],
        }
        if sinks:
            self._guards["cv"].append(sim.watch(self._under, 0.0, -1, lambda: self._enter("cc-")))
            self._guards["cc-"].append(sim.watch(self._starved, 0.0, -1, lambda: self._enter("cv")))
        self._sinks = sinks
        self._arm()

    @property
    def on(self) -> bool:
        return self.mode != "off"

    def set_limit(self, amps: float) -> None:
        """The current limit [A], at once."""
        self._limit = amps
        self._sim.set_input(f"{self._name}_limit", amps)
        if self.mode in {"cc+", "cc-"}:
            self._sim.set_input(f"{self._name}_cc", amps if self.mode == "cc+" else -amps)
        self._settle()

    def set_voltage(self, volts: float, *, slew: float | None = None, start: float | None = None) -> None:
        """Move the set point to `volts`, at `slew` [V/s] (None: at once) from `start` (None: from where it is)."""
        self._ramp_end.cancel()
        now = self._sim.value(v(f"{self._name}_set")) if start is None else start
        if slew is None or now == volts:
            self._set_point(volts, 0.0)
            return
        self._set_point(now, slew if volts > now else -slew)
        end = self._sim.now_ps + to_ps(abs(volts - now) / slew)
        self._ramp_end = self._sim.at(end, lambda: self._set_point(volts, 0.0))

    def turn_on(self) -> None:
        if not self.on:
            self._enter("cv")

    def turn_off(self) -> None:
        if self.on:
            self._enter("off")

    def _set_point(self, volts: float, slope: float) -> None:
        for source in ("cv", "set"):
            self._sim.set_input(f"{self._name}_{source}", volts, slope)
        self._settle()

    def _enter(self, mode: Mode) -> None:
        self.mode = mode
        self._sim.set_switch(f"{self._name}_cv", mode == "cv")
        self._sim.set_switch(f"{self._name}_cc", mode in {"cc+", "cc-"})
        if mode in {"cc+", "cc-"}:
            self._sim.set_input(f"{self._name}_cc", self._limit if mode == "cc+" else -self._limit)
        self._arm()
        self._settle()

    def _arm(self) -> None:
        for mode, guards in self._guards.items():
            for guard in guards:
                guard.enabled = mode == self.mode

    def _settle(self) -> None:
        """Leave a mode whose condition a jump of a set point has already broken."""
        value = self._sim.value
        if self.mode == "cv" and value(self._over) > _DEAD_BAND:
            self._enter("cc+")
        elif self.mode == "cv" and self._sinks and value(self._under) < -_DEAD_BAND:
            self._enter("cc-")
        elif (self.mode == "cc+" and value(self._sated) > _DEAD_BAND) or (self.mode == "cc-" and value(self._starved) < -_DEAD_BAND):
            self._enter("cv")


def wire_regulator(network: Network, name: str, plus: str, minus: str, *, resistance: float) -> None:
    """Add the elements of a Regulator of that name."""
    network.source(f"{name}_cv", plus, minus, resistance, switch=f"{name}_cv")
    network.current_source(f"{name}_cc", plus, minus, switch=f"{name}_cc")
    network.source(f"{name}_set", f"{name}_set", "0", 1.0)
    network.source(f"{name}_limit", f"{name}_limit", "0", 1.0)
