"""report.html: one file that opens from disk, needs no script and prints."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from reports.case import Case, collect, not_tested, verdict_of
from reports.cases import section
from reports.coverage import clauses, coverage
from reports.front import masthead, notices
from reports.markup import Html, raw, tag
from reports.provenance import Limits
from reports.resumed import carried_over
from reports.session import evidence, session
from reports.verdicts import badge, tally, verdict_table
from rig.record import read_run

if TYPE_CHECKING:
    from rig.record import Run

__all__ = ["write_report"]

_READING = (
    ("PASS", "y + U is within the limit."),
    ("CONDITIONAL_PASS", "y is within the limit, y + U is not."),
    ("CONDITIONAL_FAIL", "y is beyond the limit, y \u2212 U is not."),
    ("FAIL", "y \u2212 U is beyond the limit, or what must not happen happened."),
    ("INCONCLUSIVE", "no valid value, no valid uncertainty, or U larger than the limit bears."),
    ("NOT_TESTED", "planned, but not carried out."),
)


def write_report(run_path: Path) -> Path:
    """Build report.html in the run folder from the run folder alone; returns its path.

    Raises rig.record.BrokenRun when the folder cannot be believed, rig.record.RecordError when it cannot be written.
    """
    from rig.record.files import replacing

    run = read_run(Path(run_path))
    page = f"<!doctype html>\n{_document(run)}\n".encode("utf-8", "replace")
    with replacing(run.folder.report) as beside:
        beside.write_bytes(page)
    return run.folder.report


def _document(run: Run) -> Html:
    cases, verdicts = collect(run), run.entries("verdict")
    limits = Limits(verdicts)
    sections, problems = [], list(run.problems)
    for case in cases:
        if case.ran:
            html, found = section(run, case)
            sections.append(html)
            problems += found
    identity = str(run.run.get("id") or run.folder.path.name)
    body = (
        masthead(run, identity),
        notices(run, limits, verdicts, problems),
        tag(
            "section", tag("h2", "Result"), tally([*map(verdict_of, verdicts), *_unjudged(cases)]), _result_note(cases)
        ),
        _titled(
            "Verdicts, clause by clause",
            verdict_table(verdicts, limits, {case.key: case for case in cases}) if verdicts else _nothing(),
        ),
        _titled("Clauses of the standard", coverage(told)) if (told := clauses(run.run.get("coverage"))) else "",
        _titled("Not tested", _not_tested(cases)),
        _titled("Carried over", carried_over(run, cases)) if run.run.get("resumes") else "",
        tag("section", tag("h2", "How to read a verdict"), _reading()),
        _titled("Cases", *sections) if sections else "",
        _titled("Limits and where they come from", limits.table(), limits.legend()) if verdicts else "",
        _titled("Bench and session", session(run)),
        _titled("Evidence", evidence(run)),
        tag("footer", f"End of report {identity}", class_="end"),
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"Test report {identity}"),
        tag("style", raw(_style(identity))),
    )
    return tag("html", head, tag("body", tag("main", *body)), lang="en")


def _titled(title: str, *parts: object) -> Html:
    return tag("section", tag("h2", title), *parts)


def _unjudged(cases: list[Case]) -> list[str]:
    """The verdicts of cases that no judged measurement carries: not run, broken, or ended half way."""
    return [case.verdict for case in cases if case.verdict not in map(verdict_of, case.verdicts)]


def _nothing() -> Html:
    return tag("p", "Nothing was judged in this run.", class_="problem")


def _result_note(cases: list[Case]) -> Html:
    judged = sum(len(case.verdicts) for case in cases)
    told = f"{judged} measurements judged in {len(cases)} planned cases; a case without a judged one counts once. "
    return tag(
        "p", told, "The results relate only to the item tested, as it was at the time of the run.", class_="quiet"
    )


def _not_tested(cases: list[Case]) -> Html:
    missing = not_tested(cases)
    if not missing:
        return tag("p", "Everything that was planned was carried out and judged.")
    rows = [
        tag("tr", tag("td", tag("span", case.clause, class_="clause")), tag("td", case.title), tag("td", why))
        for case, why in missing
    ]
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in ("Clause", "Case", "Why"))))
    return tag("table", head, tag("tbody", *rows), class_="grid")


def _reading() -> Html:
    rows = [tag("tr", tag("td", badge(verdict)), tag("td", meaning)) for verdict, meaning in _READING]
    told = (
        "Each result is a value y with its expanded uncertainty U for a coverage of 95 %. Under the guarded rule a "
        "value passes only if all of y \u00b1 U lies within the limit, so that a pass is wrong in at most 2.5 % of "
        "cases; for a lower limit the table is mirrored, and of two limits the worse side counts. Under the simple "
        "rule y alone is compared. U is printed rounded up to two digits; verdicts are decided on unrounded numbers."
    )
    marks = (
        "U of a measurement marked datasheet-only rests on figures of a maker's data sheet that no calibration has "
        "confirmed; marked datasheet-not-checked, on figures that were not even read in the maker's own document, so "
        "that U may be too small. calibration-expired, calibration-not-covering, outside-conditions and "
        "ambient-not-recorded say that a certificate or the room did not hold what the figures presume; "
        "check-standard-failed, that the bench measured something it knows wrongly while the case went on. Bench and "
        "session has the figures, the certificates and their sources."
    )
    table = tag("table", tag("tbody", *rows), class_="reading")
    return tag("div", tag("p", told), table, tag("p", marks), class_="reading")


def _style(identity: str) -> str:
    """The style sheet, with the run's name in the foot of every printed page as a CSS string."""
    name = re.sub(r"[^A-Za-z0-9 ._-]", lambda char: f"\\{ord(char.group()):x} ", identity[:80])
    return (files("reports") / "report.css").read_text(encoding="utf-8").replace("RUN-IDENTITY", name)
