"""What the rig asks of the instruments of a bench, held against what their drivers can do. Nothing is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from instruments.catalogue import FAMILIES, load_driver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from instruments.roles import Capability
    from rig.files.bench import Bench, Role

__all__ = ["shortcomings"]

ASKED: dict[Role, tuple[Capability, ...]] = {
    "supply": ("ovp",),
    "load": ("constant resistance",),
    "relays": (),
    "lines": ("inputs", "outputs"),
    "recorder": ("stream",),
    "digitizer": ("edge trigger",),
}
"""Every plan's needs: the roles that must be played, and what each has to be able to do."""


def shortcomings(bench: Bench) -> Iterator[tuple[str, str]]:
    """(path in the bench file, sentence) for each role that nobody plays or that its instrument cannot play.

    Raises UnknownDriver, which reading the bench file has already excluded.
    """
    for role, asked in ASKED.items():
        name = bench.roles.get(role)
        if name is None:
            yield "roles", f"nobody is the {role}, and every plan needs one"
            continue
        entry = bench.instruments[name]
        family = FAMILIES.get(entry.driver)
        if family is not None and role not in (able := (*family.roles, *family.also)):
            can = " or ".join(able)
            yield f"roles.{role}", f"{name} cannot be the {role}: driver {entry.driver} can be {can}"
            continue
        lacking = [ability for ability in asked if ability not in load_driver(entry.driver).capabilities]
        if lacking:
            yield f"roles.{role}", f"{name} lacks {', '.join(lacking)}, which every plan needs of the {role}"
    if (name := bench.roles.get("supply")) is not None and bench.roles.get("load") == name:
        yield "roles.load", f"{name} is the supply already, and has one pair of terminals"
