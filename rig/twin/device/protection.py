"""What makes a port switch off: a fast trip that latches at its first crossing, and delayed stages."""

from collections.abc import Callable

from rig.twin.engine.probe import Probe
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Watch
from rig.twin.scene.ports import Protection, Stage


class ProtectionPhysics:
    """Watches `current` (through the port switch) and calls `trip(reason)` at the end of a delay.

    Disarmed it forgets every running delay.
    """

    def __init__(self, sim: Simulation, model: Protection, current: Probe, trip: Callable[[str], None]) -> None:
        self._sim, self._trip = sim, trip
        self._pending: dict[str, Callable[[], None]] = {}
        self._guards: list[Watch] = []
        if model.fast is not None:
            self._guards += self._guard("fast", model.fast, current, resets=False)
        for number, stage in enumerate(model.stages, start=1):
            self._guards += self._guard(f"stage {number}", stage, current, resets=True)
        self.disarm()

    def arm(self) -> None:
        for guard in self._guards:
            guard.enabled = True

    def disarm(self) -> None:
        for guard in self._guards:
            guard.enabled = False
        for cancel in self._pending.values():
            cancel()
        self._pending.clear()

    def _guard(self, name: str, stage: Stage, current: Probe, *, resets: bool) -> list[Watch]:
        def start() -> None:
            if name not in self._pending:
                at = self._sim.now_ps + to_ps(stage.delay)
                self._pending[name] = self._sim.at(at, lambda: self._trip(name)).cancel

        def reset() -> None:
            if (cancel := self._pending.pop(name, None)) is not None:
                cancel()

        guards = [self._sim.watch(current, stage.current, +1, start, level=True)]
        if resets:
            guards.append(self._sim.watch(current, stage.current, -1, reset, level=True))
        return guards
