"""The largest value a signal reached, and what may have been missed.

The largest of many noisy samples is too large by the expected maximum of the noise: that is taken off, half of it stays
as doubt. Between two samples the signal may have been higher: the lines through the neighbouring samples, drawn on
until they meet, say by how much. A transducer's bandwidth flattens a corner by its time constant times the slope. A
clipped or undersampled peak is a lower bound.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rig.measure.captures.capture import Bools, Capture, Floats, Span, Trace
from rig.measure.captures.noise import Noise, noise
from rig.measure.result import accuracy_flags
from rig.measure.uncertainty.budget import SQRT3, Budget, Line, rectangular

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
    chosen = _mask(trace, piece)
    finite = chosen & np.isfinite(trace.values)
    if not finite.any():
        return None
    of = noise(trace)
    size = np.abs(trace.values) if absolute else trace.values
    k = int(np.argmax(np.where(finite, size, -math.inf)))
    clipped = trace.clipped() if absolute else trace.clipped_above()
    flags = [
        name
        for name, found in (
            ("clipped", bool((clipped & finite).any())),
            ("undersampled", piece.event and int(finite.sum()) < MIN_SAMPLES),
            ("missing-samples", int(finite.sum()) < int(chosen.sum())),
        )
        if found
    ]
    top = float(size[k])
    excess = 0.0 if "clipped" in flags else _noise_excess(size[finite], top, of)
    budget = None
    if trace.accuracy is not None:
        lines = [*_shape_lines(trace, size, k, of), *_channel_lines(trace, top)]
        scatter = max(
            of.sigma - 0.16 * excess, 0.3 * of.sigma
        )  # the maximum of n normal samples scatters less than one
        lines += [Line("noise", scatter, 1.0, "normal", of.dof), rectangular("largest of many", excess / 2.0)]
        budget = Budget(tuple(line for line in lines if line.contribution > 0.0), trace.unit)
    if trace.bandwidth is None:
        flags.append("bandwidth-unknown")
    lower = bool({"clipped", "undersampled", "missing-samples"} & set(flags))
    flags += accuracy_flags(trace)
    return Peak(piece.record, trace, top - excess, float(trace.time[k]), budget, lower, tuple(flags))


def _mask(trace: Trace, piece: Piece) -> Bools:
    chosen = np.zeros(trace.codes.size, dtype=np.bool_)
    for span in piece.spans:
        chosen[trace.slice(span)] = True
    for span in piece.exclude:
        chosen[trace.slice(span)] = False
    return chosen


def _noise_excess(values: Floats, top: float, of: Noise) -> float:
    """Expected maximum of the noise over the samples near the top (Blom's approximation for normal noise), in the
    trace's unit."""
    near = int(np.count_nonzero(values > top - 4.0 * of.sigma))
    if near < 2:
        return 0.0
    from scipy.special import ndtri  # slow to import; a plan that is only looked at does without

    return of.sigma * float(ndtri((near - 0.375) / (near + 0.25)))


def _shape_lines(trace: Trace, size: Floats, k: int, of: Noise) -> list[Line]:
    """What the samples around the top do not show: the height between two of them, and what the bandwidth took off."""
    around = size[max(k - 2, 0) : k + 3]
    doubt = 3.0 * math.sqrt(2.0) * of.sigma
    missed, steepest = 0.0, 0.0
    for i in range(1, around.size - 2):
        left = max(float(around[i] - around[i - 1]) - doubt, 0.0)
        right = max(float(around[i + 1] - around[i + 2]) - doubt, 0.0)
        if left + right > 0.0 and np.isfinite(around[i - 1 : i + 3]).all():
            x = (float(around[i + 1] - around[i]) + right) / (left + right)
            if 0.0 < x < 1.0:
                missed = max(missed, float(around[i]) + left * x - float(size[k]))
                steepest = max(steepest, min(left, right))
    lines = [Line("sampling", missed / SQRT3, 1.0, "rectangular")]
    if trace.bandwidth is not None:
        constant = 1.0 / (2.0 * math.pi * trace.bandwidth)
        lines.append(rectangular("bandwidth", steepest / trace.dt * constant))
    return lines


def _channel_lines(trace: Trace, value: float) -> list[Line]:
    accuracy = trace.accuracy
    if accuracy is None:
        return []
    return [
        Line("channel and transducer gain", accuracy.gain_u, value),
        Line("channel offset", accuracy.offset_u),
    ]
