"""What the electronic load protects itself from: too much current or power for too long."""

from collections.abc import Callable
from functools import partial
from math import sqrt
from typing import Literal

from rig.twin.bench.overrun import Overrun
from rig.twin.engine.probe import Probe
from rig.twin.engine.simulation import Simulation

Mode = Literal["CURR", "RES", "VOLT", "POW"]
Alarm = Literal["OCP", "OPP"]

DELAY = 1e-3  # s, of the load's own limits
LEAST = 1e-6  # A or V: of a smaller level no power comes


class LoadProtection:
    """Calls `trip` once a limit has been exceeded for its delay while the load draws.

    `fixed` are the load's own limits [A, W]; `limits` those that were set, with their delays [s], or None.
    """

    def __init__(
        self,
        sim: Simulation,
        fixed: dict[Alarm, float],
        trip: Callable[[Alarm], None],
        volts: Probe,
        amps: Probe,
    ) -> None:
        self._volts, self._amps = volts, amps
        self._sim, self._fixed, self._trip = sim, fixed, trip
        self.limits: dict[Alarm, tuple[float, float] | None] = {"OCP": None, "OPP": None}
        self._waiting: list[Overrun] = []

    def watch(self, mode: Mode, level: float) -> None:
        """The load draws in this mode, at this level (A, ohm, V or W)."""
        self.rest()
        for alarm, fixed in self._fixed.items():
            for limit in ((fixed, DELAY), self.limits[alarm]):
                if limit is not None and not (alarm == "OPP" and mode == "POW" and level <= limit[0]):
                    probe, threshold = self._judged(alarm, limit[0], mode, level)
                    trip = partial(self._trip, alarm)
                    self._waiting.append(Overrun(self._sim, probe, threshold, limit[1], trip, f"load {alarm}"))

    def rest(self) -> None:
        """The load draws nothing."""
        for one in self._waiting:
            one.cancel()
        self._waiting.clear()

    def _judged(self, alarm: Alarm, limit: float, mode: Mode, level: float) -> tuple[Probe, float]:
        """What is compared with what: power follows from one quantity where the mode fixes the other."""
        if alarm == "OCP":
            return self._amps, limit
        if mode == "POW":
            return self._volts, LEAST  # the level is too much as soon as there is something to draw
        if mode == "RES":
            return self._volts, sqrt(limit * level)
        if mode == "VOLT":
            return self._amps, limit / max(level, LEAST)
        return self._volts, limit / max(level, LEAST)
