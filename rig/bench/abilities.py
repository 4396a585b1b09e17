"""What the rig asks of the instruments of a bench, held against what their drivers can do. Nothing is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from instruments.catalogue import FAMILIES, load_driver
from instruments.declared import declared_instrument
from instruments.errors import OutOfRange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from instruments.roles import Capability
    from rig.files.bench import Bench, Role

__all__ = ["misfits", "shortcomings"]

ASKED: dict[Role, tuple[Capability, ...]] = {
    "supply": ("ovp",),
    "load": ("constant resistance",),
    "relays": (),
    "lines": ("inputs", "outputs"),
    "recorder": ("stream",),
    "digitizer": ("edge trigger",),
    "neighbour": ("ovp",),
    "generator": ("sine",),
    "chamber": ("temperature",),
}
"""Every plan's needs: the roles that must be played, and what each has to be able to do."""
SPARED = ("recorder", "neighbour", "generator", "chamber")
"""Roles that need not be played: supply and load are read back instead; fewer clauses are tested."""
LIKE: dict[str, str] = {"neighbour": "supply"}
"""Roles that are played by what is made for another one."""
PROVED: dict[Role, tuple[Capability, ...]] = {"load": ("constant current",)}
"""What the bench proof needs besides: a current that the envelope bounds, from a few volts."""


def misfits(drivers: Mapping[str, str], roles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(role, sentence) for each role whose instrument is made for something else; drivers by instrument.

    Nothing may be done with such a bench, not even `rig safe`: it would prove the wrong instrument off.
    """
    for role, name in roles.items():
        family = FAMILIES.get(drivers.get(name, ""))
        if family is not None and LIKE.get(role, role) not in (able := (*family.roles, *family.also)):
            yield role, f"{name} cannot be the {role}: driver {drivers[name]} can be {' or '.join(able)}"
    for role, others in {"load": ("supply",), "neighbour": ("supply", "load")}.items():
        for other in others:
            if role in roles and roles[role] == roles.get(other):
                yield role, f"{roles[role]} is the {other} already, and has one pair of terminals"


def shortcomings(bench: Bench) -> Iterator[tuple[str, str]]:
    """(path in the bench file, sentence) for each role that nobody plays or whose instrument lacks what plans ask.

    Raises UnknownDriver, which reading the bench file has already excluded.
    """
    for role, asked in ASKED.items():
        name = bench.roles.get(role)
        if name is None and role in SPARED:
            continue
        if name is None:
            yield "roles", f"nobody is the {role}, and every plan needs one"
            continue
        able = load_driver(bench.instruments[name].driver).capabilities
        proved = PROVED.get(role, ()) if bench.proof is not None else ()
        lacking = [ability for ability in (*asked, *proved) if ability not in able]
        if lacking:
            yield f"roles.{role}", f"{name} lacks {', '.join(lacking)}, which every plan needs of the {role}"
    yield from _ranges(bench)


def _ranges(bench: Bench) -> Iterator[tuple[str, str]]:
    """Input ranges that the recorder does not have, as far as its driver knows them without being connected."""
    name = bench.roles.get("recorder")
    if name is None:
        return
    entry = bench.instruments[name]
    recorder = declared_instrument(entry.driver, entry.identity, dict(entry.options))
    for signal, seen in bench.signals.items():
        if recorder is None or seen.slow is None:
            continue
        try:
            recorder.channel_accuracy(seen.slow.range)
        except OutOfRange as error:
            yield f"signals.{signal}.slow.range", f"{name} has no range of {seen.slow.range:g} V: {error.cure}"
