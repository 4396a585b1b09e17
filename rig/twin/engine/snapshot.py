"""The whole state of a simulation at one instant, to go back to: a fault can be run again with another parameter.

Held: time, stored energy, switches, resistances, inputs (lines, sines, samples), diodes, ports with their memories, the
event log, the history, every pending timer, every watch with its arming, and what owners gave to
`Simulation.remember` (a Loop or Regulator does so for its mode). A snapshot can be restored many times, but only into
the simulation it was taken from: timers and watches stay the same objects, so that a handle kept by somebody is valid
again, and those made after the snapshot are gone.

Not held: what other callbacks remember, such as a list they append to. Re-rendering a window needs no snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Fields = dict[str, Any]

KEPT = {
    "Simulation": (
        "now_ps", "_queue", "_made", "_owners", "_watches", "_stale", "_quiet_ps", "_state", "_arcs", "_diodes",
    ),
    "Circuit": (
        "changed", "conducts", "_closed", "_ohms", "signals", "knot_ps", "_steady", "_sampled", "_segment",
    ),
    "Ports": ("states", "active", "out", "_since_ps", "_step_ps"),
    "History": ("segments", "_starts"),
    "EventLog": ("lines", "_digest"),
    "Leaper": ("reach", "_wait", "_penalty"),
    "Timer": ("active",),
    "Watch": ("armed", "fresh", "alive", "_enabled", "_fired"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Made by `Simulation.snapshot`, taken back by `Simulation.restore`; the module docstring says what it holds."""

    owner: object
    parts: tuple[tuple[object, Fields], ...]
    owners: tuple[tuple[Callable[[Any], object], object], ...]


def capture(
    simulation: object, parts: Sequence[object], owners: Sequence[tuple[Callable[[], object], Callable[[Any], object]]]
) -> Snapshot:
    """Lists and dicts are copied; what is in them stays the same object."""
    held = tuple(
        (part, {name: _copied(getattr(part, name)) for name in KEPT[type(part).__name__]})
        for part in (simulation, *parts)
    )
    return Snapshot(simulation, held, tuple((put, get()) for get, put in owners))


def put_back(thing: object, values: Fields) -> None:
    """Set the attributes as they were; the snapshot stays good for another time."""
    for name, value in values.items():
        setattr(thing, name, _copied(value))


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, list | dict) or hasattr(value, "hexdigest") else value
