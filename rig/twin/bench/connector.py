"""How warm the contact of a port's connector is: one thermal mass, heated by what the contact loses.

    T = air + K / tau  integral of exp(-(t - s) / tau) R i(s)^2 ds

from the current that the circuit really had, in closed form from event to event; where that has none (along a ramp, or
a ladder) by the quadrature of `device.temperature`. Between two events the loss is taken as steady, and the air is the
one of the moment in which somebody asks.
"""

from collections.abc import Callable, Iterator
from math import ceil

import numpy as np

from rig.twin.bench.lowpass import rebased
from rig.twin.device.firmware_trips import FORGOTTEN
from rig.twin.device.temperature import NODES, STEP, WEIGHTS, edges
from rig.twin.engine.curve import NEGLIGIBLE, Array, Curve, Waveform
from rig.twin.engine.integrals import product
from rig.twin.engine.ladder import PS
from rig.twin.engine.probe import Probe
from rig.twin.engine.segments import Piece
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.ports import Connector

Interval = tuple[float, float, float]
"""Its end [ps], what is left then of a rise at its begin, and what the loss in it adds [K]."""


class ConnectorPhysics:
    """`current`: through the contact [A]; `air`: around it now [degC]."""

    def __init__(self, sim: Simulation, model: Connector, current: Probe, air: Callable[[], float]) -> None:
        self._sim, self._model, self._current, self._air = sim, model, current, air
        self._known = (0, 0.0)  # since when [ps], by how much it was warmer than the air then [K]
        sim.remember(lambda: self._known, self._recall)

    def temperatures(self, start_ps: int, dt_ps: float, n: int) -> Array:
        """At start_ps + k dt_ps, which must be past, degC; what is asked later is quickest asked in order."""
        times: Array = start_ps + dt_ps * np.arange(n, dtype=np.float64)
        last = min(ceil(times[-1]), self._sim.now_ps)
        begin, rise = self._known
        if not start_ps - (last - start_ps) <= begin <= start_ps:  # what lies long before is of no use between samples
            begin, rise = start_ps, self._rise(start_ps)
        knots, rises = [float(begin)], [rise]
        for end, kept, gained in self._intervals(begin, last):
            rise = rise * kept + gained
            knots.append(end)
            rises.append(rise)
        self._known = (max(begin, last), rise)
        return self._air() + self._between(times, np.array(knots), np.array(rises))

    def __call__(self) -> float:
        """Now [degC]."""
        return self._air() + self._rise(self._sim.now_ps)

    def _recall(self, known: tuple[int, float]) -> None:
        self._known = known

    def _rise(self, at_ps: int) -> float:
        """By how much it is warmer than the air then [K]: from what is known, or else from the past."""
        since, rise = self._known
        memory = to_ps(FORGOTTEN * self._model.time_constant)
        if not at_ps - memory <= since <= at_ps:
            since, rise = max(0, at_ps - memory), 0.0
        for _, kept, gained in self._intervals(since, at_ps):
            rise = rise * kept + gained
        return rise

    def _intervals(self, from_ps: int, until_ps: int) -> Iterator[Interval]:
        """A past window, one after the other."""
        if until_ps <= from_ps:
            return
        for piece in self._sim.pieces([self._current], from_ps, until_ps):
            if piece.to_ps > piece.from_ps:
                if isinstance(piece.wave, Curve) and piece.wave.poly.shape[1] == 1:
                    yield self._exactly(piece, piece.wave)
                else:
                    yield from self._by_quadrature(piece)

    def _exactly(self, piece: Piece[Waveform], wave: Curve) -> Interval:
        """i times i exp((t - end) / tau), both sums of exponentials."""
        tau, width = self._model.time_constant, (piece.to_ps - piece.from_ps) * PS
        own = rebased(wave, piece.begin)
        assert isinstance(own, Curve)
        kept, begun = float(np.exp(-width / tau)), own.poly[0, 0]
        floor = NEGLIGIBLE * own.scale()[0]
        alive, rings = np.abs(own.real[0]) > floor, np.abs(own.ring[0]) > floor
        rate, real = own.rate[alive], own.real[0, alive]
        pole, ring = own.pole[rings], own.ring[0, rings]
        if not rate.size and not pole.size:
            return float(piece.to_ps), kept, begun**2 * (1.0 - kept) * tau * self._kelvin_per_amps2s
        both = Curve(
            np.array([[begun], [0.0]]),
            np.concatenate([rate, [1.0 / tau], rate + 1.0 / tau]),
            np.array([[*real, 0.0, *np.zeros(len(real))], [*np.zeros(len(real)), kept * begun, *(kept * real)]]),
            np.concatenate([pole, pole + 1.0 / tau]),
            np.array([[*ring, *np.zeros(len(ring))], [*np.zeros(len(ring)), *(kept * ring)]], dtype=np.complex128),
        )  # fmt: skip
        return float(piece.to_ps), kept, product(both, 0.0, width) * self._kelvin_per_amps2s

    def _by_quadrature(self, piece: Piece[Waveform]) -> Iterator[Interval]:
        tau = self._model.time_constant
        grid = edges(piece, STEP * tau)
        half = np.diff(grid) / 2.0
        times = (grid[:-1] + half)[:, None] + half[:, None] * NODES
        amps = piece.wave.at(times.ravel()).reshape(times.shape)
        left = np.exp((times - grid[1:, None]) / tau)
        gained = half * ((amps**2 * left) @ WEIGHTS) * self._kelvin_per_amps2s
        ends = piece.start_ps + grid[1:] / PS
        return zip(ends.tolist(), np.exp(-2.0 * half / tau).tolist(), gained.tolist(), strict=True)

    @property
    def _kelvin_per_amps2s(self) -> float:
        """By which an ampere squared for a second warms it [K/(A²s)]."""
        return self._model.heating * self._model.resistance / self._model.time_constant

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
