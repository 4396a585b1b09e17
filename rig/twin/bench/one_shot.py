"""A driver that lets a high control line through for so long and no longer."""

from collections.abc import Callable

from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Timer


class OneShot:
    """`act` is told what comes through: high with the line, and low with it or `seconds` after it went high, if any."""

    def __init__(self, sim: Simulation, name: str, seconds: float | None, act: Callable[[bool], None]) -> None:
        self._sim, self._name, self._seconds, self._act = sim, name, seconds, act
        self._expiry: Timer | None = None
        self.dead = False
        """It lets everything through for good."""

    def drive(self, high: bool) -> None:
        """The control line moves."""
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        if high and self._seconds is not None and not self.dead:
            self._expiry = self._sim.at(self._sim.now_ps + to_ps(self._seconds), self._expire)
        self._act(high)

    def _expire(self) -> None:
        self._expiry = None
        self._sim.log(self._name, "one-shot expires")
        self._act(False)
