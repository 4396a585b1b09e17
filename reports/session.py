"""What the session wrote down about bench and instruments, and the files that prove the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from reports.facts import definitions, heading, show
from reports.markup import Html, join, tag
from reports.proof import AFTER, BEFORE, bench_proof, is_proof

if TYPE_CHECKING:
    from rig.record import Run

__all__ = ["evidence", "session"]

_TITLES = {
    "certificates": "calibration certificates",
    "accuracy": "accuracy of the instruments where they measured",
    "chain": "measuring chain: certificates and corrections",
    "transfer": "transfer calibration",
    "versions": "software versions",
}


def session(run: Run) -> Html:
    """Identities, calibration, bench proof, the safe state read back at the end, software; in the order written."""
    told = run.entries("session")
    blocks = [block for data in told if not is_proof(data.get(AFTER)) for block in _blocks(data, told)]
    if not blocks:
        blocks.append(tag("p", "The session recorded nothing about its instruments.", class_="problem"))
    safe = run.entries("safe state")
    if safe:
        blocks.append(
            _block(
                "safe state read back" + (f", the last of {len(safe)}" if len(safe) > 1 else ""), _safe_state(safe[-1])
            )
        )
    if run.run.get("versions"):
        blocks.append(_block("versions", show(run.run["versions"])))
    return join(blocks)


def _blocks(data: Mapping[str, Any], told: Sequence[Mapping[str, Any]]) -> list[Html]:
    """An entry says `what` it is about, or each of its keys does. The second bench proof stands beside the first."""
    if is_proof(data.get(BEFORE)):
        after = next((one[AFTER] for one in told if is_proof(one.get(AFTER))), None)
        rest = {name: value for name, value in data.items() if name != BEFORE}
        return [_block("bench proof", bench_proof(data[BEFORE], after)), *_blocks(rest, told)]
    if "what" not in data:
        return [_block(name, show(value, name)) for name, value in data.items()]
    rest = {name: value for name, value in data.items() if name != "what"}
    only = next(iter(rest.values())) if len(rest) == 1 else rest
    return [_block(str(data["what"]), show(only))]


def _block(title: str, body: Html) -> Html:
    return tag("div", tag("h4", heading(_TITLES.get(title, title))), body, class_="session")


def _safe_state(state: Mapping[str, Any]) -> Html:
    rest = {name: value for name, value in state.items() if name not in ("steps", "verified")}
    verified = "Verified: every step was read back." if state.get("verified") is True else "NOT VERIFIED."
    said = tag("p", verified, class_=None if state.get("verified") is True else "problem")
    return join([said, show(state.get("steps") or []), show(rest) if rest else ""])


def evidence(run: Run) -> Html:
    """The files of the run folder with their digests, and where the journal ends."""
    last = run.journal[-1].hash if run.journal else "empty"
    facts = [
        ("Journal", f"{len(run.journal)} entries, chain verified"),
        ("Last hash of the journal", tag("code", last)),
    ]
    if run.run.get("event_log_sha256"):
        facts.append(("Event log of the simulation, SHA-256", tag("code", run.run["event_log_sha256"])))
    parts = [definitions(facts)]
    if run.digests:
        rows = [
            tag("tr", tag("td", tag("a", name, href=quote(name, safe="/"))), tag("td", tag("code", digest)))
            for name, digest in run.digests.items()
        ]
        head = tag("thead", tag("tr", tag("th", "File", scope="col"), tag("th", "SHA-256", scope="col")))
        parts.append(tag("table", head, tag("tbody", *rows), class_="grid digests"))
    return join(parts)
