"""A defect that comes and goes: how often it has to show so that the plan finds it."""

from __future__ import annotations

from collections.abc import Iterator

from studies.catch.devices import Defective
from studies.catch.one import Found

__all__ = ["CONFIDENCE", "chance", "chances", "seldom"]

CONFIDENCE = 0.95
SHARES = (0.5, 0.2, 0.1)
"""Of the faults at which a defect shows, for the table."""


def chance(share: float, cases: int) -> float:
    """That at least one of so many cases finds what shows by itself in this share of them."""
    return 1.0 - (1.0 - share) ** cases


def seldom(cases: int) -> float:
    """The share of faults in which it has to show, so that one of so many cases finds it with `CONFIDENCE`."""
    return 1.0 - (1.0 - CONFIDENCE) ** (1.0 / cases)


def chances(results: list[tuple[Defective, Found]]) -> Iterator[str]:
    """A row for each number of cases that find a defect on its clause; the defects are those of the first device."""
    first = {one.defect.name: len(found.cases) for one, found in reversed(results) if found.caught and found.cases}
    if not first:
        return
    yield (
        "\n\nA defect that shows in a share of the cases only, each by itself, is found with these chances by one run "
        "of the cases of its clause. Counted are those that find it when it is always there, in the first device "
        f"that has it; the last column but one is the share at which {CONFIDENCE:.0%} of runs find it.\n\n"
        f"| cases | {' | '.join(f'shows in {share:.0%}' for share in SHARES)} | {CONFIDENCE:.0%} from | defects |\n"
        f"|---|{'---|' * len(SHARES)}---|---|\n"
    )
    for cases in sorted(set(first.values())):
        names = ", ".join(sorted(name for name, count in first.items() if count == cases))
        figures = " | ".join(f"{chance(share, cases):.0%}" for share in SHARES)
        yield f"| {cases} | {figures} | {seldom(cases):.0%} | {names} |\n"
