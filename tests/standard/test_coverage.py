"""Coverage: every clause has a row, what was not judged is no pass, what does not apply says why."""

import pytest

from rig.files.device import Device
from rig.files.document import load, resolve
from rig.standard import Covered, Evidence, covered, load_clauses

SOURCE = load(resolve("devices", "reference"), Device)
ALL = ("operate_time", "peak_current", "let_through_i2t")


def rows(*tested: Evidence, device: Device = SOURCE) -> dict[str, Covered]:
    return {row.clause: row for row in covered(load_clauses(), device, tested)}


def short(*judged: tuple[str, str, str], why_not: str = "", case: str = "short") -> Evidence:
    return Evidence(case, ("SC-01", "REC-01"), judged, why_not)  # type: ignore[arg-type]


def test_without_a_case_every_clause_has_a_row_and_a_reason():
    found = rows()
    assert list(found) == list(load_clauses().clauses)
    assert all(row.reason and not row.cases for row in found.values())
    assert {row.verdict for row in found.values()} == {"NOT_TESTED", None}
    assert found["TMPR-01"].reason == "no case of this plan tests it; it takes a climate chamber"
    assert found["SEC-01"].reason.startswith("closed by communication with the device")
    assert found["EASY-01"].reason.startswith("closed by inspection")


def test_what_does_not_apply_has_no_verdict_and_is_not_open():
    found = rows()
    assert found["ARC-01"].reason == "does not apply: reference has no sink or bidirectional port"
    assert found["TMPR-01"].reason == "no case of this plan tests it; it takes a climate chamber"
    assert found["AC-01"].reason == "does not apply: reference has no mains"
    small = SOURCE.port.model_copy(update={"rated_current": 4.0})
    weak = SOURCE.model_copy(update={"ports": {"port": small}})
    reason = "does not apply: reference is rated for 216 W, and it is about 250 W"
    assert rows(device=weak)["PWR-01"].reason == reason
    assert found["MESH-01"].reason == "does not apply: reference has 1 port, and it is about 2 or more"
    assert (found["ARC-01"].verdict, found["ARC-01"].open) == (None, False)


def test_all_evidence_passed_is_a_pass():
    row = rows(short(*(("SC-01", measurand, "PASS") for measurand in ALL)))["SC-01"]
    assert (row.verdict, row.reason, row.cases, row.open) == ("PASS", "", ("short",), False)


@pytest.mark.parametrize("left_out", ALL)
def test_evidence_that_was_not_judged_is_no_pass(left_out):
    judged = (("SC-01", measurand, "PASS") for measurand in ALL if measurand != left_out)
    row = rows(short(*judged))["SC-01"]
    assert (row.verdict, row.reason, row.open) == ("NOT_TESTED", f"not judged: {left_out}", True)


def test_a_fail_stands_whatever_is_missing():
    row = rows(short(("SC-01", "operate_time", "FAIL")))["SC-01"]
    assert (row.verdict, row.open) == ("FAIL", False)


def test_one_case_that_was_not_carried_out_keeps_the_clause_open():
    done = short(*(("SC-01", measurand, "PASS") for measurand in ALL))
    row = rows(done, short(why_not="the bench lacks an injector", case="short-2"))["SC-01"]
    assert (row.verdict, row.reason, row.open) == ("NOT_TESTED", "short-2: the bench lacks an injector", True)
    assert row.cases == ("short", "short-2")


def test_a_clause_that_a_body_judges_counts_without_being_declared():
    row = rows(Evidence("own", ("SC-01",), (("REC-01", "recovery_time", "CONDITIONAL_PASS"),)))["REC-01"]
    assert (row.verdict, row.cases) == ("CONDITIONAL_PASS", ("own",))


def test_an_informative_clause_is_never_open():
    assert not any(row.open for row in rows().values() if not row.mandatory)
