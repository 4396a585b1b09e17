"""`python -m studies.risk`: how often a decision is wrong, against JCGM 106:2012; the tables of docs/decisions.md.

True currents are spread over TL +- 3 U. Each is measured through the whole path: a trace of noisy counts by a channel
whose zero is wrong by a drawn amount, `level` with its budget, `decide`. The channel's zero is drawn from what its
accuracy states, noise from its rms; nothing else is known to the measurement.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from rig.measure import (
    Capture,
    Line,
    Record,
    Rule,
    Trace,
    accuracy_of,
    decide,
    false_acceptance_at_limit,
    level,
    rectangular,
)
from studies.page import DOCS, write

PAGE = DOCS / "decisions.md"
LIMIT_A, ZERO_U, SAMPLES, NOISE = 10.0, 0.05, 64, 0.02
STEPS = np.linspace(-3.0, 3.0, 13)
"""True values, as (true - TL) / U."""
K2 = 2.0


@dataclass(frozen=True, slots=True)
class Kind:
    """One table: how the zero is wrong, and the rule. guard: r of w = r U; U is of 95 %, so k = 1.96, not 2."""

    name: str
    zero: Line
    rule: Rule
    guard: float


def kinds() -> list[Kind]:
    """The rules and distributions that are studied."""
    normal, flat = Line("zero", ZERO_U), rectangular("zero", ZERO_U * math.sqrt(3.0))
    return [
        Kind("guarded, w = U with k = 2, normal", normal, "guarded", K2 / 1.959964),
        Kind("guarded, w = U of 95 %, normal", normal, "guarded", 1.0),
        Kind("guarded, w = 0.83 U, normal", normal, "guarded", 0.83),
        Kind("simple acceptance, normal", normal, "simple", 1.0),
        Kind("guarded, w = U of 95 %, rectangular (Monte Carlo)", flat, "guarded", 1.0),
    ]


@dataclass(frozen=True, slots=True)
class Point:
    """At one true value: the share accepted (PASS), what JCGM 106 expects, and the standard error of the share."""

    offset: float
    accepted: float
    expected: float
    error: float

    @property
    def agrees(self) -> bool:
        """Within three standard errors."""
        return abs(self.accepted - self.expected) <= 3.0 * self.error


def study(kind: Kind, measurements: int, seed: int) -> list[Point]:
    """The acceptance curve of one kind, `measurements` a point."""
    rng = np.random.default_rng([seed, *kind.name.encode()])
    U = _measure(kind, LIMIT_A, rng)[1]
    guard = kind.guard if kind.rule == "guarded" else 0.0
    points = []
    for offset in STEPS:
        true = LIMIT_A + float(offset) * U
        accepted = sum(_measure(kind, true, rng)[0] for _ in range(measurements)) / measurements
        expected = float(_accepts(kind, LIMIT_A - guard * U - true))
        error = math.sqrt(max(expected * (1.0 - expected), 1.0 / measurements) / measurements)
        points.append(Point(float(offset), accepted, expected, error))
    return points


def _measure(kind: Kind, true: float, rng: np.random.Generator) -> tuple[bool, float]:
    """(accepted, U) of one measurement of a true current in A."""
    half = kind.zero.u_input * kind.zero.divisor
    zero = rng.normal(0.0, half) if kind.zero.distribution == "normal" else rng.uniform(-half, half)
    counts = np.round((true + zero + rng.normal(0.0, NOISE, SAMPLES)) * 1e4)
    accuracy = accuracy_of(offset=(kind.zero,), verified=True, note="study")
    trace = Trace("current", "A", counts.astype(np.int32), 1e-4, 0.0, 1e-3, 0.0, -(2**30), 2**30, None, 0.0, accuracy)
    capture = Capture({"slow": Record("slow", {"current": trace}, triggered=True)})
    found = level(capture, "current", (0.0, 1.0))
    assert found.U is not None
    return decide(found, high=LIMIT_A, rule=kind.rule, guard=kind.guard).verdict == "PASS", found.U


def _accepts(kind: Kind, room: float) -> float:
    """Probability that the error of a measurement is at most `room` A: JCGM 106:2012 9.5 for a normal error, and the
    rectangle widened by the noise of the mean for the other."""
    mean_u = NOISE / math.sqrt(SAMPLES)
    if kind.zero.distribution == "normal":
        return float(ndtr(room / math.hypot(ZERO_U, mean_u)))
    half = kind.zero.u_input * kind.zero.divisor
    x = np.linspace(-half, half, 4001)
    return float(ndtr((room - x) / mean_u).mean())


def report(kind: Kind, points: list[Point]) -> Iterator[str]:
    """The table of one kind, and what it says at the limit."""
    yield f"### {kind.name}\n"
    yield "| (true - TL) / U | accepted | JCGM 106 | standard errors off |\n|---|---|---|---|"
    for point in points:
        off = (point.accepted - point.expected) / point.error
        yield f"| {point.offset:+.2f} | {100 * point.accepted:.2f} % | {100 * point.expected:.2f} % | {off:+.1f} |"
    at = next(point for point in points if point.offset == 0.0)
    most = false_acceptance_at_limit(kind.guard, 1.959964) if kind.rule == "guarded" else 0.5
    verdict = "all points within 3 standard errors" if all(one.agrees for one in points) else "NOT all points agree"
    yield f"\nAt the limit {100 * at.accepted:.2f} % are accepted (the rule promises {100 * most:.2f} %); {verdict}.\n"


def main() -> None:
    """Run every kind and rewrite the page."""
    ask = argparse.ArgumentParser(prog="python -m studies.risk", description=__doc__)
    ask.add_argument("--measurements", type=int, default=4000, metavar="N", help="a true value")
    ask.add_argument("--seed", type=int, default=1, metavar="N")
    told = ask.parse_args()
    lines = [f"{told.measurements} measurements a true value, seed {told.seed}.\n"]
    for kind in kinds():
        made = list(report(kind, study(kind, told.measurements, told.seed)))
        print("\n".join(made), flush=True)
        lines += made
    write(PAGE, "tables", "\n".join(lines))


if __name__ == "__main__":
    main()
