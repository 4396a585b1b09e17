"""`python -m studies.unseen`: do the plans catch defects that nobody had in mind when they were written?

Every defect that is kept aside goes into the devices that it is meant for, and the cases of the clause that it violates
run. What is not caught there goes through the whole plan without the climate chamber, the day of a household and the
slow sag, for the first device of each defect (`--whole`). A clause that the device without the defect fails too proves
nothing. A run that the bench ended is no result, and is repeated. docs/unseen.md gets the table.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rig.run.covering import ALWAYS
from rig.twin.scene.defects.kept_aside import KEPT_ASIDE
from studies.catch.devices import KINDS, Defective
from studies.catch.one import CAUGHT, Found, carry_out, carry_out_whole, remembered, sound
from studies.page import DOCS, write
from studies.unseen.told import HARMLESS, MISSED

PAGE = DOCS / "unseen.md"
LEFT_OUT = "TMPR-01 or TMPR-02 or TMPR-03 or PWR-02 or UV-01"
"""Of the whole plan: climate, day and slow sag, which take longer than all others together."""
IN_PLACE = {"SC-01", "OPN-01"}
"""Whose cases show whether a sound device fails what every case judges."""
TRIES = 3
BENCH_ENDED = "exit 3"


@dataclass(frozen=True, slots=True)
class Result:
    """A defect in a device: what the cases of its clause found, and the whole plan where that was asked."""

    tested: Defective
    first: Found
    whole: Found | None = None
    anyway: frozenset[str] = frozenset()
    """What the device without the defect fails too."""

    @property
    def verdict(self) -> str:
        """Of the clause that the defect violates."""
        if self.whole is not None and self.whole.verdict in CAUGHT:
            return self.whole.verdict
        return self.first.verdict

    @property
    def others(self) -> tuple[str, ...]:
        """The other clauses that failed, and would not without the defect."""
        found = (*self.first.others, *(() if self.whole is None else self.whole.others))
        return tuple(clause for clause in dict.fromkeys(found) if clause not in self.anyway)

    @property
    def outcome(self) -> str:
        """In the words of the page."""
        if self.verdict in CAUGHT and self.tested.defect.clause not in self.anyway:
            return "caught"
        if self.others:
            return "caught elsewhere"
        if (self.tested.defect.name, self.tested.kind.device) in HARMLESS:
            return "no violation"
        last = self.first if self.whole is None else self.whole
        return "no result" if last.said.startswith(BENCH_ENDED) else "missed"


def meant(most: int) -> Iterator[tuple[int, Defective]]:
    """The first devices of each defect, `most` at most, each with its place; first all firsts, then all seconds."""
    by_name = {kind.device: kind for kind in KINDS}
    for place in range(most):
        for one in KEPT_ASIDE:
            if place < len(one.devices):
                yield place, Defective(by_name[one.devices[place]], one.defect)


def steady(carry: Callable[[Path], Found], folder: Path) -> Found:
    """What `carry` finds; a run that the bench ended is repeated, TRIES times in all."""
    found = Found("nothing", (), "never run")
    for number in range(TRIES):
        try:
            found = carry(folder / str(number))
        except subprocess.TimeoutExpired:
            return Found("nothing", (), "ended after 15 minutes")
        if not found.said.startswith(BENCH_ENDED):
            break
    return found


def kept(folder: Path, tested: Defective) -> bool:
    """Whether an earlier run of the study has found something of it."""
    return any((folder / f"{way}{tested.label}.json").exists() for way in ("", "whole "))


def table(results: list[Result]) -> Iterator[str]:
    """A row for each defect in each device."""
    yield "| defect | device | clause | on that clause | other clauses that failed | |\n|---|---|---|---|---|---|\n"
    for one in sorted(results, key=lambda one: [aside.defect for aside in KEPT_ASIDE].index(one.tested.defect)):
        defect, device = one.tested.defect, one.tested.kind.device
        why = HARMLESS.get((defect.name, device))
        outcome = one.outcome if one.outcome.startswith("caught") else f"**{one.outcome}**"
        told = f"{outcome}: {why}" if why and one.outcome == "no violation" else outcome
        looked = "" if one.whole is None or one.verdict in CAUGHT else ", then the whole plan"
        others = ", ".join(one.others) or "none"
        cells = (f"{defect.name} {defect.default}", device, defect.clause, f"{one.verdict}{looked}", others, told)
        yield f"| {' | '.join(cells)} |\n"


def figure(results: list[Result]) -> str:
    """How many were caught: of the defects, each in its first device, and of all runs of a defect in a device."""
    ways = ("caught", "caught elsewhere", "missed", "no violation", "no result")
    counts = Counter(one.outcome for one in results)
    by_defect: dict[str, list[str]] = {}
    for one in results:
        by_defect.setdefault(one.tested.defect.name, []).append(one.outcome)
    first = Counter(outcomes[0] for outcomes in by_defect.values())
    return (
        f"{len(by_defect)} defects, each in the first device that it is meant for: {_counted(first, ways)}. "
        f"All {len(results)} runs of a defect in a device: {_counted(counts, ways)}."
    )


def _counted(counts: Counter[str], ways: tuple[str, ...]) -> str:
    return ", ".join(f"{counts[way]} {way}" for way in ways if counts[way] or way in ways[:3])


def misses(results: list[Result]) -> Iterator[str]:
    """A line for each defect that some device was not caught with."""
    for name in dict.fromkeys(one.tested.defect.name for one in results if one.outcome == "missed"):
        yield f"- **{name}**: {MISSED.get(name, 'not looked at yet')}\n"


def main() -> int:
    """Run the study; with --write, rewrite the page."""
    ask = argparse.ArgumentParser(prog="python -m studies.unseen", description=__doc__)
    ask.add_argument("--most", type=int, default=3, metavar="N", help="devices of each defect")
    ask.add_argument("--whole", type=int, default=1, metavar="N", help="of these, how many through the whole plan")
    ask.add_argument("--only", nargs="*", default=[""], metavar="WORD", help="defects with one of these in their name")
    ask.add_argument("--found", action="store_true", help="only defects of which the folder has something")
    ask.add_argument("--folder", type=Path, help="where what was found is kept, so that the study can go on later")
    ask.add_argument("--jobs", type=int, default=2, metavar="N")
    ask.add_argument("--write", action="store_true", help="rewrite docs/unseen.md")
    told = ask.parse_args()
    with tempfile.TemporaryDirectory(prefix="rig-unseen-") as place, ThreadPoolExecutor(told.jobs) as pool:
        folder = told.folder or Path(place)
        folder.mkdir(parents=True, exist_ok=True)

        def one_of(item: tuple[int, Defective]) -> Result:
            at, tested = item
            slug = tested.label

            def through_all() -> Found:
                return remembered(
                    folder / f"whole {slug}",
                    lambda where: steady(lambda run: carry_out_whole(tested, run, LEFT_OUT), where),
                )

            if tested.defect.clause == ALWAYS:  # which every case judges
                result = Result(tested, through_all())
            else:
                first = remembered(folder / slug, lambda where: steady(lambda run: carry_out(tested, run), where))
                result = Result(tested, first)
                if result.verdict not in CAUGHT and at < told.whole:
                    result = Result(tested, first, through_all())
            seen = result.first if result.whole is None else result.whole
            print(f"{tested.label}: {tested.defect.clause} {result.verdict}, {result.others} ({seen.said})", flush=True)
            return result

        wanted = [
            (at, one) for at, one in meant(told.most)
            if any(word in one.defect.name for word in told.only)
            and (not told.found or kept(folder, one))
        ]  # fmt: skip
        results = list(pool.map(one_of, wanted))
        failed: dict[str, set[str]] = {}
        for one in results:
            also = {one.tested.defect.clause} if one.verdict in CAUGHT else set()
            failed.setdefault(one.tested.kind.device, set()).update(one.others, also)
        kinds = [kind for kind in KINDS if failed.get(kind.device)]

        def anyway_of(device: str) -> Found:
            kind = next(one for one in kinds if one.device == device)
            only = sorted(failed[device] - {ALWAYS} or IN_PLACE)
            return remembered(
                folder / f"sound {device} {' '.join(only)}",
                lambda where: steady(lambda run: sound(kind, run, 1, only, LEFT_OUT), where),
            )

        names = [kind.device for kind in kinds]
        anyway = dict(zip(names, pool.map(anyway_of, names), strict=True))
    for device, found in anyway.items():
        print(f"without a defect: {device}: {found.verdict} {found.others} ({found.said})", flush=True)
    results = [
        Result(one.tested, one.first, one.whole, frozenset(anyway[one.tested.kind.device].others))
        if one.tested.kind.device in anyway else one
        for one in results
    ]  # fmt: skip
    text = f"{figure(results)}\n\n{''.join(table(results))}"
    if told_of := "".join(misses(results)):
        text += f"\n{told_of}"
    print(text)
    if told.write:
        write(PAGE, "table", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
