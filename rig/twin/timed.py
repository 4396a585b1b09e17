"""Faults that come and go at their bench time, or now."""

from collections.abc import Callable, Collection, Sequence
from itertools import count

from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.faults import Fault

FIRST = -1000  # priority: who acts at the same instant finds the fault already there

End = Callable[[], object]


class Timed:
    """The faults of a scene, and those of tests. Each beginning and each end is in the event log."""

    def __init__(self, sim: Simulation, faults: Sequence[Fault]) -> None:
        self._sim, self._faults = sim, tuple(faults)
        self._begin: dict[str, Callable[[Fault], End]] = {}
        self._numbers = count(1)
        self._ends: dict[int, End] = {}

    def handle(self, names: Collection[str], begin: Callable[[Fault], End]) -> None:
        """From now on `begin` brings faults of these names about and returns what ends them; the scene's are due."""
        self._begin |= dict.fromkeys(names, begin)
        for fault in self._faults:
            if fault.fault in names:
                self.schedule(fault)

    def schedule(self, fault: Fault) -> int:
        """Begin at the fault's time, or now when that has passed; the number by which `end` knows it."""
        number, at_ps = next(self._numbers), to_ps(fault.at)
        if at_ps <= self._sim.now_ps:
            self._start(number, fault)
        else:
            self._sim.at(at_ps, lambda: self._start(number, fault), FIRST)
        return number

    def end(self, number: int) -> None:
        """Take a fault back. Raises KeyError when no fault of that number is there."""
        self._ends.pop(number)()

    def _start(self, number: int, fault: Fault) -> None:
        self._sim.log("fault", f"{fault.fault} {fault.part} begins")
        finish = self._begin[fault.fault](fault)

        def ended() -> None:
            self._sim.log("fault", f"{fault.fault} {fault.part} ends")
            finish()

        self._ends[number] = ended
        if fault.until is not None:
            until_ps = max(to_ps(fault.until), self._sim.now_ps)
            self._sim.at(until_ps, lambda: self._expire(number), FIRST)

    def _expire(self, number: int) -> None:
        if number in self._ends:
            self.end(number)
