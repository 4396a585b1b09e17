"""The whole state of a simulation at one instant, to go back to: a fault can be run again with another parameter.

Held: time, stored energy, switches, resistances, inputs (lines, sines, samples), diodes, ports with their memories, the
event log, the history, every pending timer, every watch with its arming, and what owners gave to
`Simulation.remember` (a Loop or Regulator does so for its mode). A snapshot can be restored many times, but only into
the simulation it was taken from: timers and watches stay the same objects, so that a handle kept by somebody is valid
again, and those made after the snapshot are gone.

Not held: what other callbacks remember, such as a list they append to. Re-rendering a window needs no snapshot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Made by `Simulation.snapshot`, taken back by `Simulation.restore`; the module docstring says what it holds."""

    now_ps: int
    owner: object
    own: Fields
    parts: tuple[tuple[object, Fields], ...]
    owners: tuple[tuple[Callable[[Any], object], object], ...]


def fields(thing: object, names: tuple[str, ...]) -> Fields:
    """Some attributes of a thing; lists and dicts are copied, everything else in them stays the same object."""
    return {name: _copied(getattr(thing, name)) for name in names}


def put_back(thing: object, values: Fields) -> None:
    """Set the attributes as they were; the snapshot stays good for another time."""
    for name, value in values.items():
        setattr(thing, name, _copied(value))


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, list | dict) or hasattr(value, "hexdigest") else value
