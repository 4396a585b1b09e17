"""An input's way from its transducer to the converter: what a bad plug, a wrong probe, a drift, interference do to it.

Records are rendered after the fact, so a channel remembers from when on it was how.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rig.twin.draw import noise
from rig.twin.engine.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What the input sees is gain x signal + offset [V] + white noise [V rms]."""

    gain: float = 1.0
    offset: float = 0.0
    rms: float = 0.0


class ChannelPhysics:
    """One input. `disturb` adds a disturbance that lasts until it is taken back; they act one after another."""

    def __init__(self, sim: Simulation, name: str, seed: int) -> None:
        self._sim, self._name, self._seed = sim, name, seed
        self._acting: dict[str, Disturbance] = {}
        self._since: list[tuple[int, Disturbance]] = [(0, Disturbance())]
        self.changed: Callable[[], None] = lambda: None

    @property
    def now(self) -> Disturbance:
        """All that acts now, as one."""
        return self._since[-1][1]

    def disturb(self, key: str, disturbance: Disturbance | None) -> None:
        """From now on `key` is so; None takes it back."""
        self._acting.pop(key, None)
        if disturbance is not None:
            self._acting[key] = disturbance
        gain, offset, power = 1.0, 0.0, 0.0
        for each in self._acting.values():
            gain, offset = gain * each.gain, offset * each.gain + each.offset
            power += each.rms**2
        self._since.append((self._sim.now_ps, Disturbance(gain, offset, math.sqrt(power))))
        self.changed()

    def trigger(self, level: float, slope: int) -> tuple[float, int] | None:
        """The level and slope of the clean signal at which the disturbed one crosses `level`; None: it never does."""
        gain, offset = self.now.gain, self.now.offset
        return None if gain == 0.0 else ((level - offset) / gain, slope if gain > 0.0 else -slope)

    def value(self, volts: float) -> float:
        """`volts` now as the input sees it, without noise."""
        return volts * self.now.gain + self.now.offset

    def seen(
        self, volts: NDArray[np.float64], start_ps: float, dt_ps: float, acquisition: int, first: int
    ) -> NDArray[np.float64]:
        """`volts`, samples of the circuit at start_ps + k dt_ps, as the input sees them, shape as given."""
        if len(self._since) == 1:
            return volts
        times = start_ps + dt_ps * np.arange(len(volts))
        begins = np.array([since for since, _ in self._since])
        index = np.maximum(np.searchsorted(begins, times, side="right") - 1, 0)
        gain, offset, rms = (
            np.array([getattr(each, what) for _, each in self._since])[index] for what in ("gain", "offset", "rms")
        )
        drawn = noise(self._seed, f"{self._name} interference", acquisition, first, len(volts))
        out: NDArray[np.float64] = gain * volts + offset + rms * drawn
        return out
