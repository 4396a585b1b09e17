"""The guard's eyes on the process that runs a plan: is it alive, does it move, does it end its injections in time.

What that process says comes as lines on a pipe:

    {"within": 5.0}    the next line comes within this many seconds of wall time; an empty line is one more sign of life
    {"fault": 2.5}     a fault is on the device, and is gone in this many seconds; {"fault": null} says that it is
    {"bye": true}      the bench has been left safe; the guard is not needed any more
"""

from __future__ import annotations

import json
import os
import select
import signal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from instruments.clock import Clock

__all__ = ["Watch"]

LOOK_MS = 50
"""How often the guard looks, wall time."""
DYING_S = 1.0
"""What a killed process is given to be gone; one that is stuck inside the kernel may never be."""
_NS = 1_000_000_000


class Watch:
    """Watches process `pid`, whose lines arrive at the file `lines`; `wall` is the clock of deadlines."""

    def __init__(self, pid: int, lines: int, wall: Clock, within_s: float) -> None:
        self._pid, self._lines, self._wall = pid, lines, wall
        self._process = os.pidfd_open(pid)
        self._partial = b""
        self._within_ns = round(within_s * _NS)
        self._heard_ns = wall.now_ns()
        self._fault_ends_ns: int | None = None
        self._fault_s = 0.0
        self._closed_ns: int | None = None
        self._dismissed = False
        os.set_blocking(lines, False)

    def wait(self) -> str | None:
        """Return when the guard has to act, with the reason, or None when it has been dismissed."""
        while True:
            self.gone(LOOK_MS)
            self._read()
            if self._dismissed:
                return None
            why = self._trouble()
            if why is not None:
                return why

    def gone(self, patience_ms: float = 0) -> bool:
        """Whether the process has ended, or does within `patience_ms`."""
        poll = select.poll()
        poll.register(self._process, select.POLLIN)
        return bool(poll.poll(patience_ms))

    def kill(self) -> bool:
        """SIGKILL: a stopped or hanging process would switch things on when it goes on. Whether it is gone."""
        try:
            signal.pidfd_send_signal(self._process, signal.SIGKILL)
        except ProcessLookupError:
            return True
        return self.gone(DYING_S * 1000)

    def _trouble(self) -> str | None:
        now_ns = self._wall.now_ns()
        if self.gone():
            return "it ended without leaving the bench safe"
        if _state(self._pid) in "Tt":
            return "it was stopped"
        if self._closed_ns is not None and now_ns - self._closed_ns > DYING_S * _NS:
            return "it let go of its guard"
        if self._fault_ends_ns is not None and now_ns > self._fault_ends_ns:
            return f"a fault stayed on the device beyond its deadline of {self._fault_s:g} s"
        if now_ns - self._heard_ns > self._within_ns:
            return f"it did nothing for {self._within_ns / _NS:g} s"
        return None

    def _read(self) -> None:
        """Take what has been said, oldest first."""
        while self._closed_ns is None:
            try:
                data = os.read(self._lines, 65536)
            except BlockingIOError:
                return
            if not data:
                self._closed_ns = self._wall.now_ns()
                return
            *lines, self._partial = (self._partial + data).split(b"\n")
            for line in lines:
                self._hear(json.loads(line) if line else {})

    def _hear(self, said: dict[str, float | bool | None]) -> None:
        self._heard_ns = self._wall.now_ns()
        if "within" in said:
            self._within_ns = round(float(said["within"] or 0) * _NS)
        if "fault" in said:
            holds_s = said["fault"]
            self._fault_s = float(holds_s or 0)
            self._fault_ends_ns = None if holds_s is None else self._heard_ns + round(holds_s * _NS)
        self._dismissed |= "bye" in said


def _state(pid: int) -> str:
    """The process's state as the kernel has it: R, S, D, T (stopped), t (traced), Z; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""
