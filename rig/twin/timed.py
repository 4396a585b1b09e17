"""Faults that come and go at their bench time, or now."""

from collections.abc import Callable
from itertools import count

from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.faults import Fault

FIRST = -1000  # priority: who acts at the same instant finds the fault already there


class Timed:
    """Begins and ends faults by `begin`, which returns what ends the fault. Each is in the event log."""

    def __init__(self, sim: Simulation, begin: Callable[[Fault], Callable[[], object]]) -> None:
        self._sim, self._begin = sim, begin
        self._numbers = count(1)
        self._ends: dict[int, Callable[[], object]] = {}

    def schedule(self, fault: Fault) -> None:
        """Begin at the fault's time; from the start means before anything else happens."""
        at_ps = to_ps(fault.at)
        if at_ps <= self._sim.now_ps:
            self.start(fault)
        else:
            self._sim.at(at_ps, lambda: self.start(fault), FIRST)

    def start(self, fault: Fault) -> int:
        """Begin now; the number by which `end` knows it. It ends by itself at its `until`."""
        number = next(self._numbers)
        self._sim.log("fault", f"{fault.fault} {fault.part} begins")
        finish = self._begin(fault)

        def ended() -> None:
            self._sim.log("fault", f"{fault.fault} {fault.part} ends")
            finish()

        self._ends[number] = ended
        if fault.until is not None:
            self._sim.at(max(to_ps(fault.until), self._sim.now_ps), lambda: self.end(number), FIRST)
        return number

    def end(self, number: int) -> None:
        """Take back; what has ended already stays so. Raises KeyError for a number that was never given."""
        if not 0 < number:
            raise KeyError(number)
        if (finish := self._ends.pop(number, None)) is not None:
            finish()
