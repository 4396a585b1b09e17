"""What the journal says about each case: its entries joined, its verdicts, what was not tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rig.record import Run

__all__ = ["ORDER", "Case", "collect", "not_tested", "verdict_of", "worst"]

ORDER = ("FAIL", "CONDITIONAL_FAIL", "INCONCLUSIVE", "NOT_TESTED", "CONDITIONAL_PASS", "PASS")  # worst first


def verdict_of(verdict: Mapping[str, Any]) -> str:
    """The verdict of an entry."""
    return str(verdict["decision"]["verdict"])


def worst(verdicts: Sequence[Mapping[str, Any]]) -> str:
    """The worst of several verdicts; of none NOT_TESTED."""
    return min((verdict_of(verdict) for verdict in verdicts), key=ORDER.index, default="NOT_TESTED")


@dataclass(frozen=True, slots=True)
class Case:
    """All that the journal says about one case; `about` joins its "case" entries, the later over the earlier."""

    key: str
    anchor: str
    about: Mapping[str, Any]
    verdicts: tuple[Mapping[str, Any], ...]

    @property
    def title(self) -> str:
        """Title with the stimulus it was run with."""
        first = self.verdicts[0] if self.verdicts else {}
        title = str(self.about.get("title") or first.get("title") or self.key)
        stimulus = self.about.get("stimulus")
        label = stimulus.get("label") if isinstance(stimulus, Mapping) else None
        return f"{title}, {label}" if label and str(label) not in title else title

    @property
    def clause(self) -> str:
        """The clause it was planned for."""
        return str(self.about.get("clause") or (self.verdicts[0]["clause"] if self.verdicts else ""))

    @property
    def why(self) -> str:
        """Why the measurement exists."""
        return str(self.about.get("why") or (self.verdicts[0].get("why") if self.verdicts else "") or "")

    @property
    def verdict(self) -> str:
        """The worst of its verdicts and of what the run itself concluded, which also knows when a body broke."""
        said = self.about.get("verdict")
        both = [verdict_of(verdict) for verdict in self.verdicts] + ([str(said)] if said in ORDER else [])
        return min(both, key=ORDER.index, default="NOT_TESTED")

    @property
    def ran(self) -> bool:
        """Whether it was begun, so that there is something to show."""
        return any(verdict_of(verdict) != "NOT_TESTED" for verdict in self.verdicts) or self.about.get("state") not in (
            "not run",
            "carried over",
        )


def collect(run: Run) -> list[Case]:
    """The cases of a run in the order in which the journal first names them."""
    about: dict[str, dict[str, Any]] = {}
    verdicts: dict[str, list[dict[str, Any]]] = {}
    for entry in run.journal:
        if entry.kind == "case":
            told = {name: value for name, value in entry.data.items() if value not in (None, "", {})}
            known = about.setdefault(entry.data["case"], {})
            before, after = known.get("stimulus"), told.get("stimulus")
            known.update(told)
            if isinstance(before, Mapping) and isinstance(after, Mapping):  # a later entry may say less
                known["stimulus"] = {**before, **after}
        elif entry.kind == "shot" and entry.data.get("air"):
            about.setdefault(entry.data["case"], {})["air"] = entry.data["air"]
        elif entry.kind == "verdict":
            about.setdefault(entry.data["case"], {})
            verdicts.setdefault(entry.data["case"], []).append(entry.data)
    return [
        Case(key, f"case-{place}", told, tuple(verdicts.get(key, ())))
        for place, (key, told) in enumerate(about.items(), 1)
    ]


def not_tested(cases: Sequence[Case]) -> list[tuple[Case, str]]:
    """What has no verdict although it was planned, and why: cases not run, broken ones, single NOT_TESTED verdicts."""
    found = []
    for case in cases:
        reasons = [
            str(verdict["decision"].get("reason") or "")
            for verdict in case.verdicts
            if verdict_of(verdict) == "NOT_TESTED"
        ]
        state = case.about.get("state")
        if state == "carried over":
            continue
        if state in ("not run", "broken") or not case.verdicts:
            reasons.append(str(case.about.get("reason") or ""))
        if state == "started":
            reasons.append("the run ended during this case")
        if reasons:
            found.append(
                (case, "; ".join(dict.fromkeys(reason for reason in reasons if reason)) or "no reason was recorded")
            )
    return found
