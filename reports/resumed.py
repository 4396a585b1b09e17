"""A run that goes on with one that broke off: which record has the verdicts of the cases not carried out again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from reports.case import Case
from reports.facts import definitions, look_up
from reports.markup import Html, join, tag
from reports.verdicts import badge

if TYPE_CHECKING:
    from rig.record import Run

__all__ = ["carried_over"]


def carried_over(run: Run, cases: Sequence[Case]) -> Html:
    """The run that this one goes on with, and the cases whose verdicts stand in an earlier record."""
    resumes = run.run.get("resumes")
    facts = definitions(
        (
            ("Goes on with", look_up(resumes, "run")),
            ("In the folder", look_up(resumes, "folder")),
            ("Last hash of its journal", tag("code", look_up(resumes, "hash"))),
        )
    )
    carried = look_up(resumes, "carried")
    known: Mapping[str, object] = carried if isinstance(carried, Mapping) else {}
    rows = [
        tag(
            "tr",
            tag("td", tag("span", case.clause, class_="clause")),
            tag("td", case.title),
            tag("td", badge(case.verdict)),
            tag("td", look_up(known, case.key, "run")),
            tag("td", tag("code", look_up(known, case.key, "hash"))),
        )
        for case in cases
        if case.about.get("state") == "carried over"
    ]
    if not rows:
        return join([facts, tag("p", "No case had ended with a verdict; all of them belong to this run.")])
    names = ("Clause", "Case", "Verdict", "Record", "Last hash of its journal")
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in names)))
    told = tag("p", "Their values, uncertainties and captures are in the report of the run named beside each.")
    return join([facts, told, tag("table", head, tag("tbody", *rows), class_="grid digests")])
