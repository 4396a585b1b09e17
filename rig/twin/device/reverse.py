"""The ideal-diode function of a port: opens on reverse current, conducts again when current would flow forward."""

from collections.abc import Callable

from rig.twin.device.comparator import Comparator, Delayed
from rig.twin.device.series import SeriesPhysics
from rig.twin.engine.probe import i
from rig.twin.engine.regulator import BAND
from rig.twin.engine.simulation import Simulation
from rig.twin.scene.protection import Reverse


class ReversePhysics:
    """Calls `block` when reverse current has flowed for the delay, and after `wait` once `clear`, when it may conduct.

    With a forward clear it closes the switch `{port}_sense` while it waits.
    """

    def __init__(
        self,
        sim: Simulation,
        port: str,
        model: Reverse,
        series: SeriesPhysics,
        block: Callable[[], None],
        clear: Callable[[], None],
    ) -> None:
        self._sim, self._sense = sim, f"{port}_sense" if model.clear is not None else None
        self._decided = Delayed(sim, block)
        self._flows = Comparator(sim, -series.current, model.current, self._changed(model.delay))
        forward, level = (series.loss, BAND) if model.clear is None else (i(f"{port}_sense"), model.clear.current)
        self._clears = Comparator(sim, forward, level, lambda above: clear() if above else None)

    def arm(self) -> None:
        self._flows.enable(True)

    def wait(self) -> None:
        """The port has been opened: look for forward current."""
        self._flows.enable(False)
        self._set_sense(on=True)
        self._clears.enable(True)

    def disarm(self) -> None:
        self._decided.cancel()
        self._flows.enable(False)
        self._clears.enable(False)
        self._set_sense(on=False)

    def _changed(self, delay: float) -> Callable[[bool], None]:
        return lambda above: self._decided.start(delay) if above else self._decided.cancel()

    def _set_sense(self, *, on: bool) -> None:
        if self._sense is not None:
            self._sim.set_switch(self._sense, on=on)
