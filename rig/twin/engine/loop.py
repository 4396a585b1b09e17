"""A supply with a real regulation loop: PI voltage control around a current-mode power stage with output capacitor.

    set ─ error amplifier (1 S) ─┬─ comp ─ power stage (1 A per V of comp) ─┬─ plus
                                 R_c + C_c, leak, clamp                     C + ESR, load

Node `comp` is the stage's commanded current, 1 V per ampere: series R_c-C_c is the PI, a leak to ground the droop.
The designer gives bandwidth f, output capacitance C and output resistance R (w = 2 pi f):

    k_p = w C          the open loop k_p / (s C) crosses unity at f (the ESR's zero has to lie above)
    k_i = k_p w / 5    the PI's zero a factor of five below: 79 degrees of phase margin
    R_c = k_p, C_c = 1 / k_i, leak = 1 / R

Closed loop: C (1 + R k_p) s^2 + (k_p + R C k_i) s + k_i = 0, with poles at 0.276 w and 0.724 w for R = 0; with droop
the crossover falls to f / (1 + R w C), and the damping is 0.91 at least, whatever R. At rest v = set - R i.

The stage gives between minus its sink limit (0: it never sinks) and its current limit. While it is at a limit, comp is
pulled there through R_c / 10 (back-calculation): the integrator neither winds up nor, as with conditional integration,
slides along the limit, because comp is on the same side of the limit with and without the pull.
"""

from typing import Literal

from rig.twin.engine.network import Network, NetworkError
from rig.twin.engine.probe import i, v
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Timer, Watch

Mode = Literal["off", "cv", "cc", "blocked", "sinking"]

BAND = 1e-7  # A: hysteresis of the switch-overs, so that a supply at rest at zero does not chatter; comp is tens of
# siemens times the difference of two voltages, which a circuit of many nodes is solved for to 1e-12 of their size
ZERO_BELOW = 5.0  # the PI's zero lies this factor below the bandwidth
PULL = 0.1  # resistance of the anti-windup pull, of R_c
TWO_PI = 6.283185307179586


def wire_loop(
    network: Network,
    name: str,
    plus: str,
    minus: str,
    *,
    bandwidth: float,
    farads: float,
    esr: float,
    resistance: float = 0.0,
    volts: float = 0.0,
) -> None:
    """Add the elements of a Loop of that name, its output capacitor `{name}_capacitor` included.

    `bandwidth` [Hz], output capacitor `farads` behind `esr` [ohm] charged to `volts`, droop `resistance` [ohm].
    """
    if not 0.0 < bandwidth < float("inf"):
        raise NetworkError(f"loop {name!r}: bandwidth is {bandwidth:g} Hz; it must be finite and above zero")
    if not 0.0 <= resistance < float("inf"):
        raise NetworkError(
            f"loop {name!r}: output resistance is {resistance:g} ohm; it must be finite and not negative"
        )
    comp, limit, floor = f"{name}_comp", f"{name}_limit", f"{name}_floor"
    gain = TWO_PI * bandwidth * farads
    network.capacitor(f"{name}_capacitor", plus, minus, farads, esr, volts=volts)
    network.source(f"{name}_set", f"{name}_set", minus, 1.0)
    network.source(limit, limit, "0", 1.0)
    network.source(floor, floor, "0", 1.0)
    network.transconductance(f"{name}_error", "0", comp, 1.0, f"{name}_set", plus, switch=f"{name}_on")
    network.capacitor(comp, comp, "0", ZERO_BELOW / (gain * TWO_PI * bandwidth), gain)
    if resistance > 0.0:
        network.resistor(f"{name}_leak", comp, "0", 1.0 / resistance, switch=f"{name}_on")
    network.resistor(f"{name}_pull_down", comp, "0", PULL * gain, switch=f"{name}_off")
    network.transconductance(f"{name}_pull_cc", comp, "0", 1.0 / (PULL * gain), comp, limit, switch=f"{name}_cc")
    network.transconductance(f"{name}_pull_floor", comp, "0", 1.0 / (PULL * gain), comp, floor, switch=f"{name}_floor")
    network.transconductance(f"{name}_cv", minus, plus, 1.0, comp, "0", switch=f"{name}_cv")
    network.transconductance(f"{name}_cc", minus, plus, 1.0, limit, "0", switch=f"{name}_cc")
    network.transconductance(f"{name}_sink", minus, plus, 1.0, floor, "0", switch=f"{name}_floor")


class Loop:
    """The state of the supply `name` wired by `wire_loop`; off, at 0 V and with a limit of 0 A at first.

    `current` is what the power stage delivers [A] (the output capacitor adds its own), `voltage` that at the
    terminals [V]. `mode` is "cv", "cc", "blocked" (at 0 A) or "sinking" (at the sink limit), or "off".
    """

    def __init__(self, sim: Simulation, name: str, plus: str, minus: str, *, sink: float = 0.0) -> None:
        if not 0.0 <= sink < float("inf"):
            raise NetworkError(f"loop {name!r}: sink limit is {sink:g} A; it must be finite and not negative")
        self._sim, self._name = sim, name
        self.mode: Mode = "off"
        self.voltage = v(plus, minus)
        self.current = i(f"{name}_cv") + i(f"{name}_cc") + i(f"{name}_sink")
        self._low: Mode = "sinking" if sink > 0.0 else "blocked"
        self._ramp_end = sim.at(sim.now_ps, lambda: None)
        self._limit_end = sim.at(sim.now_ps, lambda: None)
        over_limit = v(f"{name}_comp") - v(f"{name}_limit")
        over_floor = v(f"{name}_comp") - v(f"{name}_floor")
        self._guards: dict[Mode, list[Watch]] = {
            "off": [],
            "cv": [
                sim.watch(over_limit, BAND, +1, lambda: self._enter("cc"), level=True, name=f"{name} limits"),
                sim.watch(over_floor, -BAND, -1, lambda: self._enter(self._low), level=True, name=f"{name} blocks"),
            ],
            "cc": [sim.watch(over_limit, -BAND, -1, lambda: self._enter("cv"), level=True, name=f"{name} recovers")],
            self._low: [
                sim.watch(over_floor, BAND, +1, lambda: self._enter("cv"), level=True, name=f"{name} conducts")
            ],
        }
        sim.set_input(f"{name}_floor", -sink)
        self._switch()
        sim.remember(lambda: (self.mode, self._ramp_end, self._limit_end), self._recall)

    def _recall(self, memory: tuple[Mode, Timer, Timer]) -> None:
        self.mode, self._ramp_end, self._limit_end = memory

    @property
    def on(self) -> bool:
        return self.mode != "off"

    def set_voltage(self, volts: float, *, slew: float | None = None, start: float | None = None) -> None:
        """Move the set point to `volts`, at `slew` [V/s] (None: at once) from `start` (None: from where it is)."""
        self._ramp_end.cancel()
        self._ramp_end = self._move(f"{self._name}_set", volts, slew, start)

    def set_limit(self, amps: float, *, slew: float | None = None) -> None:
        """Move the current limit to `amps`, at `slew` [A/s] (None: at once) from where it is."""
        if not amps >= 0.0:
            raise NetworkError(f"loop {self._name!r}: current limit is {amps:g} A; it must not be negative")
        self._limit_end.cancel()
        self._limit_end = self._move(f"{self._name}_limit", amps, slew, None)

    def set_sink(self, amps: float) -> None:
        """Move the sink limit to `amps`, at once; `mode` keeps the name that the first one gave it."""
        if not amps >= 0.0:
            raise NetworkError(f"loop {self._name!r}: sink limit is {amps:g} A; it must not be negative")
        self._sim.set_input(f"{self._name}_floor", -amps)

    def turn_on(self) -> None:
        if not self.on:
            self._enter("cv")

    def turn_off(self) -> None:
        """Stop the power stage: the capacitor empties through what is connected, and the integrator is cleared."""
        if self.on:
            self._enter("off")

    def _move(self, source: str, target: float, slew: float | None, start: float | None) -> Timer:
        sim = self._sim
        now = sim.input(source) if start is None else start
        if slew is None or now == target:
            sim.set_input(source, target)
            return sim.at(sim.now_ps, lambda: None)
        sim.set_input(source, now, slew if target > now else -slew)
        return sim.at(sim.now_ps + to_ps(abs(target - now) / slew), lambda: sim.set_input(source, target))

    def _enter(self, mode: Mode) -> None:
        self.mode = mode
        self._sim.log(self._name, mode)
        self._switch()

    def _switch(self) -> None:
        closed = {"on": self.on, "off": not self.on, "cv": self.mode == "cv", "cc": self.mode == "cc"}
        closed["floor"] = self.mode == self._low
        for part, on in closed.items():
            self._sim.set_switch(f"{self._name}_{part}", on)
        for mode, guards in self._guards.items():
            for guard in guards:
                guard.enabled = mode == self.mode
