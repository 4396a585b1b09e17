"""What the demo plan costs, whole and case by case, and where the time goes.

    python -m benchmarks.plan [--runs 5] [--write]

Every run is a process of its own with a twin of its own, both on one core, because between cores the scheduler decides
what a reply costs. Runs are taken in turns by two equal parties, A and B: when the medians of A and B differ by more
than 5 %, or both processes together got less than 90 % of their core, the machine was busy and the result is void.
Figures are medians over all runs.

wire: the rig waits for a reply and the twin is not computing; engine: the twin advances the circuit; rendering: the
twin produces samples; analysis: measuring and judging; record: journal, transcripts, captures, table (with waiting for
the disk); rest: drivers, pytest, allure, everything else.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

KINDS = ("wire", "engine", "rendering", "analysis", "record", "rest")
PHASES = ("imports", "twin start", "open, identify, calibrate", "cases", "safe state and close", "report", "other")
AIM_PLAN_S, AIM_CASE_S = 20.0, 0.150
CONTROL = 0.05
IDLE = 0.9  # of the wall time that two processes on one core must have got, for the machine to have been theirs
LIBRARIES = ("numpy", "scipy", "pandas", "pyarrow", "matplotlib", "pytest", "allure-pytest", "pyvisa-py", "pyserial")
DOCUMENT = Path(__file__).parent.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures by --write: begin -->\n", "<!-- end -->\n"

Run = dict[str, Any]


def one(plan: str) -> Run:
    """Run once; what the child measured, and the whole process as the parent saw it."""
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory) / "out.json"
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
        command = [sys.executable, "-m", "benchmarks.one_run", plan, str(Path(directory) / "run"), str(out)]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        wall, after = perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode not in {0, 1} or not out.exists():
            sys.exit(f"the plan did not run: exit code {done.returncode}")
        run: Run = json.loads(out.read_text())
    run["wall"] = wall
    run["cpu"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    phases = run["phases"]
    phases["cases"] = sum(case["wall"] for case in run["cases"])
    phases["other"] = wall - sum(phases.values())
    return run


def table(runs: list[Run]) -> list[str]:
    """The figures as Markdown."""
    lines = ["| case | ms | " + " | ".join(KINDS) + " |", "|---|" + "---:|" * (len(KINDS) + 1)]
    for rows in zip(*(run["cases"] for run in runs), strict=True):
        parts = " | ".join(f"{1e3 * median(row[kind] for row in rows):.0f}" for kind in KINDS)
        lines.append(f"| {rows[0]['case']} | {1e3 * median(row['wall'] for row in rows):.0f} | {parts} |")
    lines += ["", "| part of the plan | s |", "|---|---:|"]
    lines += [f"| {phase} | {median(run['phases'][phase] for run in runs):.2f} |" for phase in PHASES]
    lines.append(f"| **whole process** | **{median(run['wall'] for run in runs):.2f}** |")
    return lines


def machine(place: str, names: tuple[str, ...] = LIBRARIES) -> str:
    """What the figures depend on: `place` says where the contestants ran."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    libraries = ", ".join(f"{name} {version(name)}" for name in names)
    return f"{model}, {os.cpu_count()} cores, {place}, Python {platform.python_version()}, {libraries}"


def publish(document: Path, text: str) -> None:
    """Replace the figures between the marks of a page of the documentation."""
    head, rest = document.read_text().split(BEGIN)
    document.write_text(f"{head}{BEGIN}{text}\n{END}{rest.split(END)[1]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("plan", nargs="?", default="protection")
    parser.add_argument("--runs", type=int, default=5, help="of each of the two parties")
    parser.add_argument("--unpinned", action="store_true", help="let the scheduler place rig and twin, as a user does")
    parser.add_argument("--write", action="store_true", help=f"put the figures into docs/{DOCUMENT.name}")
    options = parser.parse_args()

    core = None if options.unpinned else max(os.sched_getaffinity(0))
    if core is not None:
        os.sched_setaffinity(0, {core})
    # Compiled modules are a part of an installed program; some machines switch them off.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    one(options.plan)  # warms the caches of disk and byte code
    runs = [one(options.plan) for _ in range(2 * options.runs)]

    control = median(run["wall"] for run in runs[1::2]) / median(run["wall"] for run in runs[::2])
    wall = median(run["wall"] for run in runs)
    busy = median(run["cpu"] / run["wall"] for run in runs)
    cases = [median(row["wall"] for row in rows) for rows in zip(*(run["cases"] for run in runs), strict=True)]
    same = len({run["sha256"] for run in runs}) == 1
    fastest, slowest = min(run["wall"] for run in runs), max(run["wall"] for run in runs)
    spread = f"{len(runs)} runs, whole process {fastest:.2f} to {slowest:.2f} s"
    logs = "all equal" if same else "DIFFERENT"
    notes = [
        f"{machine('not pinned' if core is None else 'rig and twin on one core')}.",
        f"{spread}, processor time {100 * busy:.0f} % of it; A/A control {control:.3f}; event logs {logs}.",
        (
            f"Median case {1e3 * median(cases):.0f} ms (aim {1e3 * AIM_CASE_S:.0f}), "
            f"longest {1e3 * max(cases):.0f} ms, plan {wall:.1f} s (aim {AIM_PLAN_S:.0f})."
        ),
    ]
    text = "\n".join([*table(runs), "", *notes])
    print(text)
    if abs(control - 1) > CONTROL or (core is not None and busy < IDLE):
        print(f"VOID: the machine was busy: A/A control {control:.3f}, processor time {100 * busy:.0f} %")
        return 2
    if options.write:
        publish(DOCUMENT, text)
    return 0 if same and wall <= AIM_PLAN_S and median(cases) <= AIM_CASE_S else 1


if __name__ == "__main__":
    sys.exit(main())
