"""The recovery of a port: when it may try again after a trip, and when it gives up."""

from collections.abc import Callable
from typing import Literal

from rig.twin.device.comparator import Comparator, Delayed
from rig.twin.device.seldom import Seldom
from rig.twin.device.series import detect_switch
from rig.twin.engine.probe import v
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.recovery import LoadDetect, Recovery


class RecoveryPhysics:
    """Begins at `tripped`, ends with `restart`, or with `latch` when it waits for something else than time."""

    def __init__(
        self,
        sim: Simulation,
        port: str,
        model: Recovery,
        restart: Callable[[], None],
        latch: Callable[[], None],
        seed: int = 0,
    ) -> None:
        self._sim, self._port, self._model, self._latch = sim, port, model, latch
        self._sticks = Seldom(seed, f"{port} recovery", model.sticks)
        self._retries, self._last_ps = 0, 0
        self._cycle, self._free = 0.0, True  # length of this retry cycle, what the check found in it
        self._sample = Delayed(sim, self._look)
        self._pull_up = Delayed(sim, lambda: self._set_detect(on=True))
        self._wait = Delayed(sim, self._end_of_cycle)
        self._try_again = restart
        self._open = None if model.policy != "load-removed" or model.detect is None else self._load_watch(model.detect)

    def tripped(self, decided_ps: int) -> None:
        """The switch has opened after a trip decided at `decided_ps`."""
        model = self._model
        if model.forget is not None and decided_ps - self._last_ps > to_ps(model.forget):
            self._retries = 0
        self._last_ps = decided_ps
        if self._sticks():
            self._latch()
        elif model.policy == "auto":
            self._begin_cycle(model.delay)
        elif model.policy == "auto-n" and self._retries < len(model.delays):
            self._retries += 1
            self._begin_cycle(model.delays[self._retries - 1])
        else:
            self._latch()
            if self._open is not None:
                self._set_detect(on=True)
                self._open.enable(True)

    @property
    def restart(self) -> Literal["soft", "hard"]:
        """How the port comes on again."""
        return self._model.restart

    @property
    def by_command(self) -> bool:
        """Whether a command ends the latched state."""
        return self._model.policy in ("command", "auto-n", "load-removed")

    def stop(self) -> None:
        """Something else decides now."""
        for delayed in (self._sample, self._pull_up, self._wait):
            delayed.cancel()
        if self._open is not None:
            self._open.enable(False)
        self._set_detect(on=False)

    def forget(self) -> None:
        """A new beginning: by command, or because the energy was away."""
        self._retries = 0

    def _begin_cycle(self, seconds: float) -> None:
        self._cycle = seconds
        if (check := self._model.check) is not None:
            self._pull_up.start(seconds * check.phase - check.settle)
            self._sample.start(seconds * check.phase)
        self._wait.start(seconds)  # last: a check at the end of the cycle comes before the end

    def _look(self) -> None:
        detect = self._model.detect
        self._free = detect is None or self._sim.value(v(self._port)) > detect.above
        self._set_detect(on=False)

    def _end_of_cycle(self) -> None:
        if self._free:
            self._try_again()
        else:
            self._free = True
            self._begin_cycle(self._cycle)

    def _load_watch(self, detect: LoadDetect) -> Comparator:
        def changed(above: bool) -> None:
            if above:
                self._wait.start(self._model.delay)
            else:
                self._wait.cancel()

        return Comparator(self._sim, v(self._port), detect.above, changed)

    def _set_detect(self, *, on: bool) -> None:
        if self._model.detect is not None:
            self._sim.set_switch(detect_switch(self._port, self._model.detect.resistance), on=on)
