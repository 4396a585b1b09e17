"""Building blocks of protections: comparators, and the tick of firmware."""

from collections.abc import Callable

from rig.twin.engine.probe import Probe
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Callback, Timer


class Comparator:
    """Tells each change of `probe` from below a level to above it and back. Off it is below."""

    def __init__(self, sim: Simulation, probe: Probe, level: float, changed: Callable[[bool], None]) -> None:
        self.above = False
        self._changed = changed
        self._watches = (
            sim.watch(probe, level, +1, lambda: self._become(True), level=True),
            sim.watch(probe, level, -1, lambda: self._become(False), level=True),
        )
        self.enable(False)

    def enable(self, on: bool) -> None:
        """Switched on, a probe that is above already is told at once."""
        if not on:
            self.above = False
        for watch in self._watches:
            watch.enabled = on

    def move(self, level: float) -> None:
        """Another level, from when it is enabled next."""
        for watch in self._watches:
            watch.threshold = level

    def _become(self, above: bool) -> None:
        if above != self.above:
            self.above = above
            self._changed(above)


class Delayed:
    """One action that comes `seconds` after `start`, unless it is cancelled."""

    def __init__(self, sim: Simulation, action: Callback) -> None:
        self._sim, self._action = sim, action
        self._timer: Timer | None = None

    @property
    def running(self) -> bool:
        return self._timer is not None

    def start(self, seconds: float) -> None:
        """Start, or start anew."""
        self.start_ps(to_ps(seconds))

    def start_ps(self, delay_ps: int) -> None:
        self.cancel()
        self._timer = self._sim.at(self._sim.now_ps + delay_ps, self._act)

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _act(self) -> None:
        self._timer = None
        self._action()


class Tick:
    """Calls back at whole periods since `origin_ps`, but only while it runs."""

    def __init__(self, sim: Simulation, seconds: float, action: Callback) -> None:
        self.period_ps, self.origin_ps = to_ps(seconds), 0
        self._sim, self._action = sim, action
        self._timer: Timer | None = None

    @property
    def running(self) -> bool:
        return self._timer is not None

    def last_ps(self) -> int:
        """The latest tick that is not in the future, whether it ran or not."""
        return self._sim.now_ps - (self._sim.now_ps - self.origin_ps) % self.period_ps

    def run(self) -> None:
        """From the next tick on."""
        if self._timer is None:
            self._next()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _next(self) -> None:
        self._timer = self._sim.at(self.last_ps() + self.period_ps, self._act)

    def _act(self) -> None:
        self._next()
        self._action()
