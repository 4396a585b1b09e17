"""`rig rejudge`: verdicts out of a finished run's folder, and nothing else."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

import testplans
from reports.front import masthead
from rig.files.document import BadFile
from rig.record import BrokenRun, read_run, verify
from rig.record.bench_log import BenchLog
from rig.run.compare import print_compared
from rig.run.kept import declaration, declared
from rig.run.progress import Progress, new_console
from rig.run.rejudge import rejudge
from rig.run.runner import collect
from rig.run.setup import plan_paths
from tests.run.folders import rewritten, tree

LIMITS = (Path(testplans.__file__).parent / "limits" / "draft-48v.yaml").read_text()


def again(run: Path, limits: object, out: Path) -> SimpleNamespace:
    said = io.StringIO()
    console = new_console(said)
    code, done, rows, remarks = rejudge(run, limits and str(limits), str(out), Progress(console))
    print_compared(rows, console)
    return SimpleNamespace(code=code, done=done, rows=rows, remarks=remarks, said=said.getvalue(), out=out)


@pytest.fixture(scope="session")
def same(whole_run, tmp_path_factory):
    """The whole run judged again under its own limits, and what its folder held before."""
    _, run = whole_run
    before = tree(run)
    return run, before, again(run, None, tmp_path_factory.mktemp("again") / "same")


def test_the_same_limits_give_every_verdict_and_every_digit_again(same):
    run, _, done = same
    old = read_run(run).entries("verdict")
    assert len(old) == 35
    assert read_run(done.out).entries("verdict") == old
    assert [(row.old, row.new) for row in done.rows] == [(entry, entry) for entry in old]
    assert all(row.identical and row.changes == [] for row in done.rows)
    assert (done.code, done.remarks, done.done.problem) == (0, [], "")
    table, first = read_run(done.out).measurements, read_run(run).measurements
    assert table.equals(first), "bit for bit, NaN where NaN was"


def test_the_old_run_is_only_read(same):
    run, before, _ = same
    assert tree(run) == before


def test_the_new_record_says_whose_captures_it_judges_and_verifies(same, tmp_path):
    run, _, done = same
    old, new = read_run(run), read_run(done.out)
    assert new.journal[0].data["rejudged"]["journal"] == old.run["journal"]
    assert new.run["rejudged"]["run"] == old.run["id"]
    assert new.run["rejudged"]["limits"] == old.run["limits"]
    assert (new.run["serial"], new.run["seed"], new.run["scene"]) == ("REF-0001", 7, {"name": "healthy"})
    assert new.run["safe_state"] == "no bench: judged again from captures"
    found = verify(done.out, BenchLog(tmp_path / "none.jsonl"))
    assert [one.ok for one in found] == [True, True, None]
    copies = {file.name: file.read_bytes() for file in (done.out / "captures").iterdir()}
    assert copies == {file.name: file.read_bytes() for file in (run / "captures").iterdir()}


def test_a_report_of_it_says_when_it_was_carried_out_and_when_judged_again(same):
    run, _, done = same
    text = str(masthead(read_run(done.out), "again"))
    assert "Judged again (UTC)" in text
    assert f"whose journal ends with {read_run(run).run['journal']['hash']}" in text
    assert "judged again" in read_run(done.out).run["title"]


def test_other_limits_give_other_verdicts_and_say_what_changed(same, tmp_path):
    """Judged from the judged: the new record is a run folder like any other."""
    _, _, first = same
    limits = tmp_path / "strict.yaml"
    strict = LIMITS.replace("high: 500 us", "high: 20 us").replace("switch-type port, t.b.d.", "my source, t.b.d.")
    limits.write_text(strict)
    done = again(first.out, limits, tmp_path / "strict")
    assert done.code == 1
    changed = [row for row in done.rows if not row.identical]
    assert [(row.new["case"], row.new["measurement"]["measurand"]) for row in changed] == [
        ("SC-01-short-10-mohm", "operate_time")
    ]
    row = changed[0].as_json()
    assert (row["old_verdict"], row["new_verdict"]) == ("PASS", "FAIL")
    assert row["changes"] == [
        {"what": "verdict", "old": "PASS", "new": "FAIL"},
        {"what": "limit", "old": "≤ 500 µs", "new": "≤ 20 µs"},
        {
            "what": "source", "old": "switch-type port, t.b.d. in the standard",
            "new": "my source, t.b.d. in the standard",
        },
    ]  # fmt: skip
    assert row["new"]["measurement"] == row["old"]["measurement"], "the value is measured alike"
    assert "SC-01-short-10-mohm operate_time: FAIL:" in done.said
    assert "limit ≤ 500 µs → ≤ 20 µs" in done.said


def test_a_run_that_was_changed_is_refused_in_one_sentence(whole_run, tmp_path):
    run = shutil.copytree(whole_run[1], tmp_path / "run")
    capture = run / "captures" / "SC-01-short-10-mohm-fault.parquet"
    capture.write_bytes(capture.read_bytes() + b"\0")
    with pytest.raises(
        BrokenRun, match=r"is not judged again: files: captures/SC-01.*-fault\.parquet was changed; `rig"
    ):
        rejudge(run, None, str(tmp_path / "out"), Progress(new_console(io.StringIO())))
    assert not (tmp_path / "out").exists()
    capture.write_bytes(capture.read_bytes()[:-1])
    (run / "inputs" / "limits.yaml").write_text(LIMITS.replace("60 V", "61 V"))
    with pytest.raises(BrokenRun, match=r"is not judged again: files: inputs/limits\.yaml was changed"):
        rejudge(run, None, str(tmp_path / "out"), Progress(new_console(io.StringIO())))


def test_a_run_of_a_version_that_kept_too_little_is_refused(whole_run, tmp_path):
    def older(kind, data):
        if kind == "shot":
            return None
        if kind == "run":
            return {"plan": [{k: v for k, v in one.items() if k != "declared"} for one in data["plan"]]}
        return data

    run = rewritten(shutil.copytree(whole_run[1], tmp_path / "run"), older)
    with pytest.raises(BrokenRun, match="made by a version that did not keep its files, spans and levels"):
        rejudge(run, None, str(tmp_path / "out"), Progress(new_console(io.StringIO())))


@pytest.fixture
def short_run(whole_run, tmp_path):
    """The run as if its plan had been the short circuit alone, in a file of the user's own."""
    plan = tmp_path / "mine" / "test_mine.py"
    plan.parent.mkdir()
    source = Path(testplans.__file__).parent / "protection" / "test_1_short_circuit.py"
    shutil.copy(source, plan)
    digest = hashlib.sha256(plan.read_bytes()).hexdigest()
    run = shutil.copytree(whole_run[1], tmp_path / "run")
    inputs = json.loads((run / "run.json").read_text())["inputs"]
    kept = {str(plan): {"file": "inputs/plan/1-test_1_short_circuit.py", "sha256": digest}}
    inputs = {name: one for name, one in inputs.items() if name in ("bench", "device", "limits")} | kept

    def mine(kind, data):
        if kind == "run":
            return {"plan": [{**data["plan"][0], "file": str(plan)}], "inputs": inputs}
        return data if data.get("case") in (None, "SC-01-short-10-mohm") else None

    rewritten(run, mine)
    told = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**told, "inputs": inputs}))
    return run, plan


def test_a_changed_plan_is_said_and_measures_as_it_is_now(short_run, tmp_path):
    run, plan = short_run
    plan.write_text(plan.read_text().replace("    judge(shot.let_through_i2t())\n", ""))
    done = again(run, None, tmp_path / "changed")
    kept = "as it was: inputs/plan/1-test_1_short_circuit.py in the run folder"
    said = f"The plan {plan} has changed since the run; {kept}"
    assert done.remarks == [said]
    assert read_run(done.out).run["rejudged"]["remarks"] == [said]
    gone = [row for row in done.rows if row.new is None]
    assert [row.old["measurement"]["measurand"] for row in gone] == ["let_through_i2t"]
    assert (gone[0].identical, gone[0].as_json()["new_verdict"]) == (False, "-")
    assert len(done.rows) == 7


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('hold="500 ms"', 'hold="400 ms"', "the plan declares it otherwise now"),
        ('Short("10 mohm")', 'Short("20 mohm")', "the plan does not have this case any more"),
    ],
)
def test_a_case_that_is_another_now_is_not_tested(short_run, tmp_path, old, new, reason):
    run, plan = short_run
    plan.write_text(plan.read_text().replace(old, new))
    done = again(run, None, tmp_path / "out")
    assert done.code == 4
    assert [(one.key, one.verdict, one.reason) for one in done.done.cases] == [
        ("SC-01-short-10-mohm", "NOT_TESTED", reason)
    ]
    assert [row.new for row in done.rows] == [None] * 7
    cases = read_run(done.out).entries("case")
    assert [(one["state"], one["reason"]) for one in cases] == [("broken", reason)]


def test_a_plan_that_is_gone_is_bad_input(short_run, tmp_path):
    run, plan = short_run
    plan.unlink()
    with pytest.raises(BadFile, match=r"test_mine.py: is not there any more, and its bodies are what measures"):
        rejudge(run, None, str(tmp_path / "out"), Progress(new_console(io.StringIO())))
    assert not (tmp_path / "out").exists()


def test_a_case_without_a_shot_keeps_its_reason(short_run, tmp_path):
    run, _ = short_run

    def unready(kind, data):
        if kind in ("shot", "verdict"):
            return None
        return {**data, "state": "broken", "reason": "The port stood at 3 V."} if kind == "case" else data

    rewritten(run, unready)
    done = again(run, None, tmp_path / "out")
    assert (done.code, done.rows) == (4, [])
    assert [(one.verdict, one.reason) for one in done.done.cases] == [("NOT_TESTED", "The port stood at 3 V.")]


def test_nothing_is_opened(short_run, monkeypatch, tmp_path):
    """Neither an instrument nor a twin: whoever tried would say so."""
    run, _ = short_run

    def never(*_arguments, **_named):
        raise AssertionError("something was opened")

    monkeypatch.setattr("socket.socket.connect", never)
    monkeypatch.setattr("rig.run.opening.launch", never)
    monkeypatch.setattr("rig.bench.equipment._connect", never)
    done = again(run, None, tmp_path / "out")
    assert (done.code, done.remarks, [row.identical for row in done.rows]) == (0, [], [True] * 7)


def test_bad_limits_and_a_used_folder_are_bad_input(rig, whole_run, tmp_path):
    run = str(whole_run[1])
    wrong = rig("rejudge", run, "--limits", "nosuch", "--out", "out", "--json")
    assert wrong.returncode == 2
    assert "no set of limits is named 'nosuch'" in json.loads(wrong.stdout)["errors"][0]
    with pytest.raises(BadFile, match="a run never writes over another"):
        rejudge(Path(run), None, run, Progress(new_console(io.StringIO())))


@pytest.mark.parametrize("planned", collect(plan_paths([]), None), ids=lambda planned: planned.key)
def test_a_case_and_its_declaration_are_the_same(planned):
    told = json.loads(json.dumps(declaration(planned.case)))
    assert declaration(declared(told)) == told
    assert declared(told) == planned.case
