"""`rig run` in this process on a bench that is not there: what pytest, hooks and record make of a plan."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

from rig.bench.clock import EventLog, TwinClock
from rig.faults import Prospective
from rig.measure import Budget, Line, Measurement
from rig.run import run as run_module
from rig.run import setup as rig_setup
from rig.run.climate import Climate
from rig.run.perform import Taken
from rig.run.progress import Progress, new_console
from rig.run.run import Run
from rig.run.runner import run_plan
from rig.run.setup import Options, load_setup
from rig.run.version import Build
from rig.safety.interrupts import Interrupts
from rig.safety.safe_state import SafeState, Step

SAFE = SafeState((Step("supply off", ok=True, seen="off"),))
UNSAFE = SafeState((Step("supply off", ok=False, seen="no reply"),))
EXPECTED = Prospective(10.0, 1.0, 1e-3, 0.5, 0.5, 0.5, "tap_short", 0.03, "port - injector", ())

HEAD = """
import pytest
from rig.faults import Base, Overload, Short
from rig.run import Case, Judge, Shot, case, cases

SHORT = Case("SC-01", Short("10 mohm"))
"""


def measured(measurand: str, value: float, unit: str, u: float) -> Measurement:
    return Measurement(measurand, "Measured", value, unit, "as a test says", Budget((Line("all of it", u),), unit))


@dataclass
class StubShot:
    """A shot whose results a plan's test sets."""

    case: object
    port: object
    limits: object
    facts: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    doubts: tuple = ()
    applied_spans = None
    taken: object = field(default_factory=lambda: Taken(EXPECTED))
    level = 1.0
    fed_level = 40.0
    volts = 54.0

    def operate_time(self, seconds: float = 50e-6, u: float = 1e-6) -> Measurement:
        return measured("operate_time", seconds, "s", u)

    def recovery_time(self) -> Measurement:
        return Measurement("recovery_time", "NotArmed", None, "s", "as a test says")

    def port_voltage_peak(self) -> Measurement:
        return measured("port_voltage_peak", self.volts, "V", 0.05)


class StubClock(TwinClock):
    """Answers nothing but the hash of its events."""

    def __init__(self) -> None:
        self.trouble: Exception | None = None
        self.doubts: tuple[str, ...] = ()

    def event_log(self) -> EventLog:
        if self.trouble is not None:
            raise self.trouble
        return EventLog("ab" * 32, self.doubts)


class StubBench:
    """Carries out plans; what happens at each point is for the test to say."""

    def __init__(self, monkeypatch, tmp_path: Path) -> None:
        self.clock = StubClock()
        self.perform = lambda case: None
        self.at_opening = lambda: None
        self.at_the_end = lambda: SAFE
        self.interrupts = Interrupts()
        self.opened = 0
        self.volts = 54.0
        self._tmp = tmp_path
        self._plans = self._runs = 0

        @contextmanager
        def running(setup):
            yield SimpleNamespace(bench=setup.bench)

        @contextmanager
        def staged(setup, running, folder, interrupts, on_safe, on_proof):
            bench = running.bench
            self.opened += 1
            self.at_opening()
            try:
                device = load_setup(Options()).device
                yield SimpleNamespace(
                    bench=bench, device=device, port=device.port,
                    equipment=SimpleNamespace(identities=defaultdict(str), digitizer=None, recorder=None),
                    views={}, monitor=SimpleNamespace(signals={}), corrections={}, proof=None,
                    climate=Climate(None, None, None, None), uncalibrated="", clock=self.clock,
                    chain=SimpleNamespace(certificates=list),
                )  # fmt: skip
            finally:
                with interrupts.deferred():
                    state = self.at_the_end()
                    on_safe(state)
                if not state.verified:
                    raise run_module.UnsafeBench("ABORTED_UNSAFE: supply off: no reply")

        def perform(case, stage, taken, announce):
            announce()
            self.perform(case)

        def shot(run, case, planned, stage, taken, files):
            made = StubShot(case, run.setup.device.port, run.setup.limits)
            made.volts = self.volts
            return made

        monkeypatch.setattr(rig_setup, "ownership_problem", lambda: None)  # looks at every installed package
        monkeypatch.setattr(rig_setup, "build", lambda: Build("0.1.0", "c" * 40, ""))
        monkeypatch.setattr(run_module, "running_bench", running)
        monkeypatch.setattr(run_module, "staged", staged)
        monkeypatch.setattr(run_module, "prepare", lambda case, stage: Taken(EXPECTED))
        monkeypatch.setattr(run_module, "perform", perform)
        monkeypatch.setattr(Run, "_shot", shot)
        for duty in ("supply_gap", "rig_overvoltage", "injector_overload", "injector_at_fault"):
            monkeypatch.setattr(run_module, duty, lambda *_: None)

    def run(self, body: str, *extra: str, **options) -> SimpleNamespace:
        """Write `body` as a plan and run it; everything that is left behind."""
        return self.carry_out(self.plan(body), *extra, **options)

    def plan(self, body: str) -> Path:
        """Write `body` as a plan."""
        self._plans += 1
        plan = self._tmp / f"plan{self._plans}" / "test_plan.py"
        plan.parent.mkdir()
        plan.write_text(HEAD + body, encoding="utf-8")
        return plan

    def carry_out(self, plan: Path, *extra: str, **options) -> SimpleNamespace:
        """Run a plan that is written."""
        self._runs += 1
        out, said = self._tmp / f"run{self._runs}", io.StringIO()
        setup = load_setup(Options(out=str(out), **options))
        progress = Progress(new_console(said))
        code, run = run_plan(setup, [str(plan)], None, list(extra), progress, self.interrupts)
        progress.summary(run.planned.values(), run.problem, run.doubts)
        return SimpleNamespace(
            code=code, run=run, out=out, said=said.getvalue(), problem=run.problem,
            verdicts={one.title.partition(":")[0]: one.verdict for one in run.planned.values()},
            reasons={one.title.partition(":")[0]: one.reason for one in run.planned.values()},
            run_json=json.loads((out / "run.json").read_text()),
            journal=[json.loads(line) for line in (out / "journal.jsonl").read_text().splitlines()],
            allure=_statuses(out / "allure-results"),
        )  # fmt: skip


def _statuses(folder: Path) -> dict[str, str]:
    results = [json.loads(path.read_text()) for path in folder.glob("*-result.json")]
    return {one["fullName"].rpartition("#")[2]: one["status"] for one in results}
