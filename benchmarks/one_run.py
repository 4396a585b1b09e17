"""One run of a plan in this process, taken apart: `python -m benchmarks.one_run PLAN RUN_FOLDER OUT.json`.

A process of its own, since imports are a part of what a person waits for. The twin's share comes from the twin itself,
which counts it: the op `cost` on its clock socket, asked through a connection that takes no part in bench time.
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.ledger import Ledger

WIRE, ANALYSIS, RECORD, REPORT = "wire", "analysis", "record", "report"
ENGINE, RENDERING = "engine", "rendering"
ASKED = "operate_time peak_current let_through_i2t recovery_time reverse_current port_voltage_peak supply_gap"


class Watched:
    """What a run cost: `cases` one by one, `phases` of the whole; seconds."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.cases: list[dict[str, Any]] = []
        self.phases: dict[str, float] = {}
        self._clock = ""

    def install(self) -> None:
        """Wrap what has to be told apart."""
        import reports
        from instruments.link import VisaLink
        from instruments.modbus import ModbusLink
        from instruments.recorders.t_stream import TStream
        from rig.bench.clock import TwinClock
        from rig.record import Journal, MeasurementTable, RunFolder, WireLog
        from rig.run import run, stage, transfer
        from rig.run.judge import Judge
        from rig.run.shot import Shot

        charge = self.ledger.wrap
        charge(VisaLink, "open write query query_block close", WIRE)
        charge(ModbusLink, "open _exchange close", WIRE)
        charge(TStream, "drain", WIRE)
        charge(TwinClock, "_exchange", WIRE)
        charge(Journal, "write close", RECORD)
        charge(MeasurementTable, "append flush", RECORD)
        charge(RunFolder, "create write_run digests", RECORD)
        charge(WireLog, "__call__ close", RECORD)
        charge(run, "save_record", RECORD)
        charge(run.Run, "record_verdict", RECORD)
        charge(Shot, ASKED, ANALYSIS)
        charge(Judge, "__call__ finish", ANALYSIS)
        charge(stage, "corrected", ANALYSIS)
        charge(transfer, "calibrate known_zero plateau", ANALYSIS)
        charge(reports, "write_report", REPORT)
        self._phases()

    def _phases(self) -> None:
        import pytest

        from rig.run.hooks import Hooks
        from rig.run.run import Run

        self._phase(Run, "reach_bench", "twin start")
        self._phase(Run, "open", "open, identify, calibrate")
        self._phase(Run, "close", "safe state and close")

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_protocol(_hooks: Hooks, item: pytest.Item) -> Any:
            before, begin = self._costs(), perf_counter()
            done = yield
            wall, after = perf_counter() - begin, self._costs()
            spent = {kind: after[kind] - before.get(kind, 0.0) for kind in after}
            # A twin that computes keeps the rig waiting for a reply.
            spent[WIRE] -= spent[ENGINE] + spent[RENDERING]
            self.cases.append({"case": item.callspec.params["rig_case"].label, "wall": wall, **spent})  # type: ignore[attr-defined]
            return done

        Hooks.pytest_runtest_protocol = pytest_runtest_protocol  # type: ignore[attr-defined]

    def _phase(self, run: Any, name: str, phase: str) -> None:
        """Time a method of the run; only the first call counts, as the methods are harmless to repeat."""
        method = getattr(run, name)

        def timed(one: Any) -> None:
            begin = perf_counter()
            try:
                method(one)
            finally:
                self.phases.setdefault(phase, perf_counter() - begin)
                self._clock = self._clock or str(one._bench.clock)

        setattr(run, name, timed)

    def _costs(self) -> dict[str, float]:
        """The rig's time by kind and the twin's share of it so far."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.connect(self._clock)
            sock.sendall(b'{"op": "cost"}\n')
            cost = json.loads(sock.makefile().readline())
        twin = {ENGINE: cost["engine_ns"] / 1e9, RENDERING: cost["rendering_ns"] / 1e9}
        return self.ledger.so_far() | twin


def main(plan: str, folder: str, out: str) -> int:
    """Run `plan` and write what it cost to `out`."""
    begin = perf_counter()
    from rig import commands
    from rig.run import runner  # noqa: F401  pulls in what every run needs
    from rig.run.setup import Options

    watched = Watched()
    watched.install()
    watched.phases["imports"] = perf_counter() - begin
    code = commands.run([plan], Options(out=folder), None, [], as_json=False)
    record = json.loads((Path(folder) / "run.json").read_text())
    result = {
        "exit": code,
        "sha256": record["event_log_sha256"],
        "cases": watched.cases,
        "phases": watched.phases | {REPORT: watched.ledger.so_far()[REPORT]},
    }
    Path(out).write_text(json.dumps(result))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
