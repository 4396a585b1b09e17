"""Many steps of sampled inputs in one go, exactly: outputs through a low-pass, and the integral of a product of two.

A recorder's low-pass, or a meter's energy, would else be worked out sample by sample of the input, and there may be
hundreds of thousands in a second. Sines among the inputs are left out: `pieces` gives their steps one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rig.twin.engine.curve import Array, Complex, Waveform
from rig.twin.engine.integrals import moments
from rig.twin.engine.ladder import PS
from rig.twin.engine.mode import Row
from rig.twin.engine.probe import Probe
from rig.twin.engine.sampled import Stretches, Track, chain, phi
from rig.twin.engine.segments import Piece, Steps
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.tones import Index

SLOW = 1e-3  # |pole * step| below which a mode is a cubic over a step
NEAR = 1e-5  # of a pole: a circuit as slow as the filter would need t exp(-t / T); the filter is moved this far instead


def pieces(sim: Simulation, probes: Sequence[Probe], from_ps: int, to_ps: int) -> Iterator[Piece[Waveform | Steps]]:
    """As `Simulation.pieces`, with all steps of sampled inputs in one as far as there are no sines."""
    sim.pieces(probes, from_ps, to_ps)  # which looks whether the window is in the past
    for piece in sim.history.whole(probes, from_ps, to_ps):
        if isinstance(piece.wave, Steps) and piece.wave.track.tones.omega.size:
            yield from sim.pieces(probes, piece.from_ps, piece.to_ps)
        else:
            yield piece


def surely(piece: Piece[Any], level: float) -> int | None:
    """+1, -1 or 0 where output 0 lies above, below or exactly at the level in all of the piece for certain."""
    track = piece.wave.track
    first, last = _inside(track, piece)
    low, high = (bound[0, first:last] for bound in track.bounds(piece.wave.rows))
    if (low > level).all() or (high < level).all():
        return 1 if low[0] > level else -1
    return 0 if (low == level).all() and (high == level).all() else None


def product(piece: Piece[Any]) -> float:
    """Integral of output 0 times output 1 over the piece."""
    part, width_ps = _part(piece)
    total = 0.0
    for width in np.unique(width_ps):
        total += _products(part, piece.wave.rows, np.flatnonzero(width_ps == width), float(width) * PS)
    return total


@dataclass(frozen=True, slots=True)
class Filtered:
    """Outputs of a piece, each through a low-pass of its own with time constant `constant`, s: T y' = x - y.

    Local time begins with the piece. `left`: what of the past is left at the begin of each step, (outputs, steps).
    """

    part: Stretches
    starts: Array
    state: Array
    input: Array
    constant: Array
    left: Array
    last: Array
    """The outputs at the end of the piece."""

    def pick(self, outputs: Sequence[int]) -> Filtered:
        """Some of the outputs."""
        k = list(outputs)
        fields = (self.state[k], self.input[k], self.constant[k], self.left[k], self.last[k])
        return Filtered(self.part, self.starts, *fields)

    def uniform(self, start: Array, step: float, count: int) -> Array:
        """Values at start + k * step, shape (outputs, count); each output has its own start."""
        out = np.empty((len(start), count))
        for k, begin in enumerate(start):
            times = begin + step * np.arange(count)
            at = np.clip(np.searchsorted(self.starts, times + 0.25 * PS, side="right") - 1, 0, len(self.starts) - 1)
            local = times - self.starts[at]
            one = slice(k, k + 1)
            steady = _settled(self.part, self.state[one], self.input[one], self.constant[one], at, local)
            out[k] = steady[0] + self.left[k, at] * np.exp(-local / self.constant[k])
        return out


def filtered(piece: Piece[Any], constants: Array, before: Array | None) -> Filtered:
    """The piece through low-passes whose outputs were `before`; None: they have settled on what they see."""
    part, width_ps = _part(piece)
    rows, poles, width = piece.wave.rows, part.mode.modal.pole, width_ps * PS
    constant = np.array(constants, dtype=np.float64)
    for k in range(len(constant)):
        while np.min(np.abs(1.0 + poles * constant[k]), initial=1.0) < NEAR / 2.0:
            constant[k] *= 1.0 + NEAR
    count = len(width)
    every = np.arange(count)
    if before is None:
        before = part.at(rows, every[:1], np.zeros(1))[:, 0]
    begin, end = (_settled(part, rows.state, rows.input, constant, every, times) for times in (np.zeros(count), width))
    decay = np.exp(-width / constant[:, None])
    left = chain(before - begin[:, 0], decay, end - np.concatenate([begin[:, 1:], end[:, -1:]], axis=1)).real[:, :-1]
    last = end[:, -1] + left[:, -1] * decay[:, -1]
    starts = np.concatenate([[0.0], np.cumsum(width_ps)[:-1] * PS])
    return Filtered(part, starts, rows.state, rows.input, constant, left, last)


def _settled(part: Stretches, state: Array, direct: Array, constant: Array, k: Index, t: Array) -> Array:
    """What the filtered outputs would be in step k[n], t[n] s after its begin, without a past: term by term.

    T y' = x - y makes exp(p t) / (1 + p T) of exp(p t), 1 of 1, t - T of t; x is a sum of those (`Stretches.at`).
    """
    poles = part.mode.modal.pole
    own, where = np.unique(t, return_inverse=True)  # most steps are alike
    grown, first, second = (part[:, where] for part in phi(np.multiply.outer(poles, own)))
    weight: Complex = (state @ part.mode.modal.back) / (1.0 + np.multiply.outer(constant, poles))
    push, ramp = part.push[:, k], part.ramp[:, k]
    moving = grown * part.x[:, k] + t * (first * push + t * second * ramp)
    lag = constant[:, None]
    out: Array = (weight @ moving).real - lag * (weight @ push).real + (lag**2 - lag * t) * (weight @ ramp).real
    return out + direct @ part.input[:, k] + (direct @ part.slope[:, k]) * (t - lag)


def _inside(track: Track, piece: Piece[Any]) -> tuple[int, int]:
    """The steps that a piece has a part of: from .. until."""
    first = int(np.searchsorted(track.knots_ps, piece.from_ps, side="right")) - 1
    return first, max(int(np.searchsorted(track.knots_ps, piece.to_ps, side="left")), first + 1)


def _part(piece: Piece[Any]) -> tuple[Stretches, Array]:
    """The steps of a piece, the first from where the piece begins, and how long they are in it, ps."""
    track = piece.wave.track
    first, last = _inside(track, piece)
    edges = np.concatenate([[piece.from_ps], track.knots_ps[first + 1 : last], [piece.to_ps]])
    all_ = track.begun
    x, push, slope = all_.x[:, first:last].copy(), all_.push[:, first:last].copy(), all_.slope[:, first:last]
    ramp, inputs = all_.ramp[:, first:last], all_.input[:, first:last].copy()
    late = (piece.from_ps - int(track.knots_ps[first])) * PS
    if late > 0.0:
        grown, once, twice = phi(track.mode.modal.pole * late)
        x[:, 0] = grown * x[:, 0] + late * (once * push[:, 0] + late * twice * ramp[:, 0])
        push[:, 0] += late * ramp[:, 0]
        inputs[:, 0] += late * slope[:, 0]
    return Stretches(track.mode, x, push, ramp, inputs, slope), np.diff(edges)


def _products(part: Stretches, rows: Row, k: Index, width: float) -> float:
    """The integral of the product over the steps k, all of the same width: cubics and exponentials."""
    poles = part.mode.modal.pole
    weight = rows.state @ part.mode.modal.back
    x, push, ramp = part.x[:, k], part.push[:, k], part.ramp[:, k]
    slow = np.abs(poles) * width < SLOW
    p = poles[slow, None]
    rate = p * x[slow] + push[slow]
    bend = p * rate + ramp[slow]
    cubic = np.array([x[slow], rate, bend / 2.0, p * bend / 6.0])
    poly = np.einsum("jm,nmk->njk", weight[:, slow], cubic).real
    poly[0] += rows.input @ part.input[:, k]
    poly[1] += rows.input @ part.slope[:, k]
    fast = ~slow
    p = poles[fast, None]
    drift = -ramp[fast] / p
    steady = (drift - push[fast]) / p
    poly[0] += (weight[:, fast] @ steady).real
    poly[1] += (weight[:, fast] @ drift).real
    free = [weight[j, fast, None] * (x[fast] - steady) for j in (0, 1)]
    powers = width ** (np.add.outer(np.arange(4), np.arange(4)) + 1.0)
    powers /= np.add.outer(np.arange(4), np.arange(4)) + 1.0
    total = float(np.einsum("nk,nm,mk->", poly[:, 0], powers, poly[:, 1]))
    own = poles[fast]
    for n, moment in enumerate(moments(own * width, 3)):
        mixed = poly[n, 0] * free[1] + poly[n, 1] * free[0]
        total += float((moment @ mixed).real.sum()) * width ** (n + 1)
    # Re(x) Re(y) = Re(x y + x conj(y)) / 2
    for other, factor in ((own, free[1]), (own.conj(), free[1].conj())):
        sums = np.asarray(np.add.outer(own, other), dtype=np.complex128)
        pairs = moments(sums.ravel() * width, 0)[0].reshape(sums.shape)
        total += 0.5 * width * float((free[0] * (pairs @ factor)).sum().real)
    return total
