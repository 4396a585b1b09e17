"""Where each limit comes from, and what a verdict against it may be called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.markup import Html, tag
from reports.words import finite, limit_text, measurand, stated, words

__all__ = ["Limits"]

_MEANING = {
    "standard": "a number of the standard",
    "borrowed": "taken from another document",
    "rig-default": "set by this rig until the standard has a number",
    "vendor": "declared by the maker of the device",
}


class Limits:
    """The limits of a run, each once, numbered L1, L2, ... in order of first use."""

    def __init__(self, verdicts: Sequence[Mapping[str, Any]]) -> None:
        self._numbers: dict[tuple[object, ...], int] = {}
        self._examples: list[Mapping[str, Any]] = []
        for verdict in verdicts:
            if verdict.get("limit") and _key(verdict) not in self._numbers:
                self._examples.append(verdict)
                self._numbers[_key(verdict)] = len(self._examples)

    @property
    def all_standard(self) -> bool:
        """Whether every verdict rests on a number of the standard, so that it may be called conformity."""
        return all(verdict["limit"].get("status") == "standard" for verdict in self._examples)

    @property
    def foreign(self) -> list[str]:
        """The statuses other than `standard` that verdicts rest on, each once."""
        statuses = (str(verdict["limit"].get("status") or "unknown") for verdict in self._examples)
        return [status for status in dict.fromkeys(statuses) if status != "standard"]

    def reference(self, verdict: Mapping[str, Any]) -> Html:
        """Status of a verdict's limit with the way to its row."""
        if not verdict.get("limit"):
            return Html("")
        status = str(verdict["limit"].get("status") or "unknown")
        here = self._numbers[_key(verdict)]
        return tag("span", _status(status), " ", tag("a", f"L{here}", href=f"#limit-{here}"), class_="nowrap")

    def table(self) -> Html:
        """Every limit with its source, status, rule and the largest uncertainty it bears."""
        names = ("", "Clause", "Measurement", "Limit", "Largest U", "Rule", "Status", "Source")
        rows = [self._row(here, verdict) for here, verdict in enumerate(self._examples, 1)]
        head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in names)))
        return tag("table", head, tag("tbody", *rows), class_="limits")

    def legend(self) -> Html:
        """What the statuses mean."""
        items = [tag("li", _status(status), " ", meaning) for status, meaning in _MEANING.items()]
        return tag("ul", *items, class_="legend")

    def _row(self, here: int, verdict: Mapping[str, Any]) -> Html:
        limit, found = verdict["limit"], verdict.get("measurement") or {}
        unit, most = str(found.get("unit", "")), finite(limit.get("uncertainty_max"))
        cells = (
            tag("b", f"L{here}"),
            verdict["clause"],
            measurand(str(found.get("measurand", ""))),
            limit_text(limit, unit),
            "" if most is None else stated(most, unit),
            words(limit.get("rule") or ""),
            _status(str(limit.get("status") or "unknown")),
            limit.get("source") or "no source stated",
        )
        return tag("tr", *(tag("td", cell) for cell in cells), id=f"limit-{here}")


def _status(status: str) -> Html:
    known = status if status in _MEANING else "unknown"
    return tag("span", words(status).replace("-", " "), class_=f"status {known}")


def _key(verdict: Mapping[str, Any]) -> tuple[object, ...]:
    limit, found = verdict["limit"], verdict.get("measurement") or {}
    names = ("low", "high", "must_not", "window", "uncertainty_max", "status", "source", "rule")
    return (verdict["clause"], found.get("measurand"), *(str(limit.get(name)) for name in names))
