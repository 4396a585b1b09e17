"""The safety chain: lid switch and emergency stop in series with the supply of all coils and of the gate driver."""

from collections.abc import Iterable

from rig.twin.bench.contactor import ContactorPhysics
from rig.twin.bench.injector import InjectorPhysics
from rig.twin.bench.series_switch import SeriesSwitchPhysics
from rig.twin.engine.simulation import Simulation


class InterlockPhysics:
    """Open, it takes the power from every coil and from the gate driver, whatever the rig commands."""

    def __init__(
        self, sim: Simulation, contactors: Iterable[ContactorPhysics], injector: InjectorPhysics,
        series: SeriesSwitchPhysics | None = None,
    ) -> None:  # fmt: skip
        self._sim, self._contactors, self._injector, self._series = sim, tuple(contactors), injector, series
        self.closed = True

    def set(self, closed: bool) -> None:
        """Somebody opens the lid or shuts it again."""
        self.closed = closed
        self._sim.log("interlock", "closed" if closed else "open")
        for contactor in self._contactors:
            contactor.powered = closed
            contactor.refresh()
        self._injector.power(closed)
        if self._series is not None:
            self._series.power(closed)
