"""The start voltage of the electronic load: it draws nothing until its terminals have reached it."""

from collections.abc import Callable

from rig.twin.engine.probe import Probe
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Timer, Watch

REACTION = 1e-3  # s between two changes of mind; [K]


class Von:
    """Calls `start` when the input is on and `voltage` is at `volts`; 0 V means at once.

    Latched, the load then draws until its input is switched off. Else `stop` is called when the voltage falls below
    `volts`; where the load itself pulls it down, load and source go on and off against each other every 1 ms.
    """

    def __init__(self, sim: Simulation, voltage: Probe, start: Callable[[], None], stop: Callable[[], None]) -> None:
        self._sim, self._voltage, self._start, self._stop = sim, voltage, start, stop
        self.volts, self.latch = 0.0, False
        self._pending: Watch | Timer | None = None

    def begin(self) -> None:
        """The input goes on."""
        self.end()
        if self.volts > 0.0:
            self._wait(+1, self._reached)
        else:
            self._start()

    def end(self) -> None:
        """The input goes off."""
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None

    def _wait(self, direction: int, then: Callable[[], None]) -> None:
        self._pending = self._sim.watch(self._voltage, self.volts, direction, then, level=True, name="load Von")

    def _reached(self) -> None:
        self.end()
        self._start()
        if not self.latch:
            self._later(lambda: self._wait(-1, self._lost))

    def _lost(self) -> None:
        self.end()
        self._stop()
        self._later(lambda: self._wait(+1, self._reached))

    def _later(self, action: Callable[[], None]) -> None:
        self._pending = self._sim.at(self._sim.now_ps + to_ps(REACTION), action)
