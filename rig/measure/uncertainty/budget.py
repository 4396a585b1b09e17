"""Uncertainty budgets: lines that add up, effective degrees of freedom, expanded uncertainty for 95 %.

Sources: JCGM 100:2008 (GUM), 5.1.2 and 5.2.2 law of propagation, G.4 Welch-Satterthwaite, G.3.2 t-distribution; JCGM
101:2008 where the result is not nearly normal. The budget itself decides which: k u of the GUM presumes a normal (or t)
result, and with rectangular lines in the lead that covers up to 100 % instead of 95. The excess kurtosis of the sum
tells (sums of independent errors add their fourth cumulants): down to -0.2 the GUM's interval holds the truth in 95.0
to 95.4 % of cases, beyond that the distributions are propagated.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Distribution = Literal["normal", "t", "rectangular", "triangular", "arcsine"]
Kind = Literal["A", "B"]
Method = Literal["GUM", "JCGM 101"]
Model = Callable[[Mapping[str, NDArray[np.float64]]], NDArray[np.float64]]
"""Drawn errors of the inputs by the lines' names, in the inputs' units -> (n,) errors of the result in its unit."""
INFINITE = math.inf
SQRT3 = math.sqrt(3.0)
SQRT12 = math.sqrt(12.0)
DIVISORS = {"rectangular": SQRT3, "triangular": math.sqrt(6.0), "arcsine": math.sqrt(2.0)}
"""Half width of the distribution over its standard deviation (JCGM 100 4.3.7, 4.3.9; JCGM 101 6.4)."""
EXCESS_KURTOSIS = {"normal": 0.0, "t": 0.0, "rectangular": -1.2, "triangular": -0.6, "arcsine": -1.5}
NEARLY_NORMAL = -0.2
"""Excess kurtosis of the sum from which on the GUM's interval is taken."""


@dataclass(frozen=True, slots=True)
class Line:
    """One input: u_input is its standard uncertainty in its own unit, sensitivity the derivative of the result by it.

    dof: of u_input, infinite where it is known; kind: A from repeated readings, B from anything else; source: where the
    figure comes from.
    """

    name: str
    u_input: float
    sensitivity: float = 1.0
    distribution: Distribution = "normal"
    dof: float = INFINITE
    kind: Kind = "B"
    source: str = ""

    @property
    def contribution(self) -> float:
        """Standard uncertainty of the result from this line alone, in the result's unit."""
        return abs(self.sensitivity) * self.u_input

    @property
    def divisor(self) -> float:
        """What the stated half width was divided by; 1 for a standard uncertainty."""
        return DIVISORS.get(self.distribution, 1.0)

    def scaled(self, sensitivity: float, name: str = "") -> "Line":
        """The same input acting with another sensitivity, and under another name where one is given."""
        return replace(self, sensitivity=sensitivity, name=name or self.name)


@dataclass(frozen=True, slots=True)
class Budget:
    """An uncertainty budget; `unit` is that of the result.

    correlations: (name, name, r) of lines that are not independent (JCGM 100 5.2.2), both then taken as normal. model:
    for a result that is not linear in its inputs; its interval is found by propagating the lines' distributions.
    """

    lines: tuple[Line, ...]
    unit: str
    p: float = 0.95
    correlations: tuple[tuple[str, str, float], ...] = ()
    model: Model | None = field(default=None, compare=False)
    _cache: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def u(self) -> float:
        """Combined standard uncertainty; from the propagated distributions where there is a model."""
        if self.model is not None:
            return self._propagated[0]
        signed = {line.name: line.sensitivity * line.u_input for line in self.lines}
        crossed = math.fsum(2.0 * r * signed[one] * signed[other] for one, other, r in self.correlations)
        return math.sqrt(max(math.fsum(line.contribution**2 for line in self.lines) + crossed, 0.0))

    @property
    def dof(self) -> float:
        """Effective degrees of freedom by Welch-Satterthwaite; inf when no line with finite dof contributes."""
        u = math.sqrt(math.fsum(line.contribution**2 for line in self.lines))
        if u == 0.0:
            return INFINITE
        spread = math.fsum((line.contribution / u) ** 4 / line.dof for line in self.lines if math.isfinite(line.dof))
        return 1.0 / spread if spread > 0.0 else INFINITE

    @property
    def method(self) -> Method:
        """How U is had: "GUM" (k u) where the result is nearly normal, "JCGM 101" where its distribution is
        propagated."""
        return "GUM" if self.model is None and self._excess_kurtosis >= NEARLY_NORMAL else "JCGM 101"

    @property
    def k(self) -> float:
        """Coverage factor U / u; by the GUM the quantile of t at the effective dof, truncated to an integer (G.4.1)."""
        if self.method == "JCGM 101":
            u = self.u
            return self.U / u if u > 0.0 else 0.0
        return self.k_gum

    @property
    def k_gum(self) -> float:
        """Coverage factor of the GUM, whatever the distributions."""
        dof = self.dof
        tail = 0.5 * (1.0 + self.p)
        from scipy.special import ndtri, stdtrit  # slow to import; a plan that is only looked at does without

        return float(stdtrit(max(math.floor(dof), 1), tail)) if math.isfinite(dof) else float(ndtri(tail))

    @property
    def U(self) -> float:  # noqa: N802  the GUM's symbol
        """Expanded uncertainty: the larger distance from the value to an end of its coverage interval."""
        return max(-self.interval[0], self.interval[1])

    @property
    def interval(self) -> tuple[float, float]:
        """Ends of the coverage interval about the value, in the unit: (-U, U) by the GUM.

        Probabilistically symmetric where it is propagated: a one-sided limit is judged by one tail, and each then holds
        no more than (1 - p) / 2.
        """
        if self.method == "GUM":
            U = self.k_gum * self.u
            return -U, U
        return self._propagated[1], self._propagated[2]

    def with_lines(self, lines: Iterable[Line]) -> "Budget":
        """The same budget with more lines."""
        return Budget((*self.lines, *lines), self.unit, self.p, self.correlations, self.model)

    def as_table(self) -> list[dict[str, float | str]]:
        """One row a line, largest contribution first: name, u_input, sensitivity, distribution, divisor, half_width,
        dof, contribution, share of the sum of squares, kind and source."""
        total = math.fsum(line.contribution**2 for line in self.lines)
        return [
            {
                "name": line.name,
                "u_input": line.u_input,
                "sensitivity": line.sensitivity,
                "distribution": line.distribution,
                "divisor": line.divisor,
                "half_width": line.u_input * line.divisor,
                "dof": line.dof,
                "contribution": line.contribution,
                "share": line.contribution**2 / total if total > 0.0 else 0.0,
                "kind": line.kind,
                "source": line.source,
            }
            for line in sorted(self.lines, key=lambda line: -line.contribution)
        ]

    @property
    def _excess_kurtosis(self) -> float:
        variance = self.u**2
        if variance == 0.0:
            return 0.0
        tied = {name for one, other, _ in self.correlations for name in (one, other)}
        return math.fsum(
            EXCESS_KURTOSIS[line.distribution] * (line.contribution**2 / variance) ** 2
            for line in self.lines
            if line.name not in tied
        )

    @property
    def _propagated(self) -> tuple[float, float, float]:
        """(u, low, high) of the result's error, by propagating the lines' distributions; computed once."""
        if "propagated" not in self._cache:
            from rig.measure.uncertainty.monte_carlo import propagate

            self._cache["propagated"] = propagate(self)
        found: tuple[float, float, float] = self._cache["propagated"]
        return found


def rectangular(name: str, half_width: float, sensitivity: float = 1.0, source: str = "") -> Line:
    """A line for an input known to lie within +- half_width, each value as likely."""
    return Line(name, half_width / SQRT3, sensitivity, "rectangular", source=source)


def triangular(name: str, half_width: float, sensitivity: float = 1.0, source: str = "") -> Line:
    """A line for the sum of two equal rectangular inputs, or one that is likelier in the middle of +- half_width."""
    return Line(name, half_width / DIVISORS["triangular"], sensitivity, "triangular", source=source)


def arcsine(name: str, half_width: float, sensitivity: float = 1.0, source: str = "") -> Line:
    """A line for an input that swings like a sine of this amplitude: hum, room temperature, a mismatch's phase."""
    return Line(name, half_width / DIVISORS["arcsine"], sensitivity, "arcsine", source=source)
