"""Nonlinear ports in a linear network: straight pieces of current whose ends obey the law.

Seen from its ports the network is a Thevenin source. Over a step of h the port's current is a straight line from where
it is, and its slope is the one with which the law holds at the end (Newton's method, at most three unknowns). The law
is looked at again inside the step, and the step is halved until current and law agree there; when they agree with room
to spare the next step is twice as long. A port at rest soon takes steps longer than any run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from rig.twin.engine.curve import Array
from rig.twin.engine.ladder import PS
from rig.twin.engine.mode import Drive, Mode, Row
from rig.twin.engine.network import NetworkError, Port
from rig.twin.engine.ports import Law, Memory
from rig.twin.engine.probe import v
from rig.twin.engine.tones import NO_TONES, Index

Numbers = list[float]  # one for each active port
Table = list[Numbers]

MOST = 3  # ports at a time
RELATIVE, ABSOLUTE = 1e-5, 1e-9  # of the current, and A: how far current and law may part inside a step
VOLTS = 1e-3  # of the voltage, and of 1 V: how far the error of a current may move it
SHORTEST_PS, LONGEST_PS = 8, 2**60
MIDDLE = 1
LOOKS = np.array([0.31, 0.5, 1.0])  # of a step; nothing that rings is in phase with all of them
FIRST = 0.05  # of the fastest time constant: the first step after a change
PER_PERIOD = 16  # steps in a period of a sine


@dataclass(frozen=True, slots=True)
class PortState:
    """Where a port stands: its law, what it draws, its voltage, its memory, and whether it has not gone out."""

    law: Law
    amps: float = 0.0
    volts: float = 0.0
    memory: Memory = (0.0, 0.0)
    lit: bool = False


@dataclass(frozen=True, slots=True)
class Ramp:
    """Port voltages t seconds into a step for a slope of 1 A/s at each port, and the resistance that this is like."""

    t: float
    rise: Table
    outer: Table


@dataclass(frozen=True, slots=True)
class Step:
    """An attempt at a step: its length, the slopes of the currents [A/s], and the worst error (1 is allowed)."""

    ps: int
    slope: Array
    off: float


class Ports:
    """All nonlinear ports of a network."""

    def __init__(self, ports: Sequence[Port]) -> None:
        self.ports = {p.name: p for p in ports}
        self.states: dict[str, PortState] = {p.name: PortState(p.law) for p in ports}
        self.active: tuple[str, ...] = ()
        self.out: frozenset[str] = frozenset()
        self._since_ps = 0
        self._step_ps = 0
        self._ramps: dict[tuple[Mode, tuple[str, ...], int], list[Ramp]] = {}

    def set_law(self, name: str, law: Law) -> None:
        """Another law from now on; a law with a memory keeps it."""
        state = self.states[name]
        kept = state.memory if type(law) is type(state.law) else law.begin()
        self.states = {**self.states, name: replace(state, law=law, memory=kept)}
        self._step_ps = 0

    def extinguish(self, name: str) -> None:
        """The port draws nothing until it is switched off and on."""
        self.out = self.out | {name}

    def switch(self, on: Mapping[str, bool]) -> None:
        """Which ports are switched on now; one that was off starts afresh."""
        self.out = frozenset(name for name in self.out if on[name])
        active = tuple(name for name in self.ports if on[name] and name not in self.out)
        if len(active) > MOST:
            raise NetworkError(f"ports {list(active)}: at most {MOST} nonlinear ports can be active at a time")
        for name in self.ports:
            state = self.states[name]
            if name in active and not state.lit:
                self.states = {**self.states, name: PortState(state.law, memory=state.law.begin(), lit=True)}
            elif name not in active and state.lit:
                self.states = {**self.states, name: PortState(state.law)}
        if active != self.active:
            self.active, self._step_ps = active, 0

    def carry(self, now_ps: int, volts: Array, amps: Array) -> None:
        """Time has passed since the last step began: take voltages, currents and memories along."""
        h = (now_ps - self._since_ps) * PS
        for name, here, current in zip(self.active, volts, amps, strict=True):
            state = self.states[name]
            memory = state.law.later(float(here), h, state.memory) if h > 0.0 else state.memory
            self._keep(name, replace(state, volts=float(here), amps=float(current), memory=memory))

    def begin(self, now_ps: int) -> None:
        """A step begins."""
        self._since_ps = now_ps

    def probe_rows(self, mode: Mode) -> Row:
        """Voltages of the active ports."""
        return mode.rows([v(self.ports[name].a, self.ports[name].b) for name in self.active])

    def instant(self, mode: Mode, drive: Drive) -> Drive:
        """The drive with the currents that obey the laws at its start."""
        rows, index = self.probe_rows(mode), self._index(mode)
        drive.input[index] = 0.0
        open_volts: Numbers = (rows.state @ drive.state + rows.input @ drive.inputs(0.0)).tolist()
        volts = self._solve(open_volts, (-rows.input[:, index]).tolist(), 0.0, self._volts())
        if volts is None:
            raise NetworkError(f"ports {list(self.active)}: no current agrees with the voltage that the network leaves")
        amps = self._draw(volts, 0.0)[0]
        drive.input[index] = amps
        for name, here, current in zip(self.active, volts, amps, strict=True):
            state = self.states[name]
            memory = state.law.later(here, 0.0, state.memory)  # its rate may have jumped
            self._keep(name, replace(state, volts=here, amps=current, memory=memory))
        return drive

    def resume(self, mode: Mode, drive: Drive) -> Drive:
        """The drive with the currents as they have come to be."""
        drive.input[self._index(mode)] = [self.states[name].amps for name in self.active]
        return drive

    def plan(self, mode: Mode, drive: Drive, limit_ps: int, *, steady: bool) -> tuple[Drive, int]:
        """The drive with the slopes of the next step, and its length [ps], at most `limit_ps`."""
        rows, index = self.probe_rows(mode), self._index(mode)
        if not steady or not self._step_ps:
            self._step_ps = _power_of_two(FIRST / max(mode.fastest, 1.0) / PS)
        if drive.tones.omega.size:
            period_ps = 2.0 * np.pi / float(drive.tones.omega.max()) / PS
            self._step_ps = min(self._step_ps, _power_of_two(period_ps / PER_PERIOD))
        step = self._step(mode, drive, rows, index, limit_ps)
        while step is None or (step.off > 1.0 and step.ps > SHORTEST_PS):
            if step is None and self._step_ps <= SHORTEST_PS:
                raise NetworkError(f"ports {list(self.active)}: their current runs away within {SHORTEST_PS} ps")
            self._step_ps = _power_of_two((step.ps if step else self._step_ps) / 2)
            step = self._step(mode, drive, rows, index, limit_ps)
        slope = drive.slope.copy()
        slope[index] = step.slope
        if step.off < 0.2 and step.ps == self._step_ps:
            self._step_ps = min(2 * self._step_ps, LONGEST_PS)
        return replace(drive, slope=slope), step.ps

    def _step(self, mode: Mode, drive: Drive, rows: Row, index: Index, limit_ps: int) -> Step | None:
        """One attempt; None when no current obeys the law at its end.

        A chord of the law's current is wrong by h^2 i'' / 8 in its middle and by two thirds of that on average. Moved
        by so much it is right on average, and what remains of the error is two orders smaller at the end of the step.
        """
        ps = min(self._step_ps, limit_ps)
        h = ps * PS
        now: Numbers = drive.input[index].tolist()
        still: Table = mode.curve(rows, drive, h).at(LOOKS * h).T.tolist()
        ramps = self._ramp(mode, rows, index, ps)
        middle, end = ramps[MIDDLE], ramps[-1]
        open_volts = [u - d for u, d in zip(still[-1], _dot(end.rise, now, 1.0 / h), strict=True)]
        last = self._solve(open_volts, end.outer, h, self._volts())
        if last is None:
            return None
        lawful = self._draw(last, h)[0]
        chord = [(i - n) / h for i, n in zip(lawful, now, strict=True)]
        first, half = self._miss(now, self._volts(), 0.0, middle.outer), self._error(still, middle, MIDDLE, now, chord)
        moved = [(a / 2.0 - b) * (2.0 / 3.0) for a, b in zip(first, half, strict=True)]
        if not all(map(math.isfinite, moved)):
            return None
        allowed = [
            min(RELATIVE * max(abs(n), abs(i)), VOLTS * (abs(u) + 1.0) / max(abs(middle.outer[k][k]), 1e-12)) + ABSOLUTE
            for k, (n, i, u) in enumerate(zip(now, lawful, last, strict=True))
        ]
        moved = [min(max(m, -a), a) for m, a in zip(moved, allowed, strict=True)]
        pulled = [u - d for u, d in zip(open_volts, _dot(end.outer, moved), strict=True)]
        last = self._newton(last, pulled, end.outer, h)
        if last is None:
            return None
        slope = [(i + m - n) / h for i, m, n in zip(self._draw(last, h)[0], moved, now, strict=True)]
        looks = range(len(LOOKS) - 1)
        off = max(
            abs(e) / a for k in looks for e, a in zip(self._error(still, ramps[k], k, now, slope), allowed, strict=True)
        )
        return Step(ps, np.array(slope), off if math.isfinite(off) else math.inf)

    def _error(self, still: Table, ramp: Ramp, look: int, now: Numbers, slope: Numbers) -> Numbers:
        """How far the straight currents are from the lawful ones at a look."""
        volts = [u + r for u, r in zip(still[look], _dot(ramp.rise, slope), strict=True)]
        return self._miss([n + s * ramp.t for n, s in zip(now, slope, strict=True)], volts, ramp.t, ramp.outer)

    def _miss(self, amps: Numbers, volts: Numbers, t: float, outer: Table) -> Numbers:
        """Distance from the currents that law and network would agree on: one step of Newton's method."""
        law, siemens = self._draw(volts, t)
        if not (all(map(math.isfinite, law)) and all(map(math.isfinite, siemens))):
            return [math.inf] * len(amps)
        slope = [
            [(j == k) + g * r for j, r in enumerate(row)] for k, (g, row) in enumerate(zip(siemens, outer, strict=True))
        ]
        return _divided([a - i for a, i in zip(amps, law, strict=True)], slope)

    def _ramp(self, mode: Mode, rows: Row, index: Index, step_ps: int) -> list[Ramp]:
        """What slopes of the currents do to the port voltages, at each look."""
        key = (mode, self.active, step_ps)
        if key not in self._ramps:
            if len(self._ramps) > 1000:
                self._ramps.clear()
            h = step_ps * PS
            out = np.empty((len(LOOKS), len(index), len(index)))
            states, inputs = len(mode.layout.state), len(mode.layout.input)
            for k, n in enumerate(index):
                slope = np.zeros(inputs)
                slope[n] = 1.0
                unit = Drive(np.zeros(states), np.zeros(inputs), slope, NO_TONES)
                out[:, :, k] = mode.curve(rows, unit, h).at(LOOKS * h).T
            times: Numbers = (LOOKS * h).tolist()
            self._ramps[key] = [Ramp(t, r.tolist(), (-r / t).tolist()) for t, r in zip(times, out, strict=True)]
        return self._ramps[key]

    def _index(self, mode: Mode) -> Index:
        return np.array([mode.layout.input[name] for name in self.active], dtype=np.intp)

    def _keep(self, name: str, state: PortState) -> None:
        self.states = {**self.states, name: state}

    def _volts(self) -> Numbers:
        return [self.states[name].volts for name in self.active]

    def _draw(self, volts: Numbers, h: float) -> tuple[Numbers, Numbers]:
        states = [self.states[name] for name in self.active]
        both = [s.law.draw(u, h, s.memory) for s, u in zip(states, volts, strict=True)]
        return [i for i, _ in both], [g for _, g in both]

    def _solve(self, open_volts: Numbers, outer: Table, h: float, start: Numbers) -> Numbers | None:
        """Port voltages with v + outer i(v) = open_volts: from where they are, from above, from the lowest branch."""
        lows = [math.copysign(self.states[n].law.low(), u) for n, u in zip(self.active, open_volts, strict=True)]
        for first in product(*zip(start, open_volts, lows, strict=True)):
            found = self._newton(list(first), open_volts, outer, h)
            if found is not None:
                return found
        return None

    def _newton(self, volts: Numbers, open_volts: Numbers, outer: Table, h: float) -> Numbers | None:
        for _ in range(120):
            amps, siemens = self._draw(volts, h)
            if not all(map(math.isfinite, amps)):
                return None
            drop, size = _dot(outer, amps), _dot(outer, amps, sized=True)
            miss = [v + d - u for v, d, u in zip(volts, drop, open_volts, strict=True)]
            exact = all(
                abs(m) <= 1e-13 * (abs(u) + abs(v) + s) + 1e-15
                for m, u, v, s in zip(miss, open_volts, volts, size, strict=True)
            )
            if exact:
                return volts
            slope = [
                [(j == k) + r * g for j, (r, g) in enumerate(zip(row, siemens, strict=True))]
                for k, row in enumerate(outer)
            ]
            step = _divided(miss, slope)
            volts = [v - s for v, s in zip(volts, step, strict=True)]
            if all(abs(s) <= 1e-15 * (abs(v) + abs(u)) for s, v, u in zip(step, volts, open_volts, strict=True)):
                return volts
            if not all(map(math.isfinite, volts)):
                return None
        return None


def _dot(table: Table, numbers: Numbers, factor: float = 1.0, *, sized: bool = False) -> Numbers:
    """A matrix times a vector, or the sum of the sizes of its terms: plain numbers, there are at most three."""
    if sized:
        return [sum(abs(r * x) for r, x in zip(row, numbers, strict=True)) for row in table]
    return [factor * sum(r * x for r, x in zip(row, numbers, strict=True)) for row in table]


def _divided(numbers: Numbers, table: Table) -> Numbers:
    """Solve table x = numbers."""
    if len(numbers) == 1:
        return [numbers[0] / table[0][0] if table[0][0] != 0.0 else math.copysign(math.inf, numbers[0])]
    out: Numbers = np.linalg.lstsq(np.array(table), np.array(numbers), rcond=None)[0].tolist()
    return out


def _power_of_two(ps: float) -> int:
    """The largest power of two up to that many ps, within what a step may be: steps repeat, and so do their answers."""
    exponent = int(np.floor(np.log2(max(ps, SHORTEST_PS))))
    return int(min(max(2**exponent, SHORTEST_PS), LONGEST_PS))
