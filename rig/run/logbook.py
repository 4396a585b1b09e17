"""What a run writes down: journal, table of measurements, log and run.json in the run folder."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rig.bench.clock import utc_stamp
from rig.bench.locks import kept_folder
from rig.record import BenchLog, Journal, MeasurementTable, RecordError, RunFolder, row, verdict_entry
from rig.run.chain import measuring_chain
from rig.run.covering import coverage
from rig.run.ending import BENCH_LOG
from rig.run.exit_code import BENCH_FAULT
from rig.run.inputs import keep_files, keep_plans
from rig.run.kept import declaration
from rig.run.provenance import default_folder, log_to
from rig.run.resume import CARRIED
from rig.run.views import ChannelSetting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from instruments.accuracy import Accuracy
    from rig.bench.certificates import Covering
    from rig.bench.clock import EventLog
    from rig.bench.proof import Proof
    from rig.run.chain import Channel
    from rig.run.checks import Check
    from rig.run.judge import Judged
    from rig.run.planned import Planned
    from rig.run.resume import Earlier
    from rig.run.setup import Setup
    from rig.run.stage import Stage
    from rig.safety.safe_state import SafeState

__all__ = ["Logbook"]

log = logging.getLogger("rig.run")
Stimulus = dict[str, object]


class Logbook:
    """The record of one run, from its first line to its last. Every method raises RecordError when the disk refuses."""

    def __init__(self, setup: Setup, facts: Mapping[str, object]) -> None:
        """Make the run folder, empty but for its beginning; it must be new or empty.

        `facts` is what run.json says from its beginning on.
        """
        self._setup = setup
        self._facts: dict[str, Any] = {**facts}
        self._port = setup.device.port_name
        self._started = utc_stamp()
        self.safe_state = "not reached"
        self.folder = RunFolder.create(default_folder(setup.options.out, self._started, setup))
        with ExitStack() as stack:
            stack.enter_context(log_to(self.folder.log))
            self._journal = Journal(self.folder.journal, utc_stamp)
            self._table = MeasurementTable(self.folder.measurements, development=not setup.options.recorded)
            self._facts["inputs"] = keep_files(self.folder, setup.sources)
            self._write_run([])
            self._log = stack.pop_all()

    def plan(
        self, plan: Iterable[Planned], files: Mapping[str, str], selection: Mapping[str, object] | None,
        earlier: Earlier | None = None,
    ) -> None:  # fmt: skip
        """What is going to be done: the cases, the files they rest on, how a part of them was selected, and the run
        that this one goes on with, in whose record the verdicts of cases carried over stand.
        """
        planned, resumes = list(plan), None if earlier is None else earlier.told()
        self._facts["inputs"] |= keep_plans(self.folder, files)
        self._facts |= {"plan_files": dict(files), "selection": selection, "resumes": resumes}
        cases = [
            {**self._about(one), "file": one.file, "test": one.test, "declared": declaration(one.case)}
            for one in planned
        ]  # fmt: skip
        run = {"plan": cases, "files": dict(files), "selection": selection, "resumes": resumes}
        run["inputs"] = self._facts["inputs"]
        if "rejudged" in self._facts:
            run["rejudged"] = self._facts["rejudged"]
        self._journal.write("run", run, durable=True)
        for one in planned:
            if one.state == CARRIED:
                self._journal.write("case", {**self._about(one), "verdict": one.verdict})
        if earlier is None:
            return
        try:
            BenchLog(kept_folder() / BENCH_LOG).note_resumed(earlier.run, earlier.started_utc, self.folder.path.name)
        except RecordError as error:  # that it is not resumed twice is then the operator's care
            log.warning("%s", error)

    def session(self, stage: Stage) -> None:
        """Who answered on the bench, what is stated of accuracy where it measures, what the calibration found."""
        bench, identities, chain = stage.bench, stage.equipment.identities, measuring_chain(stage)
        data = {
            "identities": {
                name: {"identity": str(identities[name]), "address": entry.address, "driver": entry.driver}
                for name, entry in bench.instruments.items()
            },
            "certificates": stage.chain.certificates(),
            "accuracy": [_about(*one) for one in chain],
            "chain": [_corrections(*one) for one in chain],
            "transfer": _transfers(stage),
        }
        if stage.uncalibrated:
            data["uncalibrated"] = stage.uncalibrated
        self._journal.write("session", data, durable=True)

    def proved(self, proof: Proof, name: str) -> None:
        """What a bench proof has found, under the `name` of the one before the first case or after the last."""
        if proof.findings:
            self._journal.write("session", {name: [one.entry for one in proof.findings]})

    def case_started(self, planned: Planned, stimulus: Stimulus) -> None:
        """A case begins; nothing has been switched for it yet."""
        self._journal.write("case", {**self._about(planned), "stimulus": stimulus, "state": "started"}, durable=True)

    def intent(self, planned: Planned, stimulus: Stimulus) -> None:
        """On the disk before anything is injected."""
        about = {"case": planned.key, "attempt": planned.attempt, "stimulus": stimulus}
        self._journal.write("intent", about, durable=True)

    def checks(self, planned: Planned, found: list[Check]) -> None:
        """What the bench measured of things it knows, while a case went on."""
        if found:
            self._journal.write(
                "session", {"what": f"check standards, {planned.title}", "checks": [c.told() for c in found]}
            )

    def shot(self, planned: Planned, kept: Mapping[str, object]) -> None:
        """What a case brought home beside its captures: with it the case can be judged again."""
        self._journal.write("shot", {"case": planned.key, "attempt": planned.attempt, **kept})

    def note(self, kind: str, data: dict[str, object]) -> None:
        """An entry that another run's journal has, taken over."""
        self._journal.write(kind, data)

    def verdict(self, planned: Planned, judged: Judged, captures: Mapping[str, str]) -> None:
        """On the disk before anyone sees it."""
        data = verdict_entry(
            case=planned.key, title=planned.title, why=planned.why, clause=judged.clause, port=self._port,
            attempt=planned.attempt, measurement=judged.measurement, limit=judged.limit_record(),
            decision=judged.decision, captures=captures,
        )  # fmt: skip
        self._journal.write("verdict", data, durable=True)
        self._table.append(row(data, dut=self._setup.device.name, serial=self._setup.options.serial or ""))

    def case_ended(self, planned: Planned) -> None:
        """What became of a case."""
        self._journal.write("case", {**self._about(planned), "verdict": planned.verdict}, durable=True)
        self._table.flush()

    def made_safe(self, state: SafeState) -> None:
        """The safe state, step by step."""
        self.safe_state = "verified" if state.verified else "ABORTED_UNSAFE"
        self._journal.write("safe state", {"verified": state.verified, "steps": [asdict(step) for step in state.steps]})

    def end(
        self, plan: list[Planned], exit_code: int, problem: str, event_log: EventLog | None, changed: Sequence[str] = ()
    ) -> None:
        """The last lines, and run.json whole. `changed` are files of the plan that are not what they were."""
        with self._log:
            for planned in plan:
                if planned.state == "not run":
                    self._journal.write("case", {**self._about(planned), "verdict": planned.verdict})
            refused = self._flush_last()
            if refused is not None:
                exit_code, problem = BENCH_FAULT, problem or str(refused)
            self._journal.write("files", self.folder.digests())
            about = {"exit": exit_code, "problem": problem, "safe_state": self.safe_state}
            self._journal.write("end", about, durable=True)
            self._facts["plan_files_changed"] = list(changed)
            self._facts["coverage"] = [row.entry for row in coverage(self._setup, plan)]
            self._write_run(
                plan,
                ended_utc=utc_stamp(),
                exit={"code": exit_code, "reason": problem},
                **_repeatable(event_log),
                journal=self._journal.anchor,
            )
            self._journal.close()
            try:
                BenchLog(kept_folder() / BENCH_LOG).note(self.folder.path.name, self._started, self._journal.anchor)
            except RecordError as error:  # the run is whole; that its end is kept nowhere else is for the log
                log.warning("%s", error)
        if refused is not None:
            raise refused

    def _flush_last(self) -> RecordError | None:
        """A table that cannot be written keeps the journal from nothing: the verdicts are there."""
        try:
            self._table.flush()
        except RecordError as error:
            return error
        return None

    def _about(self, planned: Planned) -> dict[str, object]:
        case = planned.case
        return {
            "case": planned.key, "title": planned.title, "why": planned.why, "clause": case.clause, "port": self._port,
            "stimulus": {"label": case.label, "base": case.base.label, "hold_s": case.hold_s},
            "attempt": planned.attempt, "state": planned.state, "reason": planned.reason,
        }  # fmt: skip

    def _write_run(self, plan: list[Planned], **ended: object) -> None:
        verdicts = [planned.verdict for planned in plan]
        self.folder.write_run(
            {
                "id": self.folder.path.name,
                "started_utc": self._started,
                "ended_utc": None,
                **self._facts,
                "plan": [planned.key for planned in plan],
                "counts": {verdict: verdicts.count(verdict) for verdict in dict.fromkeys(verdicts)},
                "exit": None,
                "safe_state": self.safe_state,
                **_repeatable(None),
                "journal": None,
                **ended,
            }
        )


def _repeatable(log: EventLog | None) -> dict[str, object]:
    """A hash is written only where an equal run would give it again; without a twin's word nothing is known."""
    if log is None:
        return {"event_log_sha256": None, "deterministic": None, "not_deterministic": []}
    return {
        "event_log_sha256": log.sha256 if log.deterministic else None,
        "deterministic": log.deterministic,
        "not_deterministic": list(log.reasons),
    }


def _about(signal: str, name: str, row: Accuracy, channel: Channel) -> dict[str, object]:
    drift = row.tempco_frac_per_k or row.tempco_abs_per_k
    return {
        "signal": signal, "channel": name, "range_V": row.range, "gain": row.gain_frac,
        "offset_V": row.offset_frac_of_range * row.range + row.offset_abs, "resolution_V": row.resolution,
        "interval": row.interval or "not stated", "conditions": row.conditions or "not stated",
        "temperature_coefficient": "stated" if drift else "not stated",
        "read_in_the_maker's_document": row.verified, "source": row.source,
    }  # fmt: skip


def _corrections(signal: str, name: str, row: Accuracy, channel: Channel) -> dict[str, object]:
    return {
        "signal": signal, "channel": name, "range_V": row.range, "certificate": _standing(channel.instrument),
        "transducer's_certificate": _standing(channel.transducer),
        "corrected_gain": channel.gain, "corrected_offset_V": channel.offset, "factor": channel.factor,
        "flags": ", ".join(channel.accuracy.flags) or "none",
    }  # fmt: skip


def _standing(covering: Covering) -> str:
    """Number and standing of the certificate behind a part."""
    if covering.held is None:
        return "none"
    why = f": {covering.why}" if covering.why else ""
    return f"{covering.held.certificate.number}, {covering.state}{why}"


def _transfers(stage: Stage) -> list[dict[str, object]]:
    return [
        {
            "signal": signal, "channel": _named(channel), "gain": found.gain, "offset": found.offset,
            "gain_u": found.accuracy.gain_u, "offset_u": found.accuracy.offset_u, "U": found.budget.U,
            "unit": found.budget.unit, "note": found.accuracy.note,
        }
        for (signal, channel), found in stage.corrections.items()
    ]  # fmt: skip


def _named(channel: object) -> str:
    """A digitizer's channel as set, or the recorder."""
    if isinstance(channel, ChannelSetting):
        return f"digitizer {channel.channel}, {channel.volts_per_div:g} V/div about {channel.centre:g} V"
    return "recorder"
