"""A value that stays over its threshold for too long: what a protection with a reaction time waits for."""

from collections.abc import Callable

from rig.twin.engine.probe import Probe
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps

BAND = 1e-9  # hysteresis, so that a value at rest on its threshold does not chatter


class Overrun:
    """Calls back when `probe` has been above `level` for `delay` seconds without a break; once for each time."""

    def __init__(
        self, sim: Simulation, probe: Probe, level: float, delay: float, callback: Callable[[], object], name: str
    ) -> None:
        self._sim, self._delay_ps, self._callback = sim, to_ps(delay), callback
        self._up = sim.watch(probe, level + BAND, +1, self._begin, level=True, name=name)
        self._down = sim.watch(probe, level - BAND, -1, self._end, level=True, name=f"end of {name}")
        self._down.enabled = False
        self._timer = sim.at(sim.now_ps, lambda: None)

    def cancel(self) -> None:
        """Stop waiting for good."""
        self._timer.cancel()
        self._up.cancel()
        self._down.cancel()

    def _begin(self) -> None:
        self._up.enabled, self._down.enabled = False, True
        self._timer = self._sim.at(self._sim.now_ps + self._delay_ps, self._callback)

    def _end(self) -> None:
        self._up.enabled, self._down.enabled = True, False
        self._timer.cancel()
