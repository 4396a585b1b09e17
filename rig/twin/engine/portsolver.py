"""Nonlinear ports in a linear network: straight pieces of current whose ends obey the law.

Seen from its ports the network is a Thevenin source. Over a step of h the port's current is a straight line from where
it is, and its slope is the one with which the law holds at the end (Newton's method, at most three unknowns). The law
is looked at again inside the step, and the step is halved until current and law agree there; when they agree with room
to spare the next step is twice as long. A port at rest soon takes steps longer than any run.
"""

from __future__ import annotations

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
        self._ramps: dict[tuple[Mode, tuple[str, ...], int], Array] = {}

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
        open_volts = rows.state @ drive.state + rows.input @ drive.inputs(0.0)
        start = np.array([self.states[name].volts for name in self.active])
        volts = self._solve(open_volts, -rows.input[:, index], 0.0, start)
        if volts is None:
            raise NetworkError(f"ports {list(self.active)}: no current agrees with the voltage that the network leaves")
        amps = self._draw(volts, 0.0)[0]
        drive.input[index] = amps
        for name, here, current in zip(self.active, volts, amps, strict=True):
            state = self.states[name]
            memory = state.law.later(float(here), 0.0, state.memory)  # its rate may have jumped
            self._keep(name, replace(state, volts=float(here), amps=float(current), memory=memory))
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
        now, volts = drive.input[index], np.array([self.states[name].volts for name in self.active])
        still = mode.curve(rows, drive, h).at(LOOKS * h)
        ramp = self._ramp(mode, rows, index, ps)
        outer = -ramp[-1] / h
        open_volts = still[:, -1] + outer @ now
        last = self._solve(open_volts, outer, h, volts)
        if last is None:
            return None
        lawful = self._draw(last, h)[0]
        middle = self._error(still, ramp, MIDDLE, now, (lawful - now) / h, h)
        moved = (self._miss(now, volts, 0.0, -ramp[MIDDLE] / (LOOKS[MIDDLE] * h)) / 2.0 - middle) * (2.0 / 3.0)
        if not np.isfinite(moved).all():
            return None
        outside = np.abs(np.diag(ramp[MIDDLE])) / (LOOKS[MIDDLE] * h)
        by_volts = VOLTS * (np.abs(last) + 1.0) / np.maximum(outside, 1e-12)
        allowed = np.minimum(RELATIVE * np.maximum(np.abs(now), np.abs(lawful)), by_volts) + ABSOLUTE
        moved = np.clip(moved, -allowed, allowed)
        last = self._newton(last, open_volts - outer @ moved, outer, h)
        if last is None:
            return None
        slope = (self._draw(last, h)[0] + moved - now) / h
        errors = [self._error(still, ramp, k, now, slope, h) for k in range(len(LOOKS) - 1)]
        off = float(np.max(np.abs(errors) / allowed))
        return Step(ps, slope, off if np.isfinite(off) else np.inf)

    def _error(self, still: Array, ramp: Array, look: int, now: Array, slope: Array, h: float) -> Array:
        """How far the straight currents are from the lawful ones at a look."""
        t = LOOKS[look] * h
        return self._miss(now + slope * t, still[:, look] + ramp[look] @ slope, t, -ramp[look] / t)

    def _miss(self, amps: Array, volts: Array, t: float, outer: Array) -> Array:
        """Distance from the currents that law and network would agree on: one step of Newton's method."""
        law, siemens = self._draw(volts, t)
        if not (np.isfinite(law).all() and np.isfinite(siemens).all()):
            return np.full(len(amps), np.inf)
        slope = np.eye(len(amps)) + siemens[:, None] * outer
        if len(amps) == 1:
            return np.asarray((amps - law) / slope[0, 0], dtype=np.float64)
        return np.asarray(np.linalg.lstsq(slope, amps - law, rcond=None)[0], dtype=np.float64)

    def _ramp(self, mode: Mode, rows: Row, index: Index, step_ps: int) -> Array:
        """Port voltages at the looks for a slope of 1 A/s at each port, shape (looks, ports, ports)."""
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
            self._ramps[key] = out
        return self._ramps[key]

    def _index(self, mode: Mode) -> Index:
        return np.array([mode.layout.input[name] for name in self.active], dtype=np.intp)

    def _keep(self, name: str, state: PortState) -> None:
        self.states = {**self.states, name: state}

    def _draw(self, volts: Array, h: float) -> tuple[Array, Array]:
        states = [self.states[name] for name in self.active]
        both = [s.law.draw(float(u), h, s.memory) for s, u in zip(states, volts, strict=True)]
        return np.array([i for i, _ in both]), np.array([g for _, g in both])

    def _solve(self, open_volts: Array, outer: Array, h: float, start: Array) -> Array | None:
        """Port voltages with v + outer i(v) = open_volts: from where they are, from above, from the lowest branch."""
        lows = np.array([self.states[name].law.low() for name in self.active])
        choices = list(zip(start, open_volts, np.copysign(lows, open_volts), strict=True))
        for first in product(*choices):
            found = self._newton(np.array(first), open_volts, outer, h)
            if found is not None:
                return found
        return None

    def _newton(self, volts: Array, open_volts: Array, outer: Array, h: float) -> Array | None:
        one = np.eye(len(volts))
        for _ in range(120):
            amps, siemens = self._draw(volts, h)
            if not np.isfinite(amps).all():
                return None
            miss = volts + outer @ amps - open_volts
            allowed = 1e-13 * (np.abs(open_volts) + np.abs(volts) + np.abs(outer) @ np.abs(amps)) + 1e-15
            if (np.abs(miss) <= allowed).all():
                return volts
            slope = one + outer * siemens
            if len(volts) == 1:
                step = np.asarray(miss / slope[0] if slope[0, 0] != 0.0 else miss * np.inf)
            else:
                step = np.asarray(np.linalg.lstsq(slope, miss, rcond=None)[0])
            volts = volts - step
            if (np.abs(step) <= 1e-15 * (np.abs(volts) + np.abs(open_volts))).all():
                return volts
            if not np.isfinite(volts).all():
                return None
        return None


def _power_of_two(ps: float) -> int:
    """The largest power of two up to that many ps, within what a step may be: steps repeat, and so do their answers."""
    exponent = int(np.floor(np.log2(max(ps, SHORTEST_PS))))
    return int(min(max(2**exponent, SHORTEST_PS), LONGEST_PS))
