"""The first page: what was tested, on what, when, and what a reader must know before the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reports.coverage import clauses, open_clauses
from reports.facts import definitions, look_up
from reports.markup import Html, join, tag
from reports.provenance import Limits
from reports.words import NOT_RECORDED

if TYPE_CHECKING:
    from rig.record import Run

__all__ = ["masthead", "notices"]

_EXITS = {
    0: "every planned case PASS",
    1: "a FAIL or CONDITIONAL_FAIL",
    2: "bad input",
    3: "bench fault or aborted",
    4: "something is open",
}


def masthead(run: Run, identity: str) -> Html:
    """Title, identity and the facts that tell this run from any other."""
    told = run.run
    device = " ".join(
        str(part) for part in (look_up(told, "device", "maker"), look_up(told, "device", "model")) if part
    )
    name = look_up(told, "device", "name")
    kind = look_up(told, "bench", "kind")
    facts = (
        ("Device under test", device or name),
        ("Serial number", told.get("serial")),
        ("Carried out (UTC)", _period(told.get("rejudged") or told)),
        *_rejudged(told),
        (
            "Bench",
            _joined(look_up(told, "bench", "name"), {"twin": "simulated", "hardware": "hardware"}.get(str(kind), kind)),
        ),
        ("Plan", _plan(told)),
        ("Limits", _joined(look_up(told, "limits", "name"), look_up(told, "limits", "variant"), _revision(told))),
        ("Device file, scene", _joined(name, look_up(told, "scene", "name"))),
        ("Operator", told.get("operator")),
        ("Temperature of the room, of the case", _temperatures(told)),
        ("Calibration", _calibration(told)),
        ("Seed", told.get("seed")),
        ("Software", _versions(told)),
        ("Safe state at the end", told.get("safe_state")),
        ("Ended with", _exit(told)),
    )
    stamps = [tag("span", "Simulated bench", class_="stamp")] if kind == "twin" else []
    stamps += [tag("span", "Development run", class_="stamp strong")] if told.get("development") else []
    title = str(told.get("title") or "Fault and protection test")
    return tag(
        "header",
        tag("div", tag("p", "Test report", class_="kicker"), *stamps, class_="top"),
        tag("h1", title),
        tag("p", tag("b", device or name or "device " + NOT_RECORDED), " ", join(_serial(told)), class_="subject"),
        tag("p", "Report ", tag("code", identity), class_="quiet"),
        definitions(facts),
        class_="masthead",
    )


def _rejudged(told: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Whose captures were judged again, and when."""
    whose = told.get("rejudged")
    if not isinstance(whose, Mapping):
        return []
    end = look_up(whose, "journal", "hash")
    was = " ".join(
        str(part) for part in (look_up(whose, "limits", key) for key in ("name", "variant", "revision")) if part
    )
    return [
        ("Judged again (UTC)", _period(told)),
        ("Captures of the run", f"{whose.get('run')}, whose journal ends with {end}, first judged by {was}"),
    ]


def notices(run: Run, limits: Limits, verdicts: Sequence[Mapping[str, Any]], problems: Sequence[str]) -> Html:
    """What stands before every number: no conformity, a model, a development run, an unsafe end, a damaged record."""
    found: list[tuple[str, str, str]] = []
    told = run.run
    if told.get("safe_state") == "ABORTED_UNSAFE":
        text = "The safe state of the bench was not read back at the end of this run. Treat the bench as live."
        found.append(("alarm", "Ended unsafe", text))
    if problems:
        found.append(("alarm", "The record is not complete", " ".join(problems)))
    if told.get("development"):
        found.append(("warn", "Development run: not for a customer", _why_development(told)))
    if look_up(told, "bench", "kind") == "twin":
        text = "Bench and device were simulated. The results describe a model and are no evidence about a real device."
        found.append(("note", "Simulated bench", text))
    if told.get("deterministic") is False:
        why = told.get("not_deterministic")
        reasons = "; ".join(str(reason) for reason in why) if isinstance(why, list) else ""
        text = f"An equal run on the simulated bench may differ: {reasons or NOT_RECORDED}."
        found.append(("note", "Not deterministic", text))
    still = open_clauses(clauses(told.get("coverage")))
    if still:
        found.append(("note", "Clauses of the standard", still))
    if limits.foreign:
        count = sum(
            (verdict.get("limit") or {}).get("status") != "standard" for verdict in verdicts if verdict.get("limit")
        )
        statuses = ", ".join(status.replace("-", " ") for status in limits.foreign)
        text = (
            f"{count} of {len(verdicts)} verdicts rest on limits that are not numbers of the standard ({statuses}). "
            "They say how the device stands against the limit named, not that it conforms to the standard."
        )
        found.append(("note", "Not a conformity statement", text))
    boxes = [tag("div", tag("b", title), tag("p", text), class_=f"notice {kind}") for kind, title, text in found]
    return tag("div", *boxes, class_="notices")


def _why_development(told: Mapping[str, Any]) -> str:
    """What kept this run from being a recorded one, in the words of the record."""
    reasons = told.get("development_reasons")
    changed = told.get("plan_files_changed")
    found = [str(reason) for reason in reasons] if isinstance(reasons, list) else []
    if isinstance(changed, list) and changed:
        found.append(f"{', '.join(map(str, changed))} changed while the run went on")
    return f"Not made under the conditions of a recorded run: {'; '.join(found) or NOT_RECORDED}."


def _plan(told: Mapping[str, Any]) -> str:
    plan = told.get("plan")
    cases = [str(case) for case in plan] if isinstance(plan, list) else []
    named = ", ".join(cases) if len(cases) <= 3 else f"{len(cases)} cases"
    return _joined(named, _selection(told.get("selection")))


def _selection(selection: object) -> str:
    """How a part of the plan was selected; empty where all of it was to be carried out."""
    if not isinstance(selection, Mapping):
        return ""
    by, left_out = look_up(selection, "by"), look_up(selection, "left_out")
    how = ", ".join(map(str, by)) if isinstance(by, list) else ""
    count = len(left_out) if isinstance(left_out, list) else 0
    return f"a part of the plan{f' by {how}' if how else ''}, {count} cases left out"


def _period(told: Mapping[str, Any]) -> str:
    begin, end = (_stamp(told.get(name)) for name in ("started_utc", "ended_utc"))
    if begin and end and begin[:10] == end[:10]:
        return f"{begin} to {end[11:]}"
    return " to ".join(stamp for stamp in (begin, end) if stamp)


def _temperatures(told: Mapping[str, Any]) -> str:
    ambient, case = look_up(told, "temperatures", "ambient_degC"), look_up(told, "temperatures", "case_degC")
    room = " to ".join(f"{end:g}" for end in dict.fromkeys(ambient)) if ambient else ""
    return ", ".join((f"{room} degC" if room else NOT_RECORDED, NOT_RECORDED if case is None else f"{case:g} degC"))


def _calibration(told: Mapping[str, Any]) -> str:
    numbers = look_up(told, "calibration", "certificates")
    named = f"certificates {', '.join(map(str, numbers))}" if numbers else "no certificates"
    policy = look_up(told, "calibration", "policy")
    return f"{named}; without a valid one: {policy}" if policy else ""


def _stamp(stamp: object) -> str:
    """An ISO stamp to the second; anything else as it stands."""
    written = str(stamp or "")
    return written[:19].replace("T", " ") if written[10:11] == "T" else written


def _joined(*parts: object) -> str:
    return ", ".join(str(part) for part in parts if part)


def _revision(told: Mapping[str, Any]) -> str:
    revision = look_up(told, "limits", "revision")
    return f"revision {revision}" if revision else ""


def _serial(told: Mapping[str, Any]) -> list[str]:
    serial = told.get("serial")
    return [f"serial {serial}"] if serial else []


def _versions(told: Mapping[str, Any]) -> str:
    versions = told.get("versions")
    if not isinstance(versions, Mapping):
        return ""
    return ", ".join(f"{name} {versions[name]}" for name in ("nanogrid-rig", "python") if versions.get(name))


def _exit(told: Mapping[str, Any]) -> str:
    code, reason = look_up(told, "exit", "code"), look_up(told, "exit", "reason")
    return "" if code is None else _joined(f"exit {code}", reason or _EXITS.get(code))
