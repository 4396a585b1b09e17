"""Processes that were forked before `rig` began, from one that has imported all, and wait to be its twin or guard.

They come before the command has threads or files of its own, so each is as alone as one that was started afresh.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import rig.safety.guard
import rig.twin.launch

__all__ = ["end_with", "ended", "take_the_places_of"]


class Waiting:
    """What `subprocess.Popen` of `python -m module ...` returns, of a process that was there already."""

    def __init__(self, module: str) -> None:
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        self.returncode: int | None = None
        self.pid = os.fork()
        if not self.pid:
            os.close(ours_out)
            os.close(ours_in)
            _wait_to_be(module, theirs_in, theirs_out)
        os.close(theirs_in)
        os.close(theirs_out)
        self.stdin = os.fdopen(ours_out, "wb")
        self.stdout = os.fdopen(ours_in, "rb")

    def begin(self, arguments: list[str], log: int) -> None:
        """Of the command line, with standard error to the file that `log` is open on."""
        told = {"arguments": arguments, "folder": str(Path.cwd()), "environment": dict(os.environ)}
        told["err"] = str(Path(f"/proc/self/fd/{log}").readlink())
        self.stdin.write(json.dumps(told).encode() + b"\n")
        self.stdin.flush()

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        return ended(self, timeout)

    def kill(self, by: int = signal.SIGKILL) -> None:
        if self.poll() is None:
            os.kill(self.pid, by)

    def terminate(self) -> None:
        self.kill(signal.SIGTERM)


def ended(process: Any, timeout: float | None) -> int:
    """As `wait` of a process of one's own, of one that can only be asked."""
    until = None if timeout is None else time.monotonic() + timeout
    while process.poll() is None:
        if until is not None and time.monotonic() > until:
            raise subprocess.TimeoutExpired(str(process.pid), timeout or 0.0)
        time.sleep(1e-3)
    code: int = process.returncode
    return code


def _wait_to_be(module: str, read: int, write: int) -> NoReturn:
    """In the fork: until a line says with which arguments; the end of the pipe says that nobody wants it."""

    def become() -> None:
        os.dup2(read, 0)
        os.dup2(write, 1)
        os.closerange(3, 64)  # another's pipe held open here would hide its end
        line = b""
        while not line.endswith(b"\n"):
            byte = os.read(0, 1)
            if not byte:
                return
            line += byte
        told = json.loads(line)
        os.setsid()
        os.chdir(told["folder"])
        os.environ.clear()
        os.environ.update(told["environment"])
        os.dup2(os.open(told["err"], os.O_WRONLY | os.O_APPEND), 2)
        sys.stdin = os.fdopen(0, closefd=False)
        sys.argv = [module, *told["arguments"]]
        runpy.run_module(module, run_name="__main__", alter_sys=True)

    end_with(become)


def end_with(work: Callable[[], object]) -> NoReturn:
    """In a fork: do it, and end as an interpreter would that had done nothing else."""
    code = 1
    try:
        work()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def take_the_places_of() -> None:
    """From now on the first twin and the first guard that this process starts are two that wait here already."""
    for place in (rig.twin.launch, rig.safety.guard):
        name = "rig.twin" if place is rig.twin.launch else "rig.guard"
        place.subprocess = _first(Waiting(name), name)  # type: ignore[attr-defined]


def _first(waiting: Waiting, name: str) -> SimpleNamespace:
    """In the place of module `subprocess`."""
    free = [waiting]

    def popen(command: list[str], **told: Any) -> Any:
        if not free or list(command[1:3]) != ["-m", name]:
            return subprocess.Popen(command, **told)
        log = told["stderr"].fileno() if "stderr" in told else 2
        free[0].begin(list(command[3:]), log)
        return free.pop()

    return SimpleNamespace(Popen=popen, PIPE=subprocess.PIPE, TimeoutExpired=subprocess.TimeoutExpired)
