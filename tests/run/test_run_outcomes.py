"""What becomes of a plan's cases, body by body: verdicts, reasons, Allure's status, exit code, record."""

from __future__ import annotations

import signal

import pytest

from instruments.errors import LinkTimeout
from rig.bench.clock import ClockLost
from rig.record import Journal, MeasurementTable, RecordError
from rig.run.progress import Progress
from rig.run.stage import DeviceNotReady
from tests.run.stubs import UNSAFE, StubBench

TWO = """
@cases([SHORT])
def test_one(shot: Shot, judge: Judge) -> None:
    judge(shot.operate_time())

@cases([SHORT])
def test_two(shot: Shot, judge: Judge) -> None:
    judge(shot.operate_time())
"""


@pytest.fixture
def bench(monkeypatch, tmp_path):
    return StubBench(monkeypatch, tmp_path)


def test_every_kind_of_body(bench):
    done = bench.run("""
@cases([SHORT])
def test_passes(shot: Shot, judge: Judge) -> None:
    judge(shot.operate_time())

@cases([SHORT])
def test_violates(shot: Shot, judge: Judge) -> None:
    judge(shot.operate_time(900e-6))
    judge(shot.operate_time())

@cases([SHORT])
def test_hardly_passes(shot: Shot, judge: Judge) -> None:
    judge(shot.operate_time(499.9e-6))

@cases([SHORT])
def test_hardly_violates(shot: Shot, judge: Judge) -> None:
    judge(shot.operate_time(500.1e-6))

@cases([SHORT])
def test_cannot_tell(shot: Shot, judge: Judge) -> None:
    judge(shot.recovery_time(), clause="REC-01")

@cases([SHORT])
def test_cannot_tell_but_violates(shot: Shot, judge: Judge) -> None:
    judge(shot.recovery_time(), clause="REC-01")
    judge(shot.operate_time(900e-6))

@cases([SHORT])
def test_raises(shot: Shot, judge: Judge) -> None:
    judge(shot.operate_time())
    raise KeyError("x [red]")

@cases([SHORT])
def test_violates_and_raises(shot: Shot, judge: Judge) -> None:
    judge(shot.operate_time(900e-6))
    raise KeyError("y")

@cases([SHORT])
def test_judges_nothing(shot: Shot, judge: Judge) -> None:
    pass

@cases([SHORT])
def test_asks_for_no_judge(shot: Shot) -> None:
    pass

@cases([Case("SC-05", Short("10 mohm"))])
def test_has_no_limit(shot: Shot, judge: Judge) -> None:
    judge(shot.operate_time())

@pytest.mark.skip(reason="not today")
@cases([SHORT])
def test_is_skipped(shot: Shot, judge: Judge) -> None:
    pass
""")
    assert done.code == done.run_json["exit"]["code"] == 1
    assert done.problem == ""
    assert done.verdicts == {
        "passes": "PASS",
        "violates": "FAIL",
        "hardly passes": "CONDITIONAL_PASS",
        "hardly violates": "CONDITIONAL_FAIL",
        "cannot tell": "INCONCLUSIVE",
        "cannot tell but violates": "FAIL",
        "raises": "INCONCLUSIVE",
        "violates and raises": "FAIL",
        "judges nothing": "INCONCLUSIVE",
        "asks for no judge": "INCONCLUSIVE",
        "has no limit": "INCONCLUSIVE",
        "is skipped": "NOT_TESTED",
    }
    assert done.allure == {
        "test_passes": "passed",
        "test_violates": "failed",
        "test_hardly_passes": "passed",
        "test_hardly_violates": "failed",
        "test_cannot_tell": "broken",
        "test_cannot_tell_but_violates": "failed",
        "test_raises": "broken",
        "test_violates_and_raises": "broken",
        "test_judges_nothing": "broken",
        "test_asks_for_no_judge": "broken",
        "test_has_no_limit": "broken",
        "test_is_skipped": "skipped",
    }
    assert done.reasons["raises"] == "test_plan.py:37: KeyError: 'x [red]'"
    assert "calls judge(...) at least once" in done.reasons["judges nothing"]
    assert "no limit for SC-05 operate_time" in done.reasons["has no limit"]
    assert "not today" in done.reasons["is skipped"]
    assert "test_plan.py:37: KeyError: 'x [red]'" in done.said, "text of a plan is no markup"
    judged = [
        (entry["data"]["title"].partition(":")[0], entry["data"]["clause"])
        for entry in done.journal
        if entry["kind"] == "verdict"
    ]
    with_a_shot_and_a_judge = set(done.verdicts) - {"asks for no judge", "is skipped"}
    assert {title for title, clause in judged if clause == "SELV-01"} == with_a_shot_and_a_judge
    states = {e["data"]["title"].partition(":")[0]: e["data"]["state"] for e in done.journal if e["kind"] == "case"}
    assert states["violates"] == "finished"
    assert states["judges nothing"] == "broken"


def test_the_port_voltage_fails_a_case_whose_body_never_looked_at_it(bench):
    bench.volts = 61.0
    done = bench.run(TWO)
    assert done.code == 1
    assert set(done.verdicts.values()) == {"FAIL"}
    assert set(done.allure.values()) == {"failed"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("judge(shot.operate_time())", 0),
        ("judge(shot.operate_time(499.9e-6))", 4),
        ("judge(shot.recovery_time(), clause='REC-01')", 4),
        ("pass", 4),
        ("pytest.skip('why')", 4),
    ],
)
def test_the_exit_code_of_one_case(bench, body, code):
    done = bench.run(f"\n@case('SC-01', Short('10 mohm'))\ndef test_x(shot, judge):\n    {body}\n")
    assert done.code == done.run_json["exit"]["code"] == code
    assert done.run_json["event_log_sha256"] == "ab" * 32
    assert (done.run_json["deterministic"], done.run_json["not_deterministic"]) == (True, [])


def test_a_run_that_an_equal_one_may_not_repeat_says_so_and_why(bench):
    bench.clock.doubts = ("time is tied to the wall clock", "a client that no participant has claimed spoke to load")
    done = bench.run(TWO)
    assert done.code == 0
    assert done.run_json["event_log_sha256"] is None
    assert done.run_json["deterministic"] is False
    assert done.run_json["not_deterministic"] == list(bench.clock.doubts)
    line = f"Not deterministic, an equal run may differ: {'; '.join(bench.clock.doubts)}."
    assert done.said.splitlines().count(line) == 1


def test_what_fails_after_the_body_leaves_the_case_open(bench):
    done = bench.run("""
@pytest.fixture
def after():
    yield
    raise ValueError("in the plan's own teardown")

@cases([SHORT])
def test_one(after, shot: Shot, judge: Judge) -> None:
    judge(shot.operate_time())
""")
    assert done.code == done.run_json["exit"]["code"] == 4
    assert done.verdicts == {"one": "INCONCLUSIVE"}
    assert done.reasons == {"one": "test_plan.py:11: ValueError: in the plan's own teardown"}


def test_plain_tests_beside_the_cases_are_left_to_plain_pytest(bench):
    done = bench.run(TWO + "\ndef test_plain():\n    raise AssertionError\n")
    assert done.code == 0
    assert set(done.allure) == {"test_one", "test_two"}


def test_a_device_that_is_not_ready_leaves_its_case_open_and_the_plan_goes_on(bench):
    troubles = [DeviceNotReady("The port stood at 3.00 V."), None]

    def perform(case):
        trouble = troubles.pop(0)
        if trouble:
            raise trouble

    bench.perform = perform
    done = bench.run(TWO)
    assert done.code == 4
    assert done.verdicts == {"one": "NOT_TESTED", "two": "PASS"}
    assert done.reasons["one"] == "The port stood at 3.00 V."
    assert done.allure == {"test_one": "broken", "test_two": "passed"}


def raising(error):
    def perform(_case):
        raise error

    return perform


def test_a_fault_of_the_bench_ends_the_plan_and_is_the_reason(bench):
    bench.perform = raising(LinkTimeout("scope", ":WAV:DATA?", "no reply", "look at it"))
    done = bench.run(TWO)
    assert done.code == done.run_json["exit"]["code"] == 3
    assert done.problem == done.run_json["exit"]["reason"] == "scope: no reply (on ':WAV:DATA?'); look at it"
    assert done.reasons == {"one": done.problem, "two": "bench fault"}
    assert done.run_json["safe_state"] == "verified"
    assert [entry["kind"] for entry in done.journal if entry["kind"] in {"intent", "end"}] == ["intent", "end"]
    assert done.run_json["event_log_sha256"] is None, "what a broken bench did is not repeatable"
    assert done.run_json["deterministic"] is None


def test_a_bench_that_could_not_be_left_safe_is_said_beside_the_first_fault(bench):
    bench.perform = raising(LinkTimeout("supply", "OUTP OFF", "no reply", "look at it"))
    bench.at_the_end = lambda: UNSAFE
    done = bench.run(TWO)
    assert done.code == 3
    assert done.problem == (
        "supply: no reply (on 'OUTP OFF'); look at it. "
        "ABORTED_UNSAFE: the bench is not proved safe; run `rig safe` before anything else."
    )
    assert done.run_json["safe_state"] == "ABORTED_UNSAFE"


def test_a_bench_that_was_left_unproved_after_a_plan_that_passed_is_a_fault(bench):
    bench.at_the_end = lambda: UNSAFE
    done = bench.run(TWO)
    assert set(done.verdicts.values()) == {"PASS"}
    assert done.code == done.run_json["exit"]["code"] == 3
    assert "ABORTED_UNSAFE" in done.problem


def test_a_bench_that_cannot_be_opened_leaves_a_record(bench):
    bench.at_opening = lambda: raising(LinkTimeout("load", "*IDN?", "no reply", "look at it"))(None)
    done = bench.run(TWO)
    assert done.code == done.run_json["exit"]["code"] == 3
    assert done.problem == "load: no reply (on '*IDN?'); look at it"
    assert set(done.reasons.values()) == {"bench fault"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_a_case_ends_the_run_with_everything_written(bench, number):
    bench.perform = lambda case: signal.raise_signal(number)
    done = bench.run(TWO)
    assert done.code == done.run_json["exit"]["code"] == 3
    assert done.problem == "aborted by the operator"
    assert set(done.reasons.values()) == {"aborted by the operator"}
    assert done.run_json["safe_state"] == "verified"
    assert done.journal[-1]["kind"] == "end"


def test_an_interrupt_that_somebody_swallowed_ends_the_run_after_its_case(bench):
    def perform(_case):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            return

    bench.perform = perform
    done = bench.run(TWO)
    assert done.code == 3
    assert done.verdicts == {"one": "PASS", "two": "NOT_TESTED"}
    assert done.problem == "aborted by the operator"


def test_an_interrupt_while_the_bench_is_made_safe_cuts_nothing(bench):
    def at_the_end():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        return UNSAFE

    bench.at_the_end = at_the_end
    done = bench.run(TWO)
    assert done.code == done.run_json["exit"]["code"] == 3
    assert set(done.verdicts.values()) == {"PASS"}
    assert done.run_json["safe_state"] == "ABORTED_UNSAFE"
    assert done.journal[-1]["kind"] == "end"


def test_an_interrupt_while_the_bench_is_being_opened(bench):
    bench.at_opening = lambda: signal.raise_signal(signal.SIGINT)
    done = bench.run(TWO)
    assert done.code == done.run_json["exit"]["code"] == 3
    assert done.journal[-1]["kind"] == "end"


def test_a_twin_that_is_gone_when_all_is_done_is_a_fault_and_the_record_is_whole(bench):
    bench.clock.trouble = ClockLost("The twin has gone away.")
    done = bench.run(TWO)
    assert set(done.verdicts.values()) == {"PASS"}
    assert done.code == done.run_json["exit"]["code"] == 3
    assert done.run_json["exit"]["reason"] == "The twin has gone away."
    assert done.journal[-1]["kind"] == "end"


@pytest.mark.parametrize("kind", ["intent", "verdict", "case", "safe state", "session"])
def test_a_journal_that_refuses_ends_the_run(bench, monkeypatch, capfd, kind):
    write = Journal.write

    def refusing(self, what, data, durable=False):
        if what == kind:
            raise RecordError("journal.jsonl: the journal cannot be written (No space left on device).")
        return write(self, what, data, durable=durable)

    monkeypatch.setattr(Journal, "write", refusing)
    done = bench.run(TWO)
    assert done.code == 3
    assert "No space left on device" in done.problem
    assert "Traceback" not in done.said + "".join(capfd.readouterr())
    assert done.run.planned
    assert done.verdicts["two"] == ("PASS" if kind == "safe state" else "NOT_TESTED")


def test_a_table_that_cannot_be_written_at_the_end_is_a_fault_and_the_journal_has_its_end(bench, monkeypatch, tmp_path):
    flush, left = MeasurementTable.flush, [2]  # once a case

    def refusing(self):
        left[0] -= 1
        if left[0] < 0:
            raise RecordError("measurements.parquet: cannot be written (No space left on device).")
        flush(self)

    monkeypatch.setattr(MeasurementTable, "flush", refusing)
    done = bench.run(TWO)
    assert set(done.verdicts.values()) == {"PASS"}
    assert done.code == done.run_json["exit"]["code"] == 3
    assert done.problem == done.run_json["exit"]["reason"] == done.journal[-1]["data"]["problem"]
    assert (done.journal[-1]["kind"], done.journal[-1]["data"]["exit"]) == ("end", 3)


def test_a_mistake_of_our_own_is_one_sentence_and_the_traceback_is_in_the_log(bench, monkeypatch, capfd):
    def broken(self, title, verdict):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(Progress, "case_ended", broken)
    done = bench.run(TWO)
    assert done.code == done.run_json["exit"]["code"] == 3
    assert (
        done.problem
        == "An error inside the rig ended the run, see log.txt: test_run_outcomes.py:347: ZeroDivisionError: ours"
    )
    assert "Traceback" not in "".join(capfd.readouterr())
    assert "Traceback" in (done.out / "log.txt").read_text()
    assert done.run_json["safe_state"] == "verified"


def test_pytest_arguments_are_passed_on(bench, capfd):
    done = bench.run(TWO.replace("operate_time()", "operate_time(1e-3)", 1), "-x", "-v")
    assert done.code == 1
    assert done.problem == ""
    assert done.verdicts == {"one": "FAIL", "two": "NOT_TESTED"}
    assert done.reasons["two"] == "the run ended before it"
    assert "test_one[short 10 mohm] " in capfd.readouterr().out


def test_only_collecting_opens_no_instrument(bench):
    assert bench.run(TWO, "--collect-only", "-q").code == 4
    assert bench.opened == 0


def test_what_takes_consent_runs_last_and_not_without_it(bench):
    done = bench.run("""
@case("SC-01", Short("10 mohm"), consent="it may burn")
def test_burns(shot, judge):
    judge(shot.operate_time())


@case("SC-01", Short("10 mohm"))
def test_is_kind(shot, judge):
    judge(shot.operate_time())
""")
    assert list(done.verdicts) == ["is kind", "burns"]
    assert done.verdicts["burns"] == "NOT_TESTED"
    assert done.reasons["burns"].startswith("It may burn: this takes consent for a serial number, and none is given")
    assert done.code == 4
