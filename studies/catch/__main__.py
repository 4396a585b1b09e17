"""`python -m studies.catch`: does the plan catch every defect that a device can have, and spare the device without one?

Every device goes through the whole plan as it is; the sound ones with several seeds, that is with other errors of the
instruments. Then every defect that the twin knows goes into every device with one source port, and the cases of the
clause which it violates run, unless the device fails that clause anyway. A defect that no case can catch yet is listed
with the reason. docs/catch.md gets the tables.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rig.run.covering import clauses_of, coverage
from rig.run.profiles import choices, selected
from rig.run.runner import collect
from rig.run.setup import Options, load_setup, plan_paths
from studies.catch.chances import chances
from studies.catch.devices import KINDS, Defective, Kind, applicable, inapplicable
from studies.catch.one import CAUGHT, Found, carry_out, carry_out_both, remembered, sound
from studies.catch.pairs import pair_table, pairs
from studies.catch.smallest import Smallest, smallest
from studies.catch.sorting import CANNOT, EXEMPT, HARMLESS, left_out
from studies.command import BENCH
from studies.page import DOCS, write

PAGE = DOCS / "catch.md"


def judged_clauses(kind: Kind) -> set[str]:
    """What the cases that are made for a device judge."""
    plan = selected(collect(plan_paths([]), None), load_setup(Options(bench=BENCH, device=kind.device)))
    return {clause for one in plan for clause in clauses_of(one.case)}


def open_clauses() -> dict[str, str]:
    """Clauses that no case of the plans judges, each with the reason."""
    rows = coverage(load_setup(Options(bench=BENCH)), collect(plan_paths([]), None))
    return {row.clause: row.reason for row in rows if not row.cases}


def nightly(kinds: list[Kind]) -> dict[str, set[str]]:
    """The cases that profile `nightly` takes of each device."""
    plan = collect(plan_paths([]), None)
    return {
        kind.device: {
            one.planned.key
            for one in choices(plan, load_setup(Options(bench=BENCH, device=kind.device, profile="nightly")))
            if one.taken
        }
        for kind in kinds
    }


def by_night(results: list[tuple[Defective, Found]], taken: dict[str, set[str]]) -> str:
    """How many of the caught defects of safety and recovery profile `nightly` catches too, and which it does not."""
    sections = load_setup(Options()).clauses.clauses
    asked = [
        (tested, found) for tested, found in results
        if found.caught and sections[tested.defect.clause].section in ("Safety", "Easy to use")
    ]  # fmt: skip
    missed = [tested.label for tested, found in asked if not set(found.cases) & taken[tested.kind.device]]
    told = f"; not: {', '.join(missed)}" if missed else ""
    return (
        f"\n\nOf the {len(asked)} caught on Safety and Easy to use, {len(asked) - len(missed)} by `nightly` too{told}."
    )


def table(results: list[tuple[Defective, Found]], untested: dict[str, str]) -> Iterator[str]:
    """A row for each defect, a column for each device."""
    kinds = list(dict.fromkeys(tested.kind.device for tested, _ in results))
    yield f"| clause | defect | {' | '.join(kinds)} |\n|---|---|{'---|' * len(kinds)}\n"
    by_name: dict[str, dict[str, tuple[Defective, Found]]] = {}
    for tested, found in results:
        by_name.setdefault(tested.defect.name, {})[tested.kind.device] = (tested, found)
    for name, row in sorted(by_name.items(), key=lambda item: next(iter(item[1].values()))[0].defect.clause):
        defect = next(iter(row.values()))[0].defect
        cells = [_cell(row[kind][1]) if kind in row else "" for kind in kinds]
        yield f"| {defect.clause} | {name} {defect.default} | {' | '.join(cells)} |\n"
    for name, why in EXEMPT.items():
        yield f"\nNot caught yet, {name}: {why}."
    for clause, why in untested.items():
        yield f"\nNot caught yet, {clause}: {why}."
    for words, listed in (("No violation", HARMLESS), ("Not shown by this bench", CANNOT)):
        for device, told in listed.items():
            for names, why in told.items():
                yield f"\n{words} in {device}, {names.replace(' ', ', ')}: {why}."


def predictions(told_of: list[tuple[Kind, Found]]) -> Iterator[str]:
    """What the models of real devices fail as they are, beside what their makers document."""
    if told_of:
        yield "\n\n| device | fails, by what its maker documents | as found |\n|---|---|---|\n"
    for kind, found in told_of:
        others = set(found.others)
        differs = [f"**{clause} not found**" for clause in sorted(kind.predicted - others)]
        differs += [f"**{clause} not predicted**" for clause in sorted(others - kind.predicted)]
        said = "; ".join(f"{clauses.replace(' ', ', ')}: {why}" for clauses, why in kind.fails)
        yield f"| {kind.device} | {said} | {', '.join(differs) or 'as predicted'} |\n"


def size_table(sizes: list[Smallest]) -> Iterator[str]:
    """A row for each defect whose smallest caught size was looked for."""
    if sizes:
        yield "\n\n| device | defect | caught from | not at | value there beyond its limit | U |\n"
        yield "|---|---|---|---|---|---|\n"
    for one in sizes:
        known = one.near is not None
        beyond, U = (
            (f"{value:.3g}" if known and value is not None else "-") for value in (one.found.beyond, one.found.U)
        )
        mark = "" if one.near is not False else " **more than 3 U**"
        tested = one.tested
        yield f"| {tested.kind.device} | {tested.defect.name} | {one.caught} | {one.missed} | {beyond}{mark} | {U} |\n"


def _cell(found: Found) -> str:
    if found.caught:
        return found.verdict if found.verdict in CAUGHT else f"{found.verdict}, FAIL of {', '.join(found.others)}"
    return f"**{found.verdict}** ({found.said})"


def _slug(label: str) -> str:
    """A label as the name of a folder."""
    return label.replace("/", "per").replace("%", "pc")


def main() -> int:
    """Run the study; with --write, rewrite the page."""
    ask = argparse.ArgumentParser(prog="python -m studies.catch", description=__doc__)
    ask.add_argument("--devices", nargs="*", default=[kind.device for kind in KINDS], metavar="NAME")
    ask.add_argument("--only", nargs="*", default=[""], metavar="WORD", help="defects with one of these in their name")
    ask.add_argument("--seeds", type=int, default=3, metavar="N", help="of sound devices through the whole plan")
    ask.add_argument("--smallest", action="store_true", help="find the smallest size that is caught of each")
    ask.add_argument("--pairs", action="store_true", help="two defects at once, each with another one of its device")
    ask.add_argument("--folder", type=Path, help="where what was found is kept, so that the study can go on later")
    ask.add_argument("--jobs", type=int, default=2, metavar="N")
    ask.add_argument("--write", action="store_true", help="rewrite docs/catch.md")
    told = ask.parse_args()
    kinds = [kind for kind in KINDS if kind.device in told.devices]
    untested = open_clauses()
    healthy: list[tuple[Kind, int, Found]] = []
    results: list[tuple[Defective, Found]] = []
    with tempfile.TemporaryDirectory(prefix="rig-catch-") as place, ThreadPoolExecutor(told.jobs) as pool:
        folder = told.folder or Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        seeds = [(kind, seed) for kind in kinds for seed in range(1, (told.seeds if kind.sound else 1) + 1)]
        runs = pool.map(
            lambda k: remembered(folder / f"{k[0].device} {k[1]}", lambda at: sound(k[0], at, k[1], [])), seeds
        )
        for (kind, seed), found in zip(seeds, runs, strict=True):
            healthy.append((kind, seed, found))
            print(f"as it is: {kind.device}, seed {seed}: {found.verdict} {found.others} ({found.said})", flush=True)
        judged = {kind.device: judged_clauses(kind) for kind in kinds}
        anyway = {kind.device: set(found.others) for kind, _, found in healthy}
        wanted = [
            one for kind in kinds for one in applicable(kind)
            if one.clauses & judged[kind.device]
            and one.defect.clause not in anyway.get(kind.device, set())
            and not left_out(one)
            and any(word in one.defect.name for word in told.only)
        ]  # fmt: skip
        found_of = pool.map(lambda one: remembered(folder / _slug(one.label), lambda at: carry_out(one, at)), wanted)
        for one, found in zip(wanted, found_of, strict=True):
            results.append((one, found))
            print(f"{len(results):4} {one.label}: {one.defect.clause} {found.verdict} ({found.said})", flush=True)
        sizes = []
        if told.smallest:
            first_of = {one.defect.name: (one, found) for one, found in reversed(results) if found.caught}
            caught_ones = list(reversed(first_of.values()))

            def size_of(one: Defective, about: tuple[str, str] | None) -> Found:
                return remembered(folder / f"size {_slug(one.label)}", lambda at: carry_out(one, at, about=about))

            def find(pair: tuple[Defective, Found]) -> Smallest:
                return smallest(pair[0], size_of, pair[1])

            for size in pool.map(find, caught_ones):
                sizes.append(size)
                print(
                    f"smallest {size.tested.label}: {size.caught}, and not {size.missed}; near: {size.near}", flush=True
                )
        both = []
        if told.pairs:
            drawn = pairs([one for one, found in results if found.caught])
            runs_of = pool.map(
                lambda two: remembered(folder / _slug(two.label), lambda at: carry_out_both(two, at)), drawn
            )
            for pair, found in zip(drawn, runs_of, strict=True):
                both.append((pair, set(found.others), found.said))
                print(f"pair {len(both)} {pair.label}: {', '.join(found.others) or 'nothing'}", flush=True)
    missed = {one.defect.clause for kind in kinds for one in applicable(kind)} & untested.keys()
    told_of = [(kind, found) for kind, seed, found in healthy if not kind.sound]
    spared = [found for kind, _, found in healthy if kind.sound]
    caught = sum(found.caught for _, found in results)
    impossible = {kind.device: len(inapplicable(kind)) for kind in kinds}
    text = (
        f"{caught} of {len(results)} defects caught on their clause; "
        f"{sum(one.verdict == 'PASS' for one in spared)} of {len(spared)} runs of a sound device "
        f"through the whole plan without a FAIL. Defects that a device cannot have: "
        f"{', '.join(f'{count} of {name}' for name, count in impossible.items())}.\n\n"
        + "".join(table(results, {clause: untested[clause] for clause in sorted(missed)}))
    )
    unlike = [kind for kind, one in told_of if set(one.others) != kind.predicted]
    text += by_night(results, nightly(kinds))
    text += "".join(predictions(told_of))
    text += "".join(chances(results))
    text += "".join(size_table(sizes))
    text += "".join(pair_table(both))
    print(text)
    if told.write:
        write(PAGE, "table", text)
    return 0 if caught == len(results) and not unlike and all(one.verdict == "PASS" for one in spared) else 1


if __name__ == "__main__":
    sys.exit(main())
