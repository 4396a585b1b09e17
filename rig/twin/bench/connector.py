"""How warm the contact of a port's connector is: one thermal mass, heated by what the contact loses.

    T = air + K / tau  integral of exp(-(t - s) / tau) R i(s)^2 ds

from the current that the circuit really had, by the quadrature of `device.temperature` on a grid that resolves it. On
the grid that is exact; between two of its points the loss is taken as steady. The air is the one of the moment in which
somebody asks.
"""

from collections.abc import Callable, Iterator
from math import ceil

import numpy as np

from rig.twin.device.firmware_trips import FORGOTTEN
from rig.twin.device.temperature import NODES, STEP, WEIGHTS, edges
from rig.twin.engine.curve import Array, Waveform
from rig.twin.engine.ladder import PS
from rig.twin.engine.probe import Probe
from rig.twin.engine.segments import Piece
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.ports import Connector


class ConnectorPhysics:
    """`current`: through the contact [A]; `air`: around it now [degC]."""

    def __init__(self, sim: Simulation, model: Connector, current: Probe, air: Callable[[], float]) -> None:
        self._sim, self._model, self._current, self._air = sim, model, current, air
        self._known = (0, 0.0)  # since when [ps], by how much it was warmer than the air then [K]
        sim.remember(lambda: self._known, self._recall)

    def temperatures(self, start_ps: int, dt_ps: float, n: int) -> Array:
        """At start_ps + k dt_ps, which must be past, degC; what is asked later is quickest asked in order."""
        times: Array = start_ps + dt_ps * np.arange(n, dtype=np.float64)
        begin, rise = self._at(start_ps)
        knots, rises = [float(begin)], [rise]
        for end, kept, gained in self._intervals(begin, min(ceil(times[-1]), self._sim.now_ps)):
            rise = rise * kept + gained
            knots.append(end)
            rises.append(rise)
        self._known = (round(knots[-1]), rise)
        return self._air() + self._between(times, np.array(knots), np.array(rises))

    def __call__(self) -> float:
        """Now [degC]."""
        return self._air() + self._at(self._sim.now_ps)[1]

    def _recall(self, known: tuple[int, float]) -> None:
        self._known = known

    def _at(self, at_ps: int) -> tuple[int, float]:
        """Since when, and by how much it is warmer than the air then [K]: from what is known, or else from the past."""
        since, rise = self._known
        if at_ps < since or (at_ps - since) * PS > FORGOTTEN * self._model.time_constant:
            since, rise = max(0, at_ps - to_ps(FORGOTTEN * self._model.time_constant)), 0.0
        for _, kept, gained in self._intervals(since, at_ps):
            rise = rise * kept + gained
        return at_ps, rise

    def _intervals(self, from_ps: int, until_ps: int) -> Iterator[tuple[float, float, float]]:
        """Of a past window each interval of the grid: its end [ps], what is left of a rise until then, and what the
        loss in it adds [K]."""
        if until_ps <= from_ps:
            return
        for piece in self._sim.pieces([self._current], from_ps, until_ps):
            if piece.to_ps > piece.from_ps:
                yield from self._heated(piece)

    def _heated(self, piece: Piece[Waveform]) -> Iterator[tuple[float, float, float]]:
        tau = self._model.time_constant
        grid = edges(piece, STEP * tau)
        half = np.diff(grid) / 2.0
        times = (grid[:-1] + half)[:, None] + half[:, None] * NODES
        amps = piece.wave.at(times.ravel()).reshape(times.shape)
        left = np.exp((times - grid[1:, None]) / tau)
        gained = half * ((amps**2 * left) @ WEIGHTS) * (self._model.heating * self._model.resistance / tau)
        return zip(
            (piece.start_ps + grid[1:] / PS).tolist(), np.exp(-2.0 * half / tau).tolist(), gained.tolist(), strict=True
        )

    def _between(self, times: Array, knots: Array, rises: Array) -> Array:
        """The rise at these times [ps] for a loss that is steady from one knot to the next."""
        if len(knots) == 1:
            return np.full(len(times), rises[0])
        tau = self._model.time_constant
        index = np.clip(np.searchsorted(knots, times, side="right") - 1, 0, len(knots) - 2)
        span = -np.expm1(-np.diff(knots) * PS / tau)
        towards = np.divide(np.diff(rises), span, out=np.zeros(len(span)), where=span > 0.0)  # above where it began
        out: Array = rises[index] - towards[index] * np.expm1(-(times - knots[index]) * PS / tau)
        return out
