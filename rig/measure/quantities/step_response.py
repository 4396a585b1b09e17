"""How a signal comes to a new level: by how much it overshoots, and when it has settled.

Both are relative to the states before and after (IEEE 181-2011, 5.7 aberrations and 5.3.3 settling). Their levels are
means over declared spans of the same channel, so that its gain and offset cancel.
"""

import math
from dataclasses import dataclass

import numpy as np

from rig.measure.captures.capture import Capture, Span, Trace
from rig.measure.captures.noise import mean_u, noise
from rig.measure.events.edge import Threshold
from rig.measure.events.injection import injection_edge
from rig.measure.events.points import points
from rig.measure.events.settle import entry_edge, mean_inside, stays
from rig.measure.quantities.apex import apex
from rig.measure.result import Input, Mark, Measurement, accuracy_flags, merged, no_result
from rig.measure.uncertainty.budget import Budget, Line, rectangular
from rig.measure.uncertainty.interval import Placed, edge_lines, since

SOURCE = "IEEE 181-2011"
APART = 6.0
"""Standard uncertainties by which the two states must lie apart to be two."""


@dataclass(frozen=True, slots=True)
class _States:
    """Levels before and after with their standard uncertainties, in the trace's unit."""

    initial: float
    final: float
    initial_u: float
    final_u: float

    @property
    def step(self) -> float:
        return self.final - self.initial


def overshoot(
    capture: Capture, signal: str, *, initial: Span, final: Span, window: Span, absolute: bool = False,
    record: str = "fault",
) -> Measurement:  # fmt: skip
    """How far `signal` goes beyond its final level within `window`, as a fraction of the step (unit 1); absolute: in
    the trace's unit (measurand overshoot_absolute), where the channel's gain counts.

    initial, final: spans (s on the record's axis) whose means are the states. Unresolved without a step, a complete
    window or complete states; a clipped excursion is a lower bound. 0 where the signal stays short of its final level.
    The excursion is taken to be smooth: one that ends in a corner (a switch) is higher than what is found.
    """
    name, share = ("overshoot_absolute", "") if absolute else ("overshoot", " over the step")
    definition = f"largest excursion of {signal} beyond its final level{share}, {window[0]:g}..{window[1]:g} s"
    trace = capture.trace(record, signal)
    if trace is None:
        return no_result(name, "" if absolute else "1", definition, armed=capture.triggered(record))
    unit = trace.unit if absolute else "1"
    levels = _levels(trace, initial, final)
    part = trace.slice(window)
    values = trace.read(part)
    if levels is None or values.size < 3 or not np.isfinite(values).all():
        why = "no-step" if values.size >= 3 and np.isfinite(values).all() else "no-samples"
        return no_result(name, unit, definition, armed=True, flags=(why,))
    way, size = math.copysign(1.0, levels.step), abs(levels.step)
    beyond = way * (values - levels.final)
    k = int(np.argmax(beyond))
    top = apex(beyond, k, noise(trace), smooth=True)
    value = max(top.height / size, 0.0)
    scale = size if absolute else 1.0
    clipped = bool(trace.clipped(part).any())
    lines = [
        *(line.scaled(line.sensitivity / size) for line in top.lines),
        Line("final level", levels.final_u, (1.0 + value) / size, kind="A"),
        Line("initial level", levels.initial_u, value / size, kind="A"),
    ]
    if absolute and trace.accuracy is not None:
        lines = [
            *top.lines,
            Line("final level", levels.final_u, 1.0, kind="A"),
            *trace.accuracy.lines("gain", value * size),
        ]
    known = trace.accuracy is not None
    return Measurement(
        name, "Clipped" if clipped else "Measured", value * scale, unit, definition,
        budget=Budget(tuple(line for line in lines if line.contribution > 0.0), unit) if known else None,
        bound="lower" if clipped else None,
        flags=merged(("clipped",) if clipped else (), accuracy_flags(trace)),
        marks=(Mark(record, signal, float(trace.times(part)[k]), "overshoot"),),
        inputs={"record": record, "initial": levels.initial, "final": levels.final, "excursion": top.height},
        source=f"{SOURCE}, overshoot",
    )  # fmt: skip


def settling_time(
    capture: Capture,
    signal: str,
    *,
    begin: Threshold,
    initial: Span,
    final: Span,
    band: float,
    hold: float,
    record: str = "fault",
) -> Measurement:
    """Time in s from the edge `begin` until `signal` stays within +- `band` x step of its final level for `hold` s.

    Measured; NotRecovered (with the time it was watched) when it did not settle; Unresolved without the edge, a step,
    or an excursion out of the band.
    """
    definition = f"{begin.signal} at {begin.level:g} to {signal} within {band:g} of the step about its final level"
    trace = capture.trace(record, signal)
    started = injection_edge(capture, begin, record=record, label="begin")
    levels = _levels(trace, initial, final) if trace is not None else None
    if trace is None or started is None or levels is None:
        lacking = [("no-begin-edge", started), ("no-step", levels)] if trace is not None else []
        flags = [flag for flag, thing in lacking if thing is None]
        return no_result("settling_time", "s", definition, armed=capture.triggered(record), flags=flags)
    half = band * abs(levels.step)
    low, high = levels.final - half, levels.final + half
    of, pts = noise(trace), points(trace, (started.t - 0.5 * trace.dt, math.inf))
    inputs: dict[str, Input] = {"record": record, "begin": started.t, "low": low, "high": high, "hold": hold}
    flags = list(accuracy_flags(trace))
    found = next(
        (
            stay
            for stay in stays(pts, low, high, of)
            if stay.held >= max(hold, 3.0 * trace.dt) and mean_inside(pts, stay, hold=hold, low=low, high=high)
        ),
        None,
    )
    edge = entry_edge(pts, found, low, high, of) if found is not None else None
    if pts.size < 2 or (found is not None and edge is None):
        flags.append("never-left-band" if found is not None else "no-samples")
        return no_result("settling_time", "s", definition, armed=True, flags=flags).with_inputs(inputs)
    if edge is None:
        return Measurement(
            "settling_time", "NotRecovered", None, "s", definition, bound="lower",
            window=max(trace.stop - started.t, 0.0), flags=tuple(flags), inputs=inputs, source=f"{SOURCE}, settling",
        )  # fmt: skip
    settled = Placed(edge, trace, "settled")
    budget = _settled_budget(started, settled, levels, band)
    elapsed = since(started.t, settled, budget)
    if elapsed is None:
        return no_result("settling_time", "s", definition, armed=True, flags=(*flags, "end-before-begin"))
    return Measurement(
        "settling_time", "Measured", elapsed[0], "s", definition, budget=budget,
        bound="upper" if elapsed[1] else None,
        flags=merged(flags, () if edge.resolved else ("edge-within-one-sample",)),
        marks=(Mark(record, signal, edge.t, "settled"),), inputs={**inputs, "settled": edge.t},
        source=f"{SOURCE}, settling",
    )  # fmt: skip


def _levels(trace: Trace, initial: Span, final: Span) -> _States | None:
    """None where a span holds fewer than two samples, a lost or a clipped one, or where there is no step."""
    means = []
    for span in (initial, final):
        part = trace.slice(span)
        values = trace.read(part)
        if values.size < 2 or not np.isfinite(values).all() or bool(trace.clipped(part).any()):
            return None
        means.append((float(values.mean()), mean_u(values, noise(trace))))
    (first, first_u), (last, last_u) = means
    apart = max(APART * math.hypot(first_u, last_u), 2.0 * trace.resolution)
    return _States(first, last, first_u, last_u) if abs(last - first) > apart else None


def _settled_budget(started: Placed, settled: Placed, levels: _States, band: float) -> Budget | None:
    """The band hangs on the levels that the same channel has shown: of its accuracy only the time base is left."""
    one, two = started.trace.accuracy, settled.trace.accuracy
    if one is None or two is None:
        return None
    lines = [*edge_lines(started), *edge_lines(settled)]
    slope = settled.edge.slope
    if math.isfinite(slope) and slope != 0.0:
        lines += [
            Line("final level", levels.final_u, (1.0 + band) / slope, kind="A"),
            Line("initial level", levels.initial_u, band / slope, kind="A"),
        ]
        lines.append(Line("bend of the tail", _bend(settled, band * abs(levels.step)), 1.0, "rectangular"))
    by_offset = 1.0 / started.edge.slope if math.isfinite(started.edge.slope) and started.edge.slope else 0.0
    lines += one.lines("offset", by_offset, "level of the begin")
    lines += one.lines("gain", by_offset * started.edge.level, "level of the begin")
    for placed in (started, settled):
        lines.append(rectangular(f"delay by the bandwidth, {placed.trace.signal} at {placed.label}", placed.delay))
    if started.trace.signal != settled.trace.signal:
        if one.skew_u is None or two.skew_u is None:
            return None
        lines += [*one.lines("skew", 1.0, started.trace.signal), *two.lines("skew", 1.0, settled.trace.signal)]
    lines += two.lines("time base", settled.t - started.t)
    return Budget(tuple(line for line in lines if line.contribution > 0.0), "s")


def _bend(settled: Placed, half: float) -> float:
    """How far the bend of a tail that dies away pulls a straight line off its crossing of the band, s; `half` is half
    the band. Noise may hide the bend from the fit: 0 where the edge counts a larger one already.

    A tail exp(-t / T) crosses with slope half / T, and a line over the width w lies w^2 / (24 T) beside it; w is had
    from the noise of the crossing, which shrinks with the root of the samples.
    """
    edge, trace = settled.edge, settled.trace
    if not edge.resolved or edge.u_noise <= 0.0:
        return 0.0
    samples = (noise(trace).sigma / (abs(edge.slope) * edge.u_noise)) ** 2
    pull = (samples * trace.dt) ** 2 * abs(edge.slope) / (24.0 * half)
    return pull if pull > edge.u_curvature else 0.0
