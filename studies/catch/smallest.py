"""The smallest size of a defect that is still caught, between default and one that is not."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from rig.twin.scene.defects.defect import COUNT, Defect
from studies.catch.devices import Defective
from studies.catch.one import Found

__all__ = ["Smallest", "smallest"]

STEPS = 9
"""Runs at most: every third one halves the way on a logarithmic scale, the others go where the value should be near."""
NEAR, AIM = 3.0, 1.5
"""U by which a value may lie beyond its limit to be near it, and what is aimed at: a guarded one is failed from 1 U."""


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
        return _near(self.tested, self.found)


def smallest(
    tested: Defective, run: Callable[[Defective, tuple[str, str] | None], Found], at_default: Found
) -> Smallest:  # fmt: skip
    """`run` says what is found of one size; `at_default` was caught. It ends where the value lies near its limit."""
    defect = tested.defect
    caught, missed, found = defect.read("default"), defect.read(defect.small), at_default
    short: float | None = None
    known = False
    for step in range(STEPS):
        if known and _near(tested, found):
            break
        middle = _between(defect, caught, missed, _share(found, short) if step % 3 else None) if known else missed
        if middle is None:
            break
        one = run(replace(tested, size=written(defect, middle)), at_default.about)
        if not one.caught:
            missed, known, short = middle, True, one.beyond
        else:  # also what the twin takes for sound may break a limit of ours: look further
            missed = missed if known else max(1.0, middle**2 / caught) if defect.unit == COUNT else middle**2 / caught
            caught, found = middle, one
    return Smallest(tested, written(defect, caught), written(defect, missed) if known else "?", found)


def _near(tested: Defective, found: Found) -> bool | None:
    if not _counts(found) or tested.defect.unit == COUNT:
        return None
    assert found.beyond is not None
    assert found.U is not None
    return found.beyond <= NEAR * found.U


def _counts(found: Found) -> bool:
    """Whether it is by this value that the defect is caught: one inside its limit, or of an event that must not be at
    all, says nothing of how near the size is."""
    return found.beyond is not None and found.U is not None and 0.0 < found.beyond < math.inf


def _share(found: Found, short: float | None) -> float | None:
    """How far it is from the caught size to the missed one to where the value would lie 1.5 U beyond its limit."""
    if not _counts(found) or short is None or not -math.inf < short < 0.0:
        return None
    assert found.beyond is not None
    assert found.U is not None
    return min(max((found.beyond - AIM * found.U) / (found.beyond - short), 0.02), 0.98)


def written(defect: Defect, value: float) -> str | int:
    """A size as a scene has it."""
    if defect.unit == COUNT:
        return round(value)
    return f"{100.0 * value:.6g} %" if defect.unit == "1" else f"{value:.6g} {defect.unit}"


def _between(defect: Defect, one: float, other: float, share: float | None) -> float | None:
    """So far from one to the other, or half-way on a logarithmic scale; None where two counts are neighbours."""
    middle = math.sqrt(one * other) if share is None else one + (other - one) * share
    if defect.unit != COUNT:
        return middle
    whole = float(round(math.sqrt(one * other)))
    return None if whole in (one, other) else whole
