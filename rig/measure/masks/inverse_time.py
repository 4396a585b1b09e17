"""Inverse-time and thermal curves: how long a protection may take at a multiple of its setting.

Sources: IEC 60255-151:2009 (dependent time, t = TMS (k / (M^a - 1) + c)), IEC 60255-149:2013 (thermal, first order).
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InverseTime:
    """t(M) = tms (k / (M^alpha - 1) + c), in s, for M = current over setting above 1; it never operates at or below."""

    k: float
    alpha: float
    c: float = 0.0
    tms: float = 1.0

    def __post_init__(self) -> None:
        if not (self.k > 0.0 and self.alpha > 0.0 and self.c >= 0.0 and self.tms > 0.0):
            raise ValueError(f"inverse time with k = {self.k}, alpha = {self.alpha}, c = {self.c}, tms = {self.tms}: "
                             "k, alpha and tms have to be above 0, c at least 0")  # fmt: skip

    def time(self, multiple: float) -> float:
        """Operate time in s; infinite where the protection does not operate."""
        if not multiple > 1.0:
            return math.inf
        return self.tms * (self.k / math.expm1(self.alpha * math.log(multiple)) + self.c)

    def slope(self, multiple: float) -> float:
        """|dt/dM| in s per multiple; infinite at and below 1, where the time runs away."""
        if not multiple > 1.0:
            return math.inf
        grown = math.exp(self.alpha * math.log(multiple))
        return self.tms * self.k * self.alpha * grown / multiple / (grown - 1.0) ** 2

    def band(self, multiple: float, u: float, coverage: float = 2.0) -> tuple[float, float]:
        """(shortest, longest) time in s for a multiple known within +- coverage u: what a current that is only known so
        well lets one require. The curve is steep near 1, so its ends are taken, not its slope."""
        if not (math.isfinite(u) and u >= 0.0):
            raise ValueError(f"u = {u}: the applied multiple needs a standard uncertainty of at least 0")
        return self.time(multiple + coverage * u), self.time(multiple - coverage * u)


STANDARD_INVERSE = InverseTime(k=0.14, alpha=0.02)
VERY_INVERSE = InverseTime(k=13.5, alpha=1.0)
EXTREMELY_INVERSE = InverseTime(k=80.0, alpha=2.0)


@dataclass(frozen=True, slots=True)
class Thermal:
    """First-order thermal image: tau in s; operates at a rise of `limit` times the rise of the rated current."""

    tau: float
    limit: float = 1.0

    def time(self, multiple: float, preload: float = 0.0) -> float:
        """Time in s to operate at `multiple` of the rated current after a long time at `preload`; 0 when the preload is
        already beyond, infinite when it never gets there."""
        if multiple**2 <= self.limit:
            return 0.0 if preload**2 > self.limit else math.inf
        if preload**2 >= self.limit:
            return 0.0
        return self.tau * math.log((multiple**2 - preload**2) / (multiple**2 - self.limit))


def i2t_time(current: float, pickup: float, budget: float) -> float:
    """Time in s of a DC I2t element at a steady current: it integrates (i^2 - pickup^2) where positive up to `budget`
    A2s; infinite at and below the pickup."""
    excess = current**2 - pickup**2
    return budget / excess if abs(current) > pickup and excess > 0.0 else math.inf
