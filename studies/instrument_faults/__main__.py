"""`python -m studies.instrument_faults`: everything that can fail on the bench, in every phase of a case.

The first case of the protection plan runs on the twin; something breaks as its route is closed, as the device is fed,
as the digitizer is armed, inside the injection, while the recovery is watched, or as the bench is made safe. Whatever
comes of it must end with a safe bench by the twin's truth, without blaming the device, and with the culprit named.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from studies.instrument_faults.one import COMBINATIONS, Broken, Ended, carry_out
from studies.instrument_faults.victim import PHASES
from studies.page import DOCS, write

PAGE = DOCS / "instrument-faults.md"


def table(ended: list[Ended]) -> Iterator[str]:
    """A row for each fault, a column for each phase."""
    yield f"| what fails | {' | '.join(PHASES)} |\n|---|{'---|' * len(PHASES)}\n"
    for broken in COMBINATIONS:
        row = {one.phase: one for one in ended if one.broken == broken}
        if row:
            yield f"| {broken.label} | {' | '.join(_cell(row[phase]) if phase in row else '' for phase in PHASES)} |\n"


def _cell(one: Ended) -> str:
    return f"**{one.code}: {'; '.join(one.wrong)}**" if one.wrong else str(one.code)


def study(chosen: list[tuple[Broken, str]], folder: Path, select: str, jobs: int) -> Iterator[Ended]:
    """Carry them out, `jobs` at a time, in order."""

    def one(numbered: tuple[int, tuple[Broken, str]]) -> Ended:
        number, (broken, phase) = numbered
        return carry_out(broken, phase, folder / f"{number:03}", select)

    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(one, enumerate(chosen))


def main() -> int:
    """Run the study; with --write, rewrite the page."""
    ask = argparse.ArgumentParser(prog="python -m studies.instrument_faults", description=__doc__)
    ask.add_argument(
        "--faults", nargs="*", default=[""], metavar="WORD", help="only what has one of these in its label"
    )
    ask.add_argument("--phases", nargs="*", default=list(PHASES), choices=list(PHASES))
    ask.add_argument("--select", default="short", metavar="EXPR", help="the case, as pytest's -k")
    ask.add_argument("--jobs", type=int, default=2, metavar="N")
    ask.add_argument("--write", action="store_true", help="rewrite docs/instrument-faults.md")
    told = ask.parse_args()
    chosen = [
        (one, phase) for one in COMBINATIONS if any(word in one.label for word in told.faults) for phase in told.phases
    ]
    ended: list[Ended] = []
    with tempfile.TemporaryDirectory(prefix="rig-faults-") as directory:
        for one in study(chosen, Path(directory), told.select, told.jobs):
            ended.append(one)
            mark = f"WRONG: {'; '.join(one.wrong)}" if one.wrong else "as promised"
            print(f"{len(ended):4} {one.broken.label}, {one.phase}: exit {one.code}, {mark} ({one.told})", flush=True)
    held = sum(not one.wrong for one in ended)
    text = f"{held} of {len(ended)} combinations as promised.\n\n" + "".join(table(ended))
    print(text)
    if told.write:
        write(PAGE, "table", text)
    return 0 if held == len(ended) else 1


if __name__ == "__main__":
    sys.exit(main())
