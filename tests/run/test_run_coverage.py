"""`rig coverage`: every clause, of a plan and of a run; what the plan declares is what its bodies judge."""

from __future__ import annotations

import json
import shutil

from rig.record import read_run
from rig.standard import load_clauses

PLANNED = {"SELV-01", "SC-01", "OC-01", "RP-01", "REC-01", "PAR-01"}


def test_a_plan_has_a_row_for_every_clause(rig, tmp_path):
    done = rig("coverage", "protection", "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["clause"]: row for row in json.loads(done.stdout)["clauses"]}
    assert list(rows) == list(load_clauses().clauses)
    assert {name for name, row in rows.items() if row["cases"]} == PLANNED
    assert rows["SC-01"]["reason"] == "SC-01-short-10-mohm: planned, not run"
    assert len(rows["SELV-01"]["cases"]) == 8
    assert len(rows["REC-01"]["cases"]) == 7
    assert len(rows["PAR-01"]["cases"]) == 5
    assert not list(tmp_path.iterdir())


def test_a_run_has_verdicts_for_what_its_plan_declares(whole_run, rig):
    _, folder = whole_run
    rows = {row["clause"]: row for row in read_run(folder).run["coverage"]}
    assert {name for name, row in rows.items() if row["verdict"] not in (None, "NOT_TESTED")} == PLANNED
    assert {rows[name]["verdict"] for name in PLANNED} == {"PASS"}
    assert read_run(folder).run["clauses"]["name"] == "draft"
    done = rig("coverage", "--run", str(folder))
    assert done.returncode == 0, done.stderr
    assert "59 mandatory ones apply, 6 of them have a verdict; open: PWR-01" in " ".join(done.stdout.split())
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "59 mandatory clauses apply to this device, 6 of them have a verdict. Open: PWR-01" in page


def test_a_run_that_did_not_end_has_none(whole_run, rig, tmp_path):
    _, folder = whole_run
    shutil.copytree(folder, tmp_path / "run")
    told = json.loads((tmp_path / "run" / "run.json").read_text())
    del told["coverage"]
    (tmp_path / "run" / "run.json").write_text(json.dumps(told))
    done = rig("coverage", "--run", "run")
    assert done.returncode == 2, done.stdout
    assert "has no coverage" in done.stderr
