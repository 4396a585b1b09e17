"""What all plans cost for one device of each kind on the twin, and whether memory stays flat over many cases.

    python -m benchmarks.compliance [--devices NAME ...] [--times 10] [--write]

Wall time of the whole command with profile `compliance`, the twin included, on whatever cores there are; milliseconds a
case are that by the number of cases. Memory is the highest resident set of the rig's process while cases run, of the
twin's, and of the rig's while the report is made; for five cases and for as many times more of the same.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studies.command import BENCH, RIG
from studies.page import DOCS, write

PAGE = DOCS / "benchmarks.md"
AIM_S = 120.0
DEVICES = ("reference", "limiter", "plain-load", "appliance", "ac-inverter", "small-battery", "charge-controller",
           "ac-adapter", "grid-node")  # fmt: skip
FEW = 5
FLAT = 1.2
"""Of the memory for a few cases, below which that for many counts as flat."""
CASES = """
from rig.faults import Base, Overload
from rig.run import Case, Judge, Shot, cases


@cases([Case("OC-01", Overload(2.0), base=Base(load=0.5), hold="950 ms", note=f"number {{n}}") for n in range({count})])
def test_again(shot: Shot, judge: Judge) -> None:
    \"\"\"The same case again and again.\"\"\"
    judge(shot.operate_time())
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """One command: wall seconds, cases, highest memory of the rig and of its twin in MiB."""

    device: str
    seconds: float
    cases: int
    rig: float
    twin: float
    report: float
    """As `rig`, while the report was made: it holds the whole page, figures and all."""

    @property
    def row(self) -> str:
        """Of the table."""
        each = 1e3 * self.seconds / self.cases
        memory = f"{self.rig:.0f} | {self.twin:.0f} | {self.report:.0f}"
        return f"| {self.device} | {self.seconds:.1f} | {self.cases} | {each:.0f} | {memory} |\n"


def carry_out(device: str, *plans: str) -> Cost:
    """Run it and watch its memory."""
    with tempfile.TemporaryDirectory(prefix="rig-bench-") as place:
        out, begun = Path(place) / "run", time.perf_counter()
        process = subprocess.Popen(
            [*RIG, "run", *plans, "--bench", BENCH, "--device", device, "--profile", "compliance", "--out", str(out)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        rig = twin = report = 0.0
        while process.poll() is None:
            now = _resident(process.pid, "VmRSS:")
            rig, report = (rig, max(report, now)) if _ended(out) else (max(rig, now), report)
            twin = max([twin, *(_resident(pid, "VmHWM:") for pid in _twins(process.pid))])
            time.sleep(0.1)
        seconds = time.perf_counter() - begun
        if process.returncode not in (0, 1, 4):
            sys.exit(f"{device}: exit code {process.returncode}")
        run = json.loads((out / "run.json").read_text(encoding="utf-8"))
        return Cost(device, seconds, sum(run["counts"].values()), rig, twin, report)


def _ended(run: Path) -> bool:
    """Whether the journal has its end: only the report is left to be made."""
    try:
        with (run / "journal.jsonl").open("rb") as journal:
            journal.seek(-min(400, journal.seek(0, 2)), 2)
            return b'"kind":"end"' in journal.read()
    except OSError:
        return False


def _resident(pid: int, which: str) -> float:
    """VmRSS or VmHWM, MiB; 0 for a process that is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) / 1024 for line in lines if line.startswith(which)), 0.0)


def _twins(owner: int) -> Iterator[int]:
    """Processes of the twin that this run has started."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            command = (place / "cmdline").read_bytes().split(b"\0")
            parent = int((place / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if parent == owner and any(b"rig.twin" in word for word in command):
            yield int(place.name)


def main() -> int:
    """Measure; with --write, rewrite the page."""
    ask = argparse.ArgumentParser(prog="python -m benchmarks.compliance", description=__doc__)
    ask.add_argument("--devices", nargs="*", default=list(DEVICES), metavar="NAME")
    ask.add_argument("--times", type=int, default=10, metavar="N", help="more cases for the memory")
    ask.add_argument("--write", action="store_true", help="rewrite docs/benchmarks.md")
    told = ask.parse_args()
    lines = [
        "| device | wall s | cases | ms a case | rig MiB | twin MiB | report MiB |\n",
        "|---|---:|---:|---:|---:|---:|---:|\n",
    ]
    costs = []
    for device in told.devices:
        costs.append(carry_out(device))
        lines.append(costs[-1].row)
        print(lines[-1], end="", flush=True)
    with tempfile.TemporaryDirectory(prefix="rig-bench-") as place:
        many = []
        for count in (FEW, FEW * told.times):
            plan = Path(place) / f"test_{count}.py"
            plan.write_text(CASES.format(count=count), encoding="utf-8")
            many.append(carry_out("reference", str(plan)))
    few, last = many
    grown = max(last.rig / few.rig, last.twin / few.twin)
    lines.append(
        f"\n{last.cases} cases instead of {few.cases}: the rig {few.rig:.0f} to {last.rig:.0f} MiB, the twin "
        f"{few.twin:.0f} to {last.twin:.0f} MiB (at most {grown:.2f} x), the report {few.report:.0f} to "
        f"{last.report:.0f} MiB; {1e3 * few.seconds / few.cases:.0f} and "
        f"{1e3 * last.seconds / last.cases:.0f} ms a case, start and end included.\n"
    )
    text = "".join(lines)
    print(text)
    if told.write:
        write(PAGE, "compliance", text)
    return 0 if all(one.seconds <= AIM_S for one in costs) and grown <= FLAT else 1


if __name__ == "__main__":
    sys.exit(main())
