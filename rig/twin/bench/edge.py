"""Finding the edge that a trigger comparator sees behind its low-passes."""

from collections.abc import Callable

import numpy as np

from rig.twin.bench.lowpass import LowPass
from rig.twin.engine.scan import ROUNDING, first_crossings
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.watch import Timer, Watch

SETTLED = 0.5  # of the filter's memory: what crosses the level in front of the filter has crossed it behind it by then


class EdgeFinder:
    """Calls back once with the exact time [ps] at which the filtered probe crosses `level` in direction `slope`.

    An edge needs the far side first; once there, a jump across the level counts like a ramp. The crossing in front of
    the filter is watched for; what stands behind it is looked up half the filter's memory later, when it is the past.
    A pulse too short for the filter is no edge.
    """

    def __init__(
        self, sim: Simulation, path: LowPass, level: float, slope: int, callback: Callable[[int], None]
    ) -> None:
        self._sim, self._slope, self._callback = sim, slope, callback
        self._plain, self._level = path.probe * slope, level * slope
        self._path = LowPass(self._plain, path.constants)
        self._wait = max(round(SETTLED * path.memory_ps), 1)
        self._since = sim.now_ps
        self._watch: Watch | None = None
        self._timer: Timer | None = None
        self._watch_for(-1, self._ready)

    def cancel(self) -> None:
        """Stop looking."""
        if self._watch is not None:
            self._watch.cancel()
        if self._timer is not None:
            self._timer.cancel()

    def _watch_for(self, direction: int, then: Callable[[], None]) -> None:
        self.cancel()
        self._watch = self._sim.watch(self._plain, self._level, direction, then, level=True, name="scope trigger")

    def _ready(self) -> None:
        self._since = self._sim.now_ps
        self._watch_for(+1, lambda: self._look_in(self._wait))

    def _look_in(self, wait_ps: int) -> None:
        self.cancel()
        self._timer = self._sim.at(self._sim.now_ps + wait_ps, lambda: self._look(wait_ps))

    def _look(self, waited_ps: int) -> None:
        crossed = self._crossed()
        if crossed is not None:
            self.cancel()
            self._callback(crossed)
        elif self._sim.value(self._plain) > self._level:
            self._look_in(2 * waited_ps)  # the last crossing was just now, or the level is all but touched
        else:
            self._watch_for(-1, self._ready)

    def _crossed(self) -> int | None:
        armed = np.array([False])
        for piece in self._path.pieces(self._sim, self._since, self._sim.now_ps):
            wave = piece.wave.shifted(np.array([-self._level]))
            tolerance = ROUNDING * (wave.scale() + abs(self._level))
            begin, end = piece.from_ps - piece.start_ps, piece.to_ps - piece.start_ps
            armed |= wave.at(np.array([piece.begin]))[:, 0] < -tolerance
            hits, armed = first_crossings(wave, tolerance, armed, begin, end)
            if hits:
                return piece.start_ps + hits[0].at_ps
        return None
