"""A regulated output: constant voltage behind a resistance, constant current at its limit, blocked, or off.

Both the bench supply and the device's converter are built from it. The set points are nodes of the network (1 V per
volt, 1 V per ampere), so that a ramped set point moves every switch-over exactly.
"""

from typing import Literal

from rig.twin.engine.network import Network
from rig.twin.engine.probe import i, v
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Timer, Watch

Mode = Literal["off", "cv", "cc", "blocked"]

BAND = 1e-7  # V or A: hysteresis of the switch-overs, so that a circuit at rest at zero does not chatter; a circuit of
# many nodes is solved for its voltages to 1e-12 of their size, and a current is such a difference over milliohms


class Regulator:
    """The state of the regulated output `name`. It never sinks: above its set point it blocks.

    `resistance` is the output resistance in constant voltage [ohm]; the current limit is 0 A at first.
    """

    def __init__(self, sim: Simulation, name: str, plus: str, minus: str, *, resistance: float) -> None:
        self._sim, self._name = sim, name
        self.mode: Mode = "off"
        self._limit = 0.0
        self._ramp_end = sim.at(sim.now_ps, lambda: None)
        current, limit = i(f"{name}_cv"), v(f"{name}_limit")
        excess = v(plus, minus) - v(f"{name}_set")  # of the terminals over the set point
        self._excess = excess

        # "level": a load that jumps across a limit counts as well as one that creeps up to it.
        self._guards: dict[Mode, list[Watch]] = {
            "off": [],
            "cv": [
                sim.watch(current - limit, BAND, +1, lambda: self._enter("cc"), level=True, name=f"{name} limits"),
                sim.watch(current, -BAND, -1, lambda: self._enter("blocked"), level=True, name=f"{name} blocks"),
            ],
            # Constant voltage again as soon as it would deliver less than the limit.
            "cc": [
                sim.watch(
                    excess + limit * resistance,
                    BAND,
                    +1,
                    lambda: self._enter("cv"),
                    level=True,
                    name=f"{name} recovers",
                )
            ],
            "blocked": [sim.watch(excess, -BAND, -1, lambda: self._enter("cv"), level=True, name=f"{name} conducts")],
        }
        self._arm()
        sim.remember(lambda: (self.mode, self._limit, self._ramp_end), self._recall)

    def _recall(self, memory: tuple[Mode, float, Timer]) -> None:
        self.mode, self._limit, self._ramp_end = memory

    @property
    def on(self) -> bool:
        return self.mode != "off"

    def set_limit(self, amps: float) -> None:
        """The current limit [A], at once."""
        self._limit = amps
        self._sim.set_input(f"{self._name}_limit", amps)

    def set_voltage(self, volts: float, *, slew: float | None = None, start: float | None = None) -> None:
        """Move the set point to `volts`, at `slew` [V/s] (None: at once) from `start` (None: from where it is)."""
        self._ramp_end.cancel()
        now = self._sim.input(f"{self._name}_set") if start is None else start
        if slew is None or now == volts:
            self._set_point(volts, 0.0)
            return
        self._set_point(now, slew if volts > now else -slew)
        end = self._sim.now_ps + to_ps(abs(volts - now) / slew)
        self._ramp_end = self._sim.at(end, lambda: self._set_point(volts, 0.0))

    def turn_on(self) -> None:
        """On terminals that stand above the set point it begins blocked: not even for an instant does it sink."""
        if not self.on:
            self._enter("blocked" if self._sim.value(self._excess) > BAND else "cv")

    def turn_off(self) -> None:
        if self.on:
            self._enter("off")

    def _set_point(self, volts: float, slope: float) -> None:
        for source in ("cv", "set"):
            self._sim.set_input(f"{self._name}_{source}", volts, slope)

    def _enter(self, mode: Mode) -> None:
        self.mode = mode
        self._sim.log(self._name, mode)
        self._sim.set_switch(f"{self._name}_cv", on=mode == "cv")
        self._sim.set_switch(f"{self._name}_cc", on=mode == "cc")
        self._arm()

    def _arm(self) -> None:
        for mode, guards in self._guards.items():
            for guard in guards:
                guard.enabled = mode == self.mode


def wire_regulator(network: Network, name: str, plus: str, minus: str, *, resistance: float) -> None:
    """Add the elements of a Regulator of that name."""
    network.source(f"{name}_cv", plus, minus, resistance, switch=f"{name}_cv")
    network.transconductance(f"{name}_cc", minus, plus, 1.0, f"{name}_limit", "0", switch=f"{name}_cc")
    network.source(f"{name}_set", f"{name}_set", "0", 1.0)
    network.source(f"{name}_limit", f"{name}_limit", "0", 1.0)
