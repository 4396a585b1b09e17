"""What makes a port switch off: a fast trip, delayed stages, and the firmware's models of heat, time and noise."""

from collections.abc import Callable
from functools import partial

from rig.twin.device.arc import ArcTrip
from rig.twin.device.comparator import Comparator, Delayed
from rig.twin.device.firmware_trips import CurveTrip, I2tTrip, ThermalTrip
from rig.twin.device.seldom import Seldom
from rig.twin.engine.probe import Probe
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.protection import Band, Fast, Protection, Stage

Trip = Callable[[str], None]
REFERENCE_DEGC = 25.0  # where delays are as their model says


class ProtectionPhysics:
    """Watches `current` (out of the port) and calls `trip(reason)` at the end of a delay.

    Disarmed it forgets every running delay; heat is remembered until `power_lost`. `ambient` is in degC now,
    `temperature` the port's own. By `seed` and `name` of the port is drawn what works only sometimes.
    """

    def __init__(
        self,
        sim: Simulation,
        model: Protection,
        current: Probe,
        trip: Trip,
        *,
        name: str = "port",
        seed: int = 0,
        limit: Callable[[], None] = lambda: None,
        ambient: Callable[[], float] = lambda: REFERENCE_DEGC,
        temperature: Callable[[], float] = lambda: REFERENCE_DEGC,
    ) -> None:
        self._parts: list[FastTrip | StageTrip | I2tTrip | CurveTrip | ThermalTrip | ArcTrip] = []
        if model.fast is not None:
            act = limit if model.fast.then == "limit" else lambda: trip("fast")
            misses = Seldom(seed, f"{name} fast", model.fast.misses)
            self._parts.append(FastTrip(sim, model.fast, current, act, temperature, misses))
        for number, stage in enumerate(model.stages, start=1):
            misses = Seldom(seed, f"{name} stage {number}", stage.misses)
            self._parts.append(StageTrip(sim, stage, model.blind, current, partial(trip, f"stage {number}"), misses))
        if model.i2t is not None:
            self._parts.append(I2tTrip(sim, model.i2t, current, lambda: trip("i2t")))
        if model.curve is not None:
            self._parts.append(CurveTrip(sim, model.curve, current, lambda: trip("curve")))
        if model.thermal is not None:
            self._parts.append(ThermalTrip(sim, model.thermal, ambient, current, lambda: trip("thermal")))
        if model.arc is not None:
            self._parts.append(ArcTrip(sim, model.arc, current, lambda: trip("arc")))

    def arm(self, origin_ps: int) -> None:
        """The port is on; the firmware's ticks count from `origin_ps`."""
        for part in self._parts:
            part.arm(origin_ps)

    def disarm(self) -> None:
        for part in self._parts:
            part.disarm()

    def power_lost(self) -> None:
        """What is kept in memory is gone."""
        for part in self._parts:
            part.forget()


class FastTrip:
    """Latches at the first crossing that persists for the filter time."""

    def __init__(
        self,
        sim: Simulation,
        model: Fast,
        current: Probe,
        act: Callable[[], None],
        temperature: Callable[[], float],
        misses: Seldom,
    ) -> None:
        self._model, self._temperature, self._misses = model, temperature, misses
        self._acted = 0
        self._decided = Delayed(sim, act)
        self._persists = Delayed(sim, self._latch)
        self._over = Comparator(sim, current, model.current, self._changed)

    def arm(self, origin_ps: int) -> None:
        self._over.enable(not self._misses())

    def disarm(self) -> None:
        self._over.enable(False)
        self._persists.cancel()
        self._decided.cancel()

    def forget(self) -> None:
        """Nothing is kept but how often it has acted, which is hardware."""

    def _changed(self, above: bool) -> None:
        if self._decided.running or self._acted == self._model.armed_times:
            return
        if not above:
            self._persists.cancel()
        elif self._model.filter:
            self._persists.start(self._model.filter)
        else:
            self._latch()

    def _latch(self) -> None:
        model = self._model
        warmer = self._temperature() - REFERENCE_DEGC if model.delay_drift else 0.0
        self._decided.start(max(model.delay * (1.0 + model.delay_drift * warmer), 0.0) + self._acted * model.wear)
        self._acted += 1


class StageTrip:
    """Needs the current to stay above its level, and outside of the blind band if there is one."""

    def __init__(
        self,
        sim: Simulation,
        model: Stage,
        blind: Band | None,
        current: Probe,
        act: Callable[[], None],
        misses: Seldom,
    ) -> None:
        self._sim, self._model, self._misses = sim, model, misses
        self._passed_ps, self._since_ps = 0, 0
        self._trip = Delayed(sim, act)
        self._over = Comparator(sim, current, model.current, self._changed)
        self._band = [Comparator(sim, current, c, self._changed) for c in ((blind.above, blind.below) if blind else ())]

    def arm(self, origin_ps: int) -> None:
        awake = not self._misses()
        for comparator in (self._over, *self._band):
            comparator.enable(awake)

    def disarm(self) -> None:
        for comparator in (self._over, *self._band):
            comparator.enable(False)
        self._trip.cancel()
        self._passed_ps = 0

    def forget(self) -> None:
        """Nothing is kept."""

    def _changed(self, _: bool) -> None:
        blind = bool(self._band) and self._band[0].above and not self._band[1].above
        counts = self._over.above and not blind
        if counts and not self._trip.running:
            self._since_ps = self._sim.now_ps
            self._trip.start_ps(max(to_ps(self._model.delay) - self._passed_ps, 0))
        elif not counts and self._trip.running:
            self._trip.cancel()
            if not self._model.resets:
                self._passed_ps += self._sim.now_ps - self._since_ps
