"""One run: the plan, what became of each case, and the record of it all."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING

from rig.bench.clock import TwinClock, utc_stamp
from rig.files.document import BadFile, Mistake
from rig.measure import Capture, Facts, worst
from rig.record import Journal, MeasurementTable, RecordError, RunFolder, row, save_record, verdict_entry
from rig.run.exit_code import BAD_INPUT, exit_code
from rig.run.needs import missing
from rig.run.opening import BENCH_FAULTS, running_bench, staged
from rig.run.perform import Taken, perform, prepare, trigger_level
from rig.run.planned import Planned
from rig.run.progress import Progress
from rig.run.provenance import default_folder, identity, log_to
from rig.run.shot import Shot
from rig.run.stage import DeviceNotReady
from rig.safety.interrupts import Interrupts
from rig.twin.launch import TwinFailed

if TYPE_CHECKING:
    from rig.files.bench import Bench
    from rig.run.case import Case
    from rig.run.judge import Judge, Judged
    from rig.run.setup import Setup
    from rig.run.stage import Stage
    from rig.safety.safe_state import SafeState

__all__ = ["BenchFault", "NotTested", "Run"]

log = logging.getLogger("rig.run")


class BenchFault(Exception):
    """The bench failed, or was refused; says nothing about the device."""


class NotTested(Exception):
    """The case could not be carried out; the sentence says why."""


class Run:
    """Opens the bench for a plan, carries out its cases, keeps the record, and closes whatever happens."""

    def __init__(self, setup: Setup, progress: Progress | None = None, interrupts: Interrupts | None = None) -> None:
        self.setup = setup
        self.progress = progress or Progress()
        self.planned: dict[str, Planned] = {}
        self.problem = ""
        self.interrupts = interrupts or Interrupts()
        self.folder: RunFolder | None = None
        self._bench: Bench | None = None
        self._stage: Stage | None = None
        self._stack = ExitStack()
        self._started = ""
        self._safe_state = "not reached"
        self._event_log = ""
        self._closed = False

    # -- the plan

    def plan(self, cases: list[Planned]) -> None:
        """What this run is going to do."""
        self.planned = {planned.nodeid: planned for planned in cases}

    @property
    def exit_code(self) -> int:
        """Exit code of the run as it stands."""
        return exit_code((planned.verdict for planned in self.planned.values()), bench_fault=bool(self.problem))

    # -- the bench

    def reach_bench(self) -> None:
        """Know the bench's addresses; starts a twin when the bench file asks for one. Opens no instrument; once.

        Raises:
            BadFile: the scene is wrong; the twin's own sentences.
            Refused, TwinFailed: the bench's fault.
        """
        if self._bench is not None:
            return
        try:
            self._bench = self._stack.enter_context(running_bench(self.setup))
        except TwinFailed as failed:
            if failed.exit_code != BAD_INPUT:
                raise
            lines = str(failed).splitlines()
            raise BadFile([Mistake("twin", 0, 0, "", line) for line in lines]) from None

    def create_record(self) -> RunFolder:
        """The run folder, empty but for its beginning; once.

        Raises:
            RecordError: the folder cannot be made, or holds something already.
        """
        if self.folder is None:
            self._started = utc_stamp()
            self.folder = RunFolder.create(default_folder(self.setup.options.out, self._started, self.setup))
            self._stack.enter_context(log_to(self.folder.log))
            self._journal = Journal(self.folder.journal, utc_stamp)
            self._table = MeasurementTable(self.folder.measurements)
            self._write_run()
        return self.folder

    def open(self) -> None:
        """Start or reach the bench, prove it safe, calibrate.

        Raises:
            BenchFault: anything of the bench; one sentence.
        """
        try:
            self.reach_bench()
            assert self._bench is not None
            folder = self.create_record()
            self._journal.write("run", {"plan": [self._about(p) for p in self.planned.values()]}, durable=True)
            self.progress.doing(f"opening bench {self.setup.bench.name}")
            self._stage = self._stack.enter_context(
                staged(self.setup, self._bench, folder, self.interrupts, self._on_safe)
            )
        except BENCH_FAULTS as fault:
            raise BenchFault(str(fault)) from fault
        self._journal.write("session", {"identities": self._identities(), "transfer": self._transfers()}, durable=True)
        self.progress.quiet()

    def execute(self, nodeid: str, case: Case) -> Shot:
        """Carry out one case.

        Raises:
            NotTested: the bench lacks a part, or the device was not ready.
            BenchFault: the bench failed.
        """
        planned, stage = self.planned[nodeid], self._stage
        assert stage is not None, "the bench is open while cases run"
        assert self.folder is not None
        self.progress.doing(f"{planned.title} ...")
        lacking = missing(case, stage.bench)
        if lacking:
            raise NotTested(f"The bench lacks {', '.join(lacking)}.")
        try:
            taken = prepare(case, stage)
            stimulus = {
                "label": case.label,
                "base": case.base.label,
                "hold_s": case.hold_s,
                **asdict(taken.prospective),
            }
            self._journal.write(
                "case", {**self._about(planned), "stimulus": stimulus, "state": "started"}, durable=True
            )
            files: dict[str, str] = {}
            try:
                perform(case, stage, taken, lambda: self._intent(planned, stimulus))
            finally:
                files.update(
                    {name: save_record(self.folder, planned.key, record) for name, record in taken.records.items()}
                )
        except DeviceNotReady as unready:
            raise NotTested(str(unready)) from unready
        except BENCH_FAULTS as fault:
            raise BenchFault(str(fault)) from fault
        shot = self._shot(case, planned, stage, taken, files)
        gap = shot.supply_gap()
        if gap is not None:
            raise NotTested(f"The bench did not hold its end: {gap}.")
        overvoltage = shot.rig_overvoltage()
        if overvoltage is not None:
            raise BenchFault(f"The bench: {overvoltage}.")
        return shot

    def close(self) -> None:
        """Safe state, connections closed, run.json and the table written; harmless to repeat."""
        if self._closed:
            return
        self._closed = True
        self._read_event_log()
        try:
            self._stack.close()
        except BENCH_FAULTS as fault:
            self.fault(fault)
        finally:
            self._stage = None
            self.progress.quiet()
        if self.folder is not None and self.folder.journal.exists():
            try:
                self._finish_record()
            except RecordError as error:
                self.fault(error)

    # -- what becomes of cases

    def record_verdict(self, nodeid: str, shot: Shot, judged: Judged) -> None:
        """A verdict is on the disk before anyone sees it."""
        planned = self.planned[nodeid]
        planned.judged.append(judged)
        data = verdict_entry(
            case=planned.key, title=planned.title, why=planned.why, clause=judged.clause, port=self._port, attempt=1,
            measurement=judged.measurement, limit=judged.limit_record(), decision=judged.decision, captures=shot.files,
        )  # fmt: skip
        self._journal.write("verdict", data, durable=True)
        self._table.append(row(data, dut=self.setup.device.name, serial=self.setup.options.serial or ""))

    def judge_always(self, judge: Judge) -> None:
        """The port voltage is judged in every case, asked for or not."""
        judge(judge.shot.port_voltage_peak(), clause="SELV-01")

    def finished(self, nodeid: str, judge: Judge | None, error: BaseException | None) -> None:
        """The body has ended: with verdicts, or broken by something that is no verdict."""
        planned = self.planned[nodeid]
        planned.verdict = worst(judged.decision.verdict for judged in planned.judged)
        planned.state = "finished"
        if judge is None or not judge.complete:
            planned.state, planned.verdict = "broken", worst(["INCONCLUSIVE", planned.verdict])
            planned.reason = str(error) if error is not None else "the body judged nothing"
        self._case_ended(planned)

    def broken(self, nodeid: str, error: BaseException) -> None:
        """The case was not carried out."""
        planned = self.planned[nodeid]
        planned.state, planned.reason, planned.verdict = "broken", str(error), "NOT_TESTED"
        if isinstance(error, BenchFault):
            self.fault(error)
        self._case_ended(planned)

    def abort(self) -> None:
        """The operator ended the run."""
        self.problem = self.problem or "aborted by the operator"

    def fault(self, error: BaseException) -> None:
        """The bench's fault: the first one counts, all are logged."""
        log.error("%s", error)
        self.problem = self.problem or str(error) or type(error).__name__

    # -- the record

    @property
    def _port(self) -> str:
        return next(iter(self.setup.device.ports))

    def _shot(self, case: Case, planned: Planned, stage: Stage, taken: Taken, files: dict[str, str]) -> Shot:
        declared = self.setup.device.energy_input
        capture = Capture(taken.records, Facts(case=planned.key, applied={"spans": str(taken.spans)}))
        level = trigger_level(case, stage, taken.prospective)
        fed = declared.minimum if declared is not None else 0.0
        return Shot(case, self.setup.device.port, self.setup.limits, capture, taken, level, fed, files)

    def _about(self, planned: Planned) -> dict[str, object]:
        case = planned.case
        return {
            "case": planned.key, "title": planned.title, "why": planned.why, "clause": case.clause, "port": self._port,
            "stimulus": {"label": case.label, "base": case.base.label, "hold_s": case.hold_s},
            "state": planned.state, "reason": planned.reason,
        }  # fmt: skip

    def _intent(self, planned: Planned, stimulus: dict[str, object]) -> None:
        """On the disk before anything is injected."""
        self._journal.write("intent", {"case": planned.key, "stimulus": stimulus}, durable=True)

    def _case_ended(self, planned: Planned) -> None:
        self._journal.write("case", {**self._about(planned), "verdict": planned.verdict}, durable=True)
        self._table.flush()
        self.progress.quiet()
        self.progress.case_ended(planned.title, planned.verdict)
        if planned.reason:
            self.progress.say(f"                 {planned.reason}")

    def _on_safe(self, state: SafeState) -> None:
        self._safe_state = "verified" if state.verified else "ABORTED_UNSAFE"
        self._journal.write("safe state", {"verified": state.verified, "steps": [asdict(step) for step in state.steps]})

    def _identities(self) -> dict[str, object]:
        assert self._stage is not None
        bench, equipment = self._stage.bench, self._stage.equipment
        return {
            name: {"identity": str(equipment.identities[name]), "address": entry.address, "driver": entry.driver}
            for name, entry in bench.instruments.items()
        }

    def _transfers(self) -> list[dict[str, object]]:
        assert self._stage is not None
        return [
            {
                "signal": signal, "channel": str(channel), "gain": found.gain, "offset": found.offset,
                "gain_u": found.accuracy.gain_u, "offset_u": found.accuracy.offset_u, "U": found.budget.U,
                "unit": found.budget.unit, "note": found.accuracy.note,
            }
            for (signal, channel), found in self._stage.corrections.items()
        ]  # fmt: skip

    def _read_event_log(self) -> None:
        """The twin's own hash of what happened; equal seeds and plans give equal hashes."""
        if self._stage is not None and isinstance(self._stage.clock, TwinClock) and not self.problem:
            self._event_log = self._stage.clock.event_log_sha256()

    def _finish_record(self) -> None:
        assert self.folder is not None
        for planned in self.planned.values():
            if planned.state == "not run":
                planned.reason = planned.reason or ("bench fault" if self.problem else "the run ended before it")
                self._journal.write("case", {**self._about(planned), "verdict": planned.verdict})
        self._table.flush()
        self._journal.write("files", self.folder.digests())
        self._journal.write(
            "end", {"exit": self.exit_code, "problem": self.problem, "safe_state": self._safe_state}, durable=True
        )
        self._write_run(ended=utc_stamp(), journal=self._journal.anchor)
        self._journal.close()

    def _write_run(self, **ended: object) -> None:
        assert self.folder is not None
        verdicts = [planned.verdict for planned in self.planned.values()]
        self.folder.write_run(
            {
                "id": self.folder.path.name,
                "started_utc": self._started,
                "ended_utc": ended.get("ended"),
                **identity(self.setup),
                "plan": [planned.key for planned in self.planned.values()],
                "counts": {verdict: verdicts.count(verdict) for verdict in dict.fromkeys(verdicts)},
                "exit": {"code": self.exit_code, "reason": self.problem} if ended else None,
                "safe_state": self._safe_state,
                "event_log_sha256": self._event_log or None,
                "journal": ended.get("journal"),
            }
        )
