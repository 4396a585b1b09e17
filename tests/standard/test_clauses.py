"""The clauses: all that the rig can close, each with what closes it."""

from pathlib import Path

import pytest

from rig.files.document import BadFile, load, resolve
from rig.files.limits import Limits
from rig.files.limits_checks import MEASURANDS
from rig.standard import load_clauses

IDS = ["SELV-01", "SC-01", "OC-01", "RP-01", "REC-01"]


def test_the_draft_clauses() -> None:
    found = load_clauses()
    assert list(found.clauses) == IDS
    assert all(clause.mandatory and clause.heading and clause.text for clause in found.clauses.values())
    assert found.find("SC-01").evidence == ("operate_time", "peak_current", "let_through_i2t")


def test_limits_and_clauses_agree() -> None:
    """Each piece of evidence has a limit, and nothing is limited that closes no clause."""
    limited = {(row.clause, row.measurand) for row in load(resolve("limits", "draft-48v"), Limits).limits}
    asked = {(name, measurand) for name, clause in load_clauses().clauses.items() for measurand in clause.evidence}
    assert limited == asked


def test_an_unknown_clause() -> None:
    with pytest.raises(LookupError) as refusal:
        load_clauses().find("SC-1")
    assert str(refusal.value) == (f"clauses draft have no 'SC-1' (did you mean 'SC-01'?; allowed: {', '.join(IDS)})")


def test_unknown_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.yaml").write_text(
        "schema: 1\nname: own\nrevision: '1'\nclauses:\n  X-01:\n    heading: h\n    text: t\n    mandatory: true\n"
        "    evidence: [recovery_time, operate_tim]\n  X-02: {heading: h, text: t, mandatory: true, evidence: []}\n",
        encoding="utf-8",
    )
    with pytest.raises(BadFile) as bad:
        load_clauses("own.yaml")
    assert str(bad.value).splitlines() == [
        (
            "own.yaml:9: clauses.X-01.evidence[1]: unknown measurand 'operate_tim' "
            f"(did you mean 'operate_time'?; allowed: {', '.join(MEASURANDS)})"
        ),
        "own.yaml:10: clauses.X-02.evidence: must not be empty",
    ]
