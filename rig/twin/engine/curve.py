"""Outputs of one mode as functions of time: polynomial plus exponentials plus damped oscillations."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]

NEGLIGIBLE = 1e-18  # of an output's scale: far below the rounding of the sum
BLOCK = 512


@dataclass(frozen=True, slots=True)
class Ring:
    """An oscillation that an output still carries: it needs grid steps below its period until `dead` (local s)."""

    omega: float
    dead: float


class Waveform(Protocol):
    """Several outputs over the local time of one segment (seconds since its start)."""

    def at(self, t: Array) -> Array:
        """Values, shape (outputs, len(t))."""

    def both(self, t: Array) -> tuple[Array, Array]:
        """Values and time derivatives."""

    def uniform(self, start: Array, step: float, count: int) -> Array:
        """Values at start + k * step, shape (outputs, count); each output has its own start."""

    def derivative(self) -> Self:
        """The time derivative."""

    def pick(self, outputs: Sequence[int] | npt.NDArray[np.intp]) -> Self:
        """Some of the outputs."""

    def shifted(self, offset: Array) -> Self:
        """Every output plus its own constant."""

    def bounds(self, start: float, end: float) -> tuple[Array, Array]:
        """Certain lower and upper bounds of every output on [start, end]."""

    def scale(self) -> Array:
        """Magnitude of the terms that make up each output: rounding errors are relative to it."""

    def rings(self, relative: float) -> list[Ring]:
        """Oscillations above `relative` times an output's scale."""

    def fastest(self) -> float:
        """Largest rate in 1/s (0 when nothing moves exponentially)."""


@dataclass(frozen=True, slots=True)
class Curve:
    """p(t) = sum a[m] t^m + sum b exp(r t) + Re sum c exp(q t), one row per output."""

    poly: Array  # (outputs, degree + 1)
    rate: Array  # (real terms,) 1/s
    real: Array  # (outputs, real terms)
    pole: Complex  # (oscillating terms,) 1/s, positive imaginary part
    ring: Complex  # (outputs, oscillating terms)

    def at(self, t: Array) -> Array:
        out = self._poly(t)
        if self.rate.size:
            out += self.real @ np.exp(np.multiply.outer(self.rate, t))
        if self.pole.size:
            out += (self.ring @ np.exp(np.multiply.outer(self.pole, t))).real
        return out

    def _poly(self, t: Array) -> Array:
        """Horner's rule, `t` for all outputs or a row for each; most curves are constants or straight lines."""
        out = np.repeat(self.poly[:, -1:], t.shape[-1], axis=1)
        for m in range(self.poly.shape[1] - 2, -1, -1):
            out *= t
            out += self.poly[:, m : m + 1]
        return out

    def uniform(self, start: Array, step: float, count: int) -> Array:
        if count <= BLOCK:
            return self._block(start, step, count)
        out = np.empty((len(self.poly), count))
        for first, length in _pieces(count):
            begin = start + first * step
            out[:, first : first + length] = self._alive(begin)._block(begin, step, length)
        return out

    def _alive(self, t: Array) -> Curve:
        """Without the exponentials that have died out by t, a time for each output."""
        floor = NEGLIGIBLE * self.scale()[:, None]
        decayed_r = np.abs(self.real) * np.exp(np.multiply.outer(t, self.rate))
        decayed_c = np.abs(self.ring) * np.exp(np.multiply.outer(t, self.pole.real))
        keep_r = np.any(decayed_r > floor, axis=0) | (self.rate > 0.0)
        keep_c = np.any(decayed_c > floor, axis=0) | (self.pole.real > 0.0)
        return Curve(self.poly, self.rate[keep_r], self.real[:, keep_r], self.pole[keep_c], self.ring[:, keep_c])

    def _block(self, start: Array, step: float, count: int) -> Array:
        """exp(r (t_i + s_j)) = exp(r t_i) exp(r s_j): the inner sum becomes one matrix product."""
        constant = self.poly.shape[1] == 1
        out = self._poly(np.empty(count) if constant else start[:, None] + step * np.arange(count))
        width = min(BLOCK, count)
        inner = step * np.arange(width)
        outer = start[:, None] + step * width * np.arange(-(-count // width))
        for rate, weight in ((self.rate, self.real), (self.pole, self.ring)):
            if rate.size:
                rows = weight[:, None, :] * np.exp(np.multiply.outer(outer, rate))
                columns = np.exp(np.multiply.outer(rate, inner))
                if np.iscomplexobj(rate):
                    # Re(x y) as one real product: half the work of the complex one.
                    rows = np.concatenate([rows.real, -rows.imag], axis=2)
                    columns = np.concatenate([columns.real, columns.imag], axis=0)
                out += (rows @ columns).reshape(len(self.poly), -1)[:, :count]
        return out

    def scalar(self, output: int) -> Callable[[float], float]:
        """One output as a function of one instant: without arrays, an order of magnitude quicker than `at`."""
        powers = self.poly[output, ::-1].tolist()
        decays = list(zip(self.rate.tolist(), self.real[output].tolist(), strict=True))
        swings = list(zip(self.pole.tolist(), self.ring[output].tolist(), strict=True))

        def value(t: float) -> float:
            total = 0.0
            for c in powers:
                total = total * t + c
            for r, b in decays:
                total += b * math.exp(r * t)
            for q, c in swings:
                total += (c * cmath.exp(q * t)).real
            return total

        return value

    def both(self, t: Array) -> tuple[Array, Array]:
        """Values and time derivatives: the exponentials are worked out once for both."""
        degree = self.poly.shape[1]
        powers = t ** np.arange(degree)[:, None]
        value = self.poly @ powers
        slope = self.poly[:, 1:] * np.arange(1, degree) @ powers[:-1]
        if self.rate.size:
            grown = np.exp(np.multiply.outer(self.rate, t))
            value += self.real @ grown
            slope += self.real * self.rate @ grown
        if self.pole.size:
            turned = np.exp(np.multiply.outer(self.pole, t))
            value += (self.ring @ turned).real
            slope += (self.ring * self.pole @ turned).real
        return value, slope

    def derivative(self) -> Curve:
        degree = self.poly.shape[1] - 1
        poly = self.poly[:, 1:] * np.arange(1, degree + 1) if degree else np.zeros_like(self.poly)
        return Curve(poly, self.rate, self.real * self.rate, self.pole, self.ring * self.pole)

    def pick(self, outputs: Sequence[int] | npt.NDArray[np.intp]) -> Curve:
        index = np.asarray(outputs, dtype=np.intp)
        return Curve(self.poly[index], self.rate, self.real[index], self.pole, self.ring[index])

    def shifted(self, offset: Array) -> Curve:
        poly = self.poly.copy()
        poly[:, 0] += offset
        return Curve(poly, self.rate, self.real, self.pole, self.ring)

    def bounds(self, start: float, end: float) -> tuple[Array, Array]:
        """Every real term is monotonic for t >= 0, so its ends bound it; an oscillation by envelope or slope."""
        ends = np.array([start, end])
        terms = self.poly[:, :, None] * ends ** np.arange(self.poly.shape[1])[:, None]
        if self.rate.size:
            terms = np.concatenate([terms, self.real[:, :, None] * np.exp(np.multiply.outer(self.rate, ends))], axis=1)
        low, high = terms.min(axis=2).sum(axis=1), terms.max(axis=2).sum(axis=1)
        if self.pole.size:
            envelope = np.exp(np.maximum(self.pole.real * start, self.pole.real * end))
            # Over a short while it cannot leave the value that it has in the middle by more than its largest slope.
            turn = np.abs(self.pole) * ((end - start) / 2.0)
            short = turn < 1.0
            middle = np.exp(self.pole * ((start + end) / 2.0)) if short.any() else envelope
            swing = np.abs(self.ring) @ np.where(short, envelope * turn, envelope)
            centre = (self.ring @ np.where(short, middle, 0.0)).real
            low += centre - swing
            high += centre + swing
        return low, high

    def scale(self) -> Array:
        total: Array = np.abs(self.poly[:, 0]) + np.abs(self.real).sum(axis=1) + np.abs(self.ring).sum(axis=1)
        return total

    def rings(self, relative: float) -> list[Ring]:
        # Growth needs a grid too: its own rate takes the place of an angular frequency.
        found = [Ring(r, math.inf) for r in self.rate.tolist() if r > 0.0]
        if self.pole.size:
            scale = self.scale()[:, None]
            share = np.max(np.abs(self.ring) / np.where(scale > 0.0, scale, 1.0), axis=0, initial=0.0)
            for q, amplitude in zip(self.pole.tolist(), share.tolist(), strict=True):
                if amplitude > relative:
                    dead = math.log(amplitude / relative) / -q.real if q.real < 0.0 else math.inf
                    found.append(Ring(q.imag, dead))
        return found

    def fastest(self) -> float:
        return float(max(np.abs(self.rate).max(initial=0.0), np.abs(self.pole).max(initial=0.0)))


def _pieces(count: int) -> Iterator[tuple[int, int]]:
    """Growing pieces: fast terms die in the first ones, and the long rest is cheap."""
    first, length = 0, 8 * BLOCK
    while first < count:
        yield first, min(length, count - first)
        first += length
        length *= 2
