"""One run: the bench opened for a plan, its cases carried out, what became of each, and the end whatever happens."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from rig.bench.clock import TwinClock
from rig.bench.proof import AFTER, BEFORE, ProofFault, drifted
from rig.faults import feed
from rig.files.document import BadFile, Mistake
from rig.record import RecordError, save_record
from rig.run.checks import FAILED, checks
from rig.run.duty import injector_at_fault, injector_overload, rig_overvoltage, supply_gap
from rig.run.exit_code import BAD_INPUT, exit_code
from rig.run.kept import captured, kept
from rig.run.logbook import Logbook
from rig.run.needs import fitted, impossible
from rig.run.opening import BENCH_FAULTS, running_bench, staged
from rig.run.perform import Taken, perform, prepare, trigger_level
from rig.run.plan_facts import changed_files
from rig.run.planned import sentence
from rig.run.progress import Progress
from rig.run.provenance import identity
from rig.run.proving import prove
from rig.run.shot import Shot
from rig.run.stage import DeviceNotReady, UnsafeBench
from rig.safety.interrupts import Interrupts
from rig.twin.launch import TwinFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rig.bench.clock import EventLog
    from rig.bench.proof import Proof
    from rig.record import RunFolder
    from rig.run.case import Case
    from rig.run.judge import Judge, Judged
    from rig.run.opening import Reach, Running
    from rig.run.planned import Planned
    from rig.run.resume import Earlier
    from rig.run.setup import Setup
    from rig.run.stage import Stage
    from rig.safety.safe_state import SafeState

__all__ = ["BenchFault", "NotTested", "Run"]

log = logging.getLogger("rig.run")

ABORTED = "aborted by the operator"
UNPROVED = "ABORTED_UNSAFE: the bench is not proved safe; run `rig safe` before anything else."


class BenchFault(Exception):
    """The bench failed, or was refused; says nothing about the device."""


class PlanChanged(Exception):
    """A file of the plan is not what it was when the run began."""


class NotTested(Exception):
    """The case could not be carried out; the sentence says why."""


class Run:
    """Opens the bench for a plan, carries out its cases, keeps the record, and closes whatever happens."""

    def __init__(
        self, setup: Setup, progress: Progress | None = None, interrupts: Interrupts | None = None,
        earlier: Earlier | None = None, reach: Reach | None = None,
    ) -> None:  # fmt: skip
        """`earlier` is the run that this one goes on with; `reach`, how a bench is reached that is not the set-up's."""
        self.setup, self._reach = setup, reach
        self.progress = progress or Progress()
        self.planned: dict[str, Planned] = {}
        self.plan_files: Mapping[str, str] = {}
        self.selection: Mapping[str, object] | None = None
        self.problem = ""
        self.interrupts = interrupts or Interrupts()
        self._earlier = earlier
        self._running: Running | None = None
        self._logbook: Logbook | None = None
        self._stage: Stage | None = None
        self._stack = ExitStack()
        self._event_log: EventLog | None = None
        self._closed = False

    # -- the plan

    def plan(self, cases: list[Planned], files: Mapping[str, str], selection: Mapping[str, object] | None) -> None:
        """What this run is going to do: cases, digests of the plan's files, how a part of it was selected."""
        self.planned = {planned.nodeid: planned for planned in cases}
        if self._earlier is not None:
            for planned in cases:
                self._earlier.apply(planned, again=self.setup.options.again)
        self.plan_files = self.plan_files or files  # those read before the plan was first imported count
        self.selection = selection

    @property
    def exit_code(self) -> int:
        """Exit code of the run as it stands."""
        return exit_code((planned.verdict for planned in self.planned.values()), bench_fault=bool(self.problem))

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why an equal run on the twin might differ; empty when it would not, or nobody knows."""
        return self._event_log.reasons if self._event_log is not None else ()

    @property
    def folder(self) -> RunFolder | None:
        """Where the record is, once there is one."""
        return self._logbook.folder if self._logbook is not None else None

    # -- the bench

    def reach_bench(self) -> None:
        """Know the bench's addresses; starts a twin when the bench file asks for one. Opens no instrument; once.

        Raises:
            BadFile: the scene is wrong; the twin's own sentences.
            Refused, TwinFailed: the bench's fault.
        """
        if self._running is not None:
            return
        try:
            self._running = self._stack.enter_context((self._reach or running_bench)(self.setup))
        except TwinFailed as failed:
            lines = str(failed).splitlines() or ["it said nothing"]
            if failed.exit_code != BAD_INPUT:
                raise TwinFailed(f"The twin could not be started: {lines[-1]}", failed.exit_code) from None
            raise BadFile([Mistake("twin", 0, 0, "", line) for line in lines]) from None

    def create_record(self) -> RunFolder:
        """The run folder, empty but for its beginning; once.

        Raises:
            RecordError: the folder cannot be made, or holds something already.
        """
        if self._logbook is None:
            self._logbook = Logbook(self.setup, identity(self.setup))
        return self._logbook.folder

    def open(self) -> None:
        """Start or reach the bench, prove it safe, calibrate.

        Raises:
            BadFile: the scene is wrong.
            BenchFault: anything of the bench; one sentence.
        """
        try:
            self.reach_bench()
            folder = self.create_record()
            self._book.plan(self.planned.values(), self.plan_files, self.selection, self._earlier)
            self.progress.doing(f"opening bench {self.setup.bench.name}")
            assert self._running is not None
            self._stage = self._stack.enter_context(
                staged(self.setup, self._running, folder, self.interrupts, self._on_safe, partial(self._proved, BEFORE))
            )
            self._stage.climate.say = self.progress.doing
            self._book.session(self._stage)
        except BENCH_FAULTS as fault:
            raise BenchFault(str(fault)) from fault
        if self._stage.uncalibrated:
            self.progress.say(f"No transfer calibration: {self._stage.uncalibrated}")
        self.progress.quiet()

    def execute(self, nodeid: str, case: Case) -> Shot:
        """Carry out one case.

        Raises:
            NotTested: the bench lacks a part, or the device was not ready.
            BenchFault: the bench failed.
        """
        planned, stage, book = self.planned[nodeid], self._stage, self._book
        assert stage is not None, "the bench is open while cases run"
        planned.case = case = fitted(case, stage.bench, stage.port)
        self.progress.doing(f"{planned.title} ...")
        if planned.state != "not run" and self.setup.options.recorded:
            raise NotTested("A recorded run carries out each case once, and something wanted this one again.")
        if why := impossible(case, stage.bench, stage.device, self.setup.options.serial):
            raise NotTested(f"{why[0].upper()}{why[1:]}.")
        files: dict[str, str] = {}
        planned.attempt += 1
        try:
            taken = prepare(case, stage)
            stimulus = {
                "label": case.label, "base": case.base.label, "hold_s": case.hold_s, **asdict(taken.prospective),
            }  # fmt: skip
            book.case_started(planned, stimulus)
            try:
                with stage.climate.of(case.degc) as taken.air:
                    perform(case, stage, taken, lambda: book.intent(planned, stimulus))
            finally:
                with self.interrupts.deferred():
                    for name, record in taken.records.items():
                        files[name] = save_record(book.folder, planned.key, record)
        except DeviceNotReady as unready:
            raise NotTested(str(unready)) from unready
        except BENCH_FAULTS as fault:
            raise BenchFault(str(fault)) from fault
        shot = self._shot(case, planned, stage, taken, files)
        gap = supply_gap(shot)
        if gap is not None:
            raise NotTested(f"The bench did not hold its end: {gap}.")
        overvoltage = rig_overvoltage(shot)
        if overvoltage is not None:
            raise BenchFault(f"The bench: {overvoltage}.")
        stress = injector_overload(shot, stage.bench.injector)
        if stress is not None:
            raise BenchFault(f"The bench: {stress}; look at its transistors and its taps before anything else.")
        misdeed = injector_at_fault(shot)
        if misdeed is not None:
            raise BenchFault(f"{misdeed[0].upper()}{misdeed[1:]}.")
        found = checks(shot, stage)
        book.checks(planned, found)
        alarms = [one for one in found if one.alarm]
        if alarms:
            shot.doubts = (FAILED,)
            for one in alarms:
                text = f"{one.what}: {one.found:.5g} {one.unit} against {one.reference:.5g}, E_n {one.normalised:.1f}"
                self.progress.say(f"                 Check standard: {text}")
        book.shot(planned, kept(shot))
        return shot

    def close(self) -> None:
        """Bench proved again, safe state, connections closed, run.json and the table written; harmless to repeat.

        Only the proof can be interrupted, for it energises the bench.
        """
        try:
            self._prove_again()
        except KeyboardInterrupt:
            self.abort()
        except Exception as error:
            self.fault(error)
        with self.interrupts.deferred():
            if not self._closed:
                self._closed = True
                self._close()

    def _close(self) -> None:
        for step in (self._read_event_log, self._stack.close):
            try:
                step()
            except Exception as error:
                self.fault(error)
        self._stage = None
        self.progress.quiet()
        if self.interrupts.count:
            self.abort()
        if self._logbook is None:
            return
        reason = "the run ended before it"
        if self.problem:
            reason = ABORTED if self.problem == ABORTED else "bench fault"
        for planned in self.planned.values():
            if planned.state == "not run":
                planned.reason = planned.reason or reason
        changed = changed_files(self.plan_files)
        if changed and self.setup.options.recorded:
            self.fault(PlanChanged(f"{', '.join(changed)} changed while the run went on: nobody can say what was run."))
        try:
            self._logbook.end(list(self.planned.values()), self.exit_code, self.problem, self._event_log, changed)
        except (RecordError, OSError) as error:
            self.fault(error)

    # -- what becomes of cases

    def record_verdict(self, nodeid: str, shot: Shot, judged: Judged) -> None:
        """A verdict is on the disk before anyone sees it."""
        planned = self.planned[nodeid]
        with self.interrupts.deferred():
            planned.judged.append(judged)
            self._book.verdict(planned, judged, shot.files)

    def judge_always(self, judge: Judge) -> None:
        """What is judged in every case, asked for or not."""
        judge.always()

    def finished(self, nodeid: str, judge: Judge | None, error: BaseException | None) -> None:
        """The body has ended: with verdicts, or broken by something that is no verdict."""
        planned = self.planned[nodeid]
        planned.finish(error, complete=judge is not None and judge.complete)
        self._case_ended(planned, error)

    def broken(self, nodeid: str, error: BaseException) -> None:
        """The case was not carried out."""
        planned = self.planned[nodeid]
        planned.fail(error)
        self._case_ended(planned, error)

    def spoiled(self, nodeid: str, error: BaseException) -> None:
        """What a plan does after a case failed: verdicts stay, but the case has no clean end."""
        planned = self.planned[nodeid]
        if planned.state == "finished":
            planned.spoil(error)
            self._case_ended(planned, error)

    def abort(self) -> None:
        """The operator ended the run."""
        self.problem = self.problem or ABORTED

    def fault(self, error: BaseException) -> None:
        """The bench's fault, or our own: the first one counts, an unproved bench is added, all are logged."""
        known = isinstance(error, (BenchFault, PlanChanged, *BENCH_FAULTS))
        log.error("%s", error, exc_info=None if known else error)
        if not self.problem:
            self.problem = (
                str(error) if known else f"An error inside the rig ended the run, see log.txt: {sentence(error)}"
            )
        elif isinstance(error, UnsafeBench):
            self.problem = f"{self.problem.rstrip('.')}. {UNPROVED}"

    # -- inside

    @property
    def _book(self) -> Logbook:
        assert self._logbook is not None, "the record has been created before"
        return self._logbook

    def _shot(self, case: Case, planned: Planned, stage: Stage, taken: Taken, files: dict[str, str]) -> Shot:
        own = feed(self.setup.device)
        capture = captured(taken, planned.key)
        level = trigger_level(case, stage, taken.prospective)
        fed = own.minimum if own is not None else None
        return Shot(case, self.setup.device.port, self.setup.limits, capture, taken, level, fed, files)

    def _case_ended(self, planned: Planned, error: BaseException | None) -> None:
        if isinstance(error, (BenchFault, *BENCH_FAULTS)):
            self.fault(error)
        self._book.case_ended(planned)
        self.progress.quiet()
        self.progress.case_ended(planned.title, planned.verdict)
        if planned.reason:
            self.progress.say(f"                 {planned.reason}")

    def _prove_again(self) -> None:
        """What went wrong with the bench in the run was there for its verdicts: they do not stand.

        Raises:
            ProofFault: a part is not as it was, or not as the bench file says.
        """
        stage = self._stage
        if stage is None or stage.proof is None or self.problem or self.interrupts.count:
            return
        after = prove(stage, partial(self._proved, AFTER))
        assert after is not None, "the bench declares a proof"
        moved = drifted(stage.proof, after)
        if moved:
            raise ProofFault(f"The bench has changed since the run began: {moved[0]}; its verdicts do not stand.")

    def _proved(self, name: str, proof: Proof) -> None:
        """A disk that refuses must not hide what was found."""
        try:
            self._book.proved(proof, name)
        except RecordError as error:
            self.fault(error)

    def _on_safe(self, state: SafeState) -> None:
        """A disk that refuses must not hide that the bench is, or is not, safe."""
        try:
            self._book.made_safe(state)
        except RecordError as error:
            self.fault(error)

    def _read_event_log(self) -> None:
        """The twin's own word on what happened, and whether an equal run would repeat it."""
        if self._stage is not None and isinstance(self._stage.clock, TwinClock) and not self.problem:
            self._event_log = self._stage.clock.event_log()
