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
    margin, t, slope, value, _ = min(sides, key=lambda side: side[0])
    anywhere = any(side[4] for side in sides)
    inputs: dict[str, Input] = {"record": on, "t": t - reference.t, "at": value}
    return Measurement(
        "envelope_margin", "Clipped" if anywhere else "Measured", margin, trace.unit, definition,
        budget=_budget(trace, value, slope, reference), bound="upper" if anywhere else None,
        flags=merged(("clipped",) if anywhere else (), accuracy_flags(trace)),
        marks=(Mark(on, signal, t, "nearest to the envelope"),), inputs=inputs, source="declared curves",
    )  # fmt: skip


def _side(
    trace: Trace, curve: Sequence[Corner], zero: float, way: float
) -> tuple[float, float, float, float, bool] | None:
    """(margin, t, slope of signal against curve in unit/s, signal there, whether a sample is clipped) of one curve.

    None where the record does not cover the curve whole.
    """
    times, limits = np.array([t for t, _ in curve]) + zero, np.array([limit for _, limit in curve])
    part = trace.slice((float(times[0]), float(times[-1])))
    t, v = trace.times(part), trace.read(part)
    covered = trace.start <= times[0] + trace.dt and trace.stop >= times[-1] - trace.dt
    if not covered or v.size < 2 or not np.isfinite(v).all():
        return None
    gap = way * (v - np.interp(t, times, limits))
    k = int(np.argmin(gap))
    slope = max((abs(float(gap[j + 1] - gap[j])) / trace.dt for j in (k - 1, k) if 0 <= j < gap.size - 1), default=0.0)
    return float(gap[k]), float(t[k]), slope, float(v[k]), bool(trace.clipped(part).any())


def _budget(trace: Trace, value: float, slope: float, reference: Instant) -> Budget | None:
    accuracy = trace.accuracy
    if accuracy is None or not math.isfinite(slope):
        return None
    of = noise(trace)
    lines = [
        Line("noise", of.sigma, 1.0, "normal", of.dof, "A"),
        rectangular("between two samples", trace.dt / 2.0, slope),
        Line(f"reference, {reference.label or reference.record}", reference.u, slope),
        *accuracy.lines("gain", value),
        *accuracy.lines("offset"),
    ]
    return Budget(tuple(line for line in lines if line.contribution > 0.0), trace.unit)
