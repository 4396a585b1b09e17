"""Eigenvalues and eigenvectors that are accurate for slow poles beside fast ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.linalg import block_diag
from scipy.sparse.csgraph import connected_components

from rig.twin.assembly import Long
from rig.twin.curve import Complex

Wide = npt.NDArray[np.clongdouble]


def eigenbasis(A: Long) -> tuple[Complex, Complex, Complex]:
    """Eigenvalues, eigenvectors (columns of length 1) and their inverse, part by part of what is not connected.

    Equal parts (two identical cables) have equal eigenvalues; apart from each other they cannot spoil the basis.
    A part without an eigenbasis has infinities in its inverse.
    """
    if not A.size:
        return np.zeros(0, complex), np.zeros((0, 0), complex), np.zeros((0, 0), complex)
    count, label = connected_components(A != 0.0, directed=False)
    parts = [np.flatnonzero(label == k) for k in range(count)]
    order = np.concatenate(parts)
    solved = [_part(A[np.ix_(p, p)]) for p in parts]
    vectors = np.zeros(A.shape, complex)
    inverse = np.zeros(A.shape, complex)
    vectors[order] = block_diag(*(s[1] for s in solved))
    inverse[:, order] = block_diag(*(s[2] for s in solved))
    return np.concatenate([s[0] for s in solved]), vectors, inverse


def _part(A: Long) -> tuple[Complex, Complex, Complex]:
    single = A.astype(np.float64)
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
    """Two first-order corrections in extended precision.

    Double precision leaves an error of 1e-16 times the fastest pole in every pole: 1e-7 per second beside a pole of a
    nanosecond, which is a wrong steady state behind 10 Mohm. The residual of an almost diagonal X A V gives it back.
    """
    V: Wide = vectors.astype(np.clongdouble)
    X: Wide = inverse.astype(np.clongdouble)
    one = np.eye(len(A), dtype=np.clongdouble)
    real = poles.imag == 0.0
    for _ in range(2):
        X = X @ (2.0 * one - V @ X)
        T = X @ A @ V
        pole = np.diag(T).copy()
        gap = pole[None, :] - pole[:, None]
        # Where poles are too close for a first-order step the vectors stay as they are.
        usable = np.abs(T) < 1e-3 * np.abs(gap)
        V = V @ (one + np.divide(T, gap, out=np.zeros_like(T), where=usable & (one == 0.0)))
    X = X @ (2.0 * one - V @ X)
    X = X @ (2.0 * one - V @ X)
    pole = np.einsum("ij,jk,ki->i", X, A, V, optimize=False)
    pole[real] = pole[real].real
    return pole.astype(complex), V.astype(complex), X.astype(complex)
