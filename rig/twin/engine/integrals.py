"""Exact integrals of waveforms and of products of two waveforms."""

from __future__ import annotations

from math import ceil, comb, factorial, log2

import numpy as np

from rig.twin.engine.curve import Array, Complex, Curve, Waveform
from rig.twin.engine.ladder import LadderCurve, expm

SERIES = 16.0  # |z| below which the series of a moment is used instead of its recurrence


def integral(wave: Waveform, start: float, end: float) -> Array:
    """Integral of every output over local time [start, end], shape (outputs,)."""
    if isinstance(wave, LadderCurve):
        ladder, n = wave.ladder, len(wave.z0)
        z = ladder.states(wave.z0, np.array([start]))[:, 0]
        block = np.zeros((2 * n, 2 * n))  # the upper right corner of its exponential is the integral of exp(M s)
        block[:n, :n], block[:n, n:] = ladder.M, np.eye(n)
        return np.asarray(wave.rows @ expm(block * (end - start))[:n, n:] @ z)
    poly, pole, weight = _terms(wave, start)
    width = end - start
    out = np.array([_power_sum(row, width) for row in poly])
    out += (weight @ moments(np.asarray(pole * width), 0)[0]).real * width
    return out


def product(wave: Waveform, start: float, end: float) -> float:
    """Integral of output 0 times output 1 over local time [start, end]."""
    if isinstance(wave, LadderCurve):
        z = wave.ladder.states(wave.z0, np.array([start]))[:, 0]
        return float(z @ _gramian(wave.ladder.M, np.outer(wave.rows[0], wave.rows[1]), end - start) @ z)
    poly, pole, weight = _terms(wave, start)
    width = end - start
    total = _power_sum(np.convolve(poly[0], poly[1]), width)
    powers = moments(pole * width, poly.shape[1] - 1)
    for m in range(poly.shape[1]):
        mixed = poly[0, m] * weight[1] + poly[1, m] * weight[0]
        total += float((mixed @ powers[m]).real) * width ** (m + 1)
    # Re(x) Re(y) = Re(x y + x conj(y)) / 2
    for other, factor in ((pole, weight[1]), (pole.conj(), weight[1].conj())):
        sums = np.asarray(np.add.outer(pole, other), dtype=np.complex128)
        pairs = moments(sums.ravel() * width, 0)[0].reshape(sums.shape)
        total += 0.5 * width * float((weight[0] @ pairs @ factor).real)
    return total


def _terms(wave: Waveform, start: float) -> tuple[Array, Complex, Complex]:
    """The curve with its local time starting at `start`: polynomial, poles and weights."""
    if not isinstance(wave, Curve):
        raise TypeError(f"no closed form for {type(wave).__name__}")
    poly = np.zeros_like(wave.poly)
    for m in range(poly.shape[1]):
        for k in range(m + 1):
            poly[:, k] += wave.poly[:, m] * comb(m, k) * start ** (m - k)
    pole = np.concatenate([wave.rate.astype(complex), wave.pole])
    return poly, pole, np.concatenate([wave.real.astype(complex), wave.ring], axis=1) * np.exp(pole * start)


def _power_sum(coefficients: Array, width: float) -> float:
    return float(sum(c * width ** (m + 1) / (m + 1) for m, c in enumerate(coefficients)))


def moments(z: Complex, highest: int) -> Complex:
    """Integral of s^m exp(z s) over [0, 1] for m = 0 ... highest, shape (highest + 1, len(z)).

    Small |z|: exp(z) sum (-z)^k m!/(m + k + 1)!, whose terms have one sign where it matters (decay); large |z|:
    the recurrence from integration by parts, which is stable there.
    """
    out = np.empty((highest + 1, len(z)), dtype=complex)
    small = np.abs(z) < SERIES
    near, far = z[small], z[~small]
    grown = np.exp(far)
    last = np.divide(np.expm1(z), z, out=np.ones_like(z), where=z != 0.0)
    out[0] = last
    for m in range(1, highest + 1):
        term = np.full(len(near), factorial(m) / factorial(m + 1), dtype=complex)
        total = term.copy()
        for k in range(1, 80):
            term = term * -near / (m + k + 1)
            total += term
        out[m, small] = np.exp(near) * total
        out[m, ~small] = (grown - m * out[m - 1, ~small]) / far
    return out


def _gramian(M: Array, weight: Array, width: float) -> Array:
    """Integral of exp(M' s) weight exp(M s) over [0, width]: Van Loan (1978) for a short width, then doubling."""
    n = len(M)
    doublings = max(0, ceil(log2(max(float(np.linalg.norm(M, 1)) * width, 1e-300))))
    short = width / 2.0**doublings
    block = np.block([[-M.T, weight], [np.zeros_like(M), M]])
    grown = expm(block * short)
    total = grown[n:, n:].T @ grown[:n, n:]
    for k in range(doublings):
        step = expm(M * (short * 2.0**k))
        total = total + step.T @ total @ step
    return total
