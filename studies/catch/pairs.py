"""Two defects at once: does one hide the other?"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rig.twin.scene.defects.apply import apply
from rig.twin.scene.load import load_scene
from studies.catch.devices import SCENES, Defective

__all__ = ["Pair", "pair_table", "pairs"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A device with two defects, each of which is caught by itself, on a clause of its own."""

    first: Defective
    second: Defective

    @property
    def clauses(self) -> tuple[str, str]:
        """On which each is caught by itself."""
        return self.first.defect.clause, self.second.defect.clause

    @property
    def label(self) -> str:
        """For lists."""
        return f"{self.first.kind.device}, {self.first.defect.name} and {self.second.defect.name}"

    @property
    def scene(self) -> str:
        """The text of its scene file."""
        both = ", ".join(f"{one.defect.name}: {one.size}" for one in (self.first, self.second))
        return f"schema: 1\nname: defective\nextends: {self.first.kind.scene}\ndevice: {{defects: {{{both}}}}}\n"


def pairs(caught: Iterable[Defective], seed: int = 1) -> list[Pair]:
    """Each defect of each device with another one of it, drawn, where such a pair can be."""
    by_device: dict[str, list[Defective]] = {}
    for one in caught:
        by_device.setdefault(one.kind.device, []).append(one)
    found = []
    for drawn in by_device.values():
        random.Random(seed).shuffle(drawn)
        while len(drawn) > 1:
            first = drawn.pop()
            second = next((one for one in drawn if _together(first, one)), None)
            if second is not None:
                drawn.remove(second)
                found.append(Pair(first, second))
    return found


def _together(first: Defective, second: Defective) -> bool:
    """Whether a device can have both, and each has a clause of its own."""
    if first.defect.clause == second.defect.clause:
        return False
    sizes = {one.defect: one.defect.read(one.size) for one in (first, second)}
    return not apply(load_scene(SCENES / f"{first.kind.scene}.yaml").device, sizes)[1]


def pair_table(results: list[tuple[Pair, set[str], str]]) -> Iterator[str]:
    """How many pairs are caught on both clauses, on one and on none, and which one hides the other.

    results: each pair with all clauses that failed, and how its run ended.
    """
    if not results:
        return
    hit = [
        (pair, [one.defect.clause for one in (pair.first, pair.second) if one.clauses & failed], failed, said)
        for pair, failed, said in results
    ]
    counts = {count: sum(len(own) == count for _, own, _, _ in hit) for count in (2, 1, 0)}
    yield (
        f"\n\nPairs: {len(results)}, every defect with another one of its device; {counts[2]} caught on both clauses, "
        f"{counts[1]} on one, {counts[0]} on neither.\n"
    )
    for pair, own, failed, said in hit:
        if len(own) < 2:
            missed = ", ".join(clause for clause in pair.clauses if clause not in own)
            others = ", ".join(sorted(failed)) or f"**nothing** ({said})"
            yield f"\n- {pair.label}: not on {missed}; fails {others}."
