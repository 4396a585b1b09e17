"""First-order low-passes of what an input sees, exact: what a probe, a shunt amplifier or a front end does to an edge.

A low-pass with time constant T obeys T y' = x - y. Between two events x is a polynomial plus exponentials, so y is one
too, with one more exponential exp(-t / T) that carries the past across the event: no step of integration, no error
but rounding. The filter starts `MEMORY` time constants before the window, where it is taken as settled: what it had
before has died out to exp(-40), below the rounding of doubles.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb, pi

import numpy as np

from rig.twin.engine.curve import Array, Curve, Waveform
from rig.twin.engine.ladder import PS, Ladder, LadderCurve
from rig.twin.engine.network import NetworkError
from rig.twin.engine.probe import Probe
from rig.twin.engine.segments import Piece, Window
from rig.twin.engine.simulation import Simulation
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
        last: list[float] = []
        for piece in sim.pieces([self.probe], max(from_ps - self.memory_ps, 0), until_ps):
            end = np.array([(piece.to_ps - piece.from_ps) * PS])
            wave = _rebased(piece.wave, piece.begin)
            ends = []
            for k, constant in enumerate(self.constants):
                wave = _filtered(wave, constant, last[k] if last else float(wave.at(np.zeros(1))[0, 0]))
                ends.append(float(wave.at(end)[0, 0]))
            last = ends
            if piece.to_ps > from_ps or piece.to_ps == until_ps:
                yield Piece(piece.from_ps, max(piece.from_ps, from_ps), piece.to_ps, wave)

    def render(self, sim: Simulation, start_ps: int, dt_ps: float, n: int) -> Array:
        """Samples of a past window at start_ps + k dt_ps, shape (n,)."""
        if not self.constants:
            return np.asarray(sim.render([self.probe], start_ps, dt_ps, n)[0])
        out = np.empty(n)
        window = Window(start_ps, dt_ps, n)
        if window.last_ps > sim.now_ps:
            raise NetworkError(f"samples up to {window.last_ps} ps are not the past at {sim.now_ps} ps")
        until = min(window.last_ps + 1, sim.now_ps)
        for piece in self.pieces(sim, start_ps, until):
            first, last = window.samples(piece)
            if piece.to_ps == until:
                last = n
            if last > first:
                local = np.array([window.local(piece, first)])
                out[first:last] = piece.wave.uniform(local, dt_ps * PS, last - first)[0]
        return out

    def value(self, sim: Simulation) -> float:
        """The output now."""
        return float(self.render(sim, sim.now_ps, 1.0, 1)[0])


def _rebased(wave: Waveform, begin: float) -> Waveform:
    """The same waveform with its local time starting at `begin` (s)."""
    if isinstance(wave, Curve):
        poly = np.zeros_like(wave.poly)
        for m in range(poly.shape[1]):
            for k in range(m + 1):
                poly[:, k] += wave.poly[:, m] * (comb(m, k) * begin ** (m - k))
        real, ring = wave.real * np.exp(wave.rate * begin), wave.ring * np.exp(wave.pole * begin)
        return Curve(poly, wave.rate, real, wave.pole, ring)
    if isinstance(wave, LadderCurve):
        return LadderCurve(wave.ladder, wave.rows, wave.ladder.states(wave.z0, np.array([begin]))[:, 0], wave.offset)
    raise TypeError(f"no low-pass of a {type(wave).__name__}")


def _filtered(wave: Waveform, constant: float, before: float) -> Waveform:
    """The output of a low-pass whose value at local time 0 is `before`."""
    if isinstance(wave, Curve):
        return _filtered_curve(wave, constant, before)
    if isinstance(wave, LadderCurve):
        return _filtered_ladder(wave, constant, before)
    raise TypeError(f"no low-pass of a {type(wave).__name__}")


def _filtered_curve(wave: Curve, constant: float, before: float) -> Curve:
    """exp(p t) becomes exp(p t) / (1 + p T), and the powers of t follow from T y' = x - y term by term."""
    poles = np.concatenate([wave.rate.astype(complex), wave.pole])
    while np.min(np.abs(1.0 + poles * constant), initial=1.0) < APART / 2.0:
        constant *= 1.0 + APART
    poly = wave.poly.copy()
    for m in range(poly.shape[1] - 2, -1, -1):
        poly[:, m] -= (m + 1) * constant * poly[:, m + 1]
    real, ring = wave.real / (1.0 + constant * wave.rate), wave.ring / (1.0 + constant * wave.pole)
    rest = before - poly[:, :1] - real.sum(axis=1, keepdims=True) - ring.real.sum(axis=1, keepdims=True)
    return Curve(poly, np.append(wave.rate, -1.0 / constant), np.append(real, rest, axis=1), wave.pole, ring)


def _filtered_ladder(wave: LadderCurve, constant: float, before: float) -> LadderCurve:
    """The filter as one more state of the ladder; a constant passes it unchanged."""
    n = len(wave.z0)
    motion = np.zeros((n + 1, n + 1))
    motion[:n, :n] = wave.ladder.M
    motion[n, :n] = wave.rows[0] / constant
    motion[n, n] = -1.0 / constant
    row = np.zeros((1, n + 1))
    row[0, n] = 1.0
    start = np.append(wave.z0, before - wave.offset[0])
    return LadderCurve(Ladder(motion, np.zeros((n + 1, 0))), row, start, wave.offset)
