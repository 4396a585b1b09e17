"""Digital lines, of a T7 or a relay board's inputs: the injector's gate, auxiliary contacts, the safety chain."""

from collections.abc import Callable, Mapping

from rig.twin.bench.contactor import ContactorPhysics
from rig.twin.engine.simulation import Simulation

LINES = tuple(f"{bank}{n}" for bank, count in (("FIO", 8), ("EIO", 8), ("CIO", 4), ("MIO", 3)) for n in range(count))
INPUTS = tuple(f"DI{n}" for n in range(1, 17))
"""Of a relay board, which can only be read."""


class LinePhysics:
    """Level of each line. An auxiliary contact pulls its line high while its contactor is in.

    Unknown line names raise ValueError; driving an auxiliary contact's line raises too, because on the real bench
    it would short the output.
    """

    def __init__(
        self,
        sim: Simulation,
        contactors: Mapping[str, ContactorPhysics],
        outputs: Mapping[str, Callable[[bool], None]],
        inputs: Mapping[str, Callable[[], bool]],
    ) -> None:
        self._sim = sim
        self._contactors, self._outputs, self._inputs = dict(contactors), dict(outputs), dict(inputs)
        self._driven = dict.fromkeys((*LINES, *INPUTS), False)

    def write(self, name: str, high: bool) -> None:
        """Drive a line; the change acts now."""
        self._check(name)
        if name in self._contactors:
            raise ValueError(
                f"line {name} is wired to the auxiliary contact of {self._contactors[name].name}: an input"
            )
        if name in self._inputs:
            raise ValueError(f"line {name} is wired to the safety chain: an input")
        if self._driven[name] == high:
            return
        self._driven[name] = high
        self._sim.log("line", f"{name} {'high' if high else 'low'}")
        if (output := self._outputs.get(name)) is not None:
            output(high)

    def read(self, name: str) -> bool:
        """The level of a line: of the contact that is wired to it, else as driven."""
        self._check(name)
        if name in self._inputs:
            return self._inputs[name]()
        contactor = self._contactors.get(name)
        return self._driven[name] if contactor is None else contactor.aux

    def _check(self, name: str) -> None:
        if name not in self._driven:
            raise ValueError(f"there is no line {name!r}; a T7 has FIO0-7, EIO0-7, CIO0-3 and MIO0-2, a board DI1-16")
