"""Topology: relays pilot contactors, auxiliary contacts report them, routes are sets of closed contactors.

              energy_input
supply +  ───────┤ ├───────  device energy input +
supply -  ───────┤ ├───────  device -
              reverse_line
supply +  ───────┤ ├───────  device -            (crossed: the port sees minus)
supply -  ───────┤ ├───────┐
              load_line    │
load      ───────┤ ├───────┴── shunt ── device port +
                            │
injector (FETs) ────────────┘ ── taps ── device -
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from instruments.errors import LinkError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from instruments.clock import Clock
    from instruments.roles import DigitalOutput, RelayMatrix
    from rig.files.bench import Bench

__all__ = ["ContactFault", "Wiring"]

_MARGIN_S = 0.010
"""Waited beyond the declared operate or release time before the auxiliary contact is believed."""


class ContactFault(Exception):
    """A contactor did not do what its coil was told; the bench is at fault, not the device."""


class Wiring:
    """Closes and opens contactors by route; break before make; every change is read back."""

    def __init__(self, bench: Bench, relays: RelayMatrix, lines: DigitalOutput, clock: Clock) -> None:
        self._bench = bench
        self._relays = relays
        self._lines = lines
        self._clock = clock
        self._routed: frozenset[str] = frozenset()

    def route(self, name: str, tap: str | None = None) -> None:
        """Make exactly the contactors of route `name`, and of one injector tap, closed.

        Raises:
            ContactFault: coil or auxiliary contact read back otherwise, or an exclusive pair was asked for.
        """
        self.connect({*self._bench.routes[name], *([tap] if tap else [])}, f"Route {name}")

    def connect(self, wanted: set[str], who: str = "The bench proof") -> None:
        """Make exactly these contactors closed; raises as `route`."""
        for group in self._bench.exclusive:
            together = sorted(wanted & set(group))
            if len(together) > 1:
                pair = " and ".join(together)
                message = f"{who} would close {pair} together, which bench {self._bench.name} forbids."
                raise ContactFault(message)
        closed = self.closed()
        self._switch(closed - wanted, on=False)
        self._switch(wanted - closed, on=True)
        self._routed = frozenset(wanted)

    def check(self) -> None:
        """The contactors are still as the last route has them.

        Raises:
            ContactFault: one has opened or closed by itself.
        """
        for name in sorted(self.closed() ^ self._routed):
            part, wanted = self._bench.contactors[name], name in self._routed
            word = "opened" if wanted else "closed"
            cure = "check its coil, its pilot relay and their supply"
            if self._relays.states()[part.pilot] != wanted:
                cure = f"{self._relays.name} says that it has switched coil {part.pilot} itself, look at its supply"
            raise ContactFault(
                f"Contactor {name} {word} by itself, says its auxiliary contact {part.readback}: {cure}."
            )

    def isolate(self) -> dict[str, bool]:
        """Open every contactor, all coils at once; return what the auxiliary contacts say, name -> closed.

        The changeover of the bench proof comes last: at rest it puts the device, which may live on its own, back on
        whatever is still closed.
        """
        routed, self._routed = self._routed, frozenset()
        if self._bench.proof is not None and self._bench.proof.contactor in routed:
            self._open_but(self._bench.proof.contactor)
        self._relays.set_all(False)
        self._clock.sleep(max(part.release for part in self._bench.contactors.values()) + _MARGIN_S)
        closed = self.closed()
        return {name: name in closed for name in self._bench.contactors}

    def _open_but(self, last: str) -> None:
        """While `last` is operated, release all others; relays that do not answer are left to what comes next."""
        parts = self._bench.contactors
        with suppress(LinkError):
            coils = self._relays.states()
            moving = [part for name, part in parts.items() if name != last and coils[part.pilot]]
            if coils[parts[last].pilot] and moving:
                for part in moving:
                    self._relays.set(part.pilot, False)
                self._clock.sleep(max(part.release for part in moving) + _MARGIN_S)

    def closed(self) -> set[str]:
        """Contactors whose auxiliary contact reports closed."""
        parts = self._bench.contactors
        states = self._lines.lines([part.readback for part in parts.values()])
        return {name for name, part in parts.items() if states[part.readback]}

    def _switch(self, names: Iterable[str], *, on: bool) -> None:
        names = sorted(names)
        if not names:
            return
        parts = {name: self._bench.contactors[name] for name in names}
        for part in parts.values():
            self._relays.set(part.pilot, on)
        times = [part.operate if on else part.release for part in parts.values()]
        self._clock.sleep(max(times) + _MARGIN_S)
        coils = self._relays.states()
        closed = self.closed()
        for name, part in parts.items():
            if coils[part.pilot] != on or (name in closed) != on:
                word = "close" if on else "open"
                coil = "on" if coils[part.pilot] else "off"
                contact = "closed" if name in closed else "open"
                message = (
                    f"Contactor {name} did not {word}: coil {part.pilot} reads {coil}, "
                    f"auxiliary contact {part.readback} reads {contact}; "
                    f"check its pilot relay at {self._relays.name}, its supply and the contact for welding."
                )
                raise ContactFault(message)
