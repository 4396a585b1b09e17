"""The largest value a signal reached, and what may have been missed.

Its height comes from the samples around the largest one (rig.measure.quantities.apex). A channel's bandwidth flattens a
corner: a declared bandwidth is a guaranteed one, so that the time constant lies between 0 and 1 / (2 pi B), and half of
what the longest would take off is added, the other half is doubt. A clipped or undersampled peak is a lower bound, and
so is that of read-backs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rig.measure.captures.accuracy import READ_BACK
from rig.measure.captures.capture import Capture, Floats, Span, Trace
from rig.measure.captures.noise import noise
from rig.measure.quantities.apex import HALVES, apex
from rig.measure.quantities.largest import look
from rig.measure.result import accuracy_flags, holding, merged
from rig.measure.uncertainty.budget import Budget, Line, rectangular

UNWATCHED = "unwatched-between-read-backs"
MIN_SAMPLES = 50
"""Samples over an interval below which its peak is a lower bound and its integral has no valid uncertainty."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Where to look: a record, the spans in s of its axis, and spans to leave out. event: the interval must hold 50
    samples."""

    record: str
    spans: Sequence[Span] = ((-math.inf, math.inf),)
    exclude: Sequence[Span] = ()
    event: bool = False


@dataclass(frozen=True, slots=True)
class Peak:
    """One record's peak: value in the trace's unit at t s; lower: it is a lower bound, for the reasons in `flags`."""

    record: str
    trace: Trace
    value: float
    t: float
    budget: Budget | None
    lower: bool
    flags: tuple[str, ...]


def find_peak(capture: Capture, signal: str, piece: Piece, *, absolute: bool) -> Peak | None:
    """The peak of `signal` in a piece; None when the record, the signal or every sample is missing."""
    trace = capture.trace(piece.record, signal)
    if trace is None:
        return None
    looked_at = _ranges(trace, piece)
    found = look(trace, looked_at, absolute=absolute)
    if found is None:
        return None
    of = noise(trace)
    bounding = holding(
        {
            "clipped": found.clipped,
            "undersampled": piece.event and found.finite < MIN_SAMPLES,
            "missing-samples": found.finite < found.samples,
            UNWATCHED: trace.accuracy is not None and READ_BACK in trace.accuracy.flags,
        }
    )
    lower = bool(bounding)
    top, lines = found.top, [Line("noise", of.sigma, 1.0, "normal", of.dof, "A")]
    if UNWATCHED in bounding:  # a jump between two of them is no noise, which is in what the instrument states
        lines = []
    if not lower:  # a bound is what has been seen, without what a fit would add
        home = next(one for one in looked_at if one.start <= found.k < one.stop)
        first = max(found.k - 2 * HALVES[0], home.start)
        around = trace.read(slice(first, min(found.k + 2 * HALVES[0] + 1, home.stop)))
        around = np.abs(around) if absolute else around
        shaped = apex(around, found.k - first, of)
        reduced = _flattened(trace, around, found.k - first)
        top, lines = shaped.height + reduced / 2.0, [*shaped.lines, rectangular("bandwidth", reduced / 2.0)]
    budget = None
    if trace.accuracy is not None:
        lines += trace.accuracy.lines("gain", top) + trace.accuracy.lines("offset")
        budget = Budget(tuple(line for line in lines if line.contribution > 0.0), trace.unit)
    flags = merged(bounding, holding({"bandwidth-unknown": trace.bandwidth is None}), accuracy_flags(trace))
    at = float(trace.times(slice(found.k, found.k + 1))[0])
    return Peak(piece.record, trace, top, at, budget, lower, flags)


def _ranges(trace: Trace, piece: Piece) -> list[slice]:
    """The samples to look at, as disjoint index ranges in order."""
    wanted = sorted((trace.slice(span) for span in piece.spans), key=lambda one: one.start)
    joined: list[slice] = []
    for one in wanted:
        if joined and one.start <= joined[-1].stop:
            joined[-1] = slice(joined[-1].start, max(joined[-1].stop, one.stop))
        elif one.stop > one.start:
            joined.append(one)
    for out in (trace.slice(span) for span in piece.exclude):
        if out.stop > out.start:
            ahead = [slice(one.start, min(one.stop, out.start)) for one in joined]
            behind = [slice(max(one.start, out.stop), one.stop) for one in joined]
            kept = [part for part in (*ahead, *behind) if part.stop > part.start]
            joined = sorted(kept, key=lambda one: one.start)
    return joined


def _flattened(trace: Trace, size: Floats, k: int) -> float:
    """The most by which a first-order low-pass of the declared bandwidth lowers the peak at size[k], in its unit.

    After a straight rise it lags by the slope times its time constant T. Where the signal jumped up, to fall at once
    with slope b, the output meets it b T ln(1 + J / (b T)) lower, J being the jump. Slopes are taken where the low-pass
    no longer bends them.
    """
    if trace.bandwidth is None or not math.isfinite(trace.bandwidth):
        return 0.0
    constant = 1.0 / (2.0 * math.pi * trace.bandwidth * trace.dt)  # in samples
    far = max(math.ceil(3.0 * constant), 2)
    before, after = size[max(k - 2 * far, 0) : k - far + 1], size[k + far : k + 2 * far + 1]
    rise = (float(before[-1]) - float(before[0])) / max(before.size - 1, 1) if before.size > 1 else 0.0
    fall = (float(after[0]) - float(after[-1])) / max(after.size - 1, 1) if after.size > 1 else 0.0
    lag = max(rise, 0.0) * constant
    jump = float(size[k]) - float(before[-1]) - max(rise, 0.0) * far if before.size else 0.0
    if fall > 0.0 and jump > fall * constant:
        lag = max(lag, fall * constant * math.log1p(jump / (fall * constant)))
    return lag
