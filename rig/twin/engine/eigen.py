"""Eigenvalues and eigenvectors that are accurate for slow poles beside fast ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rig.twin.engine.assembly import Long
from rig.twin.engine.curve import Complex

Wide = npt.NDArray[np.longdouble] | npt.NDArray[np.clongdouble]


DONE = 1e-20  # error left in the vectors after a correction, its square: below extended precision


def eigenbasis(A: Long) -> tuple[Complex, Complex, Complex]:
    """Eigenvalues, eigenvectors (columns of length 1) and their inverse, part by part of what is not connected.

    Equal parts (two identical cables) have equal eigenvalues; apart from each other they cannot spoil the basis.
    A part without an eigenbasis has infinities in its inverse.
    """
    if not A.size:
        return np.zeros(0, complex), np.zeros((0, 0), complex), np.zeros((0, 0), complex)
    poles = np.zeros(len(A), complex)
    vectors = np.zeros(A.shape, complex)
    inverse = np.zeros(A.shape, complex)
    done = 0
    for part in _parts(A):
        own = slice(done, done + len(part))
        poles[own], vectors[part, own], inverse[own, part] = _part(A[np.ix_(part, part)])
        done += len(part)
    return poles, vectors, inverse


def _parts(A: Long) -> list[list[int]]:
    """States by what is connected, in the order of each part's first state."""
    coupled = (A != 0.0) | (A != 0.0).T
    parts: list[list[int]] = []
    left = set(range(len(A)))
    while left:
        edge = {min(left)}
        part = set(edge)
        while edge:
            edge = {int(k) for j in edge for k in np.flatnonzero(coupled[j])} - part
            part |= edge
        parts.append(sorted(part))
        left -= part
    return parts


def _part(A: Long) -> tuple[Complex, Complex, Complex]:
    single = A.astype(np.float64)
    if len(A) == 1:
        one = np.ones((1, 1), complex)
        return single[0].astype(complex), one, one
    poles: Complex
    if np.abs(single - single.T).max() <= 1e-13 * np.abs(single).max():
        real, basis = np.linalg.eigh((single + single.T) / 2.0)
        poles, vectors, inverse = real.astype(complex), basis.astype(complex), basis.T.astype(complex)
    else:
        values, columns = np.linalg.eig(single)
        poles, vectors = values.astype(complex), columns.astype(complex)
        try:
            inverse = np.linalg.inv(vectors)
        except np.linalg.LinAlgError:
            return poles, vectors, np.full(A.shape, np.inf, dtype=complex)
    return _polish(A, poles, vectors, inverse)


def _polish(A: Long, poles: Complex, vectors: Complex, inverse: Complex) -> tuple[Complex, Complex, Complex]:
    """At most two first-order corrections in extended precision.

    Double precision leaves an error of 1e-16 times the fastest pole in every pole: 1e-7 per second beside a pole of a
    nanosecond, which is a wrong steady state behind 10 Mohm. The residual of an almost diagonal X A V gives it back.
    """
    real = poles.imag == 0.0
    V: Wide = vectors.real.astype(np.longdouble) if real.all() else vectors.astype(np.clongdouble)
    X: Wide = inverse.real.astype(np.longdouble) if real.all() else inverse.astype(np.clongdouble)
    one = np.eye(len(A), dtype=V.dtype)
    for _ in range(2):
        X = X @ (2.0 * one - V @ X)
        T = X @ A @ V
        pole = np.diag(T).copy()
        gap = pole[None, :] - pole[:, None]
        # Where poles are too close for a first-order step the vectors stay as they are.
        usable = np.abs(T) < 1e-3 * np.abs(gap)
        step = np.divide(T, gap, out=np.zeros_like(T), where=usable & (one == 0.0))
        V = V @ (one + step)
        left = float(np.abs(step).max()) ** 2
        X = X @ (2.0 * one - V @ X)
        if left < DONE:
            break
    else:
        X = X @ (2.0 * one - V @ X)
    pole = ((X @ A) * V.T).sum(axis=1)
    pole[real] = pole[real].real
    return pole.astype(complex), V.astype(complex), X.astype(complex)
