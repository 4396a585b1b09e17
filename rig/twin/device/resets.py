"""Why the controller last started, and how often it has: flags of the last start, a counter that outlives it."""

from typing import Literal

from rig.twin.device.nodes import DEVICE
from rig.twin.engine import truth
from rig.twin.engine.probe import Probe
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import PICO
from rig.twin.scene.firmware import Firmware

Reset = Literal["power-on", "brown-out", "watchdog", "command"]
FLAGS: dict[Reset, int] = {"power-on": 1, "brown-out": 2, "watchdog": 4, "command": 8}


class Resets:
    """`cause` and `count` (1 after the first start); all zero before it."""

    def __init__(self, sim: Simulation, model: Firmware, supply: Probe, name: str = DEVICE) -> None:
        self._sim, self._model, self._supply, self._name = sim, model, supply, name
        self.cause: Reset | None = None
        self.count = 0
        self._since_ps: int | None = None
        self._died_ps: int | None = None

    @property
    def flags(self) -> int:
        """The register: 1 power-on, 2 brown-out, 4 watchdog, 8 command."""
        return 0 if self.cause is None else FLAGS[self.cause]

    def uptime(self) -> float:
        """Seconds since the last start; 0 without energy."""
        return 0.0 if self._since_ps is None else (self._sim.now_ps - self._since_ps) * PICO

    def powered(self) -> None:
        """The energy has come back, or for the first time."""
        remembers = (
            self._died_ps is not None
            and -truth.peak(self._sim, -self._supply, self._died_ps, self._sim.now_ps)[0] > self._model.forgets_below
        )
        self.reset("brown-out" if remembers else "power-on")

    def died(self) -> None:
        self._died_ps, self._since_ps = self._sim.now_ps, None

    def reset(self, why: Reset) -> None:
        self.cause, self._since_ps = why, self._sim.now_ps
        self.count += 1
        self._sim.log(self._name, f"reset by {why}")
