"""Trips that firmware decides at its ticks. A tick runs only while it can matter: a port at rest costs nothing.

Each has `arm` (the port is on), `disarm` (it is off) and `forget` (the memory has lost its power).
"""

from collections.abc import Callable
from math import exp, sqrt

from rig.twin.device.comparator import Comparator, Tick
from rig.twin.engine import truth
from rig.twin.engine.probe import Probe
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import PICO
from rig.twin.scene.protection import Curve, I2t, Thermal

FORGOTTEN = 40.0  # time constants after which nothing of a state is left in a double: e^-40


class I2tTrip:
    """The integral of i² - rated² over whole ticks, never below zero."""

    def __init__(self, sim: Simulation, model: I2t, current: Probe, act: Callable[[], None]) -> None:
        self._sim, self._model, self._current, self._act = sim, model, current, act
        self._sum, self._until_ps = 0.0, 0
        self._tick = Tick(sim, model.tick, self._at_tick)
        self._over = Comparator(sim, current, model.rated, self._changed)

    def arm(self, origin_ps: int) -> None:
        self._tick.origin_ps = origin_ps
        self._skip()
        if self._sum > 0.0:
            self._tick.run()
        self._over.enable(True)

    def disarm(self) -> None:
        self._over.enable(False)
        self._tick.stop()

    def forget(self) -> None:
        self._sum = 0.0

    def _skip(self) -> None:
        """Without current until the last tick: it has only cooled."""
        last = self._tick.last_ps()
        self._sum = max(0.0, self._sum - self._model.rated**2 * (last - self._until_ps) * PICO)
        self._until_ps = last

    def _changed(self, above: bool) -> None:
        if above and not self._tick.running:
            self._skip()
            self._tick.run()

    def _at_tick(self) -> None:
        now = self._sim.now_ps
        self._sum += truth.i2t(self._sim, self._current, self._until_ps, now)
        self._sum = max(0.0, self._sum - self._model.rated**2 * (now - self._until_ps) * PICO)
        self._until_ps = now
        if self._sum > self._model.budget:
            self._act()
        elif self._sum == 0.0 and not self._over.above:
            self._tick.stop()


class CurveTrip:
    """The mean current since the last tick against a curve of the time since the overload began."""

    def __init__(self, sim: Simulation, model: Curve, current: Probe, act: Callable[[], None]) -> None:
        self._sim, self._model, self._current, self._act = sim, model, current, act
        self._since_ps = 0
        self._tick = Tick(sim, model.tick, self._at_tick)
        self._over = Comparator(sim, current, max(self.threshold(float("inf")), 0.0), self._changed)

    def threshold(self, t: float) -> float:
        """What trips `t` seconds after the overload began [A]."""
        model = self._model
        must_not = 0.7 * model.peak * exp(-t / model.time_must_not) + 1.15 * model.rated
        must = model.peak * exp(-t / model.time_must) + 1.25 * model.rated
        return must_not + model.share * (must - must_not)

    def arm(self, origin_ps: int) -> None:
        self._tick.origin_ps = origin_ps
        self._over.enable(True)

    def disarm(self) -> None:
        self._over.enable(False)
        self._tick.stop()

    def forget(self) -> None:
        """Nothing is kept."""

    def _changed(self, above: bool) -> None:
        if above:
            self._since_ps = self._sim.now_ps
            self._tick.run()
        else:
            self._tick.stop()

    def _at_tick(self) -> None:
        now = self._sim.now_ps
        mean = truth.integral(self._sim, self._current, now - self._tick.period_ps, now) / self._model.tick
        if mean > self.threshold((now - self._since_ps) * PICO):
            self._act()


class ThermalTrip:
    """The junction temperature as firmware imagines it, from the current at each tick."""

    def __init__(
        self, sim: Simulation, model: Thermal, ambient: Callable[[], float], current: Probe, act: Callable[[], None]
    ) -> None:
        self._sim, self._model, self._ambient, self._current, self._act = sim, model, ambient, current, act
        self._junction, self._until_ps, self._on = ambient(), 0, False
        self._tick = Tick(sim, model.tick, self._at_tick)
        self._over = Comparator(sim, current, self._harmless(), self._changed)

    def junction(self) -> float:
        """The temperature after the last tick [degC]."""
        if self._on and not self._tick.running:
            self._catch_up()
        return self._junction

    def arm(self, origin_ps: int) -> None:
        self._tick.origin_ps = origin_ps
        self._on, self._until_ps = True, self._tick.last_ps()
        self._over.move(self._harmless())
        if self._junction > self._model.max_junction:
            self._tick.run()
        self._over.enable(True)

    def _harmless(self) -> float:
        """A steady current below this one ends below the limit, wherever it started from there; as long as it does not
        become warmer around the device while the trip is armed.
        """
        model = self._model
        room = (model.max_junction - self._ambient()) / (model.max_junction - model.reference)
        return model.rated * min(2.0, sqrt(max(room, 0.0)))

    def disarm(self) -> None:
        self.junction()
        self._on = False
        self._over.enable(False)
        self._tick.stop()

    def forget(self) -> None:
        self._junction = self._ambient()

    def _changed(self, above: bool) -> None:
        if above and not self._tick.running:
            self._catch_up()
            self._tick.run()

    def _catch_up(self) -> None:
        """The ticks that did not run: none of them could trip."""
        period, last = self._tick.period_ps, self._tick.last_ps()
        count = (last - self._until_ps) // period
        kept = min(count, int(FORGOTTEN * self._model.time_constant / self._model.tick) + 1)
        if kept > 0:
            for amps in self._sim.render([self._current], last - (kept - 1) * period, period, kept)[0]:
                self._step(float(amps))
        self._until_ps = last

    def _step(self, amps: float) -> None:
        model = self._model
        heat = (amps / model.rated) ** 2 * (model.max_junction - model.reference)
        self._junction += (self._ambient() - self._junction + heat) * model.tick / model.time_constant

    def _at_tick(self) -> None:
        amps = self._sim.value(self._current)
        self._until_ps = self._sim.now_ps
        self._step(amps)
        if self._junction > self._model.max_junction or amps > 2.0 * self._model.rated:
            self._act()
        elif not self._over.above and self._junction <= self._model.max_junction:
            self._tick.stop()
