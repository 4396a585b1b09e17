"""The exact physics: faults simulated with drawn parameters, and the exact answers about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rig.measure.captures.capture import Floats
from rig.twin import Network, Probe, Simulation, i, to_ps, truth, v
from rig.twin.bench.lowpass import LowPass, render_each

BEGIN_PS = to_ps(20e-3)
"""The injection, or the removal; before it the circuit is settled."""
RATED_A = 5.0
TRIGGER_A = 5.0
GATE_V = 6.0


@dataclass(frozen=True, slots=True)
class Shot:
    """One simulated fault: probes by signal; `end` of what is known, s after the begin; `edge`: 10 to 90 % time, s."""

    sim: Simulation
    probes: Mapping[str, Probe]
    end: float
    edge: float

    def render(
        self, signals: Sequence[str], constants: Sequence[float], starts: Sequence[float], dt: float, n: int
    ) -> Floats:
        """(signals, n) exact samples; starts in s after the begin, constants of a low-pass in s (0: none)."""
        chosen = [self.probes[name] for name in signals]
        paths = [LowPass(probe, (tau,) if tau > 0.0 else ()) for probe, tau in zip(chosen, constants, strict=True)]
        found: Floats = render_each(self.sim, paths, [BEGIN_PS + to_ps(one) for one in starts], dt * 1e12, n)
        return found

    def crossing(self, signal: str, level: float, direction: int, *, last: bool = False) -> float | None:
        """s after the begin of the first or last passage of |signal| through `level`; None without one."""
        until = BEGIN_PS + to_ps(self.end)
        begin = BEGIN_PS - to_ps(1e-6)
        found = [
            at
            for sign in (1.0, -1.0)
            for at, way in truth.crossings(self.sim, sign * self.probes[signal], level, begin, until)
            if way == direction
        ]
        return ((max(found) if last else min(found)) - BEGIN_PS) * 1e-12 if found else None

    def peak(self, signal: str, begin: float, end: float) -> float:
        """Largest value from begin to end, s after the begin."""
        return truth.peak(self.sim, self.probes[signal], BEGIN_PS + to_ps(begin), BEGIN_PS + to_ps(end))[0]

    def squares(self, signal: str, begin: float, end: float) -> float:
        """Integral of the square from begin to end, s after the begin."""
        return truth.i2t(self.sim, self.probes[signal], BEGIN_PS + to_ps(begin), BEGIN_PS + to_ps(end))

    def integral(self, signal: str, begin: float, end: float) -> float:
        """Integral from begin to end, s after the begin."""
        return truth.integral(self.sim, self.probes[signal], BEGIN_PS + to_ps(begin), BEGIN_PS + to_ps(end))

    def energy(self, volts: str, amps: str, begin: float, end: float) -> float:
        """Integral of volts x amps from begin to end, s after the begin."""
        span = BEGIN_PS + to_ps(begin), BEGIN_PS + to_ps(end)
        return truth.energy(self.sim, self.probes[volts], self.probes[amps], *span)

    def value(self, signal: str, at: float) -> float:
        """The value at an instant, s after the begin."""
        return float(self.sim.render([self.probes[signal]], BEGIN_PS + to_ps(at), 1.0, 1)[0, 0])


def hard_short(rng: np.random.Generator) -> Shot:
    """A short of a 54 V port behind a cable: the current rises nearly straight, breaks off in a corner when the switch
    opens some microseconds later, and dies away exponentially through a diode."""
    cable, loop = rng.uniform(1e-6, 3e-6), rng.uniform(0.5e-6, 2e-6)
    short = rng.uniform(0.08, 0.2)
    threshold, delay = rng.uniform(30.0, 80.0), rng.uniform(4e-6, 10e-6)
    shot = _short(cable, loop, short, rng.uniform(15.0, 30.0), threshold, delay, 120e-6, (cable + loop) / 0.2)
    return replace(shot, probes={**shot.probes, "port_voltage": v("port")})


def overload(rng: np.random.Generator, edge: float, duration: float) -> Shot:
    """A resistor across the port, cleared after `duration` s; the current rises and falls within about `edge` s."""
    ohms = rng.uniform(1.5, 4.0)
    loop = edge / 2.2 * ohms
    return _short(0.05e-6, loop, ohms, rng.uniform(15.0, 30.0), 8.0, duration, 1.6 * duration + 40.0 * edge, edge)


def _short(
    cable: float, loop: float, ohms: float, base: float, threshold: float, delay: float, end: float, edge: float
) -> Shot:
    net = Network()
    net.source("supply", "out", "0", 0.02)
    net.branch("cable", "out", "in", 0.03, cable)
    for node in ("in", "port", "load"):
        net.resistor(f"tie {node}", node, "0", 1e5)
    net.diode("clamp", "in", "0", 70.0, 0.1)
    net.resistor("breaker", "in", "port", 0.005, switch="breaker")
    net.resistor("shunt", "port", "load", 0.005)
    net.resistor("base", "load", "0", base)
    net.branch("short", "load", "0", ohms, loop, switch="injector")
    net.diode("freewheel", "0", "port", 0.7, 0.02)
    sim = Simulation(net)
    sim.set_input("supply", 54.0)
    sim.set_switch("breaker", True)
    sim.run_until(BEGIN_PS)
    sim.watch(
        i("shunt"), threshold, +1, lambda: sim.at(sim.now_ps + to_ps(delay), lambda: sim.set_switch("breaker", False))
    )
    sim.set_switch("injector", True)
    sim.run_until(BEGIN_PS + to_ps(end))
    return Shot(sim, {"port_current": i("shunt"), "injector_current": i("short")}, end, edge)


def recovery(rng: np.random.Generator, edge: float, duration: float) -> Shot:
    """A gate falls (the removal), and after `duration` s the port voltage comes back exponentially within `edge` s."""
    net = Network()
    farads = 10e-6
    net.source("supply", "out", "0", edge / 2.2 / farads)
    net.capacitor("output", "out", "0", farads, 1e-3)
    net.source("gate", "g", "0", edge / 2.2 / farads)
    net.capacitor("gate capacitor", "g", "0", farads, 1e-3)
    sim = Simulation(net)
    sim.set_input("gate", 12.0)
    sim.run_until(BEGIN_PS)
    sim.set_input("gate", 0.0)
    volts = rng.uniform(53.0, 55.0)
    sim.at(BEGIN_PS + to_ps(duration), lambda: sim.set_input("supply", volts))
    end = 2.0 * duration + 40.0 * edge
    sim.run_until(BEGIN_PS + to_ps(end))
    return Shot(sim, {"port_voltage": v("out"), "gate_voltage": v("g")}, end, edge)
