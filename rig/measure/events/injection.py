"""t0, and the removal of the fault: edges on the injection channel, never the time of a command."""

import numpy as np

from rig.measure.captures.capture import Capture, Span
from rig.measure.captures.noise import noise
from rig.measure.events.edge import Threshold
from rig.measure.events.edges import HYSTERESIS, first_edge
from rig.measure.result import Mark, Measurement, accuracy_flags, no_result
from rig.measure.uncertainty.interval import Placed, instant_budget

FIRST = 8
"""Samples at the begin of a record that tell where the signal already was."""


def injection_edge(
    capture: Capture, injection: Threshold, *, record: str = "fault", span: Span | None = None, label: str = "t0"
) -> Placed | None:
    """The first confirmed crossing of the injection channel; None when the record is not triggered or shows none."""
    trace = capture.trace(record, injection.signal)
    if trace is None:
        return None
    edge = first_edge(trace, injection, span=span)
    return Placed(edge, trace, label) if edge is not None else None


def why_no_edge(capture: Capture, injection: Threshold, record: str) -> tuple[str, ...]:
    """Why a record that was taken shows no edge of the injection: it began too late, noise hides it, or none came."""
    trace = capture.trace(record, injection.signal)
    if trace is None:
        return ("no-injection-edge",) if capture.triggered(record) else ()
    of = noise(trace)
    if trace.codes.size and HYSTERESIS * of.sigma >= abs(injection.level):
        return ("no-injection-edge", "noise-above-hysteresis")
    first = trace.read(slice(0, FIRST))
    first = np.abs(first) if injection.absolute else first
    beyond = first > injection.level if injection.direction == "rising" else first < injection.level
    if first.size and bool(beyond[np.isfinite(first)].all()) and bool(np.isfinite(first).any()):
        return ("no-injection-edge", "pre-trigger-missing")
    return ("no-injection-edge",)


def t0(
    capture: Capture,
    injection: Threshold,
    *,
    record: str = "fault",
    span: Span | None = None,
    measurand: str = "t0",
) -> Measurement:
    """Inception of the fault (or with a falling threshold its removal) in s on the axis of `record`.

    injection: for shorts and overloads ("injector_current", level, "rising"), for reverse polarity ("port_voltage",
    level, absolute=True).
    """
    what = "|{}|" if injection.absolute else "{}"
    definition = (
        f"first confirmed {injection.direction} crossing of {injection.level:g} on {what.format(injection.signal)}"
    )
    placed = injection_edge(capture, injection, record=record, span=span, label=measurand)
    if placed is None:
        flags = why_no_edge(capture, injection, record)
        return no_result(measurand, "s", definition, armed=capture.triggered(record), flags=flags)
    return Measurement(
        measurand,
        "Measured",
        placed.t,
        "s",
        definition,
        budget=instant_budget(placed),
        flags=(*accuracy_flags(placed.trace), *(() if placed.edge.resolved else ("edge-within-one-sample",))),
        marks=(Mark(record, injection.signal, placed.edge.t, measurand),),
        inputs={"record": record, "slope": placed.edge.slope if placed.edge.resolved else None},
    )
