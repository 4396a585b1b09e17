"""The exact motion of one mode: one set of closed switches, conducting diodes and resistances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt

from rig.twin.engine.assembly import Layout, StateSpace
from rig.twin.engine.curve import Array, Complex, Curve, Waveform
from rig.twin.engine.eigen import eigenbasis
from rig.twin.engine.ladder import Ladder, LadderCurve
from rig.twin.engine.probe import Probe
from rig.twin.engine.tones import NO_TONES, Tones

Field = npt.NDArray[np.inexact[Any]]  # real or complex

WORST_CONDITION = 1e6  # of a usable eigenbasis; costs at most six of sixteen digits
SLOW = 0.02  # |pole * horizon| below which a term is expanded in powers of t: no division by a vanishing pole
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
    """Modes of a network, conjugates left out: x' = pole x + push u, scaled states = Re(back x), x = into states."""

    pole: Complex
    into: Complex
    back: Complex
    push: Complex


class Mode:
    """State space of one mode with its eigenbasis, or with a ladder of matrix exponentials where none is usable."""

    def __init__(self, layout: Layout, active: frozenset[str], ohms: Mapping[str, float]) -> None:
        self.layout = layout
        self.active = active
        self._space = StateSpace(layout, active, ohms)
        self._rows: dict[Probe, Row] = {}
        self._ladders: dict[tuple[tuple[int, ...], tuple[float, ...]], Ladder] = {}
        self._B: Array = self._space.B.astype(np.float64)
        pole, vectors, inverse = eigenbasis(self._space.A)
        self.ladder: Ladder | None = None
        if pole.size and _worse(vectors, inverse):
            self.ladder = Ladder(self._space.A.astype(np.float64), self._B)
        real, ring = pole.imag == 0.0, pole.imag > 0.0
        self.rate, self.pole = pole.real[real], pole[ring]
        self._to_real: Array = inverse[real].real
        self._to_ring: Complex = inverse[ring]
        self._latest: tuple[Row, Array, Complex] | None = None
        self._from_real: Array = vectors[:, real].real
        self._from_ring: Complex = 2.0 * vectors[:, ring]  # the conjugate half is implied by taking real parts

    def row(self, probe: Probe) -> Row:
        """The probe as a linear output of this mode; unknown names raise NetworkError."""
        if probe not in self._rows:
            self._learn([probe])
        return self._rows[probe]

    def rows(self, probes: Sequence[Probe]) -> Row:
        """Several probes, one matrix row each."""
        known = [self._rows.get(p) for p in probes]
        if None in known:
            self._learn([p for p, row in zip(probes, known, strict=True) if row is None])
            known = [self._rows[p] for p in probes]
        states, inputs = len(self.layout.state), len(self.layout.input)
        return Row(
            np.array([row.state for row in known if row is not None]).reshape(len(known), states),
            np.array([row.input for row in known if row is not None]).reshape(len(known), inputs),
        )

    def _learn(self, probes: Sequence[Probe]) -> None:
        states = len(self.layout.state)
        for probe, line in zip(probes, self._space.rows(probes), strict=True):
            self._rows[probe] = Row(line[:states], line[states:])

    def curve(self, rows: Row, drive: Drive, horizon: float) -> Waveform:
        """The outputs `rows` as functions of local time, good on [0, horizon] (s)."""
        if self.ladder is not None:
            return self._climb(self.ladder, rows, drive)
        poly = np.zeros((len(rows.state), DEGREE + 1))
        poly[:, 0] = rows.input @ drive.input
        poly[:, 1] = rows.input @ drive.slope
        sines = bool(drive.tones.omega.size)
        answer = self.answers(drive.tones)
        free = drive.state - answer.real.sum(axis=1) if sines else drive.state
        motion = (free, self._B @ drive.input, self._B @ drive.slope)
        out, swing = self._spread(rows)
        rate, real = _modal(poly, self.rate, [self._to_real @ part for part in motion], out, horizon)
        pole, ring = _modal(poly, self.pole, [self._to_ring @ part for part in motion], swing, horizon)
        if sines:
            pole = np.concatenate([pole, 1j * drive.tones.omega])
            ring = np.concatenate([ring, self.tone_rows(rows, drive.tones, answer)], axis=1)
        used = np.flatnonzero(np.any(poly != 0.0, axis=0))
        return Curve(poly[:, : used[-1] + 1 if used.size else 1], rate.real, real.real, pole, ring)

    def _spread(self, rows: Row) -> tuple[Array, Complex]:
        """What the modes do to the outputs; the guards of a segment ask several times in a row."""
        if rows is self._every:
            return self._from_real, self._from_ring
        if self._latest is None or self._latest[0] is not rows:
            self._latest = (rows, rows.state @ self._from_real, rows.state @ self._from_ring)
        return self._latest[1], self._latest[2]

    @cached_property
    def _every(self) -> Row:
        size = len(self.layout.state)
        return Row(np.eye(size), np.zeros((size, len(self.layout.input))))

    @cached_property
    def growth(self) -> float:
        """The fastest growth among the modes, 1/s; 0 when all decay."""
        return float(max(self.rate.max(initial=0.0), self.pole.real.max(initial=0.0)))

    @cached_property
    def modal(self) -> Modal:
        """For motion over many steps at once; not for a mode with a ladder."""
        into = np.concatenate([self._to_real.astype(np.complex128), self._to_ring])
        back = np.concatenate([self._from_real.astype(np.complex128), self._from_ring], axis=1)
        pole = np.concatenate([self.rate.astype(np.complex128), self.pole])
        return Modal(pole, into, back, into @ self._B.astype(np.complex128))

    def answers(self, tones: Tones) -> Complex:
        """Phasors of the scaled states in the steady state of each sine, one column each."""
        if not tones.omega.size:
            return np.zeros((len(self.layout.state), 0), dtype=np.complex128)
        force = self._B[:, tones.index] * tones.phasor
        turn = 1j * tones.omega
        out = self._from_real @ ((self._to_real @ force) / (turn - self.rate[:, None]))
        for pole, into, back in (
            (self.pole, self._to_ring, self._from_ring),
            (self.pole.conj(), self._to_ring.conj(), self._from_ring.conj()),
        ):
            out = out + back @ ((into @ force) / (turn - pole[:, None])) / 2.0
        return np.asarray(out, dtype=np.complex128)

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
        out: Array = self.curve(self._every, drive, t).at(np.array([t]))[:, 0]
        return out


def _worse(vectors: Complex, inverse: Complex) -> bool:
    """Whether the basis is of no use; the cheap norm bounds the one that counts from above."""
    if np.linalg.norm(vectors) * np.linalg.norm(inverse) <= WORST_CONDITION:
        return False
    return bool(np.linalg.norm(vectors, 2) * np.linalg.norm(inverse, 2) > WORST_CONDITION)


def _modal(poly: Array, pole: Field, motion: Sequence[Field], out: Field, horizon: float) -> tuple[Complex, Complex]:
    """Solve x' = pole x + b + c t, motion = (x(0), b, c), for each pole.

    Adds the polynomial parts of the outputs `out` to `poly` and returns the poles and weights of the exponential ones.
    """
    start, force, ramp = motion
    if not pole.size:
        return pole.astype(np.complex128), out.astype(np.complex128)
    slow = np.abs(pole) * horizon < SLOW
    if slow.any():
        term, factor = start[slow], out[:, slow]
        poly[:, 0] += (factor @ term).real
        for m in range(1, DEGREE + 1):  # the derivatives at 0: x' = p x + b, x'' = p x' + c, and so on
            term = pole[slow] * term
            if m <= 2:
                term = term + motion[m][slow]
            elif not term.any():
                break
            poly[:, m] += (factor @ term).real / factorial(m)
        fast = ~slow
        pole, out, start, force, ramp = pole[fast], out[:, fast], start[fast], force[fast], ramp[fast]
    drift = -ramp / pole
    steady = (drift - force) / pole
    poly[:, 0] += (out @ steady).real
    poly[:, 1] += (out @ drift).real
    return pole.astype(np.complex128), (out * (start - steady)).astype(np.complex128)
