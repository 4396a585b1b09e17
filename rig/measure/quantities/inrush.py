"""Inrush: what a device takes in between being switched on and drawing its steady current.

Peak and Joule integral over the stretch from the edge that switches on until the current stays in the declared steady
band. Data sheets state the peak; the end is by declaration.
"""

from dataclasses import replace

import numpy as np

from rig.measure.captures.capture import Capture, Trace
from rig.measure.events.edge import Threshold
from rig.measure.quantities.joule import let_through_i2t
from rig.measure.quantities.peak import peak_current
from rig.measure.quantities.recovery import recovery_time
from rig.measure.result import Input, Measurement
from rig.measure.uncertainty.budget import rectangular

SOURCE = "rig definition: until the current stays in the declared steady band"
FALL = 8
"""Sample intervals after a peak that lies at the very begin, from which its fall is had."""


def inrush(
    capture: Capture,
    *,
    begin: Threshold,
    steady: tuple[float, float],
    hold: float,
    signal: str = "port_current",
    record: str = "fault",
) -> tuple[Measurement, Measurement, Measurement]:
    """(inrush_time s, inrush_current A, inrush_i2t A2s) from the edge `begin` until `signal` stays within `steady` A.

    A current that did not come to rest, or was not seen to leave the band, leaves bounds or nothing.
    """
    ended = recovery_time(
        capture, removal=begin, low=steady[0], high=steady[1], hold=hold, record=record, signal=signal
    )
    what = f"until {signal} stays in {steady[0]:g}..{steady[1]:g} A for {hold:g} s"
    began = ended.inputs.get("removal")
    stretch = replace(
        ended,
        measurand="inrush_time",
        definition=f"{begin.signal} at {begin.level:g} {what}",
        source=SOURCE,
        outcome="Tripped" if ended.outcome == "Measured" else ended.outcome,
        inputs={**ended.inputs, "t0": began, "end": ended.inputs.get("recovered")},
    )
    if ended.outcome == "NotRecovered":  # it is still on its way: what was seen is the least
        stretch = replace(stretch, outcome="NotTripped")
    peak = peak_current(capture, stretch, signal=signal, record=record, slow=None)
    peak = _jumped(peak, capture.trace(record, signal), began)
    joule = let_through_i2t(capture, stretch, signal=signal, record=record, slow=None)
    time = replace(stretch, outcome=ended.outcome)
    return (
        time,
        replace(peak, measurand="inrush_current", definition=f"largest |{signal}| {what}", source=SOURCE),
        replace(joule, measurand="inrush_i2t", definition=f"integral of {signal}^2 {what}", source=SOURCE),
    )


def _jumped(peak: Measurement, trace: Trace | None, began: Input) -> Measurement:
    """The peak of a current that jumps up as it is switched on and falls at once: it lies up to one sample before the
    first that was seen, and no higher than the fall of the next samples carries it."""
    at, value = peak.inputs.get("t"), peak.value
    if trace is None or value is None or peak.bound is not None or not isinstance(began, float):
        return peak
    if not isinstance(at, float) or at - began > 2.0 * trace.dt:
        return peak
    after = np.abs(trace.read(trace.slice((at, at + FALL * trace.dt))))
    if after.size <= FALL:
        return peak
    fall = max(-float(np.polyfit(np.arange(after.size), after, 1)[0]), 0.0)
    line = rectangular("a jump between the samples", fall / 2.0)
    budget = peak.budget.with_lines([line] if fall > 0.0 else []) if peak.budget is not None else None
    return replace(peak, value=value + fall / 2.0, budget=budget)
