"""The uncertainty of a time between two edges, line by line.

Each edge brings its noise, quantisation and sampling; the level brings the channel's offset and gain divided by the
slope, which cancel when both edges are on the same channel with the same slope; two channels bring their skew; the time
base scales with the interval. When the two edges belong to different records the caller measures both on the slow one
(see rig.measure.quantities.operate), so that no alignment error is left over.
"""

import math
from dataclasses import dataclass

from rig.measure.captures.accuracy import TraceAccuracy
from rig.measure.captures.capture import Trace
from rig.measure.events.edge import Edge
from rig.measure.uncertainty.budget import Budget, Line


@dataclass(frozen=True, slots=True)
class Placed:
    """An edge, the trace it was found on, and the name it has in the budget."""

    edge: Edge
    trace: Trace
    label: str


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
        lines += a.lines("skew", 1.0, first.trace.signal) + b.lines("skew", 1.0, second.trace.signal)
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
    skew = accuracy.lines("skew", 1.0, placed.trace.signal)
    lines = [*edge_lines(placed), *_threshold(placed, accuracy), *skew]
    return Budget(tuple(line for line in lines if line.contribution > 0.0), "s")


def _sensitivities(edge: Edge) -> tuple[float, float]:
    """(dt/doffset, dt/dgain) of the crossing: level/slope by gain, and by the signed signal's offset."""
    if math.isinf(edge.slope):
        return 0.0, 0.0
    return edge.polarity / edge.slope, edge.level / edge.slope


def _threshold(placed: Placed, accuracy: TraceAccuracy) -> list[Line]:
    by_offset, by_gain = _sensitivities(placed.edge)
    name = f"{placed.trace.signal} at {placed.label}"
    label = f"threshold of {name}"
    return accuracy.lines("offset", by_offset, label) + accuracy.lines("gain", by_gain, label)


def _common_threshold(first: Placed, second: Placed, accuracy: TraceAccuracy) -> list[Line]:
    offset1, gain1 = _sensitivities(first.edge)
    offset2, gain2 = _sensitivities(second.edge)
    label = f"threshold of {first.trace.signal}, both edges"
    return accuracy.lines("offset", offset2 - offset1, label) + accuracy.lines("gain", gain2 - gain1, label)
