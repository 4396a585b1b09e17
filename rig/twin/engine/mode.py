"""The exact motion of one mode: one set of closed switches, conducting diodes and resistances."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import factorial

import numpy as np

from rig.twin.engine.assembly import Layout, StateSpace
from rig.twin.engine.curve import Array, Complex, Curve, Waveform
from rig.twin.engine.eigen import eigenbasis
from rig.twin.engine.ladder import Ladder, LadderCurve
from rig.twin.engine.probe import Probe
from rig.twin.engine.tones import NO_TONES, Index, Tones

WORST_CONDITION = 1e6  # of a usable eigenbasis; costs at most six of sixteen digits
SLOW = 0.02  # |pole * horizon| below which a term is expanded in powers of t: no division by a vanishing pole
STANDING = 1e-12  # 1/s: a pole that is slow for as long as anybody simulates
MOST_CURVES = 100  # kept: a segment is looked at again and again by the same guards and channels
DEGREE = 6  # SLOW ** 7 / 7! is below the rounding of doubles


@dataclass(frozen=True, slots=True)
class Row:
    """Linear outputs, one row each (or a single one): state . y + input . u with y the scaled states."""

    state: Array
    input: Array


@dataclass(frozen=True, slots=True)
class Drive:
    """Where a segment starts: scaled states, inputs (constant input last), their slopes per second and their sines."""

    state: Array
    input: Array
    slope: Array
    tones: Tones = NO_TONES

    def inputs(self, t: float) -> Array:
        """Everything the inputs are at local time t (s)."""
        line: Array = self.input + self.slope * t
        return self.tones.add_to(line, t) if self.tones.omega.size else line


@dataclass(frozen=True, slots=True)
class Modal:
    """Modes of a network, slowest first, conjugates left out: x' = pole x + push u, scaled states = Re(back x).

    x = into states; a state is the real part because conjugate halves are implied.
    """

    pole: Complex
    into: Complex
    back: Complex
    push: Complex


@dataclass(frozen=True, slots=True)
class Motion:
    """A drive seen by the modes: x' = pole x + force + ramp t from `start`; x = free exp(pole t) + line . [1, t]."""

    start: Complex
    force: Complex
    ramp: Complex
    line: Complex
    free: Complex
    answer: Complex  # phasors of the scaled states, one column for each sine


class Mode:
    """State space of one mode with its eigenbasis, or with a ladder of matrix exponentials where none is usable."""

    def __init__(self, layout: Layout, active: frozenset[str], ohms: Mapping[str, float]) -> None:
        self.layout = layout
        self.active = active
        self._space = StateSpace(layout, active, ohms)
        self._rows: dict[Probe, Row] = {}
        self._tables: dict[tuple[Probe, ...], Row] = {}
        self._ladders: dict[tuple[tuple[int, ...], tuple[float, ...]], Ladder] = {}
        self._B: Array = self._space.B.astype(np.float64)
        pole, vectors, inverse = eigenbasis(self._space.A)
        self.ladder: Ladder | None = None
        if pole.size and _worse(vectors, inverse):
            self.ladder = Ladder(self._space.A.astype(np.float64), self._B)
        kept = np.flatnonzero(pole.imag >= 0.0)
        kept = kept[np.argsort(np.abs(pole[kept]), kind="stable")]
        self._pole, self._into = pole[kept], inverse[kept]
        self._back = np.where(pole[kept].imag > 0.0, 2.0, 1.0) * vectors[:, kept]
        self.rate, self.pole = self._pole.real[self._pole.imag == 0.0], self._pole[self._pole.imag > 0.0]
        self._sizes: list[float] = np.abs(self._pole).tolist()
        self._splits: dict[int, tuple[Index, Index, Index]] = {}
        self._latest: tuple[Row, Complex] | None = None
        self._curves: dict[int, tuple[Row, Drive, int, Curve]] = {}
        self._moving: tuple[Drive, Motion] | None = None

    def row(self, probe: Probe) -> Row:
        """The probe as a linear output of this mode; unknown names raise NetworkError."""
        if probe not in self._rows:
            self._learn([probe])
        return self._rows[probe]

    def rows(self, probes: Sequence[Probe]) -> Row:
        """Several probes, one matrix row each; the same object for the same probes."""
        key = tuple(probes)
        if key not in self._tables:
            self._learn([p for p in key if p not in self._rows])
            known = [self._rows[p] for p in key]
            states, inputs = len(self.layout.state), len(self.layout.input)
            self._tables[key] = Row(
                np.array([row.state for row in known]).reshape(len(known), states),
                np.array([row.input for row in known]).reshape(len(known), inputs),
            )
        return self._tables[key]

    def _learn(self, probes: Sequence[Probe]) -> None:
        states = len(self.layout.state)
        for probe, line in zip(probes, self._space.rows(probes), strict=True):
            self._rows[probe] = Row(line[:states], line[states:])

    def curve(self, rows: Row, drive: Drive, horizon: float) -> Waveform:
        """The outputs `rows` as functions of local time, good on [0, horizon] (s)."""
        if self.ladder is not None:
            return self._climb(self.ladder, rows, drive)
        slow, real, ring = self._split(horizon)
        known = self._curves.get(id(rows))
        if known is not None and known[0] is rows and known[1] is drive and known[2] == slow.size:
            return known[3]  # the horizon says which modes are slow, and nothing else
        motion, out = self._motion(drive), self._spread(rows)
        poly = np.empty((len(out), 2))
        poly[:, 0], poly[:, 1] = rows.input @ drive.input, rows.input @ drive.slope
        fast = out[:, slow.size :]  # the slowest come first
        poly += (fast @ motion.line[slow.size :]).real
        if slow.size:
            poly = _added(poly, (out[:, : slow.size] @ self._series(motion, slow.size)).real)
        elif not poly[:, 1].any():
            poly = poly[:, :1]
        weight = out * motion.free
        pole, swing = self._pole[ring], weight[:, ring]
        if drive.tones.omega.size:
            pole = np.concatenate([pole, 1j * drive.tones.omega])
            swing = np.concatenate([swing, self.tone_rows(rows, drive.tones, motion.answer)], axis=1)
        curve = Curve(poly, self._pole[real].real, weight[:, real].real, pole, swing)
        if len(self._curves) >= MOST_CURVES:
            self._curves.clear()
        self._curves[id(rows)] = (rows, drive, slow.size, curve)
        return curve

    def _motion(self, drive: Drive) -> Motion:
        """A drive in modal coordinates; guards, states and probes of one segment ask for it in turn."""
        if self._moving is None or self._moving[0] is not drive:
            modal, answer = self.modal, self.answers(drive.tones)
            free = drive.state - answer.real.sum(axis=1) if drive.tones.omega.size else drive.state
            start, force, ramp = modal.into @ free, modal.push @ drive.input, modal.push @ drive.slope
            drift = -ramp / self._divisor
            line = np.stack([(drift - force) / self._divisor, drift], axis=1)
            self._moving = (drive, Motion(start, force, ramp, line, start - line[:, 0], answer))
        return self._moving[1]

    def _split(self, horizon: float) -> tuple[Index, Index, Index]:
        """Which modes are slow, real or oscillating seen over a horizon (s)."""
        slow = bisect_left(self._sizes, SLOW / horizon) if horizon > 0.0 else len(self._sizes)
        if slow not in self._splits:
            number, swings = np.arange(len(self._pole)), self._pole.imag > 0.0
            fast = number >= slow
            self._splits[slow] = (number[:slow], number[fast & ~swings], number[fast & swings])
        return self._splits[slow]

    def _series(self, motion: Motion, count: int) -> Complex:
        """The slowest modes in powers of t: x' = p x + b, x'' = p x' + c, and each further derivative p times that."""
        pole = self._pole[:count]
        first = pole * motion.start[:count] + motion.force[:count]
        second = pole * first + motion.ramp[:count]
        return np.concatenate(
            [motion.start[:count, None], first[:, None], second[:, None] * self._powers[:count]], axis=1
        )

    @cached_property
    def _powers(self) -> Complex:
        """The powers of the poles that follow the second derivative, over their factorials."""
        order = np.arange(DEGREE - 1)
        return np.asarray(self._pole[:, None] ** order / [factorial(k + 2) for k in order])

    @cached_property
    def _divisor(self) -> Complex:
        """The poles without those so small that they are slow at any horizon."""
        return np.where(np.abs(self._pole) < STANDING, 1.0, self._pole)

    def _spread(self, rows: Row) -> Complex:
        """What the modes do to the outputs; the guards of a segment ask several times in a row."""
        if self._latest is None or self._latest[0] is not rows:
            self._latest = (rows, rows.state @ self._back)
        return self._latest[1]

    @cached_property
    def _every(self) -> Row:
        size = len(self.layout.state)
        return Row(np.eye(size), np.zeros((size, len(self.layout.input))))

    @cached_property
    def growth(self) -> float:
        """The fastest growth among the modes, 1/s; 0 when all decay."""
        return float(self._pole.real.max(initial=0.0))

    @cached_property
    def fastest(self) -> float:
        """The largest rate among the modes, 1/s."""
        return self._sizes[-1] if self._sizes else 0.0

    @cached_property
    def modal(self) -> Modal:
        """Everything about the modes; not for a mode with a ladder."""
        return Modal(self._pole, self._into, self._back, self._into @ self._B)

    def answers(self, tones: Tones) -> Complex:
        """Phasors of the scaled states in the steady state of each sine, one column each."""
        out = np.zeros((len(self.layout.state), len(tones.omega)), dtype=np.complex128)
        if not tones.omega.size:
            return out
        force = self._B[:, tones.index] * tones.phasor
        turn = 1j * tones.omega
        for pole, into, back in (
            (self._pole, self._into, self._back),
            (self._pole.conj(), self._into.conj(), self._back.conj()),
        ):
            out += back @ ((into @ force) / (turn - pole[:, None])) / 2.0
        return out

    def tone_rows(self, rows: Row, tones: Tones, answer: Complex) -> Complex:
        """Phasors of the outputs `rows` for each sine."""
        return np.asarray(rows.state @ answer + rows.input[:, tones.index] * tones.phasor, dtype=np.complex128)

    def _climb(self, ladder: Ladder, rows: Row, drive: Drive) -> LadderCurve:
        """Without an eigenbasis a sine is two more states, which turn into each other."""
        states, tones = rows.state, drive.tones
        if tones.omega.size:
            ladder = self._turning(tuple(tones.index), tuple(tones.omega))
            sines = np.zeros((len(states), 2 * len(tones.omega)))
            sines[:, ::2] = rows.input[:, tones.index]
            states = np.concatenate([states, sines], axis=1)
        phasors = tones.phasor.view(np.float64)
        z0 = np.concatenate([drive.state, phasors, drive.input, drive.slope])
        table = np.concatenate([states, rows.input, np.zeros_like(rows.input)], axis=1)
        return LadderCurve(ladder, table, z0, np.zeros(len(table)))

    def _turning(self, index: tuple[int, ...], omega: tuple[float, ...]) -> Ladder:
        if (index, omega) not in self._ladders:
            size, extra = len(self.layout.state), 2 * len(omega)
            A = np.zeros((size + extra, size + extra))
            A[:size, :size] = self._space.A
            for k, (n, turn) in enumerate(zip(index, omega, strict=True)):
                at = size + 2 * k
                A[:size, at] = self._B[:, n]
                A[at, at + 1], A[at + 1, at] = -turn, turn
            B = np.concatenate([self._B, np.zeros((extra, self._B.shape[1]))])
            self._ladders[index, omega] = Ladder(A, B)
        return self._ladders[index, omega]

    def state(self, drive: Drive, t: float) -> Array:
        """Scaled states at local time t (s)."""
        if self.ladder is not None:
            out: Array = self.curve(self._every, drive, t).at(np.array([t]))[:, 0]
            return out
        motion, count = self._motion(drive), self._split(t)[0].size
        x = np.empty(len(self._pole), dtype=np.complex128)
        if count:
            x[:count] = self._series(motion, count) @ t ** np.arange(DEGREE + 1)
        line, pole = motion.line[count:], self._pole[count:]
        x[count:] = motion.free[count:] * np.exp(pole * t) + line[:, 0] + line[:, 1] * t
        out = (self._back @ x).real
        if drive.tones.omega.size:
            out += (motion.answer @ np.exp(1j * drive.tones.omega * t)).real
        return out


def _worse(vectors: Complex, inverse: Complex) -> bool:
    """Whether the basis is of no use; the cheap norm bounds the one that counts from above."""
    if np.linalg.norm(vectors) * np.linalg.norm(inverse) <= WORST_CONDITION:
        return False
    return bool(np.linalg.norm(vectors, 2) * np.linalg.norm(inverse, 2) > WORST_CONDITION)


def _added(line: Array, series: Array) -> Array:
    """The sum of two lots of polynomials, without powers that nobody has."""
    series[:, :2] += line
    used = np.flatnonzero(series.any(axis=0))
    return series[:, : used[-1] + 1 if used.size else 1]
