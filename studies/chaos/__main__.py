"""`python -m studies.chaos`: hundreds of runs that end badly, and whether the bench was safe after each.

A run of the protection plan at the pace of the wall is killed (SIGKILL), stopped and let go on (SIGSTOP, SIGCONT),
asked to end (SIGTERM, SIGINT twice), or hangs in native code, at an event on its wires that is drawn by the seed: one
of the plan's, or, every third time, one while a fault is on the device. The twin's truth then says when the injector
was open and everything off; docs/safety.md gets the table.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from rig.twin.launch import launch
from studies.chaos.one import Bounds, End, Observed, carry_out
from studies.chaos.victim import ENDS
from studies.page import DOCS, write

PAGE = DOCS / "safety.md"
SELECT = "short or (overload and 2-x) or reverse--54"


def events(select: str) -> tuple[int, int]:
    """How many events the plan has on its wires, and how many of them while a fault is on."""
    with tempfile.TemporaryDirectory() as directory, launch(scene="healthy") as twin:
        channel, out = Path(directory) / "channel", Path(directory) / "run"
        victim = [sys.executable, "-m", "studies.chaos.victim", "SIGTERM", "0", "anywhere", str(channel)]
        run = ["run", "protection", "--bench", str(twin.bench), "--out", str(out), "-k", select]
        done = subprocess.run([*victim, *run], capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"the undisturbed plan ended with exit code {done.returncode}: {done.stdout}{done.stderr}")
        told = json.loads(channel.read_bytes().splitlines()[-1])
    return told["events"], told["in_faults"]


def drawn(count: int, seed: int, total: int, in_faults: int) -> list[End]:
    """The ends of a study: kinds in turn, every third inside a fault."""
    draw, kinds = random.Random(seed), list(ENDS)
    ends = []
    for number in range(count):
        inside = number // len(kinds) % 3 == 0
        event = draw.randint(1, in_faults if inside else total)
        ends.append(End(number, kinds[number % len(kinds)], event, "fault" if inside else "anywhere"))
    return ends


def table(seen: list[Observed]) -> Iterator[str]:
    """A row for each kind of end, inside faults and anywhere."""
    yield "| end | when | runs | with the injector closed | injector open, s | everything off, s | hang's deadline, s "
    yield "| journal lines | as promised |\n|---|---|---|---|---|---|---|---|---|\n"
    for kind in ENDS:
        for where, words in (("fault", "in a fault"), ("anywhere", "anywhere")):
            rows = [one for one in seen if one.end.kind == kind and one.end.where == where and one.reached]
            if not rows:
                continue
            held = [one for one in rows if not one.faults]
            deadlines = [one.deadline_s for one in rows]
            deadline = f"{min(deadlines):.3g} to {max(deadlines):.3g}" if kind == "deadlock" else ""
            yield (
                f"| {kind} | {words} | {len(rows)} | {sum(one.fault_on for one in rows)} "
                f"| {_spread([one.injector_s for one in rows])} | {_spread([one.off_s for one in rows])} | {deadline} "
                f"| {sum(one.lines for one in rows)} | {len(held)} |\n"
            )


def _spread(seconds: list[float]) -> str:
    return f"{median(seconds):.2f}, at most {max(seconds):.2f}"


def study(ends: list[End], folder: Path, *, pace: float, select: str, jobs: int) -> Iterator[Observed]:
    """Carry them out, `jobs` at a time, in the order in which they end."""

    def one(end: End) -> Observed:
        return carry_out(end, folder / f"{end.number:03}", pace=pace, select=select, bounds=Bounds())

    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(one, ends)


def main() -> int:
    """Run the study and rewrite the page."""
    ask = argparse.ArgumentParser(prog="python -m studies.chaos", description=__doc__)
    ask.add_argument("--ends", type=int, default=300, metavar="N")
    ask.add_argument("--seed", type=int, default=1, metavar="N")
    ask.add_argument("--pace", type=float, default=1.0, metavar="K")
    ask.add_argument("--jobs", type=int, default=4, metavar="N", help="runs at a time")
    ask.add_argument("--select", default=SELECT, metavar="EXPR", help="cases of the protection plan")
    ask.add_argument("--write", action="store_true", help="rewrite the table in docs/safety.md")
    told = ask.parse_args()
    total, in_faults = events(told.select)
    seen: list[Observed] = []
    with tempfile.TemporaryDirectory(prefix="rig-chaos-") as directory:
        ends = drawn(told.ends, told.seed, total, in_faults)
        for one in study(ends, Path(directory), pace=told.pace, select=told.select, jobs=told.jobs):
            seen.append(one)
            words = "; ".join(one.faults) or ("as promised" if one.reached else "the plan was over before")
            print(
                f"{len(seen):4} {one.end.kind}, {one.end.where} {one.end.event}: injector {one.injector_s:.2f} s, "
                f"off {one.off_s:.2f} s, {one.lines} lines: {words}",
                flush=True,
            )
    reached = [one for one in seen if one.reached or one.faults]
    kept = sum(not one.faults for one in reached)
    said = (
        f"{kept} of {len(reached)} ends as promised ({told.ends - len(reached)} came after the plan was over); seed "
        f"{told.seed}, pace {told.pace:g}, {total} events, {in_faults} of them in faults; at most "
        f"{max(one.i2t for one in reached):.3g} A²s through the injector.\n\n"
    )
    text = said + "".join(table(seen))
    print(text)
    if told.write:
        write(PAGE, "chaos", text)
    return 0 if kept == len(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
