"""The risks of a decision: probability of conformance, and of accepting or rejecting wrongly.

Specific risks hold for one measured item whose value has a known distribution, global ones for a production of items
with a known spread, judged by one rule. Source: JCGM 106:2012, clauses 7 (conformance probability), 8 (acceptance
intervals and guard bands) and 9 (consumer's and producer's risk).
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from rig.measure.captures.capture import Floats

NODES = 400
"""Of the quadrature over the true value; the integrands are smooth between the limits, and each piece has its own."""
REACH = 9.0
"""Standard deviations of the prior that are integrated over."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known of the items before they are measured: normal, in the unit of the limit."""

    mean: float
    spread: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.mean) and math.isfinite(self.spread) and self.spread > 0.0):
            raise ValueError(f"a prior of {self.mean} +- {self.spread} is none: give a mean and a spread above 0")


def conformance(y: float, u: float, low: float | None, high: float | None) -> float:
    """Probability that the true value lies within the limits, for a normal value y of standard uncertainty u.

    JCGM 106:2012, 7.2: Phi((TU - y)/u) - Phi((TL - y)/u).
    """
    from scipy.special import ndtr  # slow to import; a plan that is only looked at does without

    upper = float(ndtr((high - y) / u)) if high is not None else 1.0
    lower = float(ndtr((low - y) / u)) if low is not None else 0.0
    return upper - lower


def conformance_of(draws: Floats, low: float | None, high: float | None) -> float:
    """The same from drawn values (n,), whatever their distribution; ValueError without any."""
    if draws.size == 0:
        raise ValueError("no values were drawn: a probability needs some")
    inside = np.ones(draws.size, dtype=np.bool_)
    if low is not None:
        inside &= draws >= low
    if high is not None:
        inside &= draws <= high
    return float(inside.mean())


def acceptance(low: float | None, high: float | None, w: float) -> tuple[float | None, float | None]:
    """The acceptance interval for a guard band w inside each limit (JCGM 106:2012, 8.3.2); w < 0 lies outside.

    ValueError where nothing is left between the guard bands: then the rule accepts nothing.
    """
    inner = None if low is None else low + w, None if high is None else high - w
    if inner[0] is not None and inner[1] is not None and inner[0] > inner[1]:
        raise ValueError(f"guard bands of {w:g} leave nothing between {low:g} and {high:g}: U is too large to accept")
    return inner


def false_acceptance_at_limit(r: float, k: float = 2.0) -> float:
    """Largest specific risk of accepting wrongly under w = r U, U = k u: 1 - Phi(k r), of a value at the acceptance
    limit (ILAC-G8:09/2019 table 1 for k = 2)."""
    from scipy.special import ndtr

    return float(ndtr(-k * r))


def guard_factor(risk: float, k: float = 2.0) -> float:
    """The r of w = r U for which that largest risk is `risk`; ValueError outside 0 to 1."""
    from scipy.special import ndtri

    if not 0.0 < risk < 1.0:
        raise ValueError(f"a risk of {risk} has no guard band: give a probability between 0 and 1")
    return float(-ndtri(risk) / k)


def global_risks(
    prior: Prior, u: float, *, low: float | None, high: float | None, w: float = 0.0
) -> tuple[float, float]:
    """(consumer's, producer's) global risk: shares of all items that are accepted though outside the limits, and
    rejected though inside (JCGM 106:2012, 9.5.2 and 9.5.3), for a guard band w.

    ValueError for a u that is not above 0.
    """
    if not (math.isfinite(u) and u > 0.0):
        raise ValueError(f"u = {u}: a global risk needs a standard uncertainty above 0")
    inner = acceptance(low, high, w)
    begin, end = prior.mean - REACH * prior.spread, prior.mean + REACH * prior.spread
    cuts = sorted({begin, end, *(min(max(limit, begin), end) for limit in (low, high) if limit is not None)})
    consumer = producer = 0.0
    for left, right in pairwise(cuts):
        middle = (left + right) / 2.0
        good = (low is None or middle >= low) and (high is None or middle <= high)
        accepted, everything = _integrals(prior, u, inner, left, right)
        if good:
            producer += max(everything - accepted, 0.0)
        else:
            consumer += accepted
    return consumer, producer


def _integrals(
    prior: Prior, u: float, inner: tuple[float | None, float | None], left: float, right: float
) -> tuple[float, float]:
    """(share accepted, share) of the items with true values from left to right."""
    from scipy.special import ndtr

    x, weights = np.polynomial.legendre.leggauss(NODES)
    true = left + (right - left) * (x + 1.0) / 2.0
    density = np.exp(-0.5 * ((true - prior.mean) / prior.spread) ** 2) / (prior.spread * math.sqrt(2.0 * math.pi))
    upper = ndtr((inner[1] - true) / u) if inner[1] is not None else np.ones(NODES)
    lower = ndtr((inner[0] - true) / u) if inner[0] is not None else np.zeros(NODES)
    scaled = weights * density * (right - left) / 2.0
    return float(scaled @ (upper - lower)), float(scaled.sum())
