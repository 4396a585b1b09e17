"""A finished run judged again from its folder: the plan's bodies measure its captures, under other limits or the same.

Nothing is opened and the old folder is only read. What comes of it is a record of its own, with copies of the captures,
that says in its first line whose they are.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rig.files.document import BadFile, Mistake
from rig.record import BrokenRun, RecordError, RunFolder, read_run
from rig.run.compare import Compared, compared
from rig.run.exit_code import BENCH_FAULT, exit_code
from rig.run.hooks import Hooks
from rig.run.inputs import digest
from rig.run.kept import declaration, declared, kept, rebuilt
from rig.run.logbook import Logbook
from rig.run.needs import fitted
from rig.run.old_run import OWN, OldRun, read_old
from rig.run.planned import Planned
from rig.run.provenance import identity
from rig.run.run import NotTested
from rig.run.runner import Listener, arguments, collect
from rig.safety.interrupts import Interrupts

if TYPE_CHECKING:
    from rig.run.case import Case
    from rig.run.judge import Judge, Judged
    from rig.run.progress import Progress
    from rig.run.setup import Setup
    from rig.run.shot import Shot

__all__ = ["Rejudging", "rejudge"]

NO_BENCH = "no bench: judged again from captures"
GONE = "the plan does not have this case any more"


class Rejudging:
    """Stands where a run stands while its plan's bodies measure and judge: the shots come out of a folder."""

    def __init__(self, old: OldRun, setup: Setup, cases: list[Planned], progress: Progress) -> None:
        """`cases`: every case of the old run; those that the plan has no more are NOT_TESTED already.

        Raises:
            RecordError: the new folder cannot be made, or holds something already.
        """
        self.setup, self.interrupts, self.problem = setup, Interrupts(), ""
        self.cases = cases
        self.planned: dict[str, Planned] = {}
        """Those that pytest carries out, by its own name of them."""
        self._old, self._progress = old, progress
        self._logbook = Logbook(setup, {**identity(setup), **_beside(old)})
        self._logbook.safe_state = NO_BENCH
        self._closed = False

    @property
    def folder(self) -> RunFolder:
        """Where the new record is."""
        return self._logbook.folder

    @property
    def exit_code(self) -> int:
        """Of the contract, as for a run."""
        return exit_code((one.verdict for one in self.cases), bench_fault=bool(self.problem))

    def plan(self, cases: list[Planned], _files: object, _selection: object) -> None:
        """Which of them pytest is about to carry out; they were found before."""
        by_test = {(one.file, one.test): one for one in self.cases}
        self.planned = {one.nodeid: by_test[one.file, one.test] for one in cases}

    def open(self) -> None:
        """The beginning of the record: the plan, and what the old session found on its bench."""
        files = [name for name in self._old.run.run["inputs"] if name not in OWN]
        now = {name: digest(Path(name)) or "cannot be read" for name in files}
        self._logbook.plan(self.cases, now, self._old.run.run.get("selection"))
        for data in self._old.run.entries("session"):
            self._logbook.note("session", data)
        for one in self.cases:
            if one.state == "broken":
                self._logbook.case_ended(one)

    def execute(self, nodeid: str, case: Case) -> Shot:
        """The shot as it was.

        Raises:
            NotTested: there is none; the sentence says why.
        """
        planned = self.planned[nodeid]
        planned.case = case = fitted(case, self.setup.bench, self.setup.device.port)
        self._progress.doing(f"{planned.title} ...")
        told = self._old.shots.get(planned.key)
        if told is None:
            raise NotTested(self._old.ended.get(planned.key, {}).get("reason") or "the run ended before it")
        try:
            shot = rebuilt(told, case, self.setup.device.port, self.setup.limits, self._old.run.capture)
        except (KeyError, TypeError, ValueError) as error:
            raise BrokenRun(f"The journal's entry of {planned.key} is no shot ({type(error).__name__}).") from error
        for path in shot.files.values():
            shutil.copyfile(self._old.run.folder.path / path, self.folder.path / path)
        planned.attempt = told["attempt"]
        base = {"label": case.label, "base": case.base.label, "hold_s": case.hold_s}
        self._logbook.case_started(planned, {**base, **told["prospective"]})
        self._logbook.shot(planned, kept(shot))
        return shot

    def record_verdict(self, nodeid: str, shot: Shot, judged: Judged) -> None:
        """Into the new journal and table."""
        planned = self.planned[nodeid]
        planned.judged.append(judged)
        self._logbook.verdict(planned, judged, shot.files)

    def judge_always(self, judge: Judge) -> None:
        """As in a run."""
        judge.always()

    def finished(self, nodeid: str, judge: Judge | None, error: BaseException | None) -> None:
        """The body has ended."""
        self.planned[nodeid].finish(error, complete=judge is not None and judge.complete)
        self._case_ended(self.planned[nodeid], error)

    def broken(self, nodeid: str, error: BaseException) -> None:
        """There was no shot."""
        self.planned[nodeid].fail(error)
        self._case_ended(self.planned[nodeid], error)

    def spoiled(self, nodeid: str, error: BaseException) -> None:
        """What a plan does after a case failed."""
        planned = self.planned[nodeid]
        if planned.state == "finished":
            planned.spoil(error)
            self._case_ended(planned, error)

    def abort(self) -> None:
        """The operator ended it."""
        self.problem = self.problem or "aborted by the operator"

    def fault(self, error: BaseException) -> None:
        """The disk, a capture, or an error of our own."""
        self.problem = self.problem or (str(error) or type(error).__name__)

    def close(self) -> None:
        """The end of the record; harmless to repeat."""
        if self._closed:
            return
        self._closed = True
        self._progress.quiet()
        for one in self.cases:
            if one.state == "not run":
                one.reason = one.reason or "judging again ended before it"
        try:
            self._logbook.end(self.cases, self.exit_code, self.problem, None)
        except (RecordError, OSError) as error:
            self.fault(error)

    def _case_ended(self, planned: Planned, error: BaseException | None) -> None:
        if isinstance(error, RecordError | BrokenRun):
            self.fault(error)
        self._logbook.case_ended(planned)


def rejudge(
    path: Path, limits: str | None, out: str | None, progress: Progress
) -> tuple[int, Rejudging, list[Compared], list[str]]:
    """Judge a run again: exit code of the contract, the new record, old and new of every verdict, remarks.

    Raises:
        BrokenRun: the old run is not what was written, or does not say enough.
        BadFile: limits, plan or folder that cannot be used.
    """
    old = read_old(path)
    setup, cases = old.setup(limits, out), _cases(old)
    try:
        judging = Rejudging(old, setup, cases, progress)
    except RecordError as error:
        raise BadFile([Mistake("command line", 0, 0, "--out", str(error))]) from None
    asked = [f"{one.file}::{one.test}" for one in cases if one.state == "not run"]
    try:
        if asked:
            _through_pytest(judging, asked)
        else:
            judging.open()
    finally:
        judging.close()
    code = BENCH_FAULT if judging.problem else judging.exit_code
    return code, judging, compared(old.run, read_run(judging.folder.path)), old.remarks()


def _through_pytest(judging: Rejudging, asked: list[str]) -> None:
    """The bodies, as in a run."""
    code = pytest.main([*arguments(None, ()), *asked], plugins=[Listener(Hooks(judging))])
    if code == pytest.ExitCode.INTERRUPTED and judging.interrupts.count:
        judging.abort()
    elif code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        judging.fault(BrokenRun("pytest did not come to the end of the plan"))


def _beside(old: OldRun) -> dict[str, object]:
    """What the new record says of the old run, and takes over from it."""
    told = old.run.run
    of = {name: told.get(name) for name in ("started_utc", "ended_utc", "journal", "limits", "versions", "safe_state")}
    whose = {"run": told["id"], "folder": str(old.run.folder.path), **of, "remarks": old.remarks()}
    reasons = old.development_reasons()
    return {
        "title": f"{told['title']}, judged again", "calibration": told["calibration"], "rejudged": whose,
        "development": bool(reasons), "development_reasons": reasons,
    }  # fmt: skip


def _cases(old: OldRun) -> list[Planned]:
    """The cases of the old run in order, as its plan declares them now; what it declares otherwise is NOT_TESTED.

    Raises:
        BadFile: a plan's file is gone or cannot be read.
    """
    gone = [name for name in old.plan_files if not Path(name).is_file()]
    if gone:
        text = "is not there any more, and its bodies are what measures: put it back (the run folder has a copy)"
        raise BadFile([Mistake(name, 0, 0, "", text) for name in gone])
    now = {(one.file, one.test): one for one in (collect(old.plan_files, None) if old.plan_files else [])}
    return [_case(told, now.get((told["file"], told["test"]))) for told in old.plan]


def _case(told: dict[str, Any], now: Planned | None) -> Planned:
    as_run = declared(told["declared"])
    if now is not None and declaration(now.case) == told["declared"]:
        now.key = told["case"]
        return now
    planned = Planned("", told["case"], as_run, told["title"], told["why"], told["file"])
    planned.fail(NotTested("the plan declares it otherwise now" if now is not None else GONE))
    return planned
