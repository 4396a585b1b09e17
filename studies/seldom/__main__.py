"""`python -m studies.seldom`: how often does one run find a defect that shows only sometimes?

Each of the twin's defects that come and go is put into the reference device, first always there: the cases of its
clause that find it then make so many faults. With smaller shares it shows in each of them with that chance, by itself,
and a run finds the defect with 1 - (1 - share)^faults. As many runs as asked for, each with a seed of its own, are held
against that. docs/catch.md gets the table.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rig.run.runner import collect
from rig.run.setup import plan_paths
from rig.twin.scene.defects.table import DEFECTS
from studies.catch.chances import chance
from studies.catch.devices import KINDS, Defective
from studies.catch.one import carry_out, remembered
from studies.page import DOCS, write

__all__ = ["Tally", "table"]

PAGE = DOCS / "catch.md"
SOMETIMES = [defect for defect in DEFECTS if defect.name.startswith("sometimes-")]
ALWAYS = "100 %"
RARE = 0.001
"""Two-sided: what is less likely than that is not the binomial distribution."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Of `runs` with a defect that shows in a `share` of the times, `found` found it; each made so many `faults`."""

    defect: str
    clause: str
    share: float
    faults: int
    runs: int
    found: int

    @property
    def expected(self) -> float:
        """The chance of one run."""
        return chance(self.share, self.faults)

    @property
    def likely(self) -> bool:
        """Whether so many of them, or so few, may come of that chance."""
        below = sum(_binomial(self.runs, count, self.expected) for count in range(self.found + 1))
        above = sum(_binomial(self.runs, count, self.expected) for count in range(self.found, self.runs + 1))
        return min(below, above) > RARE / 2


def _binomial(runs: int, count: int, share: float) -> float:
    return math.comb(runs, count) * share**count * (1.0 - share) ** (runs - count)


def table(tallies: list[Tally]) -> Iterator[str]:
    """A row for each defect and share."""
    yield "| clause | defect | shows in | faults | chance of a run | found |\n|---|---|---|---|---|---|\n"
    for one in tallies:
        mark = "" if one.likely else " **unlike the chance**"
        yield (
            f"| {one.clause} | {one.defect} | {one.share:.0%} | {one.faults} | {one.expected:.0%} | "
            f"{one.found} of {one.runs}{mark} |\n"
        )


def main() -> int:
    """Run the study; with --write, rewrite its place on the page."""
    ask = argparse.ArgumentParser(prog="python -m studies.seldom", description=__doc__)
    ask.add_argument("--shares", type=float, nargs="*", default=[0.5, 0.2, 0.1], metavar="SHARE")
    ask.add_argument("--runs", type=int, default=25, metavar="N", help="with each share")
    ask.add_argument("--folder", type=Path, help="where what was found is kept, so that the study can go on later")
    ask.add_argument("--jobs", type=int, default=2, metavar="N")
    ask.add_argument("--write", action="store_true", help="rewrite the table in docs/catch.md")
    told = ask.parse_args()
    tallies, made = [], {one.key: one.case.before + 1 for one in collect(plan_paths([]), None)}
    with tempfile.TemporaryDirectory(prefix="rig-seldom-") as place, ThreadPoolExecutor(told.jobs) as pool:
        folder = told.folder or Path(place)
        folder.mkdir(parents=True, exist_ok=True)

        def found(name: str, size: str, seed: int) -> tuple[str, ...]:
            """The cases of its clause that found it."""
            tested = Defective(KINDS[0], next(one for one in SOMETIMES if one.name == name), size)
            at = folder / f"{name} {size.replace(' %', '')} {seed}"
            return remembered(at, lambda here: carry_out(tested, here, seed)).cases

        for defect in SOMETIMES:
            faults = sum(made[case] for case in found(defect.name, ALWAYS, 1))
            for number, share in enumerate(
                told.shares
            ):  # seeds of its own for each: what is drawn by one is drawn again
                size, seeds = f"{100 * share:g} %", range(number * told.runs + 1, (number + 1) * told.runs + 1)
                runs = list(pool.map(lambda seed, name=defect.name, size=size: found(name, size, seed), seeds))  # type: ignore[misc]
                tallies.append(Tally(defect.name, defect.clause, share, faults, told.runs, sum(map(bool, runs))))
                print("".join(table(tallies[-1:])).splitlines()[-1], flush=True)
    if told.write:
        write(PAGE, "seldom", "".join(table(tallies)))
    return 0 if all(one.likely for one in tallies) else 1


if __name__ == "__main__":
    sys.exit(main())
