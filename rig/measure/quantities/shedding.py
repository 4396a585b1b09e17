"""At which voltage a load's stages go while what feeds it sinks slowly, and whether each goes once.

A stage that goes is a fall of the current by more than half of the smallest stage from one block of samples to the next
but one; what falls on in the following blocks belongs to it.
"""

import math
from collections.abc import Sequence

import numpy as np

from rig.measure.captures.average import averaged
from rig.measure.captures.capture import Capture, Span
from rig.measure.result import Input, Measurement, accuracy_flags, no_result
from rig.measure.uncertainty.budget import Budget, Line, rectangular

BLOCK_S = 0.05
APART = 2
"""Blocks over which a fall is seen: one may hold the switching itself."""
SOURCE = "by declared stages; ODG pilot: low priority goes first"


def shedding(
    capture: Capture, stages: Sequence[tuple[float, float]], down: Span, *, volts: str, amps: str, record: str = "slow"
) -> tuple[Measurement, Measurement]:
    """(shedding_error V, surplus_switchings count) while the voltage sinks over `down`, s on the axis of `record`.

    stages: (voltage below which it goes, V; current that goes with it, A) as declared. The error is that of the stage
    which goes furthest from where it should, positive where it goes too early; the surplus, how many more or fewer went
    than there are, or else out of their turn, by the current that went. Unresolved where samples are lost, and the
    error where another number went.
    """
    v, i = capture.trace(record, volts), capture.trace(record, amps)
    about = f"voltage at which each of {len(stages)} stages goes less the declared one, the largest"
    count_about = f"falls of the current by a stage, less or more than {len(stages)}, or out of turn"
    if v is None or i is None or not stages:
        armed = capture.triggered(record)
        return (
            no_result("shedding_error", "V", about, armed=armed),
            no_result("surplus_switchings", "count", count_about, armed=armed),
        )
    u, c = averaged(v, BLOCK_S), averaged(i, BLOCK_S)
    level, taken = u.read(u.slice(down)), np.abs(c.read(c.slice(down)))
    if taken.size <= APART or not np.isfinite(taken).all() or not np.isfinite(level).all():
        return (
            no_result("shedding_error", "V", about, armed=True, flags=("no-samples",)),
            no_result("surplus_switchings", "count", count_about, armed=True, flags=("no-samples",)),
        )
    fell = taken[:-APART] - taken[APART:] > 0.5 * min(amps_of for _, amps_of in stages)
    begins = np.flatnonzero(fell & ~np.concatenate(([False], fell[:-1])))
    flags = accuracy_flags(v, i)
    inputs: dict[str, Input] = {"record": record, "went": int(begins.size)}
    went = [
        float(taken[at] - taken[min(int(at) + APART + 1, taken.size - 1)]) for at in begins
    ]  # a block may hold both
    order = sorted(stages, reverse=True)
    out_of_turn = sum(_nearest(amps_of, order) != order[n] for n, amps_of in enumerate(went[: len(order)]))
    surplus = Measurement(
        "surplus_switchings", "Counted", float(abs(len(went) - len(stages)) or out_of_turn), "count", count_about,
        flags=flags, inputs=inputs, source=SOURCE,
    )  # fmt: skip
    if len(went) != len(stages):
        none = no_result("shedding_error", "V", about, armed=True, flags=(*flags, "other-number-of-stages"))
        return none.with_inputs(inputs), surplus
    declared = sorted((volts_of for volts_of, _ in stages), reverse=True)
    errors = [float(level[at + 1]) - wanted for at, wanted in zip(begins, declared, strict=True)]
    worst = max(errors, key=abs)
    budget = None
    if v.accuracy is not None:
        step = abs(float(level[0] - level[-1])) / level.size  # of the voltage from block to block
        lines = [
            rectangular("one block of the sag", APART * step),
            *(part for one in (v, i) if one.accuracy for part in one.accuracy.lines("skew", step / u.dt, one.signal)),
            *v.accuracy.lines("gain", float(level.mean()), volts), *v.accuracy.lines("offset", 1.0, volts),
        ]  # fmt: skip
        budget = Budget(tuple(line for line in lines if _counts(line)), "V")
    return (
        Measurement(
            "shedding_error", "Measured", worst, "V", about, budget=budget, flags=flags, inputs=inputs, source=SOURCE
        ),
        surplus,
    )


def _nearest(amps: float, stages: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The stage whose current is most like a fall of the current."""
    return min(stages, key=lambda stage: abs(stage[1] - amps))


def _counts(line: Line) -> bool:
    return line.contribution > 0.0 and math.isfinite(line.contribution)
