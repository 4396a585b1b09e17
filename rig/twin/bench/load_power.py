"""Constant power: the load draws the current of power over voltage, set anew when the voltage has moved by a step.

It sees a voltage `REACTION` late and takes as long to the new current, so that its cables do not ring with it.
At the bottom of the voltage it wants more than there is and stays saturated, as such loads do: a start voltage prevents
it.
"""

from collections.abc import Callable

from rig.twin.engine.probe import Probe
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Watch

REACTION = 100e-6  # s, [K]
STEP = 0.01  # of the voltage: half of it is the error of the power
LOWEST_VOLTS = 0.1  # a power over less is that over this


class ConstantPower:
    """`draw` makes the load draw a current [A] from zero or from where it is; `highest` [A] is the most it is told."""

    def __init__(self, sim: Simulation, voltage: Probe, highest: float, draw: Callable[[float, bool], None]) -> None:
        self._sim, self._voltage, self._highest, self._draw = sim, voltage, highest, draw
        self._watts = 0.0
        self._band: list[Watch] = []
        self._later = sim.at(sim.now_ps, lambda: None)

    def hold(self, watts: float, *, from_zero: bool) -> None:
        self._watts = watts
        self._renew(from_zero=from_zero)

    def rest(self) -> None:
        self._later.cancel()
        for watch in self._band:
            watch.cancel()
        self._band.clear()

    def _renew(self, *, from_zero: bool = False) -> None:
        self.rest()
        corner = max(self._watts / self._highest, LOWEST_VOLTS)  # below it the current is the highest
        volts = max(self._sim.value(self._voltage), corner)
        self._draw(min(self._watts / volts, self._highest), from_zero)
        edges = [(volts * (1.0 + STEP), +1)] + ([(volts * (1.0 - STEP), -1)] if volts > corner else [])
        self._band = [
            self._sim.watch(self._voltage, edge, direction, self._moved, level=True, name="load power")
            for edge, direction in edges
        ]

    def _moved(self) -> None:
        self.rest()
        self._later = self._sim.at(self._sim.now_ps + to_ps(REACTION), self._renew)
