"""A twin, or a `rig`, that the ready process forks for a test, as if the test had started it."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import rig.twin.launch
from tests.run.waiting import ended

__all__ = ["Lent", "lending"]


class Lent:
    """What `subprocess.Popen` of `python -m rig.twin ...`, or of `rig ...`, returns. Its end is told by a file with its
    exit code. `err`: a file; None for where its output goes."""

    def __init__(
        self, ask: Callable[[dict[str, Any]], int], become: str, arguments: list[str], err: str | None
    ) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="lent-"))  # the twin's own folder goes with it
        ways = {name: self._home / name for name in ("in", "out", "code")}
        for name in ("in", "out"):
            os.mkfifo(ways[name])
        self._code = ways["code"]
        self.returncode: int | None = None
        places = {name: str(path) for name, path in ways.items()}
        self.pid = ask({"become": become, "arguments": arguments, "err": err, **places})
        # In this order it opens them too; each opening waits for the other side.
        self.stdin = ways["in"].open("wb", buffering=0)
        self.stdout = ways["out"].open("rb", buffering=0)

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        if self.returncode is None and self._code.exists() and (text := self._code.read_text()):
            self.returncode = int(text)
            shutil.rmtree(self._home)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """As of a process of one's own."""
        return ended(self, timeout)

    def communicate(self, timeout: float) -> tuple[str, None]:
        """As of a process of one's own: all its output, until nobody holds it any more."""
        text = b""
        with self.stdin, self.stdout:
            while select.select([self.stdout], [], [], timeout)[0] and (more := self.stdout.read(65536)):
                text += more
            self.wait(timeout)
        return text.decode(), None

    def send_signal(self, number: int) -> None:
        """As of a process of one's own."""
        self.kill(number)

    def kill(self, by: int = signal.SIGKILL) -> None:
        """As of a process of one's own."""
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has ended, and its code is about to be told
                os.kill(self.pid, by)

    def terminate(self) -> None:
        """As of a process of one's own."""
        self.kill(signal.SIGTERM)


@contextmanager
def lending(ask: Callable[[dict[str, Any]], int]) -> Iterator[None]:
    """Twins that are launched meanwhile are forked by who is asked."""
    real = rig.twin.launch.subprocess

    def popen(command: list[str], **told: Any) -> Lent:
        return Lent(ask, "rig.twin", command[3:], told["stderr"].name)

    stand_in = SimpleNamespace(Popen=popen, PIPE=subprocess.PIPE, TimeoutExpired=subprocess.TimeoutExpired)
    rig.twin.launch.subprocess = stand_in  # type: ignore[assignment]
    try:
        yield
    finally:
        rig.twin.launch.subprocess = real
