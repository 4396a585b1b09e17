"""The highest voltage that a device made itself, and how often a fault current came again after its first end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig import measure
from rig.faults import ON_BUS, UNTRIGGERED

if TYPE_CHECKING:
    from rig.faults import Fault
    from rig.measure import Capture, Measurement, Span

__all__ = ["came_again", "voltage_peak"]


def came_again(capture: Capture, first: Measurement, level: float, quiet: float) -> Measurement:
    """Retries on the fault record: crossings of `level`, A, after the `first` operate time and `quiet` s."""
    end, trace = first.inputs.get("end"), capture.trace("fault", "port_current")
    if trace is not None and first.outcome == "NotTripped":
        end = trace.stop  # a limiter: what never went away did not come again
    if trace is None or not isinstance(end, float):
        return measure.retries(None, record="fault")
    if end >= trace.stop:
        return measure.retries(measure.Attempts(trace, (), (), trace.stop - trace.start), record="fault")
    found = measure.attempts(
        capture, signal="port_current", level=level, after=end + quiet, shortest=0.0, record="fault"
    )
    return measure.retries(found if found is None else measure.apart(found), record="fault")


def voltage_peak(fault: Fault, capture: Capture, driven: Span | None) -> Measurement:
    """Largest port voltage over all records of a case; of a port that the rig has `driven`, only before and after."""
    if driven is None:
        earlier = ("before",) if "before" in capture.records else ()
        if isinstance(fault, UNTRIGGERED) and "fault" not in capture.records:
            return measure.port_voltage_peak(capture, records=("recovery", *earlier, "slow"), must=("slow",))
        return measure.port_voltage_peak(capture, records=("fault", "recovery", *earlier, "slow"))
    # A port driven by the rig judges the rig: only what follows counts for the device.
    must = ("slow",) if isinstance(fault, ON_BUS) else ("fault", "slow")
    return measure.port_voltage_peak(capture, records=("recovery", "slow"), must=must, exclude={"slow": [driven]})
