"""A contactor: operate and release time, contact bounce, poles, auxiliary contact, and what wears or breaks in it."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

from rig.twin.draw import stream
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Timer
from rig.twin.scene.bench import Contactor

ContactState = Literal["stuck_open", "welded", "welds"]
CoilState = Literal["dead", "inverted"]


class PolePhysics:
    """One main contact and its conductor: the switch and the element of the same name in the network."""

    def __init__(self, sim: Simulation, name: str, ohms: float, *, breaks: bool = False) -> None:
        """`breaks`: a break contact, closed at rest."""
        self._sim, self.name, self._ohms, self._breaks = sim, name, ohms, breaks
        self._added: dict[str, float] = {}
        self._touching = False
        self.state: ContactState | None = None
        self.broken = False  # the conductor, not the contact

    @property
    def closed(self) -> bool:
        """Whether the contact is closed; a broken conductor carries nothing all the same."""
        operated = self.state == "welded" or (self._touching and self.state != "stuck_open")
        return operated != self._breaks

    def follow(self, touching: bool) -> None:
        """The armature has moved."""
        self._touching = touching
        self.apply()

    def apply(self) -> None:
        """Bring the network to what contact and conductor are now."""
        self._sim.set_switch(self.name, self.closed and not self.broken)

    def add_ohms(self, key: str, ohms: float) -> None:
        """`key` contributes this much to the resistance in series, 0 for nothing."""
        self._added[key] = ohms
        self._sim.set_ohms(self.name, self._ohms + sum(self._added.values()))

    def set_ohms(self, ohms: float) -> float:
        """Another conductor; the resistance of the one before."""
        before, self._ohms = self._ohms, ohms
        self._sim.set_ohms(self.name, ohms + sum(self._added.values()))
        return before


class ContactorPhysics:
    """Drives its poles.

    On the way in the contact touches at `operate`, opens `bounces` times within `bounce` at times drawn by seed and
    operation, and stays; the auxiliary contact follows at the end of the bounce. On the way out both open at `release`.
    The auxiliary contact is a mirror contact (IEC 60947-4-1 annex F): while any pole is welded it says closed.
    Break poles (of a changeover) part when the others first touch, do not bounce, and join again at `release`.
    """

    def __init__(
        self,
        sim: Simulation,
        name: str,
        model: Contactor,
        seed: int,
        poles: Sequence[PolePhysics] = (),
        break_poles: Sequence[PolePhysics] = (),
    ) -> None:
        self._sim, self.name, self._model, self._seed = sim, name, model, seed
        self.poles, self.break_poles = tuple(poles), tuple(break_poles)
        for pole in self.break_poles:
            pole.apply()
        self.operations = 0
        self.jammed = False
        self.coil: CoilState | None = None
        self.powered = True  # the safety chain is closed
        self.auxiliary: Literal["stuck_open", "stuck_closed", "inverted"] | None = None
        self.later = {"operate": 0.0, "release": 0.0, "bounce": 0.0}  # s, beyond the model's times
        self.wear = 0.0  # ohm for each operation
        self._commanded = self.energised = False
        self._touching = self._settled = False
        self._pending: list[Timer] = []

    @property
    def closed(self) -> bool:
        """Whether the first main contact is closed."""
        return self.poles[0].closed

    @property
    def aux(self) -> bool:
        """What the auxiliary contact says."""
        if self.auxiliary in {"stuck_open", "stuck_closed"}:
            return self.auxiliary == "stuck_closed"
        says = any(pole.state == "welded" for pole in self.poles) or (self._settled and not self.jammed)
        return says != (self.auxiliary == "inverted")

    def drive(self, on: bool) -> None:
        """Switch the pilot relay."""
        self._commanded = on
        self.refresh()

    def refresh(self) -> None:
        """Energise the coil or not, as relay and wiring have it; what was pending from the last switching is void."""
        on = self.powered and self.coil != "dead" and self._commanded != (self.coil == "inverted")
        if on == self.energised:
            return
        self.energised = on
        for handle in self._pending:
            handle.cancel()
        self._pending.clear()
        if not on:
            self._after(self._model.release + self.later["release"], self._open)
            return
        if self._touching and self._settled:
            return  # the coil came back before the contact had let go
        self.operations += 1
        operate, bounce = self._model.operate + self.later["operate"], self._model.bounce + self.later["bounce"]
        if self.break_poles:
            self._after(operate, partial(self._part, operated=True))
        self._after(operate, partial(self._touch, closed=True))
        generator = stream(self._seed, f"contactor {self.name} bounce", self.operations)
        edges = sorted(generator.uniform(0.0, bounce, 2 * self._model.bounces))
        for number, edge in enumerate(edges):
            self._after(operate + edge, partial(self._touch, closed=number % 2 == 1))
        self._after(operate + bounce, self._settle)

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        self._pending.append(self._sim.at(self._sim.now_ps + to_ps(seconds), action))

    def _touch(self, *, closed: bool) -> None:
        before, self._touching = self.closed, closed
        for pole in self.poles:
            pole.follow(closed)
        if self.closed != before:
            self._sim.log("contact", f"{self.name} {'makes' if closed else 'breaks'}")

    def _settle(self) -> None:
        self._settled = True
        for pole in self.poles:
            if self.wear:
                pole.add_ohms("wear", self.wear * self.operations)
        if not self.jammed:
            self._sim.log("contactor", f"{self.name} in")

    def _open(self) -> None:
        for pole in self.poles:
            if pole.state == "welds" and self._touching:
                pole.state = "welded"
                self._sim.log("contact", f"{pole.name} welds")
        self._settled = False
        if self._touching:
            self._touch(closed=False)
        self._part(operated=False)
        if not self.jammed:
            self._sim.log("contactor", f"{self.name} out")

    def _part(self, *, operated: bool) -> None:
        """The break poles part, or join again."""
        for pole in self.break_poles:
            pole.follow(operated)
