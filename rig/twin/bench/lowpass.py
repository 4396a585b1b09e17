"""First-order low-passes of what an input sees, exact: what a probe, a shunt amplifier or a front end does to an edge.

A low-pass with time constant T obeys T y' = x - y. Between two events x is a polynomial plus exponentials, so y is one
too, with one more exponential exp(-t / T) that carries the past across the event: no step of integration, no error
but rounding. The filter starts `MEMORY` time constants before the window, where it is taken as settled: what it had
before has died out to exp(-40), below the rounding of doubles.
"""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb, pi

import numpy as np
import numpy.typing as npt

from rig.twin.engine import stepped
from rig.twin.engine.curve import Array, Curve, Waveform
from rig.twin.engine.ladder import PS, Ladder, LadderCurve
from rig.twin.engine.network import NetworkError
from rig.twin.engine.probe import Probe
from rig.twin.engine.segments import Piece, Steps, Window
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.stepped import Filtered
from rig.twin.engine.units import to_ps

MEMORY = 40.0  # time constants
APART = (
    1e-5  # of a pole: a circuit as slow as the filter would need t exp(-t / T); the filter is moved this far instead
)


def time_constant(bandwidth: float) -> float:
    """Of a first-order low-pass with its -3 dB point at `bandwidth` [Hz], in s."""
    return 1.0 / (2.0 * pi * bandwidth)


@dataclass(frozen=True, slots=True)
class LowPass:
    """`probe` through low-passes one after the other, with these time constants [s]; none at all is allowed."""

    probe: Probe
    constants: tuple[float, ...] = ()

    @property
    def memory_ps(self) -> int:
        """How far back the present output reaches."""
        return to_ps(MEMORY * sum(self.constants))

    def pieces(self, sim: Simulation, from_ps: int, until_ps: int) -> Iterator[Piece[Waveform]]:
        """The filtered waveform of a past window, segment by segment, as `Simulation.pieces` gives the plain one."""
        return _pieces(sim, [self], from_ps, until_ps)

    def render(self, sim: Simulation, start_ps: int, dt_ps: float, n: int) -> Array:
        """Samples of a past window at start_ps + k dt_ps, shape (n,)."""
        out: Array = render_each(sim, [self], [start_ps], dt_ps, n)[0]
        return out

    def value(self, sim: Simulation) -> float:
        """The output now."""
        return float(self.render(sim, sim.now_ps, 1.0, 1)[0])


def render_each(sim: Simulation, paths: Sequence[LowPass], starts_ps: Sequence[int], dt_ps: float, n: int) -> Array:
    """Samples of several paths with equally many low-passes, each with a start of its own, shape (paths, n)."""
    if not paths[0].constants:
        return sim.render_each([path.probe for path in paths], starts_ps, dt_ps, n)
    out = np.empty((len(paths), n))
    windows = [Window(start_ps, dt_ps, n) for start_ps in starts_ps]
    last_ps = max(window.last_ps for window in windows)
    if last_ps > sim.now_ps:
        raise NetworkError(f"samples up to {last_ps} ps are not the past at {sim.now_ps} ps")
    until = min(last_ps + 1, sim.now_ps)
    for piece in _whole(sim, paths, min(starts_ps), until):
        parts = [window.samples(piece) for window in windows]
        if piece.to_ps == until:
            parts = [(first, n) for first, _ in parts]
        for first, last in dict.fromkeys(parts):  # next to an event they differ by a sample, elsewhere they agree
            if last > first:
                rows = [k for k, part in enumerate(parts) if part == (first, last)]
                local = np.array([windows[k].local(piece, first) for k in rows])
                out[rows, first:last] = piece.wave.pick(rows).uniform(local, dt_ps * PS, last - first)
    return out


def _whole(
    sim: Simulation, paths: Sequence[LowPass], from_ps: int, until_ps: int
) -> Iterator[Piece[Waveform | Filtered]]:
    """As `_pieces`, with many steps of sampled inputs in one where each path has one low-pass."""
    if len(paths[0].constants) > 1:
        yield from _pieces(sim, paths, from_ps, until_ps)
        return
    constants = tuple(path.constants[0] for path in paths)
    memory_ps = max(path.memory_ps for path in paths)
    last: Waveform | Filtered | None = None
    end = np.zeros(1)
    for piece in stepped.pieces(sim, [path.probe for path in paths], max(from_ps - memory_ps, 0), until_ps):
        wave: Waveform | Filtered
        before = None if last is None else last.last if isinstance(last, Filtered) else last.at(end)[:, 0]
        if isinstance(piece.wave, Steps):
            wave = stepped.filtered(piece, np.array(constants), before)
        else:
            plain = rebased(piece.wave, piece.begin)
            wave = _filtered(plain, _alike(constants), plain.at(end)[:, 0] if before is None else before)
        last, end = wave, np.array([(piece.to_ps - piece.from_ps) * PS])
        if piece.to_ps > from_ps or piece.to_ps == until_ps:
            yield Piece(piece.from_ps, max(piece.from_ps, from_ps), piece.to_ps, wave)


def _pieces(sim: Simulation, paths: Sequence[LowPass], from_ps: int, until_ps: int) -> Iterator[Piece[Waveform]]:
    stages = [_alike(constants) for constants in zip(*(path.constants for path in paths), strict=True)]
    memory_ps = max(path.memory_ps for path in paths)
    last, end = list[Waveform](), np.zeros(1)
    for piece in sim.pieces([path.probe for path in paths], max(from_ps - memory_ps, 0), until_ps):
        wave = rebased(piece.wave, piece.begin)
        waves = []
        for k, stage in enumerate(stages):
            wave = _filtered(wave, stage, (last[k] if last else wave).at(end)[:, 0])
            waves.append(wave)
        last, end = waves, np.array([(piece.to_ps - piece.from_ps) * PS])
        if piece.to_ps > from_ps or piece.to_ps == until_ps:
            yield Piece(piece.from_ps, max(piece.from_ps, from_ps), piece.to_ps, wave)


def rebased(wave: Waveform, begin: float) -> Waveform:
    """The same waveform with its local time starting at `begin` (s)."""
    if isinstance(wave, Curve):
        poly = np.zeros_like(wave.poly)
        for m in range(poly.shape[1]):
            poly[:, : m + 1] += wave.poly[:, m : m + 1] * [comb(m, k) * begin ** (m - k) for k in range(m + 1)]
        real, ring = wave.real * np.exp(wave.rate * begin), wave.ring * np.exp(wave.pole * begin)
        return Curve(poly, wave.rate, real, wave.pole, ring)
    if isinstance(wave, LadderCurve):
        return LadderCurve(wave.ladder, wave.rows, wave.ladder.states(wave.z0, np.array([begin]))[:, 0], wave.offset)
    raise TypeError(f"no low-pass of a {type(wave).__name__}")


@functools.cache
def _alike(constants: tuple[float, ...]) -> tuple[Array, npt.NDArray[np.intp]]:
    """The different ones, and which of them each low-pass has: those that are alike share an exponential."""
    return np.unique(constants, return_inverse=True)


def _filtered(wave: Waveform, stage: tuple[Array, npt.NDArray[np.intp]], before: Array) -> Waveform:
    """The outputs of low-passes, one for each output of `wave`, whose values at local time 0 are `before`."""
    own, each = stage
    if isinstance(wave, Curve):
        return _filtered_curve(wave, own.copy(), each, before)
    if isinstance(wave, LadderCurve):
        return _filtered_ladder(wave, own[each], before)
    raise TypeError(f"no low-pass of a {type(wave).__name__}")


def _filtered_curve(wave: Curve, own: Array, each: npt.NDArray[np.intp], before: Array) -> Curve:
    """exp(p t) becomes exp(p t) / (1 + p T), and the powers of t follow from T y' = x - y term by term."""
    poles = np.concatenate([wave.rate.astype(complex), wave.pole])
    if poles.size and np.abs(1.0 + np.multiply.outer(own, poles)).min() < APART / 2.0:
        for k in range(len(own)):
            while np.abs(1.0 + poles * own[k]).min() < APART / 2.0:
                own[k] *= 1.0 + APART
    constant = own[each][:, None]
    poly = wave.poly.copy()
    for m in range(poly.shape[1] - 2, -1, -1):
        poly[:, m] -= (m + 1) * constant[:, 0] * poly[:, m + 1]
    real, ring = wave.real / (1.0 + constant * wave.rate), wave.ring / (1.0 + constant * wave.pole)
    rest = np.zeros((len(poly), len(own)))
    rest[np.arange(len(poly)), each] = before - poly[:, 0] - real.sum(axis=1) - ring.real.sum(axis=1)
    rate = np.concatenate([wave.rate, -1.0 / own])
    return Curve(poly, rate, np.concatenate([real, rest], axis=1), wave.pole, ring)


def _filtered_ladder(wave: LadderCurve, constants: Array, before: Array) -> LadderCurve:
    """Each filter as one more state of the ladder; a constant passes it unchanged."""
    n, m = len(wave.z0), len(constants)
    motion = np.zeros((n + m, n + m))
    motion[:n, :n] = wave.ladder.M
    motion[n:, :n] = wave.rows / constants[:, None]
    motion[n:, n:] = np.diag(-1.0 / constants)
    rows = np.concatenate([np.zeros((m, n)), np.eye(m)], axis=1)
    start = np.append(wave.z0, before - wave.offset)
    return LadderCurve(Ladder(motion, np.zeros((n + m, 0))), rows, start, wave.offset)
