"""Uncertainty budgets: lines that add in quadrature, effective degrees of freedom, expanded uncertainty.

Sources: JCGM 100:2008 (GUM), 5.1.2 law of propagation, G.4 Welch-Satterthwaite, G.3.2 t-distribution. Correlated inputs
are merged into one line before they get here (its sensitivity is the difference of the two), so the lines are
independent.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Distribution = Literal["normal", "rectangular", "t"]
INFINITE = math.inf
SQRT3 = math.sqrt(3.0)
SQRT12 = math.sqrt(12.0)


@dataclass(frozen=True, slots=True)
class Line:
    """One input: u_input is its standard uncertainty in its own unit, sensitivity the derivative of the result by
    it."""

    name: str
    u_input: float
    sensitivity: float = 1.0
    distribution: Distribution = "normal"
    dof: float = INFINITE

    @property
    def contribution(self) -> float:
        """Standard uncertainty of the result from this line alone, in the result's unit."""
        return abs(self.sensitivity) * self.u_input


@dataclass(frozen=True, slots=True)
class Budget:
    """An uncertainty budget; `unit` is that of the result."""

    lines: tuple[Line, ...]
    unit: str
    p: float = 0.95

    @property
    def u(self) -> float:
        """Combined standard uncertainty."""
        return math.sqrt(math.fsum(line.contribution**2 for line in self.lines))

    @property
    def dof(self) -> float:
        """Effective degrees of freedom by Welch-Satterthwaite; inf when no line with finite dof contributes."""
        u = self.u
        if u == 0.0:
            return INFINITE
        spread = math.fsum((line.contribution / u) ** 4 / line.dof for line in self.lines if math.isfinite(line.dof))
        return 1.0 / spread if spread > 0.0 else INFINITE

    @property
    def k(self) -> float:
        """Coverage factor for probability p: the quantile of t at the effective dof, of the normal distribution when
        that is infinite."""
        dof = self.dof
        tail = 0.5 * (1.0 + self.p)
        from scipy.special import ndtri, stdtrit  # slow to import; a plan that is only looked at does without

        return float(stdtrit(dof, tail)) if math.isfinite(dof) else float(ndtri(tail))

    @property
    def U(self) -> float:  # noqa: N802  the GUM's symbol
        """Expanded uncertainty k u."""
        return self.k * self.u

    def with_lines(self, lines: Iterable[Line]) -> "Budget":
        """The same budget with more lines."""
        return Budget((*self.lines, *lines), self.unit, self.p)

    def as_table(self) -> list[dict[str, float | str]]:
        """One row a line, largest contribution first: name, u_input, sensitivity, distribution, dof, contribution,
        share of the variance."""
        variance = self.u**2
        return [
            {
                "name": line.name,
                "u_input": line.u_input,
                "sensitivity": line.sensitivity,
                "distribution": line.distribution,
                "dof": line.dof,
                "contribution": line.contribution,
                "share": line.contribution**2 / variance if variance > 0.0 else 0.0,
            }
            for line in sorted(self.lines, key=lambda line: -line.contribution)
        ]


def rectangular(name: str, half_width: float, sensitivity: float = 1.0) -> Line:
    """A line for an input known to lie within +- half_width, each value as likely."""
    return Line(name, half_width / SQRT3, sensitivity, "rectangular")
