"""A waveform between two curves of time: the smallest distance to either, positive inside.

Curves are straight between declared points (t from a reference instant, limit) and end where their points end; outside
them nothing is asked. The margin is judged against a lower limit of 0.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from rig.measure.captures.capture import Capture, Trace
from rig.measure.captures.noise import noise
from rig.measure.quantities.apex import HALVES, apex
from rig.measure.result import Input, Instant, Mark, Measurement, accuracy_flags, merged, no_result
from rig.measure.uncertainty.budget import Budget, Line, rectangular

Corner = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Envelope:
    """low, high: (s from the reference, limit in the signal's unit), in order of time; an empty curve asks nothing.

    ValueError for a curve of one point or one whose times do not rise.
    """

    low: tuple[Corner, ...] = ()
    high: tuple[Corner, ...] = ()

    def __post_init__(self) -> None:
        for name, curve in (("low", self.low), ("high", self.high)):
            times = [t for t, _ in curve]
            if len(times) == 1 or any(b <= a for a, b in pairwise(times)):
                raise ValueError(f"the {name} curve of an envelope needs two or more points whose times rise")
        if not self.low and not self.high:
            raise ValueError("an envelope without a curve asks nothing: give low, high or both")


def envelope_margin(
    capture: Capture, signal: str, envelope: Envelope, reference: Instant, *, record: str | None = None
) -> Measurement:
    """Smallest distance of `signal` to its envelope in the signal's unit, negative outside.

    reference: t = 0 of the curves, on the axis of its record, with its uncertainty. Unresolved where a sample under the
    curves is lost or the record does not cover them; a clipped sample makes the margin an upper bound.
    """
    on = record or reference.record
    definition = f"smallest distance of {signal} to its envelope from {reference.label or 'the reference'} on"
    trace = capture.trace(on, signal)
    if trace is None:
        return no_result("envelope_margin", "", definition, armed=capture.triggered(on))
    curves = ((envelope.low, 1.0), (envelope.high, -1.0))
    found = [_side(trace, curve, reference.t, way) for curve, way in curves if curve]
    sides = [side for side in found if side is not None]
    if len(sides) < len(found):
        return no_result("envelope_margin", trace.unit, definition, armed=True, flags=("not-covered",))
    near = min(sides, key=lambda side: side.margin)
    clipped = any(side.clipped for side in sides)
    inputs: dict[str, Input] = {"record": on, "t": near.t - reference.t, "at": near.value}
    return Measurement(
        "envelope_margin", "Clipped" if clipped else "Measured", near.margin, trace.unit, definition,
        budget=_budget(trace, near, reference), bound="upper" if clipped else None,
        flags=merged(("clipped",) if clipped else (), accuracy_flags(trace)),
        marks=(Mark(on, signal, near.t, "nearest to the envelope"),), inputs=inputs, source="declared curves",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Side:
    """The nearest point of the signal to one curve: margin, instant, value there, and the lines of the margin's own
    doubt; clipped: whether a sample under the curve is."""

    curve: Sequence[Corner]
    way: float
    margin: float
    t: float
    value: float
    lines: tuple[Line, ...]
    clipped: bool


def _side(trace: Trace, curve: Sequence[Corner], zero: float, way: float) -> _Side | None:
    """None where the record does not cover the curve whole.

    The smallest of many noisy distances is too small: the nearest point is the top of a fit, as that of a peak. Whether
    that top is smooth or a corner noise may hide: the truth lies between the two fits.
    """
    times, limits = np.array([t for t, _ in curve]) + zero, np.array([limit for _, limit in curve])
    part = trace.slice((float(times[0]), float(times[-1])))
    t, v = trace.times(part), trace.read(part)
    covered = trace.start <= times[0] + trace.dt and trace.stop >= times[-1] - trace.dt
    if not covered or v.size < 2 or not np.isfinite(v).all():
        return None
    gap = way * (v - np.interp(t, times, limits))
    k = int(np.argmin(gap))
    first = max(k - 2 * HALVES[0], 0)
    near, of = -gap[first : k + 2 * HALVES[0] + 1], noise(trace)
    top, smooth = (apex(near, k - first, of, smooth=one) for one in (False, True))
    margin, at = -(top.height + smooth.height) / 2.0, float(t[k])
    either = rectangular("a smooth nearest point or a corner", abs(top.height - smooth.height) / 2.0)
    value = float(np.interp(at, times, limits)) + way * margin
    return _Side(curve, way, margin, at, value, (*top.lines, either), bool(trace.clipped(part).any()))


def _budget(trace: Trace, near: _Side, reference: Instant) -> Budget | None:
    """None where the accuracy is absent or the channel's delay not known.

    What shifts the curves in time (reference, skew, time base) is tried on the samples, by its standard uncertainty to
    either side: the nearest point then moves as it does.
    """
    accuracy = trace.accuracy
    if accuracy is None or accuracy.skew_u is None:
        return None
    late = math.hypot(reference.u, accuracy.skew_u, accuracy.timebase_u * (near.t - reference.t))
    shifted = [_side(trace, near.curve, reference.t + shift, near.way) for shift in (-late, late)]
    moved = max((abs(side.margin - near.margin) for side in shifted if side is not None), default=0.0)
    lines = [
        *near.lines,
        Line(f"time of the curves, {reference.label or reference.record}", late, moved / late if late > 0.0 else 0.0),
        *accuracy.lines("gain", near.value),
        *accuracy.lines("offset"),
    ]
    return Budget(tuple(line for line in lines if line.contribution > 0.0), trace.unit)
