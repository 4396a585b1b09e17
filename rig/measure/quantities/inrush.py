"""Inrush: what a device takes in between being switched on and drawing its steady current.

Peak and Joule integral over the stretch from the edge that switches on until the current stays in the declared steady
band. Data sheets state the peak; the end is by declaration.
"""

from dataclasses import replace

from rig.measure.captures.capture import Capture
from rig.measure.events.edge import Threshold
from rig.measure.quantities.joule import let_through_i2t
from rig.measure.quantities.peak import peak_current
from rig.measure.quantities.recovery import recovery_time
from rig.measure.result import Measurement


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
        outcome="Tripped" if ended.outcome == "Measured" else ended.outcome,
        inputs={**ended.inputs, "t0": began, "end": ended.inputs.get("recovered")},
    )
    if ended.outcome == "NotRecovered":  # it is still on its way: what was seen is the least
        stretch = replace(stretch, outcome="NotTripped")
    peak = peak_current(capture, stretch, signal=signal, record=record, slow=None)
    joule = let_through_i2t(capture, stretch, signal=signal, record=record, slow=None)
    time = replace(stretch, outcome=ended.outcome)
    return (
        time,
        replace(peak, measurand="inrush_current", definition=f"largest |{signal}| {what}"),
        replace(joule, measurand="inrush_i2t", definition=f"integral of {signal}^2 {what}"),
    )
