"""Opening and arcing of a switch: only with a declared probe at its contact (voltage across it, auxiliary contact).

Opening time: t0 until the contact parts; arcing time: from then until the fault current ends; both together are the
break time (IEC 60947-2 and IEC 62271-1, times of opening). On a black box without the probe neither is known.
"""

from dataclasses import replace
from typing import Literal

from rig.measure.captures.capture import Capture
from rig.measure.events.edge import Threshold
from rig.measure.events.injection import injection_edge
from rig.measure.result import Input, Mark, Measurement, accuracy_flags, merged, no_result
from rig.measure.uncertainty.budget import Budget
from rig.measure.uncertainty.interval import Placed, interval_budget, since

SOURCE = "opening and arcing time, IEC 60947-2"


def opening_time(
    capture: Capture, *, injection: Threshold, probe: Threshold | None, record: str = "fault"
) -> Measurement:
    """Time in s from t0 to the edge of the declared probe; Unresolved without a probe or an edge of it after t0."""
    definition = "t0 to the parting of the contact, by the declared probe"
    if probe is None:
        return _nothing("opening_time", definition, capture, record, "no-declared-probe")
    begin = injection_edge(capture, injection, record=record)
    parting = _after(capture, probe, record, begin)
    return _between("opening_time", definition, capture, record, begin, parting)


def arcing_time(
    capture: Capture, operate: Measurement, *, injection: Threshold, probe: Threshold | None, record: str = "fault"
) -> Measurement:
    """Time in s from the edge of the declared probe to the end of the current that `operate` found in `record`.

    It is the operate time less the opening time; what both share of t0 counts twice. Unresolved without a probe, its
    edge, or a trip in that record.
    """
    definition = "parting of the contact, by the declared probe, to the end of the fault current"
    opening = opening_time(capture, injection=injection, probe=probe, record=record)
    if opening.value is None:
        return replace(opening, measurand="arcing_time", definition=definition)
    if operate.outcome != "Tripped" or operate.inputs.get("end_record") != record or operate.value is None:
        return _nothing("arcing_time", definition, capture, record, "no-end-in-this-record")
    value = operate.value - opening.value
    if value < 0.0:
        return _nothing("arcing_time", definition, capture, record, "end-before-begin")
    budget = None
    if operate.budget is not None and opening.budget is not None:
        both = [(one, name) for name, m in (("operate", operate), ("opening", opening)) for one in m.budget.lines]  # type: ignore[union-attr]
        budget = Budget(tuple(one.scaled(one.sensitivity, f"{one.name}, {name}") for one, name in both), "s")
    bound: Literal["upper"] | None = "upper" if operate.bound == "upper" else None
    return replace(
        opening, measurand="arcing_time", definition=definition, value=value, budget=budget, bound=bound,
        flags=merged(opening.flags, operate.flags), inputs={"operate": operate.value, "opening": opening.value},
    )  # fmt: skip


def _after(capture: Capture, edge: Threshold, record: str, begin: Placed | None) -> Placed | None:
    trace = capture.trace(record, edge.signal)
    if trace is None or begin is None:
        return None
    return injection_edge(capture, edge, record=record, span=(begin.edge.t, trace.stop), label="end")


def _between(
    measurand: str, definition: str, capture: Capture, record: str, begin: Placed | None, end: Placed | None
) -> Measurement:
    if begin is None or end is None:
        return _nothing(measurand, definition, capture, record, "no-edge")
    budget = interval_budget(begin, end)
    elapsed = since(begin.t, end, budget)
    if elapsed is None:
        return _nothing(measurand, definition, capture, record, "end-before-begin")
    inputs: dict[str, Input] = {"record": record, "begin": begin.t, "end": end.t}
    marks = tuple(Mark(record, one.trace.signal, one.edge.t, measurand) for one in (begin, end))
    return Measurement(
        measurand, "Measured", elapsed[0], "s", definition, budget=budget, bound="upper" if elapsed[1] else None,
        flags=merged(accuracy_flags(begin.trace, end.trace), ("below-resolution",) if elapsed[1] else ()),
        marks=marks, inputs=inputs, source=SOURCE,
    )  # fmt: skip


def _nothing(measurand: str, definition: str, capture: Capture, record: str, flag: str) -> Measurement:
    armed = capture.triggered(record)
    return no_result(measurand, "s", definition, armed=armed, flags=(flag,) if armed else ())
