"""Which cases a run takes, and in which order it would rather do without them: profiles and a budget of bench time.

A case counts with the most that it may take, so that a budget is kept whatever the device does; with the way into its
climate, which the first case in it pays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rig.files.quantity import format_duration, parse
from rig.run.climate import to_move_s
from rig.run.needs import fitting, missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rig.run.planned import Planned
    from rig.run.setup import Options, Setup

__all__ = ["PROFILES", "Choice", "Profile", "choices", "how_selected", "selected"]

SET_UP_S = 2.0
"""Contactors, start of the device and safe state of one case, bench time."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A way to choose among the cases that fit a device.

    Attributes:
        sections: headings of the standard that it is about; None for all.
        budget: bench time that it takes at most where none is asked for, s; None without an end.
        waits: whether a chamber's way into a climate is not part of that, for there is a whole night for it.
    """

    name: str
    sections: tuple[str, ...] | None
    budget: float | None
    waits: bool = False


PROFILES = {
    one.name: one
    for one in (
        Profile("compliance", None, None), Profile("precert", None, 300.0),
        Profile("nightly", ("Safety", "Easy to use"), 1200.0, waits=True),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """One case: whether it is taken, the bench time that it takes at most, s, and why."""

    planned: Planned
    taken: bool
    seconds: float
    why: str

    @property
    def entry(self) -> dict[str, object]:
        """As `rig plan --json` has it."""
        return {"case": self.planned.key, "taken": self.taken, "seconds": self.seconds, "why": self.why}


def selected(plan: Sequence[Planned], setup: Setup) -> list[Planned]:
    """The cases that fit the device, `--only`, the profile and the budget, in the order of the plan."""
    taken = {one.planned.nodeid for one in choices(plan, setup) if one.taken}
    return [planned for planned in plan if planned.nodeid in taken]


def choices(plan: Sequence[Planned], setup: Setup) -> list[Choice]:
    """Every case that fits the device, the most wanted first, and what becomes of it."""
    options = setup.options
    fit = fitting(plan, setup.device, options.only)
    if options.profile is None and options.budget is None:
        return [Choice(one, taken=True, seconds=_own(one, setup) + _way(one, setup), why="no budget") for one in fit]
    profile = PROFILES[options.profile or "compliance"]
    left = budget = parse(options.budget, "s") if options.budget is not None else profile.budget
    waits = profile.waits and options.budget is None
    found: list[Choice] = []
    for planned, why in _ranked(fit, setup, waits=waits):
        there = {one.planned.case.degc for one in found if one.taken}
        way = 0.0 if planned.case.degc in there else _way(planned, setup)
        seconds = _own(planned, setup) + way
        counted = seconds - way if waits else seconds
        clause = setup.clauses.clauses.get(planned.case.clause)
        section = clause.section if clause is not None else "clauses of its own"
        if profile.sections is not None and section not in profile.sections:
            found.append(Choice(planned, taken=False, seconds=seconds, why=f"{profile.name} is not about {section}"))
        elif left is not None and (lacking := missing(planned.case, setup.bench, setup.device)):
            found.append(Choice(planned, taken=False, seconds=seconds, why=f"the bench lacks {', '.join(lacking)}"))
        elif left is not None and budget is not None and counted > left:
            words = f"{why}; {format_duration(left)} of {format_duration(budget)} are left"
            found.append(Choice(planned, taken=False, seconds=seconds, why=words))
        else:
            left = None if left is None else left - counted
            found.append(Choice(planned, taken=True, seconds=seconds, why=why))
    return found


def how_selected(options: Options) -> list[str]:
    """Clauses, profile and budget as the record says what a part of a plan was selected by."""
    asked = [*(("--only", one) for one in options.only), ("--profile", options.profile), ("--budget", options.budget)]
    return [f"{option} {text}" for option, text in asked if text is not None]


def _ranked(plan: Iterable[Planned], setup: Setup, *, waits: bool) -> list[tuple[Planned, str]]:
    """Each clause once by its shortest case, mandatory before informative, safety before all else, short before long;
    then the rest, the shortest first. The way into a climate makes a case long, unless the profile `waits` for it.
    """
    clauses = setup.clauses.clauses
    by_time = sorted(plan, key=lambda one: _own(one, setup) + (0.0 if waits else _way(one, setup)))
    firsts: dict[str, Planned] = {}
    for one in by_time:
        firsts.setdefault(one.case.clause, one)

    def wanted(name: str) -> tuple[bool, bool]:
        clause = clauses.get(name)
        return clause is None or not clause.mandatory, clause is None or clause.section != "Safety"

    order = sorted(firsts, key=wanted)  # of equals the shorter one stays first
    words = {name: "mandatory" if not wanted(name)[0] else "informative" for name in order}
    rest = [one for one in by_time if one is not firsts[one.case.clause]]
    return [(firsts[name], f"first of {name}, {words[name]}") for name in order] + [
        (one, f"more of {one.case.clause}") for one in rest
    ]


def _own(planned: Planned, setup: Setup) -> float:
    """In the air where it is carried out, s."""
    return SET_UP_S + planned.case.longest_s(setup.device.port)


def _way(planned: Planned, setup: Setup) -> float:
    """Into that air, s."""
    return 0.0 if planned.case.degc is None else to_move_s(setup.bench.chamber)
