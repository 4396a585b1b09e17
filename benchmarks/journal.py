"""What the journal costs: the demo plan with it and without it.

    python -m benchmarks.journal [--rounds 5] [--folder DIR] [--write]

With it, every intent and every verdict waits for the disk (fsync); without it nothing is written or waited for. Each
run is a process of its own with a twin of its own, all on one core, taken in turns: with (A), without, with (B).
Compared is the wall time from the opening of the bench to its end; imports, the twin's start and the report have no
journal. The ratio is the median of all runs with it over the median of those without. When the medians of A and B
differ by more than 5 % the result is void. Run folders lie in `--folder`, by default where runs lie, for what a fsync
costs depends on the disk.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.plan import CONTROL, DOCUMENT, machine

AIM = 1.1
BEGIN, END = "<!-- journal, by --write: begin -->\n", "<!-- journal: end -->\n"
LIBRARIES = ("numpy", "pyarrow", "pytest")


def one(plan: str, folder: Path, *, journal: bool) -> dict[str, Any]:
    """Run once in a new process; seconds from opening to end, waits for the disk and seconds in the journal."""
    with tempfile.TemporaryDirectory(dir=folder) as directory:
        out = Path(directory) / "out.json"
        command = [sys.executable, "-m", "benchmarks.journal", plan, "--child", directory]
        done = subprocess.run(command + ([] if journal else ["--without"]), stdout=subprocess.DEVNULL, check=False)
        if done.returncode or not out.exists():
            sys.exit(f"the plan did not run: exit code {done.returncode}")
        found: dict[str, Any] = json.loads(out.read_text())
        return found


def child(plan: str, folder: Path, *, journal: bool) -> int:
    """The run itself, in this process."""
    from rig.record import Entry, Journal
    from rig.run.progress import Progress, new_console
    from rig.run.run import Run
    from rig.run.runner import run_plan
    from rig.run.setup import Options, load_setup, plan_paths
    from rig.safety.interrupts import Interrupts

    times: dict[str, float] = {}
    spent = [0.0, 0]
    if journal:
        write = Journal.write

        def timed(self: Journal, kind: str, data: dict[str, Any], durable: bool = False) -> Entry:
            begin = perf_counter()
            try:
                return write(self, kind, data, durable)
            finally:
                spent[0] += perf_counter() - begin
                spent[1] += durable

        Journal.write = timed  # type: ignore[method-assign]
    else:
        Journal.write = lambda _self, kind, data, durable=False: Entry(0, "", kind, data, "", "")  # type: ignore[method-assign,assignment]
        Journal.commit = lambda _self: None  # type: ignore[method-assign,assignment]
    opening, closing = Run.open, Run.close

    def opened(self: Run) -> None:
        times.setdefault("begin", perf_counter())
        opening(self)

    def closed(self: Run) -> None:
        closing(self)
        times.setdefault("end", perf_counter())

    Run.open, Run.close = opened, closed  # type: ignore[method-assign]
    with Path(os.devnull).open("w") as nowhere:
        setup = load_setup(Options(out=str(folder / "run")))
        code, _ = run_plan(setup, plan_paths([plan]), None, [], Progress(new_console(nowhere)), Interrupts())
    seconds = times["end"] - times["begin"]
    (folder / "out.json").write_text(json.dumps({"seconds": seconds, "journal": spent[0], "waits": spent[1]}))
    return code


def file_system(folder: Path) -> str:
    """The type of the file system that `folder` lies on."""
    done = subprocess.run(["stat", "-f", "-c", "%T", str(folder)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("plan", nargs="?", default="protection")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path("runs"))
    parser.add_argument("--write", action="store_true", help=f"put the figures into docs/{DOCUMENT.name}")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--without", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child is not None:
        return child(options.plan, options.child, journal=not options.without)

    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    options.folder.mkdir(parents=True, exist_ok=True)
    one(options.plan, options.folder, journal=True)  # warms the caches of disk and byte code
    kinds = (("A", True), ("without", False), ("B", True))
    rounds = [
        {name: one(options.plan, options.folder, journal=journal) for name, journal in kinds}
        for _ in range(options.rounds)
    ]
    seconds = {name: median(one["seconds"] for one in (row[name] for row in rounds)) for name, _ in kinds}
    both = [row[name]["seconds"] for row in rounds for name in ("A", "B")]
    ratio, control = median(both) / seconds["without"], seconds["B"] / seconds["A"]
    inside = median(row[name]["journal"] for row in rounds for name in ("A", "B"))
    without = [row["without"]["seconds"] for row in rounds]
    spread = f"with {min(both):.2f} to {max(both):.2f} s, without {min(without):.2f} to {max(without):.2f} s"
    lines = [
        "| plan, from opening the bench to its end | s | x without |",
        "|---|---:|---:|",
        f"| without a journal | {seconds['without']:.2f} | 1.00 |",
        f"| with it (A) | {seconds['A']:.2f} | {seconds['A'] / seconds['without']:.3f} |",
        f"| with it again (B) | {seconds['B']:.2f} | {seconds['B'] / seconds['without']:.3f} |",
        "",
        f"{machine(f'core {core}', LIBRARIES)}, {file_system(options.folder)}.",
        f"{len(rounds)} rounds in turns; {spread}.",
        f"Ratio {ratio:.3f}, aim {AIM}; A/A control {control:.3f}.",
        f"In the journal itself: {1e3 * inside:.0f} ms, with {rounds[0]['A']['waits']} waits for the disk.",
    ]
    text = "\n".join(lines)
    print(text)
    if abs(control - 1) > CONTROL:
        print(f"VOID: the machine was busy: A/A control {control:.3f}")
        return 2
    if options.write:
        head, rest = DOCUMENT.read_text().split(BEGIN)
        DOCUMENT.write_text(f"{head}{BEGIN}{text}\n{END}{rest.split(END)[1]}")
    return 0 if ratio <= AIM else 1


if __name__ == "__main__":
    sys.exit(main())
