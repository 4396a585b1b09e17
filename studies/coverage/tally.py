"""Counting: how many captures gave a value, how many of them unflagged, and whether the intervals held the truth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from rig.measure import Measurement
from rig.measure.uncertainty.monte_carlo import propagate
from studies.coverage.strata import Result, Stratum, measured, shot_of

SHOTS = 40
"""Faults with parameters of their own a stratum; each is captured many times."""
HARMLESS = {"datasheet-only", "edge-within-one-sample", "bandwidth-unknown"}
"""Flags that state a fact and put nothing in question."""


@dataclass(frozen=True, slots=True)
class Row:
    """Counts of one quantity in one stratum. held: by the Monte Carlo interval, gum: by k u; bound_true of the values
    that are only bounds; median U and the error over U, mean and rms."""

    stratum: Stratum
    quantity: str
    captures: int
    judged: int
    flagged: int
    held: int
    gum: int
    bounds: int
    bounds_true: int
    U: float
    bias: float
    spread: float


def run(listed: Sequence[Stratum], *, captures: int, jobs: int, seed: int) -> Iterator[list[Row]]:
    """The rows of each stratum, in order; strata are spread over `jobs` processes."""
    if jobs <= 1:
        yield from (tally(stratum, captures, seed) for stratum in listed)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(tally, listed, [captures] * len(listed), [seed] * len(listed))


def tally(stratum: Stratum, captures: int, seed: int) -> list[Row]:
    """All captures of one stratum; repeats for a seed."""
    rng = np.random.default_rng([seed, *stratum.name.encode()])
    shots = [shot_of(stratum, rng) for _ in range(min(SHOTS, captures))]
    found: dict[str, list[Result]] = {}
    for n in range(captures):
        for result in measured(stratum, shots[n % len(shots)], rng):
            found.setdefault(result[0], []).append(result)
    return [_row(stratum, quantity, results) for quantity, results in found.items()]


def _row(stratum: Stratum, quantity: str, results: Sequence[Result]) -> Row:
    flagged = held = gum = bounds = bounds_true = judged = 0
    errors, wide = [], []
    for _, found, truth in results:
        if found.bound is not None and found.value is not None and truth is not None:
            bounds += 1
            margin = found.U or 0.0
            low = found.bound == "lower"
            bounds_true += truth >= found.value - margin if low else truth <= found.value + margin
        if not unflagged(found) or truth is None:
            flagged += 1
            continue
        assert found.value is not None
        assert found.budget is not None
        judged += 1
        error = truth - found.value
        low_end, high_end = propagate(found.budget)[1:]
        k_u = found.budget.k_gum * found.budget.u
        held += low_end <= error <= high_end
        gum += abs(error) <= k_u
        errors.append(error / found.budget.U)
        wide.append(found.budget.U)
    bias = float(np.mean(errors)) if errors else math.nan
    spread = float(np.sqrt(np.mean(np.square(errors)))) if errors else math.nan
    return Row(
        stratum, quantity, len(results), judged, flagged, held, gum, bounds, bounds_true,
        float(np.median(wide)) if wide else math.nan, bias, spread,
    )  # fmt: skip


def unflagged(found: Measurement) -> bool:
    """A value with an uncertainty that nothing puts in question."""
    return found.value is not None and found.bound is None and found.U is not None and not set(found.flags) - HARMLESS
