"""Real processes: the command `rig` as a user types it, and a served twin whose truth a test may read."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from rig.twin.launch import Twin, launch
from tests.run.lent import Lent, lending

LOOKS, PAUSE_S = 20_000, 0.005
"""How often a test looks at most, and the pause in between, s."""


class Truth:
    """The twin's truth socket."""

    def __init__(self, twin: Twin) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(60)
        self._socket.connect(str(twin.directory / "truth" / "truth.sock"))
        self._reader = self._socket.makefile("rb")

    def ask(self, op: str, **arguments: object) -> dict:
        self._socket.sendall(json.dumps({"op": op, **arguments}).encode() + b"\n")
        return json.loads(self._reader.readline())

    def until(self, **wanted: object) -> dict:
        """Ask for the summary until it is as wanted; every question waits for the twin's answer."""
        for _ in range(LOOKS):
            summary = self.ask("summary")
            if all(summary[name] == value for name, value in wanted.items()):
                return summary
            self._pause()
        raise AssertionError(f"the twin never showed {wanted}: {summary}")

    def until_in_a_fault(self, run: Path, after: bytes = b'"kind":"intent"') -> None:
        """Until a case of the run in folder `run` has its fault on the device; the bench proof's are not one.

        `after`: what the journal has by then, such as the end of the only case, which leaves the bench proof.
        """
        journal = run / "journal.jsonl"
        for _ in range(LOOKS):
            on = self.ask("summary")["injector"]
            if on and journal.exists() and after in journal.read_bytes():
                return
            self._pause()
        raise AssertionError("no case had its fault on the device")

    def until_beside(self, run: Path, line: str = "neighbour_line") -> None:
        """Until a case of the run in folder `run` has another source at the port, or where `line` leads."""
        journal = run / "journal.jsonl"
        for _ in range(LOOKS):
            summary = self.ask("summary")
            beside = summary["neighbour_output"] and summary["contactors"][line]
            if beside and journal.exists() and b'"kind":"intent"' in journal.read_bytes():
                return
            self._pause()
        raise AssertionError(f"no case had another source behind {line}")

    def until_logged(self, text: str) -> None:
        """Until the twin's log has a line that ends so."""
        for _ in range(LOOKS):
            if any(line.endswith(text) for line in self.ask("log")["lines"]):
                return
            self._pause()
        raise AssertionError(f"the log has no line that ends with {text!r}")

    def _pause(self) -> None:
        """Between two looks, so that what is looked at keeps its processor."""
        select.select([], [], [], PAUSE_S)

    def close(self) -> None:
        self._reader.close()
        self._socket.close()

    def assert_safe(self) -> None:
        """Nothing drives anything: supply, load, injector and chamber off, every contactor open."""
        summary = self.ask("summary")
        assert not summary["supply_output"], summary
        assert not summary["neighbour_output"], summary
        assert not summary["load_input"], summary
        assert not summary["chamber_on"], summary
        assert not summary["injector"], summary
        assert not any(summary["contactors"].values()), summary


@dataclass
class Served:
    """A twin that belongs to the test."""

    twin: Twin
    truth: Truth

    @property
    def bench(self) -> str:
        return str(self.twin.bench)

    def bench_with(self, path: Path, **changes: dict) -> str:
        """The published bench file with instrument entries changed, for a wrong address or identity."""
        yaml = YAML()
        data = yaml.load(self.twin.bench)
        for name, entry in changes.items():
            data["instruments"][name].update(entry)
        with path.open("w") as file:
            yaml.dump(data, file)
        return str(path)


@pytest.fixture(autouse=True)
def plans_are_forgotten(tmp_path):
    """A plan that this process has imported is named after its file, and the next test may write another one."""
    yield
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def served(ready):
    """Serve twins; each ends with the test."""
    with ExitStack() as stack, lending(ready.lend):

        def serve(**options) -> Served:
            twin = stack.enter_context(launch(**options))
            truth = Truth(twin)
            stack.callback(truth.close)
            return Served(twin, truth)

        yield serve


@pytest.fixture(scope="session")
def whole_run(rig_in, tmp_path_factory):
    """The protection plan on the healthy device, once for all tests that look at it: (finished process, run folder)."""
    folder = tmp_path_factory.mktemp("whole")
    arguments = ["run", "protection", "--seed", "7", "--serial", "REF-0001", "--out", "run", "--json"]
    return rig_in(folder, *arguments, report=True), folder / "run"


class Ready:
    """`tests.run.ready`, which forks for each command; begun again when it has ended."""

    def __init__(self, folder: Path) -> None:
        self._out, self._err = folder / "out", folder / "err"
        self._process: subprocess.Popen[bytes] | None = None

    def lend(self, told: dict[str, object], folder: Path | None = None) -> int:
        """The process id of what is forked for whoever asks (`tests.run.lent`), in a folder or in this one."""
        self._tell({**told, "folder": str(folder or Path.cwd())})
        pid = self._answer(60.0)
        assert pid is not None, "no twin was begun"
        return pid

    def _tell(self, told: dict[str, object]) -> None:
        if self._process is None or self._process.poll() is not None:
            command = [sys.executable, "-m", "tests.run.ready"]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, env=environment(),
                cwd=Path(__file__).parents[2],
            )  # fmt: skip  # unbuffered: two answers may come at once, and select knows nothing of what was read ahead
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({**told, "environment": environment()}).encode() + b"\n")

    def __call__(self, folder: Path, arguments: list[str], timeout: float) -> subprocess.CompletedProcess[str]:
        self._tell({"arguments": arguments, "folder": str(folder), "out": str(self._out), "err": str(self._err)})
        pid = self._answer(timeout)
        assert pid is not None, "nothing was begun"
        code = self._answer(timeout)
        if code is None:
            os.kill(pid, signal.SIGKILL)
            self._answer(timeout)
            raise subprocess.TimeoutExpired(arguments, timeout, self._out.read_bytes(), self._err.read_bytes())
        texts = (path.read_text(encoding="utf-8", errors="replace") for path in (self._out, self._err))
        return subprocess.CompletedProcess(arguments, code, *texts)

    def _answer(self, timeout: float) -> int | None:
        assert self._process is not None
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], timeout)[0]:
            return None
        return int(self._process.stdout.readline())

    def close(self) -> None:
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(60)
            assert self._process.stdout is not None
            self._process.stdout.close()


@pytest.fixture(scope="session")
def ready(tmp_path_factory):
    """Who forks for each command."""
    process = Ready(tmp_path_factory.mktemp("ready"))
    yield process
    process.close()


@pytest.fixture(scope="session")
def rig_in(ready):
    """Run `rig ...` in a folder; returns the finished process. A run builds its report where a test asks for it."""

    def run(
        folder: Path, *arguments: str, timeout: float = 120, report: bool = False
    ) -> subprocess.CompletedProcess[str]:  # fmt: skip
        without = ["--no-report"] if arguments[0] == "run" and not report else []
        return ready(folder, [*arguments[:1], *without, *arguments[1:]], timeout)

    return run


@pytest.fixture
def rig(rig_in, tmp_path):
    """The same in an empty folder."""
    return partial(rig_in, tmp_path)


@pytest.fixture
def started_rig(ready, tmp_path):
    """Start `rig ...` without waiting; ended with the test at the latest."""
    with ExitStack() as stack:

        def start(*arguments: str) -> Lent:
            process = Lent(partial(ready.lend, folder=tmp_path), "rig", list(arguments), None)
            stack.callback(process.kill)
            return process

        yield start


def hardware_bench() -> str:
    """The twin's bench as one of real instruments, each at an address of its own, and with no bench proof."""
    import testplans

    text = (
        (Path(testplans.__file__).parent / "benches" / "twin.yaml").read_text().replace("kind: twin", "kind: hardware")
    )
    for host, driver in enumerate(("ea_psb9000", "siglent_sdl1000x", "rigol_dho800"), 1):
        text = text.replace(f"{driver}, address: twin", f"{driver}, address: 'TCPIP::127.0.0.{host}::5025::SOCKET'")
    text = text[: text.index("# The bench proof")] + text[text.index("ambient:") :]
    for host, driver in enumerate(("waveshare_relay32", "labjack_t7"), 1):
        text = text.replace(f"{driver}, address: twin", f"{driver}, address: '127.0.0.{host}:502'")
    return text


def environment() -> dict[str, str]:
    return {**os.environ, "NO_COLOR": "1", "OPENBLAS_NUM_THREADS": "1"}


def verdicts(run: Path) -> dict[tuple[str, str], dict]:
    """Verdict entries of a run by (case, measurand)."""
    found = {}
    for line in (run / "journal.jsonl").read_text().splitlines():
        entry = json.loads(line)
        if entry["kind"] == "verdict":
            found[entry["data"]["case"], entry["data"]["measurement"]["measurand"]] = entry["data"]
    return found


def verdict(run: Path, case: str, measurand: str) -> str:
    return verdicts(run)[case, measurand]["decision"]["verdict"]
