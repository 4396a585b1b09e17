"""What one reading costs in our driver and in those of the best known libraries, in one run, all on one core.

    python -m benchmarks.peers [--rounds 21] [--reads 200] [--environments DIR]

Each library lives in an environment of its own (made with pip in DIR, kept for the next time): InstrumentKit installs a
package called `instruments`, as we do. Each contestant is a process; they take turns in shuffled rounds, and share
their core with the server. The raw socket runs twice (A/A): when its medians differ by more than 5 % the run is void.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path

from benchmarks.answering import answering

REPLIES = {
    b"MEAS:VOLT?": b"48.000\n",
    b"MEAS:ARR?": b"48.00 V, 1.20 A, 57.6 W\n",
    b"*IDN?": b"MAKER,DP832,1234,1.0\n",
    b"SYST:ERR?": b'0,"No error"\n',
}
OTHERS = ["hvl_ccb>=0.19,<0.20", "pymodbus>=3.16.1,<3.17", "RsNgx>=3.1,<3.2"]  # for tests/third_party
INSTALL: dict[str, tuple[list[str], ...]] = {
    "libraries": (["pymeasure>=0.16,<0.17", "qcodes>=0.58,<0.59", "pyvisa-py>=0.8.1,<0.9"], OTHERS),
    # its pinned ruamel.yaml no longer builds; a newer one does for what is measured here
    "instrumentkit": (
        ["--no-deps", "instrumentkit"],
        ["future", "pint", "pyserial", "pyusb", "python-usbtmc", "python-vxi11", "quantities", "ruamel.yaml"],
        ["pyvisa", "pyvisa-py"],
    ),
}
WITH = {"pymeasure": "libraries", "qcodes": "libraries", "instrumentkit": "instrumentkit"}
NAMES = ("raw", "raw again (A/A)", "pyvisa_py", "ours", "pymeasure", "qcodes", "instrumentkit")
AIM = 1.3


def answer(data: bytes) -> bytes:
    """To each line that ends with a query what its header asks for; a voltage to all that is not known."""
    headers = [line.split(b";")[-1].strip().split(b" ")[0].lstrip(b":").upper() for line in data.splitlines()]
    return b"".join(REPLIES.get(header, b"48.000\n") for header in headers if header.endswith(b"?"))


@dataclass(frozen=True)
class Contestant:
    name: str
    process: subprocess.Popen[str]
    about: str

    @classmethod
    def start(cls, name: str, python: str, port: int, core: int) -> Contestant:
        worker = Path(__file__).with_name("peer_worker.py")
        process = subprocess.Popen(
            [python, "-W", "ignore", str(worker), name.split(maxsplit=1)[0], str(port), str(core)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tempfile.gettempdir(),
        )  # fmt: skip
        assert process.stdout is not None
        about = next((line for line in process.stdout if line.startswith("ready ")), "")
        if not about:
            raise SystemExit(f"{name} did not start (exit code {process.wait()})")
        return cls(name, process, about.removeprefix("ready ").strip())

    def read(self, times: int) -> float:
        """The median of so many readings, in microseconds."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{times}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline()) / 1e3

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def python_of(folder: Path, name: str) -> str:
    """The interpreter of an environment, which is made if it is not there."""
    home = folder / name
    python = home / "bin" / "python"
    if not python.exists():
        print(f"installing {name} into its own environment ...", flush=True)
        venv.create(home, with_pip=True)
        for what in INSTALL[name]:
            subprocess.run([python, "-m", "pip", "install", "--quiet", *what], check=True)
    return str(python)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--reads", type=int, default=200)
    parser.add_argument("--environments", type=Path, default=Path(tempfile.gettempdir()) / "nanogrid-rig-peers")
    options = parser.parse_args()

    pythons = {name: python_of(options.environments, env) for name, env in WITH.items()}
    core = min(os.sched_getaffinity(0))
    with answering(answer, core) as port:
        contestants = [Contestant.start(name, pythons.get(name, sys.executable), port, core) for name in NAMES]
        medians: dict[str, list[float]] = {one.name: [] for one in contestants}
        for round_ in range(options.rounds + 1):  # the first warms up and does not count
            for one in random.sample(contestants, len(contestants)):
                median = one.read(options.reads)
                if round_:
                    medians[one.name].append(median)
        for one in contestants:
            one.end()

    figures = {name: statistics.median(rounds) for name, rounds in medians.items()}
    print(f"core {core}, Python {platform.python_version()}; {options.rounds} shuffled rounds of {options.reads} reads")
    for one in contestants:
        figure = figures[one.name]
        print(f"{one.name:16s}{figure:9.1f} us {figure / figures['pyvisa_py']:7.2f} x pyvisa-py   {one.about}")
    control = figures["raw again (A/A)"] / figures["raw"]
    if abs(control - 1) > 0.05:
        print(f"VOID: the A/A control is {control:.2f}, not 1")
        return 2
    ahead = all(figures["ours"] < figures[name] for name in WITH)
    ratio = figures["ours"] / figures["pyvisa_py"]
    print(f"A/A control {control:.2f}; ours {ratio:.2f} x pyvisa-py, aim at most {AIM}; ahead of all others: {ahead}")
    return 0 if ratio <= AIM and ahead else 1


if __name__ == "__main__":
    sys.exit(main())
