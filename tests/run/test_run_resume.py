"""Going on with a run that broke off: what stands, what is not repeated silently, and what is refused."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path

import pytest

from rig.bench.locks import kept_folder
from rig.files.document import BadFile
from rig.record import Journal, RunFolder, read_run
from rig.run.ending import BENCH_LOG
from rig.run.resume import Carried, _left
from rig.run.setup import Options, load_setup
from tests.run.stubs import StubBench

THREE = "".join(
    f"""
@case("SC-01", Short("{number}0 mohm"))
def test_{name}(shot: Shot, judge: Judge) -> None:
    judge(shot.operate_time({{seconds}}))
"""
    for number, name in enumerate(("one", "two", "three"), 1)
)
KEYS = [f"SC-01-short-{number}0-mohm" for number in (1, 2, 3)]


class Breaking(StubBench):
    """A bench on which the operator ends the run in the case that is named."""

    def __init__(self, monkeypatch, tmp_path) -> None:
        super().__init__(monkeypatch, tmp_path)
        self.done: list[str] = []
        self.ends_in = ""
        self.perform = self._perform

    def _perform(self, case) -> None:
        self.done.append(case.label)
        if case.label == self.ends_in:
            signal.raise_signal(signal.SIGINT)

    def broken_run(self, seconds: str = "50e-6", **options):
        """A plan of three cases that ended in the second one: (plan, what is left)."""
        plan = self.plan(THREE.replace("{seconds}", seconds))
        self.ends_in = "short 20 mΩ"
        done = self.carry_out(plan, **options)
        assert (done.code, self.done) == (3, ["short 10 mΩ", "short 20 mΩ"])
        return plan, done

    def carry_out(self, plan, *extra, **options):
        self.done = []
        self.interrupts = type(self.interrupts)()
        done = super().carry_out(plan, *extra, **options)
        self.ends_in = ""
        return done


@pytest.fixture
def bench(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Breaking(monkeypatch, tmp_path)


def refused(bench, plan, *extra, **options) -> list[str]:
    """What a run is refused for; nothing was opened and no folder was made."""
    bench.done, opened = [], bench.opened
    with pytest.raises(BadFile) as bad:
        bench.carry_out(plan, *extra, **options)
    assert bench.opened == opened
    assert bench.done == []
    assert all(mistake.path == "--resume" for mistake in bad.value.mistakes)
    return [mistake.message for mistake in bad.value.mistakes]


def test_what_ended_is_carried_over_and_what_may_have_been_injected_is_not_repeated(bench):
    plan, old = bench.broken_run()
    before = (old.out / "journal.jsonl").read_bytes()
    new = bench.carry_out(plan, resume=str(old.out))
    assert bench.done == ["short 30 mΩ"]
    assert new.verdicts == {"one": "PASS", "two": "NOT_TESTED", "three": "PASS"}
    assert new.code == new.run_json["exit"]["code"] == 4
    assert new.reasons["one"] == "carried over from run1"
    assert new.reasons["two"] == (
        "the fault of attempt 1 in run1 may have reached the device: --again repeats it"
    )  # fmt: skip
    assert new.run_json["counts"] == {"PASS": 2, "NOT_TESTED": 1}
    last = old.journal[-1]["hash"]
    assert new.run_json["resumes"] == {
        "run": "run1", "started_utc": old.run_json["started_utc"], "folder": str(old.out),
        "entries": len(old.journal), "hash": last,
        "carried": {KEYS[0]: {"verdict": "PASS", "run": "run1", "hash": last}},
        "attempts": {KEYS[0]: 1, KEYS[1]: 1, KEYS[2]: 0}, "doubtful": [KEYS[1]],
    }  # fmt: skip
    assert new.journal[0]["data"]["resumes"] == new.run_json["resumes"]
    states = {entry["data"]["case"]: entry["data"]["state"] for entry in new.journal if entry["kind"] == "case"}
    assert states == {KEYS[0]: "carried over", KEYS[1]: "not run", KEYS[2]: "finished"}
    assert "PASS             one: short 10 mΩ: carried over from run1" in new.said.splitlines()
    assert {entry["data"]["case"] for entry in new.journal if entry["kind"] == "verdict"} == {KEYS[2]}
    assert (old.out / "journal.jsonl").read_bytes() == before, "the old record stays as it is"
    assert refused(bench, plan, resume=str(old.out), again=True) == [
        f"{old.out} was gone on with in run2 already: resume that one"
    ]
    assert refused(bench, plan, resume=str(new.out), again=True) == [
        f"{new.out} ran to its end (exit 4): begin a new run"
    ]


def test_again_repeats_it_as_the_next_attempt(bench):
    plan, first = bench.broken_run()
    bench.ends_in = "short 20 mΩ"
    second = bench.carry_out(plan, resume=str(first.out), again=True)
    assert (second.code, bench.done) == (3, ["short 20 mΩ"])
    third = bench.carry_out(plan, resume=str(second.out), again=True)
    assert third.code == 0
    assert bench.done == ["short 20 mΩ", "short 30 mΩ"]
    attempts = {
        entry["data"]["case"]: entry["data"]["attempt"] for entry in third.journal if entry["kind"] == "verdict"
    }
    assert attempts == {KEYS[1]: 3, KEYS[2]: 1}
    table = read_run(third.out).measurements
    assert dict(zip(table["case"], table["attempt"], strict=True)) == attempts
    carried = third.run_json["resumes"]["carried"]
    assert carried == {KEYS[0]: {"verdict": "PASS", "run": "run1", "hash": first.journal[-1]["hash"]}}
    assert third.run_json["resumes"]["run"] == "run2"


def test_the_exit_code_counts_what_was_carried_over(bench):
    plan, old = bench.broken_run(seconds="900e-6 if shot.case.label.endswith('10 mΩ') else 50e-6")
    assert old.verdicts["one"] == "FAIL"
    new = bench.carry_out(plan, resume=str(old.out), again=True)
    assert new.verdicts == {"one": "FAIL", "two": "PASS", "three": "PASS"}
    assert new.code == new.run_json["exit"]["code"] == 1


def test_every_difference_is_listed(bench, tmp_path):
    plan, old = bench.broken_run(serial="REF-0001")
    limits = tmp_path / "own.yaml"
    known = Path(load_setup(Options()).sources["limits"]).read_text()
    limits.write_text(known.replace("500 us", "501 us", 1))
    said = refused(bench, plan, "-k", "one or two", resume=str(old.out), seed=2, device="limiter", scene="battery",
                   limits=str(limits))  # fmt: skip
    names = [text.partition(":")[0] for text in said]
    assert names == ["device", "limits", "serial", "scene", "seed", "plan"]
    told = dict(zip(names, said, strict=True))
    assert told["serial"] == "serial: it was REF-0001, and now it is not given"
    assert told["seed"] == "seed: it was 1, and now it is 2"
    assert told["scene"] == "scene: it was healthy, and now it is battery"
    assert told["plan"] == f"plan: its cases were {', '.join(KEYS)}, and now they are {', '.join(KEYS[:2])}"
    plan.write_text(plan.read_text() + "\n# changed\n")
    (text,) = refused(bench, plan, resume=str(old.out), serial="REF-0001")
    assert text == f"plan: the files {plan} have changed since"


def test_a_run_that_was_changed_or_is_none(bench, tmp_path):
    plan, old = bench.broken_run()
    capture = old.out / "measurements.parquet"
    capture.write_bytes(capture.read_bytes() + b"\0")
    (said,) = refused(bench, plan, resume=str(old.out))
    assert said == f"{old.out} is not what its run wrote: files: measurements.parquet was changed"
    shutil.copytree(old.out, tmp_path / "anew")
    lines = (old.out / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (old.out / "journal.jsonl").write_bytes(b"".join(lines[:3] + lines[4:]))
    (said,) = refused(bench, plan, resume=str(old.out))
    assert "journal.jsonl:4: this line does not follow the one before it" in said
    (said,) = refused(bench, plan, resume=str(tmp_path / "nowhere"))
    assert "is not a folder" in said


def test_a_run_that_ended_is_not_gone_on_with(bench):
    plan = bench.plan(THREE.replace("{seconds}", "50e-6"))
    old = bench.carry_out(plan)
    assert refused(bench, plan, resume=str(old.out)) == [f"{old.out} ran to its end (exit 0): begin a new run"]


def test_a_record_that_was_judged_again_is_no_run_to_go_on_with(bench):
    plan, old = bench.broken_run()
    told = json.loads((old.out / "run.json").read_text())
    (old.out / "run.json").write_text(json.dumps(told | {"rejudged": {"run": "run0"}}))
    assert refused(bench, plan, resume=str(old.out)) == [
        f"{old.out} is run0 judged again, and no run of a bench: resume that one"
    ]


def test_what_is_left_is_only_doubtful(bench):
    plan = bench.plan(THREE.replace("{seconds}", "50e-6"))
    bench.ends_in = "short 30 mΩ"
    old = bench.carry_out(plan)
    (said,) = refused(bench, plan, resume=str(old.out))
    assert said == (
        f"all that is left of {old.out} are cases whose fault may have reached the device, {KEYS[2]}: "
        "--again repeats them"
    )
    assert bench.carry_out(plan, resume=str(old.out), again=True).code == 0
    assert bench.done == ["short 30 mΩ"]


def test_again_belongs_to_resume():
    with pytest.raises(BadFile, match="name that run with --resume RUN"):
        load_setup(Options(again=True))


def test_a_journal_whose_last_line_was_cut_off_is_gone_on_with(bench):
    plan, old = bench.broken_run()
    raw = (old.out / "journal.jsonl").read_bytes().splitlines(keepends=True)
    intents = [place for place, line in enumerate(raw) if json.loads(line)["kind"] == "intent"]
    (old.out / "journal.jsonl").write_bytes(b"".join(raw[: intents[-1] + 1]) + raw[intents[-1] + 1][:40])
    run = {**old.run_json, "journal": None, "exit": None, "ended_utc": None}
    (old.out / "run.json").write_text(json.dumps(run))  # as when the computer lost its power
    (kept_folder() / BENCH_LOG).unlink()
    new = bench.carry_out(plan, resume=str(old.out))
    assert new.verdicts == {"one": "PASS", "two": "NOT_TESTED", "three": "PASS"}
    assert new.run_json["resumes"]["entries"] == intents[-1] + 1


def left(path, *entries: tuple[str, dict]):
    """What a journal of these entries leaves."""
    folder = RunFolder.create(path)
    journal = Journal(folder.journal, lambda: "2026-11-26T16:00:00Z")
    for kind, data in entries:
        journal.write(kind, {"case": "A", **data})
    journal.close()
    folder.write_run({"id": "r", "started_utc": "t"})
    found = _left(read_run(folder.path))
    return set(found.carried), set(found.doubtful), found.attempts.get("A", 0)


VERDICT = ("verdict", {"clause": "SC-01", "attempt": 1, "decision": {"verdict": "PASS"}})
STARTED, INTENT = ("case", {"state": "started", "attempt": 1}), ("intent", {"attempt": 1})


def ended(state: str, verdict: str = "PASS", attempt: int = 1):
    return ("case", {"state": state, "attempt": attempt, "verdict": verdict})


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([], (set(), set(), 0)),
        ([STARTED], (set(), set(), 1)),
        ([STARTED, ended("broken", "NOT_TESTED")], (set(), set(), 1)),  # the device did not come up
        ([STARTED, INTENT], (set(), {"A"}, 1)),
        ([STARTED, INTENT, ended("not run", "NOT_TESTED")], (set(), {"A"}, 1)),  # the operator ended the run
        ([STARTED, INTENT, ended("broken", "NOT_TESTED")], (set(), {"A"}, 1)),  # the bench broke
        ([STARTED, INTENT, VERDICT], (set(), {"A"}, 1)),  # killed between a verdict and the end
        ([STARTED, INTENT, VERDICT, ended("finished")], ({"A"}, set(), 1)),
        ([STARTED, INTENT, VERDICT, ended("broken", "INCONCLUSIVE")], ({"A"}, set(), 1)),
        ([STARTED, INTENT, VERDICT, ended("finished"), ("intent", {"attempt": 2})], (set(), {"A"}, 2)),
    ],
)
def test_what_a_journal_says_of_a_case(tmp_path, entries, expected):
    assert left(tmp_path / "run", *entries) == expected


def test_a_broken_body_keeps_its_verdict_when_it_is_carried_over(tmp_path):
    folder = RunFolder.create(tmp_path / "run")
    journal = Journal(folder.journal, lambda: "2026-11-26T16:00:00Z")
    for kind, data in (INTENT, VERDICT, ended("broken", "INCONCLUSIVE")):
        journal.write(kind, {"case": "A", **data})
    anchor = journal.anchor
    journal.close()
    folder.write_run({"id": "r", "started_utc": "t"})
    assert _left(read_run(folder.path)).carried == {"A": Carried("INCONCLUSIVE", "r", anchor["hash"])}


def test_a_run_that_was_killed_in_a_short(started_rig, rig, served, tmp_path):
    twin = served(scene="healthy", seed=1, pace=5.0)
    asked = ("run", "protection", "--bench", twin.bench, "-k", "short")
    process = started_rig(*asked, "--out", "one")
    twin.truth.until_in_a_fault(tmp_path / "one")
    process.kill()
    text, _ = process.communicate(timeout=120)  # until the guard, which has its pipe, has ended too
    assert "the guard made the bench safe" in text
    done = rig(*asked, "--resume", "one", "--again", "--out", "two")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "is not known to be safe" in done.stdout
    assert rig("safe", "--bench", twin.bench).returncode == 0
    done = rig(*asked, "--resume", "two", "--again", "--out", "three", report=True)
    assert done.returncode == 0, done.stdout + done.stderr
    record = read_run(tmp_path / "three")
    assert [one["attempt"] for one in record.entries("intent")] == [2]
    assert record.run["resumes"]["run"] == "two"
    report = (tmp_path / "three" / "report.html").read_text()
    assert "Attempt 2: this case had been begun before." in report
    assert "No case had ended with a verdict" in report
