"""Judging is soft inside a case and raises once at its end."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rig.measure import Decision, Measurement, Verdict, by_policy, decide, worst
from rig.run.parameters import CLAUSE, parameter_check
from rig.standard import Limit, NoLimit, find_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from rig.run.shot import Shot

__all__ = ["NOTHING_JUDGED", "DeviceFailed", "Judge", "Judged", "NotDecided"]

VIOLATED = ("FAIL", "CONDITIONAL_FAIL")
UNDECIDED = ("INCONCLUSIVE", "NOT_TESTED")
NOTHING_JUDGED = "Nothing was judged: the body of a case asks for `judge` and calls judge(...) at least once."


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

    def limit_record(self) -> dict[str, object]:
        """The limit as the record keeps it."""
        limit = self.limit
        return {
            "low": _finite(limit.low), "high": _finite(limit.high), "must_not": limit.must_not, "window": limit.window,
            "uncertainty_max": limit.uncertainty_max, "status": limit.status, "source": limit.source,
            "rule": limit.rule_text,
        }  # fmt: skip

    @property
    def sentence(self) -> str:
        """The verdict in one line, as a person reads it."""
        return f"{self.clause} {self.measurement.measurand}: {self.decision.verdict}: {self.decision.reason}"


def _finite(limit: float | None) -> float | None:
    """A curve that is never reached at the applied current sets no limit on that side."""
    return limit if limit is not None and math.isfinite(limit) else None


class Judge:
    """Holds measurements of one shot against the limits of the run."""

    def __init__(self, shot: Shot, on_judged: Callable[[Judged], None], refused: Collection[str] = ()) -> None:
        """`refused`: flags with which the lab's policy gives no verdict."""
        self.shot = shot
        self._refused = refused
        self._on_judged = on_judged
        self.judged: list[Judged] = []
        self.unlimited: list[str] = []
        """What the limits of this run say nothing about, each with all that was looked at."""
        self.complete = False

    def __call__(self, measurement: Measurement, *, clause: str | None = None) -> Judged | None:
        """Judge one measurement; `clause` defaults to the clause of the case.

        None where the limits of this run say nothing about it: the body goes on, and its end says so.
        """
        if not isinstance(measurement, Measurement):
            found = type(measurement).__name__
            raise TypeError(f"judge takes a measurement, such as judge(shot.operate_time()), and was given a {found}")
        clause = clause or self.shot.case.clause
        measurement = measurement.with_inputs({}, self.shot.doubts)
        try:
            limit = find_limit(self.shot.limits, clause, measurement.measurand, self.shot.port, self.shot.facts)
        except NoLimit as none:
            self.unlimited.append(str(none))
            return None
        decision = decide(
            measurement,
            low=_finite(limit.low),
            high=_finite(limit.high),
            uncertainty_max=limit.uncertainty_max,
            rule=limit.rule,
            guard=limit.guard,
            must_not=limit.must_not,
            window=limit.window,
        )
        judged = Judged(clause, measurement, limit, by_policy(decision, measurement, self._refused))
        self.judged.append(judged)
        self._on_judged(judged)
        return judged

    def always(self) -> None:
        """What is judged in every case, asked for or not: the port's voltage, and what it left behind, where the limits
        of this run say something about that."""
        self(self.shot.port_voltage_peak(), clause="SELV-01")
        for found in parameter_check(self.shot):
            if any((row.clause, row.measurand) == (CLAUSE, found.measurand) for row in self.shot.limits.limits):
                self(found, clause=CLAUSE)

    @property
    def verdict(self) -> Verdict:
        """The worst verdict so far."""
        return worst(judged.decision.verdict for judged in self.judged)

    def finish(self, by_body: int) -> None:
        """Raise once for everything that did not pass; the first `by_body` verdicts are those the body asked for.

        Raises:
            DeviceFailed: a FAIL or CONDITIONAL_FAIL.
            NotDecided: something INCONCLUSIVE, or the body judged nothing.
        """
        self.complete = by_body > 0 and not self.unlimited
        bad = [judged.sentence for judged in self.judged if judged.decision.verdict in VIOLATED]
        if bad:
            raise DeviceFailed("\n".join(bad))
        if not by_body and not self.unlimited:
            raise NotDecided(NOTHING_JUDGED)
        unclear = [judged.sentence for judged in self.judged if judged.decision.verdict in UNDECIDED]
        if unclear or self.unlimited:
            raise NotDecided("\n".join([*self.unlimited, *unclear]))
