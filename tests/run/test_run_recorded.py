"""Recorded runs: what they need, what they refuse, and how every other run says that it is none."""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import Namespace

import pyarrow.parquet as pq
import pytest

from rig.files.document import BadFile
from rig.record import read_run
from rig.run import setup as rig_setup
from rig.run.pytest_options import refused_options
from rig.run.recorded import lacking
from rig.run.setup import Options, load_setup
from rig.run.version import Build, _installed, build
from tests.run.certified import DIVIDERS, SHUNTS, certified
from tests.run.conftest import environment
from tests.run.stubs import StubBench

CLEAN = Build("0.1.0", "c" * 40, "")
CLEAN_RIG = """
import rig.run.setup
from rig.run.version import Build
rig.run.setup.build = lambda: Build("0.1.0", "c" * 40, "")
from rig.cli import main
main()
"""
ONE = """
@cases([SHORT])
def test_one(shot: Shot, judge: Judge) -> None:
    judge(shot.operate_time())
"""
RERUNS = """
from _pytest.runner import runtestprotocol

def pytest_addoption(parser):
    parser.addoption("--reruns", type=int, default=0)

def pytest_runtest_protocol(item, nextitem):
    for _ in range(AGAIN):
        runtestprotocol(item, nextitem=nextitem)
    return True
"""


@pytest.fixture
def clean(monkeypatch):
    monkeypatch.setattr(rig_setup, "build", lambda: CLEAN)


@pytest.fixture
def bench(monkeypatch, tmp_path):
    return StubBench(monkeypatch, tmp_path)


def rig_of_a_release(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-c", CLEAN_RIG, "run", "protection", "-k", "short", "--out", "run", *arguments],
        cwd=folder, env=environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def told(refused: BadFile) -> list[tuple[str, str]]:
    return [(mistake.path, mistake.message) for mistake in refused.mistakes]


def test_a_refused_recorded_run_hears_of_everything_at_once_and_nothing_is_opened(bench, monkeypatch, tmp_path):
    monkeypatch.setattr(rig_setup, "build", lambda: Build("0.1.0", None, "the rig has changes: a.py"))
    plan = bench.plan(ONE.replace("@cases", "@pytest.mark.flaky(reruns=2)\n@cases"))
    plan.with_name("conftest.py").write_text(
        "def pytest_configure(config):\n    config.addinivalue_line('markers', 'flaky: of pytest-rerunfailures')\n"
    )
    with pytest.raises(BadFile) as refused:
        bench.carry_out(plan, "-n", "2", recorded=True)
    said = told(refused.value)
    assert [text for path, text in said if path == "--recorded"] == [
        "no serial number of the device is given (--serial)",
        "no operator is named (--operator)",
        "scope, the digitizer, has no certificate",
        "daq, the recorder, has no certificate",
        *(f"transducer {name}: no certificate" for name in (
            "port_divider", "port_divider_dc", "port_shunt", "injector_shunt", "gate_divider", "input_divider",
        )),
        "the rig has changes: a.py",
    ]  # fmt: skip
    assert said[-2] == ("-n", "two processes cannot own one bench, so a plan runs in one process")
    assert said[-1][0].endswith("test_plan.py::test_one[short 10 mohm]")
    assert "is marked `flaky`" in said[-1][1]
    assert bench.opened == 0
    assert not (tmp_path / "run1").exists()


def test_certificates_that_are_no_longer_valid_are_named(clean, tmp_path):
    asked = Options(bench=str(certified(tmp_path, due=-1)), recorded=True, serial="REF-0001", operator="A. Person")
    found = lacking(load_setup(asked))
    assert found[:2] == [
        "no certificate of scope, the digitizer, is valid today: C-scope",
        "no certificate of daq, the recorder, is valid today: C-daq",
    ]
    assert len(found) == 2 + len(DIVIDERS) + len(SHUNTS)
    assert all("does not hold: it was due on " in text for text in found[2:])
    asked = Options(bench=str(certified(tmp_path)), recorded=True, serial="REF-0001", operator="  ")
    assert lacking(load_setup(asked)) == ["no operator is named (--operator)"]


@pytest.mark.parametrize(
    ("option", "flag", "why"),
    [
        ("--lf", "--lf", "earlier run"), ("--last-failed", "--lf", "earlier run"), ("--sw", "--sw", "earlier run"),
        ("--ff", "--ff", "keeps its order"), ("--nf", "--nf", "keeps its order"),
        ("--reruns=2", "--reruns", "carried out once"), ("--count=3", "--count", "carried out once"),
        ("-n2", "-n", "two processes cannot own one bench"), ("--dist=each", "--dist", "two processes"),
    ],
)  # fmt: skip
def test_options_that_drop_repeat_or_share_out_cases_are_refused_with_the_reason(bench, option, flag, why):
    with pytest.raises(BadFile) as refused:
        bench.run(ONE, option)
    assert [path for path, _ in told(refused.value)] == [flag]
    assert why in told(refused.value)[0][1]
    assert bench.opened == 0


def test_plain_pytest_may_choose_by_earlier_results_in_a_development_run_alone():
    given = Namespace(lf=True, failedfirst=False, stepwise=True, reruns=2, numprocesses=None, dist="no", tx=[])
    assert [flag for flag, _ in refused_options(given, (), recorded=True)] == ["--reruns", "--lf", "--sw"]
    assert refused_options(given, (), recorded=False) == []
    given.numprocesses = 2
    assert [flag for flag, _ in refused_options(given, (), recorded=False)] == ["-n"]


def test_what_only_ends_a_run_early_or_shares_nothing_out_is_allowed(bench):
    assert bench.run(ONE, "-x", "-n0").code == 0


def test_a_recorded_run_repeats_no_case_whatever_a_plugin_wants(bench, clean, tmp_path):
    plan = bench.plan(ONE)
    plan.with_name("conftest.py").write_text(RERUNS.replace("AGAIN", "2"))
    done = bench.carry_out(plan)
    attempts = [entry["data"]["attempt"] for entry in done.journal if entry["kind"] == "verdict"]
    assert (done.code, attempts) == (0, [1, 1, 2, 2]), "a development run keeps every attempt"
    asked = {"bench": str(certified(tmp_path)), "serial": "REF-0001", "operator": "A. Person", "recorded": True}
    done = bench.carry_out(plan, **asked)
    assert [entry["data"]["attempt"] for entry in done.journal if entry["kind"] == "intent"] == [1]
    assert done.code == 4
    assert done.reasons["one"] == "A recorded run carries out each case once, and something wanted this one again."
    with pytest.raises(BadFile) as refused:
        bench.carry_out(plan, "--reruns", "2", **asked)
    assert [path for path, _ in told(refused.value)] == ["--reruns"]


def test_a_part_of_a_plan_is_stated_as_such(bench):
    two = ONE + ONE.replace("test_one", "test_two")
    done = bench.run(two, "-k", "two")
    assert done.code == 0
    assert done.run_json["selection"] == {
        "by": ["-k two"], "left_out": [next(iter(done.run.planned)).replace("two", "one")],
    }  # fmt: skip
    assert "selection" in next(entry for entry in done.journal if entry["kind"] == "run")["data"]
    assert bench.run(two).run_json["selection"] is None


def test_a_plan_that_changes_while_it_runs(bench, clean, tmp_path):
    plan = bench.plan(ONE)
    text = plan.read_text()
    bench.perform = lambda _case: plan.write_text(text + "# changed\n")
    done = bench.carry_out(plan)
    assert done.code == 0
    assert [name.endswith("test_plan.py") for name in done.run_json["plan_files_changed"]] == [True]
    plan.write_text(text)
    asked = {"bench": str(certified(tmp_path)), "serial": "REF-0001", "operator": "A. Person", "recorded": True}
    done = bench.carry_out(plan, **asked)
    assert done.code == done.run_json["exit"]["code"] == 3
    assert "test_plan.py changed while the run went on" in done.problem
    assert done.verdicts == {"one": "PASS"}


def test_a_recorded_run_on_a_calibrated_bench(tmp_path):
    bench = certified(tmp_path)
    done = rig_of_a_release(
        tmp_path, "--bench", str(bench), "--recorded", "--serial", "REF-0001", "--operator", "A. Person"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Development run" not in done.stdout
    run = read_run(tmp_path / "run").run
    assert (run["development"], run["development_reasons"], run["operator"]) == (False, [], "A. Person")
    assert (run["versions"]["commit"], run["versions"]["clean"]) == ("c" * 40, "yes")
    report = (tmp_path / "run" / "report.html").read_text()
    assert "A. Person" in report
    assert "Development run" not in report
    assert b"development" not in pq.read_schema(tmp_path / "run" / "measurements.parquet").metadata


def test_a_channel_without_results_is_found_when_the_instrument_has_answered_and_nothing_is_switched(tmp_path):
    bench = certified(tmp_path, daq=(10.0,))
    done = rig_of_a_release(
        tmp_path, "--bench", str(bench), "--recorded", "--serial", "REF-0001", "--operator", "A. Person"
    )
    assert done.returncode == 3, done.stdout + done.stderr
    record = read_run(tmp_path / "run")
    assert record.run["exit"]["reason"] == (
        "A recorded run needs valid certificates, and these do not do: "
        "recorder AIN1 at 1 V: certificate C-daq does not hold: it has no results for channel AIN1 at 1 V; "
        "recorder AIN2 at 1 V: certificate C-daq does not hold: it has no results for channel AIN2 at 1 V."
    )
    assert record.run["safe_state"] == "not reached"
    sent = [json.loads(line) for line in (tmp_path / "run" / "wire" / "supply.jsonl").read_text().splitlines()]
    assert not [one for one in sent if one["dir"] == ">" and "OUTP" in one.get("data", "")]


def git(folder, *arguments):
    subprocess.run(["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *arguments], check=True)


def test_a_source_tree_is_its_commit_and_clean_when_git_lists_nothing(tmp_path, monkeypatch):
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("1")
    git(tmp_path, "add", "a.py")
    git(tmp_path, "commit", "-q", "-m", "one")
    monkeypatch.setenv("GIT_DIR", "/nowhere")  # as in a hook of another repository
    found = build(tmp_path)
    assert (len(found.commit or ""), found.unclean) == (40, "")
    (tmp_path / "a.py").write_text("2")
    (tmp_path / "b.py").write_text("3")
    assert build(tmp_path).unclean == f"the rig in {tmp_path} has changes that are not committed: a.py, b.py"
    assert build(tmp_path).commit == found.commit


def test_a_source_tree_that_git_cannot_speak_of(tmp_path):
    (tmp_path / ".git").mkdir()
    assert "git cannot say" in build(tmp_path).unclean


@pytest.mark.parametrize(
    ("version", "origin", "commit", "unclean"),
    [
        ("0.1.0", None, None, ""),
        ("0.1.0", {"archive_info": {}, "url": "file:///x.whl"}, None, ""),
        ("0.1.0", {"vcs_info": {"commit_id": "abc"}}, "abc", ""),
        ("0.1.0", {"dir_info": {}}, None, "installed from a folder"),
        ("0.2.0.dev1", None, None, "0.2.0.dev1 is no release"),
        ("0.2.0+lab", None, None, "0.2.0+lab is no release"),
    ],
)
def test_an_installed_rig(version, origin, commit, unclean):
    found = _installed(version, None if origin is None else json.dumps(origin))
    assert found.commit == commit
    assert unclean in found.unclean
    assert bool(unclean) == bool(found.unclean)
