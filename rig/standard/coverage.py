"""What a plan, or a run of it, says about every clause of the standard: tested with which verdict, or why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from rig.files.quantity import format_quantity
from rig.measure import Verdict, worst

if TYPE_CHECKING:
    from rig.files.device import Device
    from rig.standard.clauses import Clause, Clauses

__all__ = ["Covered", "Evidence", "covered"]

OTHERWISE = {
    "communication": "closed by communication with the device, of which this version reads declared registers alone",
    "inspection": "closed by inspection of documents, which is not the rig's",
}
HAS = {
    "ac_output": "AC output", "short_delay": "battery behind its own switch", "signal_ground": "data connector",
}  # fmt: skip
"""What a clause is about, in words, where that is not how device files have it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A case as far as coverage goes: the clauses it was made for, and what it found of any."""

    case: str
    clauses: tuple[str, ...]
    judged: tuple[tuple[str, str, Verdict], ...] = ()
    """Clause, measurand and verdict."""
    why_not: str = ""
    """Why nothing was judged."""


@dataclass(frozen=True, slots=True)
class Covered:
    """One clause and where it stands. `verdict` is None where it does not apply to the device."""

    clause: str
    section: str
    heading: str
    mandatory: bool
    closed_by: str
    cases: tuple[str, ...]
    verdict: Verdict | None
    reason: str

    @property
    def open(self) -> bool:
        """A mandatory clause of which nobody can say yet whether the device meets it."""
        return self.mandatory and self.verdict in ("NOT_TESTED", "INCONCLUSIVE")

    @property
    def entry(self) -> dict[str, object]:
        """As records have it."""
        return {**asdict(self), "open": self.open}


def covered(
    clauses: Clauses, device: Device, tested: Iterable[Evidence], unfit: Mapping[str, str] | None = None
) -> list[Covered]:
    """Every clause, in the order of its file. `unfit`: by clause, why the cases of it are not for this device."""
    cases, others = list(tested), unfit or {}
    return [_covered(name, clause, device, cases, others.get(name, "")) for name, clause in clauses.clauses.items()]


def _covered(name: str, clause: Clause, device: Device, cases: Sequence[Evidence], unfit: str) -> Covered:
    own = [one for one in cases if name in one.clauses or any(judged[0] == name for judged in one.judged)]
    found = {one.case: [judged for judged in one.judged if judged[0] == name] for one in own}
    verdict: Verdict | None
    verdict, reason = _stands(clause, own, found, unfit)
    elsewhere = _elsewhere(clause, device)
    if elsewhere and not any(found.values()):
        verdict, reason = None, elsewhere
    return Covered(
        name, clause.section, clause.heading, clause.mandatory, clause.closed_by, tuple(found), verdict, reason
    )


def _stands(
    clause: Clause, own: Sequence[Evidence], found: Mapping[str, Sequence[tuple[str, str, Verdict]]], unfit: str
) -> tuple[Verdict, str]:
    """The worst of all that was judged; what has not been judged is no pass."""
    verdicts = [verdict for judged in found.values() for _, _, verdict in judged]
    seen = {measurand for judged in found.values() for _, measurand, _ in judged}
    missing = [measurand for measurand in clause.evidence if measurand not in seen]
    untested = {one.why_not or "not judged": one.case for one in own if not found[one.case]}
    if not own and unfit:
        return "NOT_TESTED", unfit
    if not own:
        takes = f"; it takes {clause.takes}" if clause.takes else ""
        return "NOT_TESTED", OTHERWISE.get(clause.closed_by, "no case of this plan tests it") + takes
    reasons = [f"{case}: {why}" for why, case in untested.items()]
    if verdicts and missing:
        reasons.append(f"not judged: {', '.join(missing)}")
    return worst([*verdicts, *(["NOT_TESTED"] if reasons else [])]), "; ".join(reasons)  # type: ignore[list-item]


def _elsewhere(clause: Clause, device: Device) -> str:
    """Why the clause does not apply to the device; empty when it does."""
    roles = {port.role for port in device.ports.values()}
    if not roles & set(clause.roles):
        return f"does not apply: {device.name} has no {' or '.join(clause.roles)} port"
    if (clause.fed == "takes" and not device.fed) or (clause.fed == "lives" and not device.lives_on_a_feed):
        return f"does not apply: {device.name} lives on its own, and it is about what feeds a device"
    rated = max(port.voltage * port.rated_current for port in device.ports.values())
    if clause.power is not None and rated < clause.power:
        told = format_quantity(clause.power, "W")
        return f"does not apply: {device.name} is rated for {format_quantity(rated, 'W')}, and it is about {told}"
    if clause.has is not None and getattr(device, clause.has) is None:
        return f"does not apply: {device.name} has no {HAS.get(clause.has, clause.has)}"
    if len(device.ports) < clause.ports:
        return f"does not apply: {device.name} has {len(device.ports)} port, and it is about {clause.ports} or more"
    return ""
