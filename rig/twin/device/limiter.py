"""The port's current limiter: the switch as a regulator, with response time, foldback and time-out.

Between the two states lies a hysteresis of BAND: limiting begins when the switch would carry more than the limit, and
ends when the switch, at the resistance it has, would carry less.
"""

from collections.abc import Callable

from rig.twin.device.comparator import Comparator, Delayed
from rig.twin.device.series import SeriesPhysics
from rig.twin.engine.probe import Probe
from rig.twin.engine.regulator import BAND
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Watch
from rig.twin.scene.protection import Limit


class LimiterPhysics:
    """Armed while the port is on; calls `expired` when it has limited for its time-out, `log` at each change."""

    def __init__(
        self,
        sim: Simulation,
        model: Limit,
        series: SeriesPhysics,
        expired: Callable[[], None],
        log: Callable[[str], None],
    ) -> None:
        self._sim, self._model, self._series, self._log = sim, model, series, log
        self._since_ps: int | None = None  # the switch has conducted fully from here on; None: for ever
        self._timeout = Delayed(sim, expired)
        self._respond = Delayed(sim, self._limit)
        level, varying = series.limit()
        self._over = Comparator(sim, self._less(series.current, varying, 1.0), level + BAND, self._exceeded)
        self._under: Watch | None = None

    def arm(self) -> None:
        self._since_ps = None
        self._over.enable(True)

    def disarm(self) -> None:
        self._respond.cancel()
        self._timeout.cancel()
        self._over.enable(False)
        self._watch_end(on=False)

    def limit_after(self, pause: float) -> None:
        """A fast comparator has opened the switch: regulate after `pause`."""
        self._over.enable(False)
        self._respond.start(pause)

    def conduct(self, ohms: float) -> None:
        """The switch has another resistance from now on."""
        self._series.conduct(ohms)
        if self._series.regulates:
            self._watch_end(on=True)

    @staticmethod
    def _less(probe: Probe, varying: Probe | None, factor: float) -> Probe:
        return probe if varying is None else probe - varying * factor

    def _exceeded(self, above: bool) -> None:
        if above and not self._respond.running:
            # A gate that has had no time to charge needs none to discharge: so a ringing short is not let through.
            response, now = to_ps(self._model.response), self._sim.now_ps
            self._respond.start_ps(response if self._since_ps is None else min(response, now - self._since_ps))
        elif not above:
            self._respond.cancel()

    def _limit(self) -> None:
        self._over.enable(False)
        self._series.regulate(True)
        self._log("limits")
        self._watch_end(on=True)
        if self._model.timeout is not None:
            self._timeout.start(self._model.timeout)

    def _conduct(self) -> None:
        self._timeout.cancel()
        self._watch_end(on=False)
        self._series.regulate(False)
        self._since_ps = self._sim.now_ps
        self._log("conducts")
        self._over.enable(True)

    def _watch_end(self, *, on: bool) -> None:
        if self._under is not None:
            self._under.cancel()
            self._under = None
        if on:
            ohms = self._series.ohms
            level, varying = self._series.limit()
            drop = self._less(self._series.loss, varying, ohms)
            self._under = self._sim.watch(drop, level * ohms - BAND, -1, self._conduct, level=True)
