"""`rig`, with an end of its own: at the n-th event on its wires it is killed, stopped, hangs, or asks to be signalled.

    python -m studies.chaos.victim END EVENT WHERE CHANNEL ARGUMENTS OF RIG ...

WHERE is `anywhere` (every event counts) or `fault` (events count while a fault is on the device). On the file CHANNEL
it writes one JSON line for each line of the journal that was acknowledged, {"hash": ...}, and one right before its end,
{"end": monotonic ns, "event": n}. A run that ends by itself says how many there were: {"events": n, "in_faults": n}.
"""

from __future__ import annotations

import atexit
import ctypes
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from rig.record.journal import Journal
from rig.run.opening import _Transcript
from rig.safety.guard import Guard

ENDS = {
    "SIGKILL": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "SIGSTOP": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "deadlock": lambda: ctypes.PyDLL(None).pause(),  # in native code, with Python's lock held: no thread runs on
    "SIGTERM": lambda: None,  # sent from outside, as an operator or a scheduler would
    "double SIGINT": lambda: None,
}


class Fuse:
    """Counts events and burns down once."""

    def __init__(self, end: str, event: int, where: str, channel: int) -> None:
        self._end, self._event, self._channel = end, event, channel
        self._where, self._in_fault = where, False
        self.guard: Any = None
        self._seen = {"anywhere": 0, "fault": 0}
        atexit.register(lambda: self.say(events=self._seen["anywhere"], in_faults=self._seen["fault"]))

    def say(self, **said: object) -> None:
        os.write(self._channel, json.dumps(said).encode() + b"\n")

    def fault(self, on: bool) -> None:
        self._in_fault = on

    def burn(self) -> None:
        before = self._seen[self._where]
        self._seen["anywhere"] += 1
        self._seen["fault"] += self._in_fault
        if before < self._event == self._seen[self._where]:
            self.say(end=time.monotonic_ns(), event=self._event)
            if "RIG_CHAOS_UNGUARDED" in os.environ:  # the control: what is seen when nobody comes
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                self.guard._process.kill()
            ENDS[self._end]()


def lay(fuse: Fuse) -> None:
    """Around what the rig calls at each event, at each fault, and for each line of the journal."""
    event, on, off, write = _Transcript.__call__, Guard.fault_on, Guard.fault_off, Journal.write
    arm = Guard.arm

    def armed(self: Any, *args: Any) -> None:
        fuse.guard = self
        arm(self, *args)

    def heard(self: Any, *args: Any) -> None:
        event(self, *args)
        fuse.burn()

    def fault_on(self: Any, hold_s: float) -> None:
        on(self, hold_s)
        fuse.fault(True)

    def fault_off(self: Any) -> None:
        fuse.fault(False)
        off(self)

    def written(self: Any, kind: str, data: dict[str, Any], durable: bool = False) -> Any:
        entry = write(self, kind, data, durable)
        fuse.say(hash=entry.hash)
        return entry

    _Transcript.__call__ = heard  # type: ignore[method-assign]
    Guard.arm = armed  # type: ignore[method-assign]
    Guard.fault_on, Guard.fault_off = fault_on, fault_off  # type: ignore[method-assign]
    Journal.write = written  # type: ignore[method-assign]


def main() -> None:
    """Lay the fuse and be the rig."""
    end, event, where, channel, *arguments = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a study in the background has it ignored
    lay(Fuse(end, int(event), where, os.open(channel, os.O_WRONLY | os.O_CREAT | os.O_APPEND)))
    sys.argv = [str(Path("rig")), *arguments]
    from rig.cli import main as rig

    rig()


if __name__ == "__main__":
    main()
