"""The climate chamber around the device: its air, and what stands in it and follows that slowly.

The air moves towards what the controller wants with a constant rate; off it moves to the room's temperature. What is
inside follows with one time constant, exactly: the answer of a first-order lag to a ramp.
"""

from math import copysign, exp

from rig.twin.draw import rectangular
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import PICO
from rig.twin.scene.bench import Chamber

ROOM_DEGC = 25.0
CHAMBERS = ("watlow_f4t",)
"""By the scene's name of the model of its controller."""


class ChamberPhysics:
    """Without a model there is the room, for good."""

    def __init__(self, sim: Simulation, model: Chamber | None, seed: int) -> None:
        self._sim, self._model = sim, model
        self._error = 0.0 if model is None else rectangular(seed, "chamber sensor", model.sensor)  # K
        self.set_point, self.on = ROOM_DEGC, False
        self._since_ps, self._air, self._inside, self._target = 0, ROOM_DEGC, ROOM_DEGC, ROOM_DEGC
        self.dead = False
        """It neither heats nor cools."""

    @property
    def range(self) -> tuple[float, float]:
        """What the controller may be asked for, degC."""
        return (ROOM_DEGC, ROOM_DEGC) if self._model is None else (self._model.low, self._model.high)

    def control(self, set_point: float, on: bool) -> None:
        """What the controller wants from now on, degC by its own sensor."""
        self._since(self._sim.now_ps)
        self.set_point, self.on = set_point, on
        self._target = set_point - self._error if on else ROOM_DEGC
        self._sim.log("chamber", f"{set_point:g} degC" if on else "off")

    def air(self) -> float:
        """True temperature of the air now, degC."""
        return self._at(self._sim.now_ps)[0]

    def inside(self) -> float:
        """Of what stands in it now, degC."""
        return self._at(self._sim.now_ps)[1]

    def shown(self) -> float:
        """As the controller's sensor has the air, degC."""
        return self.air() + self._error

    def kill(self, dead: bool) -> None:
        """From now on it stays as it is, or works again."""
        self._since(self._sim.now_ps)
        self.dead = dead

    def _since(self, now_ps: int) -> None:
        self._air, self._inside = self._at(now_ps)
        self._since_ps = now_ps

    def _at(self, now_ps: int) -> tuple[float, float]:
        """Air and inside: a ramp as long as it lasts, then what it has led to."""
        if self._model is None:
            return ROOM_DEGC, ROOM_DEGC
        seconds, tau = (now_ps - self._since_ps) * PICO, self._model.time_constant
        way = 0.0 if self.dead else self._target - self._air
        rate = copysign(self._model.rate, way)
        ramp = min(seconds, abs(way) / self._model.rate)
        air = self._air + rate * ramp
        lag = rate * tau
        inside = air - lag + (self._inside - self._air + lag) * exp(-ramp / tau)
        return air, air + (inside - air) * exp(-(seconds - ramp) / tau)
