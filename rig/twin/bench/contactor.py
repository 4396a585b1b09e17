"""A contactor: operate and release time, contact bounce, auxiliary contact."""

from collections.abc import Callable
from functools import partial

from rig.twin.bench.draw import stream
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Timer
from rig.twin.scene.bench import Contactor


class ContactorPhysics:
    """Drives the network's switch of the same name.

    On the way in the contact touches at `operate`, opens `bounces` times within `bounce` at times drawn by seed and
    operation, and stays; the auxiliary contact follows at the end of the bounce. On the way out both open at `release`.
    """

    def __init__(self, sim: Simulation, name: str, model: Contactor, seed: int) -> None:
        self._sim, self.name, self._model, self._seed = sim, name, model, seed
        self.energised = False
        self.closed = False
        self.aux = False
        self.operations = 0
        self._pending: list[Timer] = []

    def drive(self, on: bool) -> None:
        """Switch the coil; what was still pending from the last switching is void."""
        if on == self.energised:
            return
        self.energised = on
        for handle in self._pending:
            handle.cancel()
        self._pending.clear()
        if not on:
            self._after(self._model.release, self._open)
            return
        if self.closed and self.aux:
            return  # the coil came back before the contact had let go
        self.operations += 1
        self._after(self._model.operate, partial(self._touch, closed=True))
        generator = stream(self._seed, f"contactor {self.name} bounce", self.operations)
        edges = sorted(generator.uniform(0.0, self._model.bounce, 2 * self._model.bounces))
        for number, edge in enumerate(edges):
            self._after(self._model.operate + edge, partial(self._touch, closed=number % 2 == 1))
        self._after(self._model.operate + self._model.bounce, self._settle)

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        self._pending.append(self._sim.at(self._sim.now_ps + to_ps(seconds), action))

    def _touch(self, *, closed: bool) -> None:
        self.closed = closed
        self._sim.set_switch(self.name, on=closed)
        self._sim.log("contact", f"{self.name} {'makes' if closed else 'breaks'}")

    def _settle(self) -> None:
        self.aux = True
        self._sim.log("contactor", f"{self.name} in")

    def _open(self) -> None:
        self.aux = False
        if self.closed:
            self._touch(closed=False)
        self._sim.log("contactor", f"{self.name} out")
