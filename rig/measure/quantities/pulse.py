"""How long a pulse of one signal lasted: from its rising edge to the next falling one."""

import math

from rig.measure.captures.capture import Capture
from rig.measure.events.edge import Threshold
from rig.measure.events.injection import injection_edge
from rig.measure.result import Mark, Measurement, accuracy_flags, merged, no_result
from rig.measure.uncertainty.interval import interval_budget, since


def pulse_width(capture: Capture, signal: str, level: float, *, record: str = "fault") -> Measurement:
    """Time in s from the first rising crossing of `level` (unit of the signal) to the falling one after it.

    Outcomes: Measured; NotArmed without the record; Unresolved when an edge is not in it.
    """
    definition = f"time of {signal} above {level:g}"
    trace = capture.trace(record, signal)
    first = injection_edge(capture, Threshold(signal, level), record=record, label="t0")
    if trace is None or first is None:
        return no_result("pulse_width", "s", definition, armed=capture.triggered(record), flags=("no-rising-edge",))
    last = injection_edge(
        capture, Threshold(signal, level, "falling"), record=record, span=(first.t, math.inf), label="end"
    )
    if last is None:
        return no_result("pulse_width", "s", definition, armed=True, flags=("no-falling-edge",))
    budget = interval_budget(first, last)
    elapsed = since(first.t, last, budget)
    if elapsed is None:
        return no_result("pulse_width", "s", definition, armed=True, flags=("end-before-begin",))
    return Measurement(
        "pulse_width", "Measured", elapsed[0], "s", definition, budget=budget,
        bound="upper" if elapsed[1] else None,
        flags=merged(accuracy_flags(trace), ("below-resolution",) if elapsed[1] else ()),
        marks=(Mark(record, signal, first.t, "t0"), Mark(record, signal, last.t, "end")),
        inputs={"record": record, "t0": first.t, "end": last.t}, source="IEEE 181-2011 pulse duration",
    )  # fmt: skip
