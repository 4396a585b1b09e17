"""A port's arc detector: firmware that looks for broadband noise on the port's current, a block at a time.

It sleeps until the current has moved by half of its level from what it was at last: noise of that level does so for
certain, and a port at rest costs nothing. Awake it takes the current of each block of `BLOCK_S`, as samples at
`RATE_HZ`, weighs them (Hann), and has the power of each of its lines, 50 Hz apart, in its band. What it calls noise is

    sqrt(median of the lines' power * number of lines / ln 2)

the rms of white noise with as much in each line: a converter's tones, high as they are, lie in few lines and do not
count. A detector that is `tonal` takes the sum of all lines instead, and so the tones too. When every block for `time`
had more than the level it trips; the first that has not begins the count anew.
"""

import math
from collections.abc import Callable

import numpy as np

from rig.twin.device.comparator import Comparator, Tick
from rig.twin.engine.probe import Probe
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.protection import Arc

BLOCK_S, RATE_HZ = 0.02, 250e3
STEP_PS = to_ps(1.0 / RATE_HZ)
COUNT = round(BLOCK_S * RATE_HZ)
HANN_POWER = 3.0 / 8.0
"""Mean square of the window."""


class ArcTrip:
    """Has `arm` (the port is on), `disarm` (it is off) and `forget` (the memory has lost its power)."""

    def __init__(self, sim: Simulation, model: Arc, current: Probe, act: Callable[[], None]) -> None:
        self._sim, self._model, self._current, self._act = sim, model, current, act
        self._blocks = 0
        self._begun_ps = 0
        self._tick = Tick(sim, BLOCK_S, self._at_tick)
        self._moved = tuple(Comparator(sim, sign * current, 0.0, self._changed) for sign in (1.0, -1.0))

    def arm(self, origin_ps: int) -> None:
        self._tick.origin_ps = origin_ps
        self._wake()

    def disarm(self) -> None:
        self._tick.stop()
        for comparator in self._moved:
            comparator.enable(False)
        self._blocks = 0

    def forget(self) -> None:
        """Nothing is kept."""

    def _wake(self) -> None:
        """The first block begins with the next tick."""
        for comparator in self._moved:
            comparator.enable(False)
        self._blocks = 0
        self._tick.run()
        self._begun_ps = self._tick.last_ps() + self._tick.period_ps

    def _sleep(self, amps: float) -> None:
        """Until the current is elsewhere than at `amps`."""
        self._tick.stop()
        for sign, comparator in zip((1.0, -1.0), self._moved, strict=True):
            comparator.move(sign * amps + self._model.level / 2.0)
            comparator.enable(True)

    def _changed(self, above: bool) -> None:
        if above:
            self._wake()

    def _at_tick(self) -> None:
        now = self._sim.now_ps
        if now <= self._begun_ps:
            return
        block = self._sim.render([self._current], now - COUNT * STEP_PS, STEP_PS, COUNT)[0]
        if noise(block, self._model) <= self._model.level:
            self._blocks = 0
            if np.ptp(block) < self._model.level / 2.0:
                self._sleep(float(block.mean()))
            return
        self._blocks += 1
        if self._blocks >= math.ceil(self._model.time / BLOCK_S - 1e-9):
            self._act()


def noise(amps: np.ndarray, model: Arc) -> float:
    """What the detector calls noise in a block of the current, A."""
    spectrum = np.fft.rfft((amps - amps.mean()) * np.hanning(amps.size))
    hertz = np.fft.rfftfreq(amps.size, 1.0 / RATE_HZ)
    inside = (hertz >= model.low) & (hertz <= model.high)
    power = 2.0 * np.abs(spectrum[inside]) ** 2 / (amps.size**2 * HANN_POWER)
    return math.sqrt(power.sum() if model.tonal else float(np.median(power)) * power.size / math.log(2.0))
