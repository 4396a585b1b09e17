"""Exact answers about the past, for tests: what an ideal instrument would have measured.

All times are picoseconds of the simulation; a window must lie in the past. The probe of `i2t`, `integral` and
`energy` follows its own units (A -> A²s, A -> C, V and A -> J).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from rig.twin.engine import integrals, stepped
from rig.twin.engine.curve import Waveform
from rig.twin.engine.ladder import PS
from rig.twin.engine.probe import Probe
from rig.twin.engine.scan import ROUNDING, extremum, first_crossings, grid, single, solve
from rig.twin.engine.segments import Piece, Steps
from rig.twin.engine.simulation import Simulation

ALIVE = 1e-12


def peak(sim: Simulation, probe: Probe, from_ps: int, to_ps: int) -> tuple[float, int]:
    """Largest value in the window and its time; the lowest is that of `-probe`. Of equals the first."""
    best, best_ps = -np.inf, from_ps
    for piece in sim.pieces([probe], from_ps, to_ps):
        value, at = _highest(piece, best)
        if value > best:
            best, best_ps = value, piece.start_ps + round(at / PS)
    return best, best_ps


def integral(sim: Simulation, probe: Probe, from_ps: int, to_ps: int) -> float:
    """Time integral of the probe."""
    return sum(float(integrals.integral(p.wave, p.begin, p.end)[0]) for p in sim.pieces([probe], from_ps, to_ps))


def i2t(sim: Simulation, probe: Probe, from_ps: int, to_ps: int) -> float:
    """Time integral of the probe's square (Joule integral for a current)."""
    return energy(sim, probe, probe, from_ps, to_ps)


def energy(sim: Simulation, volts: Probe, amps: Probe, from_ps: int, to_ps: int) -> float:
    """Time integral of the product of two probes."""
    return sum(
        stepped.product(p) if isinstance(p.wave, Steps) else integrals.product(p.wave, p.begin, p.end)
        for p in stepped.pieces(sim, [volts, amps], from_ps, to_ps)
    )


def crossings(sim: Simulation, probe: Probe, level: float, from_ps: int, to_ps: int) -> list[tuple[int, int]]:
    """Times and directions (+1 or -1) of all passages through `level`, jumps at events included."""
    found: list[tuple[int, int]] = []
    side = 0
    for piece in _unsure(sim, probe, level, from_ps, to_ps):
        if isinstance(piece, tuple):  # it lies on one side for certain, all the time
            at_ps, now = piece
            if now and side and now != side:
                found.append((at_ps, now))
            side = now or side
            continue
        begin, end = piece.from_ps - piece.start_ps, piece.to_ps - piece.start_ps
        wave = piece.wave.shifted(np.array([-level, level]))
        tolerance = ROUNDING * (wave.scale() + abs(level))
        above = float(wave.at(np.array([begin * PS]))[0, 0])
        now = 0 if abs(above) <= tolerance[0] else int(np.sign(above))
        if now and side and now != side:
            found.append((piece.from_ps, now))
        side = now or side
        while begin < end:
            hits, _ = first_crossings(wave, tolerance, np.array([side <= 0, side >= 0]), begin, end)
            if not hits:
                break
            new = 1 if hits[0].index == 0 else -1
            if side:
                found.append((piece.start_ps + hits[0].at_ps, new))
            side, begin = new, hits[0].at_ps
    return found


def _unsure(
    sim: Simulation, probe: Probe, level: float, from_ps: int, to_ps: int
) -> Iterator[Piece[Any] | tuple[int, int]]:
    """The pieces of the probe and its negative; of many steps on one side or at the level their begin and the side."""
    for piece in stepped.pieces(sim, [probe, -probe], from_ps, to_ps):
        if not isinstance(piece.wave, Steps):
            yield piece
        elif (side := stepped.surely(piece, level)) is not None:
            yield piece.from_ps, side
        else:
            yield from sim.pieces([probe, -probe], piece.from_ps, piece.to_ps)


def _highest(piece: Piece[Waveform], floor: float) -> tuple[float, float]:
    """Maximum of the piece and its local time; turning points that cannot exceed `floor` are left alone."""
    wave, rate = piece.wave, piece.wave.derivative()
    best, at = floor, piece.begin
    if not wave.bounds(piece.begin, piece.end)[1][0] > floor:
        return best, at
    chunks = grid(wave, piece.begin, piece.end, ALIVE) if piece.end > piece.begin else [np.array([piece.begin])]
    for times in chunks:
        (value,), (slope,) = wave.both(times)
        k = int(np.argmax(value))
        if value[k] > best:
            best, at = float(value[k]), float(times[k])
        humps = np.flatnonzero((slope[:-1] > 0.0) & (slope[1:] < 0.0))
        if not humps.size:
            continue
        before, after = value[humps], value[humps + 1]
        turn = extremum(times[humps + 1] - times[humps], before, after, slope[humps], slope[humps + 1])
        reach = 2.0 * turn - np.maximum(before, after)
        for n in np.argsort(-reach, kind="stable"):
            if reach[n] > best:
                top = solve(single(rate, 0), float(times[humps[n]]), float(times[humps[n] + 1]))
                height = single(wave, 0)(top)
                if height > best:
                    best, at = height, top
    return best, at
