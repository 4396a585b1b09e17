"""Propagation of distributions by Monte Carlo, JCGM 101:2008: for results that are not nearly normal or not linear.

The number of draws is fixed and the seed too, so that a verdict repeats: 100 000 leave 0.4 % of U to chance. The n-th
line of a budget takes the n-th set of standard draws, which are kept: a case judges many quantities.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from rig.measure.captures.capture import Floats

if TYPE_CHECKING:
    from rig.measure.uncertainty.budget import Budget, Line

DRAWS = 100_000
SEED = 101


@dataclass(frozen=True, slots=True)
class Propagated:
    """Estimate and standard uncertainty of a result, with both coverage intervals of JCGM 101 7.7 for probability p."""

    y: float
    u: float
    symmetric: tuple[float, float]
    shortest: tuple[float, float]
    p: float
    draws: int


def monte_carlo(
    model: Callable[[Mapping[str, Floats]], Floats],
    inputs: Mapping[str, Callable[[np.random.Generator, int], Floats]],
    *,
    p: float = 0.95,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Propagated:
    """The distribution of model(inputs): each input is a function (generator, n) -> (n,) draws in its own unit.

    ValueError when a draw of the result is not finite: the model is then not defined where its inputs may be.
    """
    rng = np.random.default_rng(seed)
    result = np.asarray(model({name: draw(rng, draws) for name, draw in inputs.items()}), dtype=np.float64)
    return summary(result, p)


def summary(result: Floats, p: float = 0.95) -> Propagated:
    """Estimate, standard uncertainty and intervals of drawn values, (n,)."""
    if result.ndim != 1 or result.size < 2 or not np.isfinite(result).all():
        raise ValueError(f"the {result.size} drawn results are not all finite: the model is not defined for its inputs")
    ordered = np.sort(result)
    tail = 0.5 * (1.0 - p)
    low, high = (float(one) for one in np.quantile(ordered, (tail, 1.0 - tail)))
    inside = math.ceil(p * ordered.size)
    widths = ordered[inside - 1 :] - ordered[: ordered.size - inside + 1]
    k = int(np.argmin(widths))
    shortest = float(ordered[k]), float(ordered[k + inside - 1])
    return Propagated(float(result.mean()), float(result.std(ddof=1)), (low, high), shortest, p, result.size)


def propagate(budget: "Budget") -> tuple[float, float, float]:
    """(u, low, high): standard deviation of the result's error and the ends of its symmetric coverage interval.

    Without a model the lines add with their sensitivities, and u is the law of propagation's own, which draws would
    only blur.
    """
    errors = drawn_errors(budget)
    tail = 0.5 * (1.0 - budget.p)
    low, high = (float(one) for one in np.quantile(errors, (tail, 1.0 - tail)))
    return (float(errors.std(ddof=1)) if budget.model is not None else budget.u), low, high


def drawn_errors(budget: "Budget") -> Floats:
    """(DRAWS,) errors of the result, by the budget's model or by the sum of its lines."""
    together = _correlated(budget)
    if budget.model is not None:
        return budget.model(
            {line.name: together[line.name] if line.name in together else _draw(line, n)
             for n, line in enumerate(budget.lines)}
        )  # fmt: skip
    total = np.zeros(DRAWS)
    steady = 0.0  # normal lines of known u add up to one
    for n, line in enumerate(budget.lines):
        if line.name in together:
            total += line.sensitivity * together[line.name]
        elif line.distribution == "normal" and not math.isfinite(line.dof):
            steady += line.contribution**2
        elif line.contribution > 0.0:
            total += line.sensitivity * _draw(line, n)
    return total + math.sqrt(steady) * _standard("normal", len(budget.lines)) if steady > 0.0 else total


def _draw(line: "Line", n: int) -> Floats:
    """(DRAWS,) errors of the n-th input in its own unit; of finite dof from the scaled t (JCGM 101 6.4.9)."""
    if line.distribution in {"normal", "t"} and math.isfinite(line.dof):
        return line.u_input * np.random.default_rng((SEED, n)).standard_t(max(line.dof, 1.0), DRAWS)
    return line.u_input * line.divisor * _standard(line.distribution, n)


@lru_cache(maxsize=48)
def _standard(distribution: str, n: int) -> Floats:
    """(DRAWS,) draws within +-1, or of standard deviation 1 for "normal" and "t"."""
    rng = np.random.default_rng((SEED, n))
    if distribution == "rectangular":
        drawn = rng.uniform(-1.0, 1.0, DRAWS)
    elif distribution == "triangular":
        drawn = 0.5 * (rng.uniform(-1.0, 1.0, DRAWS) + rng.uniform(-1.0, 1.0, DRAWS))
    elif distribution == "arcsine":
        drawn = np.sin(rng.uniform(-math.pi, math.pi, DRAWS))
    else:
        drawn = rng.standard_normal(DRAWS)
    drawn.setflags(write=False)
    return drawn


def _correlated(budget: "Budget") -> dict[str, Floats]:
    """Errors of the lines that are tied to each other, jointly normal. ValueError for coefficients that cannot be."""
    if not budget.correlations:
        return {}
    tied = {name for one, other, _ in budget.correlations for name in (one, other)}
    lines: Sequence[Line] = [line for line in budget.lines if line.name in tied]
    place = {line.name: n for n, line in enumerate(lines)}
    matrix = np.eye(len(lines))
    for one, other, r in budget.correlations:
        matrix[place[one], place[other]] = matrix[place[other], place[one]] = r
    if float(np.linalg.eigvalsh(matrix)[0]) < -1e-9:
        raise ValueError(
            f"the correlations among {', '.join(place)} contradict each other: no joint distribution has them"
        )
    rng = np.random.default_rng(SEED)
    joint = rng.multivariate_normal(np.zeros(len(lines)), matrix, DRAWS, method="eigh")
    return {line.name: line.u_input * joint[:, n] for n, line in enumerate(lines)}
