"""Starts a twin as a process of its own: own session, so that Ctrl-C in a terminal does not reach it.

This module knows nothing of scenes: it passes names on and forwards what the child says about them.
"""

import contextlib
import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

START_S = 60.0  # until the first line; importing and building the world take a second
END_S = 5.0


class TwinFailed(Exception):
    """The twin did not come up. `exit_code` 2 means bad input; the message is what the twin said."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class Twin:
    """A running twin. `bench` is the published bench file; `directory` (mode 0700) holds its clock socket and its log.

    The twin lives as long as its owner holds `process.stdin` open, and then until its last client has gone.
    """

    process: subprocess.Popen[bytes]
    bench: Path
    directory: Path

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def said(self) -> str:
        """What the twin has written to its log: nothing, unless something went wrong."""
        return _read(self.directory)

    def close(self, timeout_s: float = END_S) -> int:
        """Let the twin end, end it if a client still holds it after `timeout_s`, and clean up. The exit code."""
        for stop, patience_s in (
            (self._release, timeout_s),
            (self.process.terminate, END_S),
            (self.process.kill, END_S),
        ):
            stop()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience_s)
                break
        if self.process.stdout is not None:
            self.process.stdout.close()
        shutil.rmtree(self.directory, ignore_errors=True)
        return self.process.wait()

    def _release(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()

    def __enter__(self) -> "Twin":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def launch(
    *,
    scene: str | None = None,
    bench: str = "twin",
    device: str | None = None,
    seed: int = 0,
    pace: float | None = None,
    watchdog: float | None = None,
    timeout_s: float = START_S,
    meanwhile: Callable[[], object] = lambda: None,
) -> Twin:
    """Start a twin and wait until its bench file is published. Names or files as on the command line.

    `meanwhile` is called once while the twin comes up by itself.

    Raises TwinFailed with the twin's own sentences.
    """
    directory = Path(tempfile.mkdtemp(prefix="rig-twin-"))  # mode 0700
    published = directory / "bench.yaml"
    command = [sys.executable, "-m", "rig.twin", "--owned", "--bench", bench, "--write-bench", str(published)]
    options = {
        "--scene": scene,
        "--device": device,
        "--seed": str(seed),
        "--pace": None if pace is None else repr(pace),
        "--watchdog": None if watchdog is None else repr(watchdog),
    }
    for option, value in options.items():
        if value is not None:
            command += [option, value]
    with (directory / "twin.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True
        )
    twin = Twin(process, published, directory)
    try:
        meanwhile()
        _await_ready(twin, timeout_s)
    except BaseException:
        process.kill()
        twin.close()
        raise
    return twin


def _await_ready(twin: Twin, timeout_s: float) -> None:
    """Return at the line that says ready. Raises TwinFailed when the twin ends instead or says nothing in time."""
    assert twin.process.stdout is not None
    descriptor = twin.process.stdout.fileno()
    line = b""
    while not line.endswith(b"\n"):
        if not select.select([descriptor], [], [], timeout_s)[0]:
            raise TwinFailed(f"the twin was not ready within {timeout_s:g} s; {twin.said()}".rstrip("; "), 1)
        data = os.read(descriptor, 4096)
        if not data:
            code = twin.process.wait(END_S)
            raise TwinFailed(twin.said().strip() or f"the twin ended with exit code {code} and said nothing", code)
        line += data


def _read(directory: Path) -> str:
    with contextlib.suppress(OSError):
        return (directory / "twin.log").read_text(encoding="utf-8", errors="replace")
    return ""
