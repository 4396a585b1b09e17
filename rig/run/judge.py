"""Judging is soft inside a case and raises once at its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rig.measure import Decision, Measurement, decide
from rig.standard import Limit, find_limit

if TYPE_CHECKING:
    from collections.abc import Callable

    from rig.run.shot import Shot

__all__ = ["DeviceFailed", "Judge", "Judged", "NotDecided", "worst"]

ORDER = ("FAIL", "CONDITIONAL_FAIL", "INCONCLUSIVE", "NOT_TESTED", "CONDITIONAL_PASS", "PASS")
"""From the worst to the best; the verdict of a case is the worst of its parts."""


class DeviceFailed(AssertionError):
    """The device violates a limit; Allure shows it as `failed`."""


class NotDecided(Exception):
    """The bench could not decide; Allure shows it as `broken`, since the device is not to blame."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One measurement, the limit it was held against and what came of it."""

    clause: str
    measurement: Measurement
    limit: Limit
    decision: Decision

    @property
    def sentence(self) -> str:
        """The verdict in one line, as a person reads it."""
        return f"{self.clause} {self.measurement.measurand}: {self.decision.verdict}: {self.decision.reason}"


def worst(verdicts: list[str]) -> str:
    """The verdict of a whole from the verdicts of its parts; nothing judged is NOT_TESTED."""
    return min(verdicts, key=ORDER.index, default="NOT_TESTED")


class Judge:
    """Holds measurements of one shot against the limits of the run."""

    def __init__(self, shot: Shot, on_judged: Callable[[Judged], None]) -> None:
        self._shot = shot
        self._on_judged = on_judged
        self.judged: list[Judged] = []

    def __call__(self, measurement: Measurement, *, clause: str | None = None) -> Judged:
        """Judge one measurement; `clause` defaults to the clause of the case.

        Raises:
            NoLimit: the limits of this run say nothing about it; the sentence lists what was consulted.
        """
        clause = clause or self._shot.case.clause
        limit = find_limit(self._shot.limits, clause, measurement.measurand, self._shot.port, self._shot.facts)
        decision = decide(
            measurement,
            low=limit.low,
            high=limit.high,
            uncertainty_max=limit.uncertainty_max,
            rule=limit.rule,
            must_not=limit.must_not,
            window=limit.window,
        )
        judged = Judged(clause, measurement, limit, decision)
        self.judged.append(judged)
        self._on_judged(judged)
        return judged

    @property
    def verdict(self) -> str:
        """The worst verdict so far."""
        return worst([judged.decision.verdict for judged in self.judged])

    def finish(self) -> None:
        """Raise once for everything that did not pass.

        Raises:
            DeviceFailed: a FAIL or CONDITIONAL_FAIL.
            NotDecided: something INCONCLUSIVE, or nothing was judged.
        """
        bad = [judged.sentence for judged in self.judged if judged.decision.verdict in ORDER[:2]]
        if bad:
            raise DeviceFailed("\n".join(bad))
        if not self.judged:
            raise NotDecided("Nothing was judged: the body of a case calls judge(...) at least once.")
        unclear = [judged.sentence for judged in self.judged if judged.decision.verdict in ORDER[2:4]]
        if unclear:
            raise NotDecided("\n".join(unclear))
