"""`python -m studies.wrong_benches`: does the bench proof see each bench that is not as its file says, and no other?

Every fault of the twin's bench that is there at start, part by part, must end `rig check` with exit 3 and its part
named. Each that begins while the only case of a run is made safe must end that run with exit 3, and named. The right
bench must pass with every seed, that is with every draw of its tolerances. docs/wrong-benches.md gets the table.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import testplans
from rig.twin.scene.faults import FAULTS
from rig.twin.scene.load import load_scene
from studies.page import DOCS, write
from studies.wrong_benches.benches import AT_START_ONLY, EXEMPT, NOT_IN_RUNS, Wrong, wrong_benches
from studies.wrong_benches.one import Seen, at_start, in_a_run, right

PAGE = DOCS / "wrong-benches.md"
HEALTHY = Path(testplans.__file__).parent / "scenes" / "healthy.yaml"
Item, Result = TypeVar("Item"), TypeVar("Result")


def comes_in_a_run(bench: Wrong) -> bool:
    """What a wire does is there from the start, and what shows later is not there yet."""
    return not FAULTS[bench.kind].wired and bench.kind not in AT_START_ONLY | NOT_IN_RUNS


def each(items: Sequence[Item], do: Callable[[Item, Path], Result], jobs: int) -> Iterator[Result]:
    """`do` of each with a folder of its own, `jobs` at a time, in order."""
    with tempfile.TemporaryDirectory(prefix="rig-wrong-") as directory, ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda item: do(item[1], Path(directory) / f"{item[0]:04}"), enumerate(items))


def watched(what: str, items: Sequence[Wrong], do: Callable[[Wrong, Path], Seen], jobs: int) -> list[Seen]:
    """The same, told line by line."""
    found = []
    for seen in each(items, do, jobs):
        found.append(seen)
        print(f"{what} {len(found):3} {seen.bench.label}: {seen.wrong or 'as promised'} ({seen.said})", flush=True)
    return found


def table(begun: list[Seen], later: list[Seen]) -> Iterator[str]:
    """A row for each kind of fault."""
    yield "| what is wrong | at start | seen and named | begins in a run | seen and named |\n|---|---|---|---|---|\n"
    for kind in FAULTS.values():
        cells = [
            cell for part in (begun, later) for cell in _cells([one for one in part if one.bench.kind == kind.name])
        ]
        if any(cells):
            yield f"| {kind.name}: {kind.does} | {' | '.join(cells)} |\n"


def _cells(rows: list[Seen]) -> tuple[str, str]:
    """How many, and how many as promised; nothing where there were none."""
    held = sum(not one.wrong for one in rows)
    return (str(len(rows)), str(held) if held == len(rows) else f"**{held}**") if rows else ("", "")


def main() -> int:
    """Run the study; with --write, rewrite the page."""
    ask = argparse.ArgumentParser(prog="python -m studies.wrong_benches", description=__doc__)
    ask.add_argument("--seeds", type=int, default=200, metavar="N", help="of the right bench")
    ask.add_argument("--only", nargs="*", default=[""], metavar="WORD", help="faults with one of these in their label")
    ask.add_argument("--in-run", action=argparse.BooleanOptionalAction, default=True)
    ask.add_argument("--at-start", action=argparse.BooleanOptionalAction, default=True)
    ask.add_argument("--jobs", type=int, default=2, metavar="N")
    ask.add_argument("--write", action="store_true", help="rewrite docs/wrong-benches.md")
    told = ask.parse_args()
    benches = [one for one in wrong_benches(load_scene(HEALTHY).bench) if any(word in one.label for word in told.only)]
    begun = watched("at start", benches, at_start, told.jobs) if told.at_start else []
    later = (
        watched("in a run", [one for one in benches if comes_in_a_run(one)], in_a_run, told.jobs) if told.in_run else []
    )
    refused = []
    for seed, why in enumerate(each(range(1, told.seeds + 1), lambda seed, _: right(seed), told.jobs), start=1):
        refused += [why] if why else []
        if why:
            print(f"the right bench, seed {seed}: {why}", flush=True)
    bad = [one for one in (*begun, *later) if one.wrong]
    held = [sum(not one.wrong for one in part) for part in (begun, later)]
    itself = [sum(one.itself for one in part) for part in (begun, later)]
    text = (
        f"Wrong from the start: {held[0]} of {len(begun)} seen before the device was energised, and their part named. "
        f"Wrong by the end of a run's only case: {held[1]} of {len(later)} seen by the proof after it, and named. "
        f"In {itself[0]} and {itself[1]} of them the finding is of that part itself; in the others another shows it, "
        "and the step in which it does has the part's name. "
        f"The right bench: proved with {told.seeds - len(refused)} of {told.seeds} seeds.\n\n"
        + "".join(table(begun, later))
    )
    text += "".join(f"\nNot as promised: {one.bench.label}: {one.wrong}." for one in bad)
    text += "".join(f"\n\nNot tried: {name}, which {why}." for name, why in EXEMPT.items())
    print(text)
    if told.write:
        write(PAGE, "table", text)
    return 1 if bad or refused else 0


if __name__ == "__main__":
    sys.exit(main())
