"""Clauses in a report: what is open is said, a missing verdict is none, and foreign text is text."""

from __future__ import annotations

from reports.coverage import clauses, coverage, open_clauses


def row(clause: str, verdict: str | None, **more: object) -> dict:
    open_ = verdict in ("NOT_TESTED", "INCONCLUSIVE")
    about = {"section": "Safety", "heading": "h", "mandatory": True, "cases": ["short"], "reason": ""}
    return {"clause": clause, "verdict": verdict, "open": open_, **about, **more}


def test_the_first_page_names_what_is_open():
    rows = [row("SC-01", "PASS"), row("SC-02", "NOT_TESTED"), row("OC-01", "FAIL"), row("UV-01", None)]
    rows.append(row("ARC-01", "NOT_TESTED", mandatory=False))
    said = "3 mandatory clauses apply to this device, 2 of them have a verdict. Open: SC-02."
    assert open_clauses(rows) == said


def test_every_clause_is_in_the_table_under_its_section():
    page = coverage([row("SC-01", "PASS"), row("MTR-01", "NOT_TESTED", section="Metering", reason="no meter")])
    assert "All 2 clauses" in page
    page = page[page.index("<table") :]
    assert page.index("Safety") < page.index("SC-01") < page.index("Metering") < page.index("MTR-01")
    assert "no meter" in page


def test_what_is_damaged_is_open_and_no_markup():
    page = coverage(clauses([{"clause": "<b>", "mandatory": True, "verdict": "NOT_TESTED"}, 7]))
    assert "&lt;b&gt;" in page
    assert open_clauses(clauses([{"clause": "<b>", "mandatory": True, "verdict": "NOT_TESTED"}])).endswith("Open: <b>.")
    assert clauses(None) == []
    assert clauses("abc") == []
    assert open_clauses([]) == ""
