"""Fallback for modes without a usable eigenbasis (critical damping): matrix exponentials of powers of two picoseconds.

The augmented state z = [y; u; s] of y' = A y + B u, u' = s obeys z' = M z. exp(M t) is the product of the rungs
exp(M 2^k ps) over the bits of t; each rung is computed by itself, so that rounding does not pile up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rig.twin.engine.curve import Array, Ring

PS = 1e-12
CHUNK = 4096


def expm(M: Array) -> Array:
    """The matrix exponential, by scipy: loaded here because few circuits need it and loading takes long."""
    from scipy.linalg import expm as exponential

    return np.asarray(exponential(M), dtype=np.float64)


class Ladder:
    """exp(M t) for one mode."""

    def __init__(self, A: Array, B: Array) -> None:
        states, inputs = B.shape
        self.M: Array = np.zeros((states + 2 * inputs, states + 2 * inputs))
        self.M[:states, :states] = A
        self.M[:states, states : states + inputs] = B
        self.M[states : states + inputs, states + inputs :] = np.eye(inputs)
        self.poles = np.linalg.eigvals(A) if states else np.zeros(0, dtype=complex)
        self._rungs: dict[int, Array] = {}

    def states(self, z0: Array, t: Array) -> Array:
        """z at the local times t (s), shape (len(z0), len(t))."""
        whole = np.floor(t / PS).astype(np.int64)
        rest = t - whole * PS
        z = np.repeat(z0[:, None], len(t), axis=1)
        for k in range(int(whole.max(initial=0)).bit_length()):
            chosen = (whole >> k) & 1 == 1
            z[:, chosen] = self._rung(k) @ z[:, chosen]
        step = z
        for order in range(1, 10):  # the rest is below 1 ps, and so are few poles: the series ends soon
            step = self.M @ step * (rest / order)
            z = z + step
        return z

    def _rung(self, k: int) -> Array:
        if k not in self._rungs:
            self._rungs[k] = expm(self.M * (PS * 2.0**k))
        return self._rungs[k]


@dataclass(frozen=True, slots=True)
class LadderCurve:
    """A Waveform computed by the ladder: rows . z(t)."""

    ladder: Ladder
    rows: Array  # (outputs, len(z))
    z0: Array
    offset: Array  # (outputs,)

    def at(self, t: Array) -> Array:
        parts = [self.rows @ self.ladder.states(self.z0, t[k : k + CHUNK]) for k in range(0, len(t), CHUNK)]
        values = np.concatenate(parts, axis=1) if parts else np.zeros((len(self.rows), 0))
        return values + self.offset[:, None]

    def both(self, t: Array) -> tuple[Array, Array]:
        return self.at(t), self.derivative().at(t)

    def uniform(self, start: Array, step: float, count: int) -> Array:
        rows = [self.pick([k]).at(first + step * np.arange(count)) for k, first in enumerate(start)]
        return np.concatenate(rows) if rows else np.zeros((0, count))

    def derivative(self) -> LadderCurve:
        return LadderCurve(self.ladder, self.rows @ self.ladder.M, self.z0, np.zeros(len(self.rows)))

    def pick(self, outputs: Sequence[int] | npt.NDArray[np.intp]) -> LadderCurve:
        index = np.asarray(outputs, dtype=np.intp)
        return LadderCurve(self.ladder, self.rows[index], self.z0, self.offset[index])

    def shifted(self, offset: Array) -> LadderCurve:
        return LadderCurve(self.ladder, self.rows, self.z0, self.offset + offset)

    def bounds(self, start: float, end: float) -> tuple[Array, Array]:
        """Nothing is known without an eigenbasis."""
        wide = np.full(len(self.rows), np.inf)
        return -wide, wide

    def scale(self) -> Array:
        total: Array = np.abs(self.rows) @ np.abs(self.z0) + np.abs(self.offset)
        return total

    def rings(self, relative: float) -> list[Ring]:
        rates = [q for q in self.ladder.poles if q.imag > 0.0]
        return [Ring(float(q.imag), float(np.log(1e3 / relative) / -q.real) if q.real < 0.0 else np.inf) for q in rates]

    def fastest(self) -> float:
        return float(np.abs(self.ladder.poles).max(initial=0.0))
