"""Many steps of sampled inputs at once: exact at every knot, without an event, a mode or an object per sample.

Between two knots all inputs are straight lines (sines apart), so each mode of the network moves by
x(t) = exp(p t) x + t phi1(p t) b + t^2 phi2(p t) c; from knot to knot that is one multiplication and one addition.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rig.twin.engine.curve import Array, Complex
from rig.twin.engine.ladder import PS
from rig.twin.engine.mode import Drive, Mode, Row
from rig.twin.engine.signals import Instants, Signal
from rig.twin.engine.tones import Tones

SLOW = 0.02  # |pole * step| below which a step is bounded by its chord
CHUNK = 1 << 15

SHORTEST_LEAP, LONGEST_LEAP = 4, 8192  # steps in one segment

Signals = Mapping[str, Signal]


def drive_at(signals: Signals, now_ps: int, state: Array) -> Drive:
    """What drives a segment that starts now; the constant input comes last."""
    lines = [_line(s, now_ps) for s in signals.values()]
    inputs = np.array([*(value for value, _ in lines), 1.0])
    slopes = np.array([*(slope for _, slope in lines), 0.0])
    sines = [(k, s.sine) for k, s in enumerate(signals.values()) if s.sine is not None]
    if not sines:
        return Drive(state, inputs, slopes)
    tones = Tones(
        np.array([k for k, _ in sines], dtype=np.intp),
        np.array([sine.omega for _, sine in sines]),
        np.array([sine.phasor(now_ps) for _, sine in sines]),
    )
    return Drive(state, inputs, slopes, tones)


def _line(signal: Signal, now_ps: int) -> tuple[float, float]:
    if signal.samples is None:
        return signal.line(now_ps), signal.slope
    value, slope = signal.at(np.array([now_ps], dtype=np.int64))
    return float(value[0]), float(slope[0])


def next_knots(signals: Signals, after_ps: int, until_ps: int, count: int) -> Instants:
    """The next instants, at most `count`, at which some input changes by itself, up to `until_ps`."""
    each = [s.knots(after_ps, count) for s in signals.values() if s.samples is not None]
    merged = np.unique(np.concatenate(each)) if each else np.zeros(0, dtype=np.int64)
    return merged[: min(count, int(np.searchsorted(merged, until_ps, side="right")))]


@dataclass(frozen=True, slots=True)
class Stretches:
    """Where stretches of straight inputs in one mode begin, one column each: the modes, what moves them, the inputs."""

    mode: Mode
    x: Complex
    push: Complex
    ramp: Complex
    input: Array
    slope: Array

    def at(self, rows: Row, k: Instants, t: Array) -> Array:
        """Outputs in stretch k[n] at t[n] seconds from its beginning, sines left out; shape (outputs, len(t))."""
        grown, first, second = phi(np.multiply.outer(self.mode.modal.pole, t))
        x = grown * self.x[:, k] + t * (first * self.push[:, k] + t * second * self.ramp[:, k])
        straight = (rows.input @ self.input)[:, k] + (rows.input @ self.slope)[:, k] * t
        out: Array = ((rows.state @ self.mode.modal.back) @ x).real + straight
        return out


def stretches(mode: Mode, drives: Sequence[Drive]) -> Stretches:
    """Several drives without sines side by side; not for a mode with a ladder."""
    state, inputs, slope = (np.array([getattr(d, name) for d in drives]).T for name in ("state", "input", "slope"))
    modal = mode.modal
    return Stretches(mode, modal.into @ state, modal.push @ inputs, modal.push @ slope, inputs, slope)


class Track:
    """The motion over consecutive steps: knots (absolute ps, the start first, the end last) and what drives each."""

    def __init__(self, mode: Mode, drive: Drive, signals: Signals, knots_ps: Instants) -> None:
        self.mode, self.tones, self.knots_ps = mode, drive.tones, knots_ps
        lines = [s.at(knots_ps[:-1]) for s in signals.values()]
        count = len(knots_ps) - 1
        self.input: Array = np.array([*(value for value, _ in lines), np.ones(count)])
        self.slope: Array = np.array([*(slope for _, slope in lines), np.zeros(count)])
        self.width: Array = np.diff(knots_ps) * PS
        modal = mode.modal
        self._answer = mode.answers(drive.tones)
        self._push, self._ramp = modal.push @ self.input, modal.push @ self.slope
        own, where = np.unique(self.width, return_inverse=True)  # most steps are alike
        grown, first, second = (part[:, where] for part in phi(np.multiply.outer(modal.pole, own)))
        kick = self.width * (first * self._push + self.width * second * self._ramp)
        x = modal.into @ (drive.state - self._answer.real.sum(axis=1))
        self.x: Complex = chain(x, grown, kick)

    @property
    def begun(self) -> Stretches:
        """All steps side by side, sines left out."""
        return Stretches(self.mode, self.x[:, :-1], self._push, self._ramp, self.input, self.slope)

    def state(self, k: int) -> Array:
        """Scaled states at knot k."""
        turned = np.exp(1j * self.tones.omega * self._local(k))
        out: Array = (self.mode.modal.back @ self.x[:, k]).real + (self._answer @ turned).real
        return out

    def step(self, k: int) -> Drive:
        """What drives step k, from its knot on."""
        return Drive(self.state(k), self.input[:, k], self.slope[:, k], self.tones.later(self._local(k)))

    def _local(self, k: int) -> float:
        return float(self.knots_ps[k] - self.knots_ps[0]) * PS

    def at(self, rows: Row, local: Array) -> Array:
        """Outputs at local times (s) since the first knot; at a knot the value after it."""
        parts = [self._at(rows, local[k : k + CHUNK]) for k in range(0, len(local), CHUNK)]
        return np.concatenate(parts, axis=1) if parts else np.zeros((len(rows.state), 0))

    def _at(self, rows: Row, local: Array) -> Array:
        starts = (self.knots_ps - self.knots_ps[0]) * PS
        k = np.clip(np.searchsorted(starts, local + 0.25 * PS, side="right") - 1, 0, len(self.width) - 1)
        t = local - starts[k]
        out = self.begun.at(rows, k, t)
        if self.tones.omega.size:
            weight = self.mode.tone_rows(rows, self.tones, self._answer)
            out += (weight @ np.exp(1j * np.multiply.outer(self.tones.omega, local))).real
        return out

    def bounds(self, rows: Row) -> tuple[Array, Array]:
        """Certain lower and upper bounds of the outputs on every step, shape (outputs, steps)."""
        modal = self.mode.modal
        weight: Complex = rows.state @ modal.back
        x = self.x[:, :-1]
        slow = np.abs(modal.pole) * self.width.max() < SLOW
        begin = rows.input @ self.input
        end = begin + rows.input @ (self.slope * self.width)
        swing = np.abs(self.mode.tone_rows(rows, self.tones, self._answer)).sum(axis=1)[:, None] + np.zeros_like(begin)
        if slow.any():
            w, pole = weight[:, slow], modal.pole[slow, None]
            ramp = np.abs(self._ramp[slow])
            bend = np.abs(pole) * (np.abs(pole * x[slow] + self._push[slow]) + ramp * self.width) + ramp
            swing += (np.abs(w) @ bend) * (self.width**2 / 8.0 * np.exp(SLOW))
            begin += (w @ x[slow]).real
            end += (w @ self.x[slow, 1:]).real
        fast = ~slow
        w, pole = weight[:, fast], modal.pole[fast, None]
        drift = -self._ramp[fast] / pole
        steady = (drift - self._push[fast]) / pole
        begin += (w @ steady).real
        end += (w @ (steady + drift * self.width)).real
        free = x[fast] - steady
        last = free * np.exp(pole * self.width)
        low, high = np.minimum(begin, end) - swing, np.maximum(begin, end) + swing
        for m, p in enumerate(pole[:, 0]):
            if p.imag == 0.0:
                a, b = np.multiply.outer(w[:, m], free[m]).real, np.multiply.outer(w[:, m], last[m]).real
                low += np.minimum(a, b)
                high += np.maximum(a, b)
            else:
                ring = np.multiply.outer(np.abs(w[:, m]), np.maximum(np.abs(free[m]), np.abs(last[m])))
                low -= ring
                high += ring
        return low, high

    def quiet(self, rows: Row, tolerance: Array, armed: npt.NDArray[np.bool_]) -> int:
        """For how many steps from the start nothing can cross zero upwards, become armed, or jump across it."""
        if self._calm(*self._loose_bounds(rows), tolerance, armed).all():
            return len(self.width)
        calm = self._calm(*self.bounds(rows), tolerance, armed)
        return len(self.width) if calm.all() else int(np.argmin(calm))

    def _loose_bounds(self, rows: Row) -> tuple[Array, Array]:
        """Bounds that cost little: the mean of each mode, and how far from it that is at most in each step."""
        pole, x, width = self.mode.modal.pole[:, None], self.x[:, :-1], self.width
        mean = x.mean(axis=1, keepdims=True)
        slow = np.abs(self.mode.modal.pole) * width.max() < SLOW
        away = np.abs(x - mean)
        ramp = np.abs(self._ramp) * width
        away[slow] += width * (np.abs(pole * x + self._push)[slow] + ramp[slow]) * np.exp(SLOW)
        fast = ~slow
        drift = -self._ramp[fast] / pole[fast]
        steady = (drift - self._push[fast]) / pole[fast]
        away[fast] = np.abs(steady - mean[fast]) + np.abs(x[fast] - steady) + np.abs(drift) * width
        weight: Complex = rows.state @ self.mode.modal.back
        swing = np.abs(weight) @ away
        swing += np.abs(self.mode.tone_rows(rows, self.tones, self._answer)).sum(axis=1)[:, None]
        begin = rows.input @ self.input + (weight @ mean).real
        end = begin + rows.input @ (self.slope * width)
        low: Array = np.minimum(begin, end) - swing
        high: Array = np.maximum(begin, end) + swing
        return low, high

    @staticmethod
    def _calm(low: Array, high: Array, tolerance: Array, armed: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """The steps of which that is certain."""
        level, ready = tolerance[:, None], armed[:, None]
        below, above = high <= level, low > level
        same = (below & below[:, :1]) | (above & above[:, :1])
        found: npt.NDArray[np.bool_] = np.all(same & (ready | (low > -level)), axis=0)
        return found


def chain(x: Complex | Array, grown: Complex | Array, kick: Complex | Array) -> Complex:
    """x, and what becomes of it step by step: x[k + 1] = grown[k] x[k] + kick[k]; shape (modes, steps + 1).

    The steps are taken in as many blocks as a block has steps, side by side, each as if it began with nothing.
    """
    modes, count = kick.shape
    size = max(math.isqrt(count), 1)
    blocks = -(-count // size)
    padded = np.ones((modes, blocks * size), dtype=np.complex128), np.zeros((modes, blocks * size), np.complex128)
    for whole, part in zip(padded, (grown, kick), strict=True):
        whole[:, :count] = part
    factor, push = (np.ascontiguousarray(one.reshape(modes, blocks, size).transpose(2, 0, 1)) for one in padded)
    for j in range(1, size):
        push[j] += factor[j] * push[j - 1]
        factor[j] *= factor[j - 1]
    begins = np.empty((modes, blocks), dtype=np.complex128)
    for block in range(blocks):
        begins[:, block] = x
        x = factor[-1, :, block] * x + push[-1, :, block]
    ends = (factor * begins + push).transpose(1, 2, 0).reshape(modes, blocks * size)
    out: Complex = np.concatenate([begins[:, :1], ends[:, :count]], axis=1)
    return out


@dataclass(slots=True)
class Leaper:
    """How many steps to try at once: more after success; after a failure single steps for a while."""

    reach: int = 16
    _wait: int = 0
    _penalty: int = 1

    def ready(self) -> bool:
        """Whether it is time to try."""
        self._wait -= 1
        return self._wait < 0

    def landed(self, calm: int, tried: int) -> bool:
        """Learn from an attempt; is it worth a segment?"""
        if calm < SHORTEST_LEAP:
            self._wait, self._penalty, self.reach = self._penalty, min(2 * self._penalty, 32), 16
            return False
        self._penalty = 1
        self.reach = min(2 * tried, LONGEST_LEAP) if calm == tried else max(16, calm)
        return True


def phi(z: Complex) -> tuple[Complex, Complex, Complex]:
    """exp(z), (exp(z) - 1) / z and (exp(z) - 1 - z) / z^2."""
    near = np.abs(z) < 0.5
    safe: Complex = np.where(near, 1.0, z).astype(np.complex128)
    first: Complex = np.expm1(safe) / safe
    second: Complex = (first - 1.0) / safe
    if near.any():
        small = z[near]
        term = np.full(small.shape, 0.5, dtype=np.complex128)
        total = term.copy()
        for k in range(3, 16):
            term = term * small / k
            total += term
        second[near] = total
        first[near] = 1.0 + small * total
    return np.exp(z), first, second
