"""The smallest size of a defect that is still caught, by halving the way from default to one that is not."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from rig.twin.scene.defects.defect import COUNT, Defect
from studies.catch.devices import Defective
from studies.catch.one import Found

__all__ = ["Smallest", "smallest"]

STEPS = 7
"""Halvings, geometric: after them the size is known to a hundredth of the way on a logarithmic scale."""


@dataclass(frozen=True, slots=True)
class Smallest:
    """The smallest size caught, the largest that was not, as scenes have them, and what was measured at the first."""

    tested: Defective
    caught: str | int
    missed: str | int
    found: Found

    @property
    def near(self) -> bool | None:
        """Whether what was measured there lies within three U of the limit; None where that is no number."""
        found = self.found
        if found.beyond is None or found.U is None or self.tested.defect.unit == COUNT:
            return None
        return found.beyond <= 3.0 * found.U


def smallest(tested: Defective, run: Callable[[Defective], Found], at_default: Found) -> Smallest:
    """`run` says what is found of one size; `at_default` was caught."""
    defect = tested.defect
    caught, missed, found = defect.read("default"), defect.read(defect.small), at_default
    known = False
    for _ in range(STEPS):
        middle = _between(defect, caught, missed) if known else missed
        if middle is None:
            break
        one = run(replace(tested, size=written(defect, middle)))
        if not one.caught:
            missed, known = middle, True
        else:  # also what the twin takes for sound may break a limit of ours: look further
            missed = missed if known else max(1.0, middle**2 / caught) if defect.unit == COUNT else middle**2 / caught
            caught, found = middle, one
    return Smallest(tested, written(defect, caught), written(defect, missed) if known else "?", found)


def written(defect: Defect, value: float) -> str | int:
    """A size as a scene has it."""
    if defect.unit == COUNT:
        return round(value)
    return f"{100.0 * value:.6g} %" if defect.unit == "1" else f"{value:.6g} {defect.unit}"


def _between(defect: Defect, one: float, other: float) -> float | None:
    """The geometric mean; None where two counts are neighbours."""
    middle = math.sqrt(one * other)
    if defect.unit != COUNT:
        return middle
    whole = float(round(middle))
    return None if whole in (one, other) else whole
