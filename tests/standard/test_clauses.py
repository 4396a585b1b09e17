"""The clauses: all that the rig can close, each with what closes it."""

from pathlib import Path

import pytest

from rig.files.document import BadFile, load, resolve
from rig.files.limits import Limits
from rig.files.limits_checks import MEASURANDS
from rig.standard import load_clauses

SECTIONS = [
    "Power demands", "Safety", "Metering", "Easy to use", "Reliability", "Non-intelligent loads and/or sources",
    "Backwards compatibility", "Standalone operation", "Hacker protection", "Scalability",
]  # fmt: skip


def test_the_draft_clauses_are_the_whole_requirement_text() -> None:
    found = load_clauses()
    assert list(dict.fromkeys(clause.section for clause in found.clauses.values())) == SECTIONS
    assert all(clause.heading and clause.text for clause in found.clauses.values())
    assert found.find("SC-01").evidence == ("operate_time", "peak_current", "let_through_i2t")
    assert (found.find("SEC-04").closed_by, found.find("EASY-01").closed_by) == ("communication", "inspection")
    assert not found.find("ARC-01").mandatory


def test_limits_and_clauses_agree() -> None:
    """Nothing is limited that closes no clause, and what has limits has one for each piece of evidence."""
    limited = {(row.clause, row.measurand) for row in load(resolve("limits", "draft-48v"), Limits).limits}
    asked = {(name, measurand) for name, clause in load_clauses().clauses.items() for measurand in clause.evidence}
    assert limited - asked == {
        ("DUMB-01", "operate_time"),  # which only ports that limit have to show,
        ("OC-02", "recovery_time"),  # only ports that limit,
        ("OC-02", "nuisance_trips"),  # and only those that trip,
        ("SC-01", "wrong_reports"),  # only devices that report,
        ("PNP-01", "voltage_floor"),  # only sources that join a live grid,
        ("PWR-01", "efficiency"),  # only benches that see the input's current,
        ("PWR-02", "device_temperature"),  # only devices that tell it
        ("PWR-03", "voltage_floor"),  # only sources: what feeds a consumer is the bench's,
        ("PAR-01", "changed_parameters"),
        ("SC-06", "missed_trips"),  # only where the recorder sees the injector,
        ("UV-01", "sleep_current"),  # only consumers that sleep,
        ("DRP-01", "charging_voltage"),  # only ports that charge,
        ("DRP-01", "charging_slope"),
        ("RP-01", "reverse_leakage"),  # and what a maker declares beyond the standard
    }
    lacking = {one for one in asked if one[0] in {clause for clause, _ in limited}} - limited
    assert lacking == set()


def test_an_unknown_clause() -> None:
    with pytest.raises(LookupError) as refusal:
        load_clauses().find("SC-1")
    assert str(refusal.value).startswith("clauses draft have no 'SC-1' (did you mean 'SC-01'?; allowed: PWR-01, ")


def test_unknown_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.yaml").write_text(
        "schema: 1\nname: own\nrevision: '1'\nclauses:\n  X-01:\n    section: Safety\n    heading: h\n    text: t\n"
        "    mandatory: true\n    evidence: [recovery_time, operate_tim]\n"
        "  X-02: {section: Safety, heading: h, text: t, mandatory: true, evidence: []}\n",
        encoding="utf-8",
    )
    with pytest.raises(BadFile) as bad:
        load_clauses("own.yaml")
    assert str(bad.value).splitlines() == [
        (
            "own.yaml:10: clauses.X-01.evidence[1]: unknown measurand 'operate_tim' "
            f"(did you mean 'operate_time'?; allowed: {', '.join(MEASURANDS)})"
        ),
        "own.yaml:11: clauses.X-02: a clause that is closed_by electrical needs evidence",
    ]
