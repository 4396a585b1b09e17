"""The safety chain: lid switch and emergency stop in series with the supply of all coils and of the gate driver."""

from collections.abc import Iterable

from rig.twin.bench.contactor import ContactorPhysics
from rig.twin.bench.injector import InjectorPhysics
from rig.twin.engine.simulation import Simulation


class InterlockPhysics:
    """Open, it takes the power from every coil and from the gate driver, whatever the rig commands."""

    def __init__(self, sim: Simulation, contactors: Iterable[ContactorPhysics], injector: InjectorPhysics) -> None:
        self._sim, self._contactors, self._injector = sim, tuple(contactors), injector
        self.closed = True

    def set(self, closed: bool) -> None:
        """Somebody opens the lid or shuts it again."""
        self.closed = closed
        self._sim.log("interlock", "closed" if closed else "open")
        for contactor in self._contactors:
            contactor.powered = closed
            contactor.refresh()
        self._injector.power(closed)
