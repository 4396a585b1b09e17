"""What a circuit of `circuits` is made of, and how it runs on our engine and as an ODE by scipy.

A circuit is declared once: a network with its switching logic, the same as an ordinary differential equation written
by hand, and the same as a netlist. Outputs and marks (crossings of a level) are shared, so the three can be compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from rig.twin.engine.network import Network
from rig.twin.engine.probe import Probe
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.snapshot import Snapshot
from rig.twin.engine.units import PICO, to_ps

JUMP = 1e-10  # s: steps shorter than this belong to a switching
Event = tuple[str, float]  # name of a mark, s
Saved = tuple[Snapshot, list[Event], dict[str, list[tuple[float, bool]]]]
Logic = Callable[["Bench"], Mapping[str, Callable[[], object]]]
Motion = Callable[[float, Sequence[float]], tuple[Sequence[float], Mapping[str, float]]]


@dataclass(frozen=True)
class Output:
    """One quantity, as our probe and as an expression of the netlist. The equations give it by the same name."""

    probe: Probe
    spice: str


@dataclass(frozen=True)
class Mark:
    """A crossing of `level` by an output, upwards (+1) or downwards (-1)."""

    output: str
    level: float
    direction: int


@dataclass(frozen=True)
class Circuit:
    """One circuit, three ways; `end` of the comparisons in s, `step` the coarser of the two steps for ngspice in s."""

    end: float
    step: float
    network: Callable[[], Network]
    logic: Logic  # starts timers; returns what to do at which mark
    equations: Callable[[Reference], None]
    netlist: str  # `{name}` of a switch: a source PWL that is 1 V while it is closed
    outputs: Mapping[str, Output]
    marks: Mapping[str, Mark]
    long: float = 0.1  # s, for the benchmark


class Bench:
    """A circuit running on our engine: what happened, and which switch was moved when."""

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self.sim = Simulation(circuit.network())
        self.events: list[Event] = []
        self.switched: dict[str, list[tuple[float, bool]]] = {}
        self._actions = circuit.logic(self)
        for name, mark in circuit.marks.items():
            probe = circuit.outputs[mark.output].probe
            self.sim.watch(probe, mark.level, mark.direction, lambda name=name: self._seen(name))

    @property
    def now(self) -> float:
        return self.sim.now_ps * PICO

    def switch(self, name: str, on: bool) -> None:
        self.switched.setdefault(name, []).append((self.now, on))
        self.sim.set_switch(name, on)

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        self.sim.at(to_ps(seconds), action)

    def after(self, seconds: float, action: Callable[[], object]) -> None:
        self.sim.at(self.sim.now_ps + to_ps(seconds), action)

    def run(self, until: float) -> Bench:
        self.sim.run_until(to_ps(until))
        return self

    def save(self) -> Saved:
        """Everything as it is now, to run on from again."""
        return self.sim.snapshot(), list(self.events), {name: list(moves) for name, moves in self.switched.items()}

    def again(
        self,
        saved: Saved,
        ohms: Mapping[str, float],
    ) -> Bench:
        """Back to what was saved, with other resistances."""
        snapshot, events, switched = saved
        self.sim.restore(snapshot)
        self.events, self.switched = list(events), {name: list(moves) for name, moves in switched.items()}
        for name, value in ohms.items():
            self.sim.set_ohms(name, value)
        return self

    def _seen(self, name: str) -> None:
        self.events.append((name, self.now))
        self._actions.get(name, lambda: None)()


@dataclass
class Reference:
    """A circuit as equations, integrated by scipy leg by leg: every change of the equations starts a new one."""

    circuit: Circuit
    method: str
    rtol: float
    t: float = 0.0
    y: list[float] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    legs: list[tuple[Motion, object]] = field(default_factory=list)

    def solve(self) -> Reference:
        self.circuit.equations(self)
        return self

    def output(self, motion: Motion, name: str) -> float:
        """An output at the present time under `motion`."""
        return motion(self.t, self.y)[1][name]

    def go(self, motion: Motion, until: float, stops: Iterable[str] = ()) -> str | None:
        """Follow `motion` until a time or the first mark of `stops`, whose name is returned. All marks are noted."""
        from scipy.integrate import solve_ivp  # loading it is no part of what the engine costs

        guards = {name: _guard(motion, mark, name in stops) for name, mark in self.circuit.marks.items()}
        found = solve_ivp(
            lambda t, y: motion(t, y)[0],
            (self.t, until),
            self.y,
            self.method,
            rtol=self.rtol,
            atol=self.rtol * 0.1,
            events=list(guards.values()),
            dense_output=True,
        )
        assert found.success, found.message
        again = 1e-12 + 4.0 * math.ulp(self.t)  # a mark that ended the last leg is seen again at its own instant
        for name, times in zip(guards, found.t_events, strict=True):
            self.events += [(name, t) for t in times if t - self.t > again]
        self.events.sort(key=lambda event: event[1])
        self.legs.append((motion, found.sol))
        self.t, self.y = float(found.t[-1]), list(found.y[:, -1])
        if found.status == 0:
            return None
        return next(n for n, times in zip(guards, found.t_events, strict=True) if n in stops and len(times))

    def go_with_diodes(
        self, motion: Callable[[frozenset[str]], Motion], until: float, diodes: Mapping[str, tuple[str, str]]
    ) -> None:
        """As `go`, with `diodes` by name that conduct from their first mark to their second."""
        on: frozenset[str] = frozenset()
        while self.t < until:
            for name, (begins, _) in diodes.items():  # conducting at once after a jump
                mark = self.circuit.marks[begins]
                if mark.direction * (self.output(motion(on - {name}), mark.output) - mark.level) > 1e-6:
                    on |= {name}
            edges = {edge: name for name, pair in diodes.items() for edge in (pair[name in on],)}
            stopped = self.go(motion(on), until, edges)
            if stopped is not None:
                on ^= {edges[stopped]}

    def at(self, name: str, times: Iterable[float]) -> np.ndarray:
        """An output at some times; at a change of the equations the value after it."""
        out = []
        for t in times:
            motion, sol = next(leg for leg in reversed(self.legs) if leg[1].t_min <= t)
            out.append(motion(t, sol(t))[1][name])
        return np.array(out)

    def peak(self, name: str) -> float:
        """The largest value of an output: between the steps of the integrator by a parabola."""
        best = -np.inf
        for motion, sol in self.legs:
            times = np.unique(np.concatenate([np.linspace(a, b, 5) for a, b in zip(sol.ts, sol.ts[1:], strict=False)]))
            values = np.array([motion(t, y)[1][name] for t, y in zip(times, sol(times).T, strict=True)])
            best = max(best, summit(times, values))
        return float(best)


def _guard(motion: Motion, mark: Mark, terminal: bool) -> Callable[[float, Sequence[float]], float]:
    def excess(t: float, y: Sequence[float]) -> float:
        return motion(t, y)[1][mark.output] - mark.level

    excess.terminal, excess.direction = terminal, mark.direction
    return excess


def summit(times: np.ndarray, values: np.ndarray) -> float:
    """The largest sample, or the top of the parabola through it and its neighbours (not beside a jump)."""
    k = int(np.argmax(values))
    best = float(values[k])
    if not 0 < k < len(values) - 1:
        return best
    left, right = times[k] - times[k - 1], times[k + 1] - times[k]
    if min(left, right) < JUMP:
        return best
    bend, slope, _ = np.polyfit((times[k - 1 : k + 2] - times[k]) / right, values[k - 1 : k + 2] - best, 2)
    return best - float(slope**2 / (4.0 * bend)) if bend < 0.0 else best
