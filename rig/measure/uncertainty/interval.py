"""The uncertainty of a time between two edges, line by line.

Each edge brings its noise, quantisation and sampling; the level brings the channel's offset and gain divided by the
slope, which cancel when both edges are on the same channel with the same slope; two channels bring their skew; the time
base scales with the interval. When the two edges belong to different records the caller measures both on the slow one
(see rig.measure.quantities.operate), so that no alignment error is left over.
"""

import math
from dataclasses import dataclass

import numpy as np

from rig.measure.captures.accuracy import TraceAccuracy
from rig.measure.captures.capture import Floats, Trace
from rig.measure.captures.noise import noise
from rig.measure.events.edge import Edge
from rig.measure.uncertainty.budget import SQRT3, Budget, Line, rectangular

REACH_SIGMAS = 6.0
REACH_FAR = 6.0
"""How far to look for the level, as a multiple of where the slope at the crossing would have it."""
REACH_SAMPLES = 2048
NEAR = 1.1
"""Times the channel's time constant: a tail that looks faster than this is taken as this."""
MIN_BETWEEN = 3
"""Sample intervals from which on a line through the samples tells a slope."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An edge, the trace it was found on, and the name it has in the budget."""

    edge: Edge
    trace: Trace
    label: str

    @property
    def delay(self) -> float:
        """Half of the longest delay by the channel, s.

        A declared bandwidth is a guaranteed one: a first-order channel with time constant up to tau = 1 / (2 pi B)
        delays a ramp by 0 to tau. A tail exp(-t / T) it delays by T ln(T / (T - tau)) in the end; of a tail as fast as
        the channel itself what is seen is no faster than tau, and 2.6 tau is the most down to 1/400 of the peak.
        """
        if self.trace.bandwidth is None or not self.trace.bandwidth > 0.0:
            return 0.0
        tau, edge = 1.0 / (2.0 * math.pi * self.trace.bandwidth), self.edge
        if tau == 0.0 or not math.isfinite(edge.slope) or edge.slope >= 0.0 or edge.level <= 0.0:
            return tau / 2.0
        tail = max(edge.level / -edge.slope, NEAR * tau)
        return tail * math.log(tail / (tail - tau)) / 2.0

    @property
    def t(self) -> float:
        """The instant at the input of the channel, s on the record's axis."""
        return self.edge.t - self.delay


@dataclass(frozen=True, slots=True)
class Overdrive:
    """How the time depends on the applied current: slope dt/dI in s/A (from the declared curve) and u of the applied
    current in A."""

    slope: float
    u_current: float


def edge_lines(placed: Placed) -> list[Line]:
    """The lines an edge brings by itself."""
    edge, name = placed.edge, f"{placed.trace.signal} at {placed.label}"
    lines = [
        Line(f"noise, {name}", edge.u_noise, 1.0, "normal", edge.noise_dof),
        Line(f"quantisation, {name}", edge.u_quantisation, 1.0, "rectangular"),
        Line(f"sampling, {name}", edge.u_sampling, 1.0, "rectangular"),
        Line(f"curvature, {name}", edge.u_curvature, 1.0, "rectangular"),
    ]
    return [line for line in lines if line.u_input > 0.0]


def interval_budget(first: Placed, second: Placed, *, overdrive: Overdrive | None = None) -> Budget | None:
    """Budget in s of second.t - first.t, both on one record's time axis; None when a channel's accuracy
    is absent or its skew not known."""
    a, b = first.trace.accuracy, second.trace.accuracy
    if a is None or b is None:
        return None
    same = first.trace.signal == second.trace.signal
    if not same and (a.skew_u is None or b.skew_u is None):
        return None
    lines = [*edge_lines(first), *edge_lines(second)]
    if same:
        lines += _common_threshold(first, second, a)
    else:
        lines += [*_threshold(first, a), *_threshold(second, b)]
        lines += [*_channel_lines(first, a), *_channel_lines(second, b)]
    lines += max((a, b), key=lambda one: one.timebase_u).lines("time base", second.edge.t - first.edge.t)
    if overdrive is not None:
        lines.append(Line("applied current (overdrive)", overdrive.u_current, overdrive.slope))
    return Budget(tuple(line for line in lines if line.contribution > 0.0), "s")


def instant_budget(placed: Placed) -> Budget | None:
    """Budget in s of one edge on its record's axis; None when the channel's accuracy is absent or its
    skew not known."""
    accuracy = placed.trace.accuracy
    if accuracy is None or accuracy.skew_u is None:
        return None
    lines = [*edge_lines(placed), *_threshold(placed, accuracy), *_channel_lines(placed, accuracy)]
    return Budget(tuple(line for line in lines if line.contribution > 0.0), "s")


def since(begin: float, end: Placed, budget: Budget | None) -> tuple[float, bool] | None:
    """(time in s from `begin` to `end.t`, whether it is only an upper bound); None when the end lies surely before.

    An unresolved end nearer than U cannot be told from the begin: all that is known is that it took no longer. Both
    edges inside one sample interval, or the skew of two channels, may even turn them round.
    """
    elapsed = end.t - begin
    if elapsed >= 0.0:
        return elapsed, not end.edge.resolved and budget is not None and elapsed < budget.U
    return (0.0, True) if budget is not None and -elapsed <= budget.U else None


def _channel_lines(placed: Placed, accuracy: TraceAccuracy) -> list[Line]:
    """What delays one channel against another; two edges of the same channel it delays alike."""
    name = placed.trace.signal
    delay = rectangular(f"delay by the bandwidth, {name} at {placed.label}", placed.delay)
    return [*accuracy.lines("skew", 1.0, name), delay]


def _sensitivities(edge: Edge) -> tuple[float, float]:
    """(dt/doffset, dt/dgain) of the crossing: level/slope by gain, and by the signed signal's offset."""
    if math.isinf(edge.slope):
        return 0.0, 0.0
    return edge.polarity / edge.slope, edge.level / edge.slope


def _threshold(placed: Placed, accuracy: TraceAccuracy) -> list[Line]:
    by_offset, by_gain = _sensitivities(placed.edge)
    name = f"{placed.trace.signal} at {placed.label}"
    label = f"threshold of {name}"
    reached = _reached(placed, SQRT3 * math.hypot(accuracy.offset_u, accuracy.gain_u * placed.edge.level))
    bend: list[Line] = []
    if reached is not None:
        secant, bent = reached
        by_offset, by_gain = by_offset * secant, by_gain * secant
        bend = [rectangular(f"bend, {label}", bent)]
    lines = accuracy.lines("offset", by_offset, label) + accuracy.lines("gain", by_gain, label)
    return [*lines, *bend]


def _reached(placed: Placed, reach: float) -> tuple[float, float] | None:
    """(secant over tangent, half the difference of the two ways in s) for a level that may be off by `reach`.

    On a tail that dies away, or at a kink, the slope at the crossing does not tell where the level lies that was meant:
    the samples do. Where the reach is within the noise the slope at the crossing is noise too: it is then had from the
    samples of six sigma to either side. None where all that is within two samples, and the slope is all there is.
    """
    edge, trace = placed.edge, placed.trace
    if not edge.resolved or not math.isfinite(edge.slope) or edge.slope == 0.0 or reach == 0.0:
        return None
    asked, reach = reach, max(reach, REACH_SIGMAS * noise(trace).sigma)
    half = reach / abs(edge.slope)
    if asked == reach and half < 2.0 * trace.dt:
        return None
    part = trace.slice((edge.t - REACH_FAR * half, edge.t + REACH_FAR * half))
    stride = max((part.stop - part.start) // REACH_SAMPLES, 1)
    part = slice(part.start, part.stop, stride)
    t, v = trace.times(part) - edge.t, edge.polarity * trace.read(part) * math.copysign(1.0, edge.slope)
    level = edge.level * math.copysign(1.0, edge.slope)
    early = np.flatnonzero((t < 0.0) & (v <= level - reach))
    late = np.flatnonzero((t > 0.0) & (v >= level + reach))
    if not early.size or not late.size:
        return None
    first, last = int(early[-1]), int(late[0])
    if asked < reach:  # a line through all samples between: noise would reach either end too early
        if last - first < MIN_BETWEEN:
            return None
        slope = float(np.polyfit(t[first : last + 1], v[first : last + 1], 1)[0])
        return (abs(edge.slope) / slope, 0.0) if slope > 0.0 else None
    before = -_between(t, v, first, level - reach)
    after = _between(t, v, last - 1, level + reach)
    return (before + after) / (2.0 * half), abs(after - before) / 2.0


def _between(t: Floats, v: Floats, k: int, level: float) -> float:
    """Where the line through samples k and k + 1 has `level`."""
    step = float(v[k + 1] - v[k])
    share = min(max((level - float(v[k])) / step, 0.0), 1.0) if step > 0.0 else 0.5
    return float(t[k]) + share * float(t[k + 1] - t[k])


def _common_threshold(first: Placed, second: Placed, accuracy: TraceAccuracy) -> list[Line]:
    offset1, gain1 = _sensitivities(first.edge)
    offset2, gain2 = _sensitivities(second.edge)
    label = f"threshold of {first.trace.signal}, both edges"
    return accuracy.lines("offset", offset2 - offset1, label) + accuracy.lines("gain", gain2 - gain1, label)
