"""A case of the plan, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from rig.measure import Verdict
    from rig.run.case import Case
    from rig.run.judge import Judged

__all__ = ["Planned", "new_planned"]


@dataclass
class Planned:
    """One case of the plan and what became of it."""

    nodeid: str
    key: str
    case: Case
    title: str
    why: str
    state: str = "not run"
    reason: str = ""
    verdict: Verdict = "NOT_TESTED"
    judged: list[Judged] = field(default_factory=list)
    attempt: int = 0
    """How often the case was begun, in this run and in those that it resumes."""


def new_planned(nodeid: str, case: Case, title: str, why: str, taken: Container[str]) -> Planned:
    """A planned case with a key of its own: readable, usable as a file name, unlike those `taken`."""
    stem = f"{case.clause}-{case.label}".replace(" ", "-").replace("Ω", "ohm").replace(".", "_")
    key = next(name for n in range(1, 1000) if (name := stem if n == 1 else f"{stem}-{n}") not in taken)
    return Planned(nodeid, key, case, f"{title}: {case.label}", why)
