"""The guard, as the process that runs a plan sees it: started before the bench, told of progress, dismissed at the end.

It is a process of its own in a session of its own, so that neither Ctrl-C nor the end of this process reaches it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rig.safety.interrupts import Interrupts

__all__ = ["COMMAND", "Guard", "GuardLost", "Patience"]

COMMAND = (sys.executable, "-m", "rig.guard")
READY_S = 60.0
END_S = 5.0
SLOWEST = 600.0
"""Wall seconds that a computer may need for a second of virtual time in which noise is replayed."""


class GuardLost(Exception):
    """The guard has ended or was stopped: nothing would make the bench safe if this process died too."""


class Patience:
    """Seconds of wall time that the guard allows; `pace` is bench seconds per wall second, None for virtual time.

    In virtual time nothing happens on the bench while a rig hangs, so that only a hang is to be found out.
    """

    def __init__(self, pace: float | None) -> None:
        self._pace = pace
        self.progress_s = 30.0 if pace is None else 5.0
        """Between two signs of life."""
        self._over_s = 30.0 if pace is None else 5.0  # room for two replies that do not come
        self.idle_s = 120.0
        """Between two signs of life while the bench has been read back safe: judging and writing take their time."""

    def wall_s(self, bench_s: float) -> float:
        """Wall time that `bench_s` may take at most."""
        return bench_s / self._pace if self._pace else bench_s

    def sleep_s(self, bench_s: float) -> float:
        """Until the next sign of life when this process sleeps on the bench clock."""
        return self.progress_s + self.wall_s(bench_s)

    def fault_s(self, hold_s: float) -> float:
        """Until a fault that is to be held for `hold_s` must be gone."""
        return self._over_s + (SLOWEST * hold_s if self._pace is None else self.wall_s(hold_s))


class Guard:
    """A guard process; `arm` tells it what to watch over."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it; it is busy getting ready."""
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        assert self._process.stdin is not None
        self._pipe = self._process.stdin.fileno()
        self.patience = Patience(None)
        self._armed = self._resting = False
        self._former: Any = None

    def arm(self, order: Mapping[str, object], interrupts: Interrupts) -> None:
        """Give it its `order` and wait until it watches; from now on its end ends the run.

        Raises:
            GuardLost: it does not get ready.
        """
        assert self._process.stdout is not None
        self._former = signal.signal(signal.SIGCHLD, lambda *_: self._look(interrupts))
        self._armed = True
        try:
            self._await_ready({**order, "pid": os.getpid(), "within": self.patience.progress_s})
        except BaseException:
            self.close()  # nobody listens for its end any more, which may still be to come
            raise
        os.set_blocking(self._pipe, False)

    def _await_ready(self, order: Mapping[str, object]) -> None:
        assert self._process.stdout is not None
        self._say(json.dumps(order))
        ready = select.select([self._process.stdout], [], [], READY_S)[0]
        said = self._process.stdout.readline().decode(errors="replace").strip() if ready else "nothing"
        if said != "armed":
            raise GuardLost(f"The guard of this bench does not get ready, it said {said or 'nothing'!r}.")

    # -- signs of life

    def beat(self) -> None:
        """One more sign of life; the first after a rest ends the patience of that."""
        self._say(f'{{"within": {self.patience.progress_s:g}}}' if self._resting else "")
        self._resting = False

    def slept(self, bench_s: float) -> None:
        """This process will sleep on the bench clock for so long."""
        self._say(f'{{"within": {self.patience.sleep_s(bench_s):.6g}}}')

    def fault_on(self, hold_s: float) -> None:
        """A fault comes on the device, for `hold_s` of bench time."""
        self._say(f'{{"fault": {self.patience.fault_s(hold_s):.6g}}}')

    def fault_off(self) -> None:
        """It was read back as gone."""
        self._say('{"fault": null}')

    def rest(self) -> None:
        """The bench was read back safe, and nothing is on."""
        self._say(f'{{"fault": null, "within": {self.patience.idle_s:g}}}')
        self._resting = True

    # -- its end

    def dismiss(self) -> None:
        """The bench was left safe, or cannot be made so: the guard ends, having done nothing.

        Raises:
            GuardLost: it had ended before.
        """
        lost = self._gone()
        self._say('{"bye": true}')
        self.close()
        if lost:
            raise GuardLost(LOST)

    def close(self) -> None:
        """End it; harmless to repeat."""
        if self._armed:
            self._armed = False
            signal.signal(signal.SIGCHLD, self._former)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(OSError):
            self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:  # it was stopped
            self._process.kill()
            self._process.wait()

    def _look(self, interrupts: Interrupts) -> None:
        if self._armed and self._gone():
            interrupts.end_with(GuardLost(LOST))

    def _gone(self) -> bool:
        """Whether it has ended, or was stopped."""
        try:
            what = os.WEXITED | os.WSTOPPED | os.WNOHANG | os.WNOWAIT
            return os.waitid(os.P_PID, self._process.pid, what) is not None
        except ChildProcessError:
            return True

    def _say(self, line: str) -> None:
        """A guard that is gone is found out by its end, one that is slow by nobody: it reads all it is told."""
        with suppress(BrokenPipeError, BlockingIOError):
            os.write(self._pipe, line.encode() + b"\n")


LOST = (
    "The guard of this bench has ended: nothing would make the bench safe if the rig died too, "
    "so the run stops here; run again."
)
