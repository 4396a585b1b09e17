"""The guard's own process: it watches the process that runs a plan, and makes the bench safe when that one cannot.

`python -m rig.guard`, which rig.safety.guard starts; its order is the first line of its standard input:
{"bench": FILE or NAME, "run": run folder, "pid": of the process to watch, "within": seconds to its next sign of life}.
It answers "armed". What it does in the end: kill that process, whatever state it is in, then switch everything off over
connections of its own, leave the bench marked, and end the run's record.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from instruments.catalogue import load_driver
from instruments.clock import WallClock
from rig.bench.clock import ClockLost, TwinClock, attended, open_clock
from rig.bench.equipment import opened_on_demand
from rig.bench.file import load_bench
from rig.bench.locks import BenchBusy, Locks
from rig.bench.wiring import Wiring
from rig.files import document
from rig.safety.safe_state import SafeState, Step, make_safe
from rig.safety.watch import Watch

if TYPE_CHECKING:
    from rig.files.bench import Bench

__all__ = ["main"]

BUSY_S = 0.05
BUSY_TRIES = 200
"""How long the guard leaves the bench to someone else who has taken its lock meanwhile."""


@dataclass(frozen=True, slots=True)
class End:
    """How the guard ended a run. `state` is None where someone else had made the bench safe before."""

    pid: int
    why: str
    dead: bool
    state: SafeState | None

    @property
    def sentence(self) -> str:
        """For the operator and the record."""
        what = f"The guard ended the rig (process {self.pid}): {self.why}"
        if not self.dead:
            what += ", and it could not be killed"
        if self.state is None:
            return f"{what}; someone else has made the bench safe since."
        if self.state.verified:
            return f"{what}; the guard made the bench safe and read it back, `rig safe` clears its mark."
        return f"{what}; ABORTED_UNSAFE: the bench is not proved safe: {self.state.trouble}; cut its supply."


def main() -> int:
    """Watch until dismissed, or act."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends with the run that it guards, and not before
    _last_to_be_killed()
    order = json.loads(_first_line())
    bench = load_bench(document.resolve("benches", order["bench"]))
    for entry in bench.instruments.values():
        load_driver(entry.driver)  # now, not when every millisecond counts
    watch = Watch(order["pid"], sys.stdin.fileno(), WallClock(), order["within"])
    with attended(bench.clock):
        sys.stdout.write("armed\n")
        sys.stdout.flush()
        why = watch.wait()
        if why is None:
            return 0
        dead = watch.kill()
        end = End(order["pid"], why, dead, _make_safe(bench, order["run"], order["pid"]))
    from rig.run.ending import end_record  # the record has time, the bench has not

    end_record(Path(order["run"]), end.sentence, end.state)
    with suppress(OSError):  # who read our words may have gone too
        sys.stderr.write(f"{end.sentence}\n")
    return 0


def _first_line() -> bytes:
    """Byte by byte: what follows the order is for the watch, which reads the pipe itself."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(sys.stdin.fileno(), 1)
        if not byte:
            sys.exit(0)  # nothing has been opened yet
        line += byte
    return line


def _make_safe(bench: Bench, run: str, pid: int) -> SafeState | None:
    """Off with everything, then who else comes is told why; the lock is free, or will be, or is not waited for."""
    locks = Locks.of(bench)
    with suppress(BenchBusy):  # once: whoever has the bench meanwhile may make it safe and clear this
        locks.mark_dirty(run, pid)
    for _ in range(BUSY_TRIES):
        try:
            with locks.hold([entry.address for entry in bench.instruments.values()]):
                return _off(bench)
        except BenchBusy as busy:
            if busy.holder is None:  # the locks cannot be used: a full disk keeps nobody from switching off
                return _off(bench)
            WallClock().sleep(BUSY_S)
            if locks.dirty_reason() is None:
                return None
    return _off(bench)


def _off(bench: Bench) -> SafeState:
    """The safe state over connections of the guard's own; whatever keeps it from being reached is in its steps."""
    try:
        clock = open_clock(bench.clock)
        if isinstance(clock, TwinClock):
            clock.take_over()
        with opened_on_demand(bench, clock) as equipment:
            wiring = Wiring(bench, equipment.relays, equipment.lines, clock)
            return make_safe(equipment, wiring, clock, bench.injector.gate, bench.controls)
    except Exception as error:
        seen = str(error) if isinstance(error, ClockLost) else f"{type(error).__name__}: {error}"
        return SafeState((Step("whole bench", ok=False, seen=seen),))


def _last_to_be_killed() -> None:
    """When memory runs out the kernel should end somebody else; only root may ask for that."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("-1000", encoding="ascii")


if __name__ == "__main__":
    sys.exit(main())
