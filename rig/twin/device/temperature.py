"""The temperature of a port's switch: one thermal mass, heated by what the series element loses.

    T = ambient + Rth / tau  integral of exp(-(t - s) / tau) v(s) i(s) ds

computed from the past when somebody asks, by Gauss-Legendre quadrature on a grid that resolves the waveform and the
thermal mass; what is older than 40 time constants is forgotten.
"""

from collections.abc import Callable

import numpy as np

from rig.twin.device.firmware_trips import FORGOTTEN
from rig.twin.engine.curve import Array, Waveform
from rig.twin.engine.ladder import PS
from rig.twin.engine.probe import Probe
from rig.twin.engine.scan import grid
from rig.twin.engine.segments import Piece
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.firmware import Temperature

STEP = 0.25  # of the time constant: longest step of the grid
NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)


class TemperaturePhysics:
    """Called, it gives the temperature now [degC]."""

    def __init__(
        self, sim: Simulation, model: Temperature, volts: Probe, amps: Probe, ambient: Callable[[], float]
    ) -> None:
        self._sim, self._model, self._probes, self._ambient = sim, model, (volts, amps), ambient
        self._at_ps, self._rise = 0, 0.0

    def __call__(self) -> float:
        now, tau = self._sim.now_ps, self._model.time_constant
        if now > self._at_ps:
            begin = max(self._at_ps, now - to_ps(FORGOTTEN * tau))
            rise = self._rise * float(np.exp(-(now - self._at_ps) * PS / tau))
            heat = sum(self._heat(piece, now) for piece in self._sim.pieces(self._probes, begin, now))
            self._at_ps, self._rise = now, rise + self._model.resistance / tau * heat
        return self._ambient() + self._rise

    def _heat(self, piece: Piece[Waveform], now: int) -> float:
        """Integral of the loss over a piece, as much of it as is still there now [J]."""
        if piece.to_ps <= piece.from_ps:
            return 0.0
        tau = self._model.time_constant
        points = edges(piece, STEP * tau)
        half = np.diff(points) / 2.0
        times = (points[:-1] + half)[:, None] + half[:, None] * NODES
        volts, amps = piece.wave.at(times.ravel()).reshape(2, *times.shape)
        left = np.exp((times + (piece.start_ps - now) * PS) / tau)
        return float(np.sum(half * ((volts * amps * left) @ WEIGHTS)))


def edges(piece: Piece[Waveform], longest: float) -> Array:
    """Local times of a grid over a piece that resolves its waveform, in steps of at most `longest` [s]."""
    points = np.unique(np.concatenate(list(grid(piece.wave, piece.begin, piece.end))))
    parts = np.maximum(np.ceil(np.diff(points) / longest).astype(int), 1)
    number = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
    fine = np.repeat(points[:-1], parts) + number * np.repeat(np.diff(points) / parts, parts)
    return np.concatenate([fine, points[-1:]])
