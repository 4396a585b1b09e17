"""The start voltage of the electronic load: it draws nothing until its terminals have reached it."""

from collections.abc import Callable

from rig.twin.bench.overrun import Overrun
from rig.twin.engine.probe import Probe
from rig.twin.engine.simulation import Simulation

REACTION = 1e-3  # s that the voltage must be there, or gone; [K]


class Von:
    """Calls `start` when the input is on and `voltage` has been above `volts`; 0 V means at once.

    Latched, the load then draws until its input is switched off. Else `stop` is called when the voltage has been below
    `volts`; where the load itself pulls it down, load and source go on and off against each other every 2 ms.
    """

    def __init__(self, sim: Simulation, voltage: Probe, start: Callable[[], None], stop: Callable[[], None]) -> None:
        self._sim, self._voltage, self._start, self._stop = sim, voltage, start, stop
        self.volts, self.latch = 0.0, False
        self._waiting: Overrun | None = None

    def begin(self) -> None:
        """The input goes on."""
        if self.volts > 0.0:
            self._wait(+1, self._reached)
        else:
            self._start()

    def end(self) -> None:
        """The input goes off."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _wait(self, direction: int, then: Callable[[], None]) -> None:
        self.end()
        self._waiting = Overrun(
            self._sim, self._voltage * direction, self.volts * direction, REACTION, then, "load start voltage"
        )

    def _reached(self) -> None:
        self._start()
        if self.latch:
            self.end()
        else:
            self._wait(-1, self._lost)

    def _lost(self) -> None:
        self._stop()
        self._wait(+1, self._reached)
