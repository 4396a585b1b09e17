"""Voltage guards of a port: beyond `off` for the debounce it must open, back past `on` for the delay it may return."""

from collections.abc import Callable

from rig.twin.device.comparator import Comparator, Delayed
from rig.twin.engine.probe import Probe
from rig.twin.engine.simulation import Simulation
from rig.twin.scene.protection import Guard


class GuardPhysics:
    """`sign` is +1 for over-voltage, -1 for under-voltage. `bad` is what it has decided; off it is not."""

    def __init__(self, sim: Simulation, model: Guard, volts: Probe, sign: int, changed: Callable[[bool], None]) -> None:
        self.bad = False
        self._changed = changed
        beyond = Delayed(sim, lambda: self._decide(True))
        back = Delayed(sim, lambda: self._decide(False))
        self._delays = (beyond, back)
        self._off = self._comparator(sim, volts * sign, model.off * sign, beyond, model.debounce)
        self._on = self._comparator(sim, volts * -sign, model.on * -sign, back, model.delay)

    def arm(self) -> None:
        self._off.enable(True)

    def disarm(self) -> None:
        self.bad = False
        for delay in self._delays:
            delay.cancel()
        self._off.enable(False)
        self._on.enable(False)

    @staticmethod
    def _comparator(sim: Simulation, probe: Probe, level: float, action: Delayed, seconds: float) -> Comparator:
        return Comparator(sim, probe, level, lambda above: action.start(seconds) if above else action.cancel())

    def _decide(self, bad: bool) -> None:
        self.bad = bad
        self._off.enable(not bad)
        self._on.enable(bad)
        self._changed(bad)
