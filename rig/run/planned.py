"""A case of the plan, and what became of it."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from rig.measure import worst

if TYPE_CHECKING:
    from collections.abc import Container

    from rig.measure import Verdict
    from rig.run.case import Case
    from rig.run.judge import Judged

__all__ = ["Planned", "new_planned", "sentence"]


@dataclass
class Planned:
    """One case of the plan and what became of it."""

    nodeid: str
    key: str
    case: Case
    title: str
    why: str
    file: str = ""
    """The plan's file that declares it."""
    state: str = "not run"
    reason: str = ""
    verdict: Verdict = "NOT_TESTED"
    """NOT_TESTED until it ends; of a case carried over, the verdict of the run it was carried out in."""
    judged: list[Judged] = field(default_factory=list)
    attempt: int = 0
    """How often the case was begun, in this run and in those that it resumes."""

    @property
    def test(self) -> str:
        """Its name within the plan's file, as pytest has it."""
        return self.nodeid.partition("::")[2]

    @property
    def due(self) -> bool:
        """Whether it is to be carried out: neither carried over nor held back."""
        return self.state == "not run" and not self.reason

    def finish(self, error: BaseException | None, *, complete: bool) -> None:
        """The body has ended: with verdicts, or broken by something that is no verdict."""
        self.verdict = worst(judged.decision.verdict for judged in self.judged)
        self.state = "finished"
        if not complete:
            self.state, self.verdict = "broken", worst(["INCONCLUSIVE", self.verdict])
            self.reason = sentence(error) if error is not None else "the body judged nothing"

    def fail(self, error: BaseException) -> None:
        """The case was not carried out."""
        self.state, self.reason, self.verdict = "broken", sentence(error), "NOT_TESTED"

    def spoil(self, error: BaseException) -> None:
        """What a plan does after a finished case failed: verdicts stay, but the case has no clean end."""
        self.state, self.reason = "broken", sentence(error)
        self.verdict = worst(["INCONCLUSIVE", self.verdict])


def stem_of(case: Case) -> str:
    """What a case is called in files and lists, and may be selected by: clause and label in one word."""
    return (
        f"{case.clause}-{case.label}".replace(" ", "-")
        .replace("Ω", "ohm")
        .replace("µ", "u")
        .replace(".", "_")
        .replace(",", "")
    )


def new_planned(nodeid: str, case: Case, title: str, why: str, taken: Container[str], file: str = "") -> Planned:
    """A planned case with a key of its own: readable, usable as a file name, unlike those `taken`."""
    stem = stem_of(case)
    key = next(name for n in range(1, 1000) if (name := stem if n == 1 else f"{stem}-{n}") not in taken)
    return Planned(nodeid, key, case, f"{title}: {case.label}", why, file)


def sentence(error: BaseException) -> str:
    """What an error says; a bug of ours or of a plan says little by itself, so its kind is named, and its line."""
    if type(error).__module__.partition(".")[0] in {"rig", "instruments", "_pytest"}:
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).name.startswith("test_")]
    where = f"{Path(own[-1].filename).name}:{own[-1].lineno}: " if own else ""
    return f"{where}{type(error).__name__}: {error}{_meant(error)}" if str(error) else f"{where}{type(error).__name__}"


def _meant(error: BaseException) -> str:
    """What is spelt nearly as an attribute that is not there."""
    if not isinstance(error, AttributeError) or not error.name:
        return ""
    near = get_close_matches(error.name, [name for name in dir(error.obj) if not name.startswith("_")], 1)
    return f" (did you mean {near[0]!r}?)" if near else ""
