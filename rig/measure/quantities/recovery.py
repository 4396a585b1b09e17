"""How long the port took to come back after the fault was removed."""

import math

from rig.measure.captures.capture import Capture
from rig.measure.captures.noise import noise
from rig.measure.events.edge import Threshold
from rig.measure.events.injection import injection_edge
from rig.measure.events.points import points
from rig.measure.events.settle import entry_edge, mean_inside, stays
from rig.measure.result import Input, Instant, Mark, Measurement, accuracy_flags, merged, no_result
from rig.measure.uncertainty.budget import Budget, Line
from rig.measure.uncertainty.interval import Placed, instant_budget, interval_budget, since

SOURCE = "IEEE 181-2011 settling, from the removal of the fault"


def recovery_time(
    capture: Capture,
    *,
    removal: Threshold | Instant,
    low: float,
    high: float,
    hold: float,
    record: str = "slow",
    signal: str = "port_voltage",
    window: float | None = None,
) -> Measurement:
    """Time in s from the removal of the fault to the first instant after which `signal` stays in [low, high] V for
    `hold` s.

    removal: the falling edge of the injection channel; or, since a port that has switched off leaves no current to
    fall, an Instant on the axis of `record` with its own uncertainty (see Alignment.on_slow). window in s from the
    removal: how long the rig waited, None = to the end of the record.

    Outcomes: Measured; NotRecovered(window), a lower bound; NotArmed; Unresolved when the removal is not seen or the
    voltage never left the band.
    """
    definition = (
        f"removal of the fault to the first instant after which {signal} stays in {low:g}..{high:g} V for {hold:g} s"
    )
    trace, begin = capture.trace(record, signal), _removal(capture, removal, record)
    if trace is None or begin is None:
        lacking = ("no-removal-edge",) if trace is not None else ()
        return no_result("recovery_time", "s", definition, armed=capture.triggered(record), flags=lacking)
    start = begin.t
    reach = math.inf if window is None else window
    of = noise(trace)
    pts = points(trace, (start - 0.5 * trace.dt, start + reach))
    inputs: dict[str, Input] = {"record": record, "removal": start, "low": low, "high": high, "hold": hold}
    marks = (Mark(record, signal, start, "removal"),)
    found, why = None, "no-samples"
    opened = min(reach, trace.stop - start)
    for stay in stays(pts, low, high, of):
        enough = stay.held >= max(hold, 3.0 * trace.dt)
        if (enough or stay.open) and mean_inside(pts, stay, hold=hold, low=low, high=high):
            if not enough:  # it may have come back just then: up to there it had not
                opened, why = float(pts.t[stay.entry]) - start, "hold-incomplete"
                break
            found = stay
            break
    flags = accuracy_flags(trace)
    if found is not None and found.before < 0:
        answer = no_result("recovery_time", "s", definition, armed=True, flags=(*flags, "never-left-band"))
        return answer.with_inputs(inputs)
    if pts.size < 2 or opened <= 0.0:
        return no_result("recovery_time", "s", definition, armed=True, flags=(*flags, why)).with_inputs(inputs)
    edge = entry_edge(pts, found, low, high, of) if found is not None else None
    if edge is None:
        return Measurement(
            "recovery_time", "NotRecovered", None, "s", definition, bound="lower", window=opened,
            flags=flags, marks=marks, inputs=inputs,
        )  # fmt: skip
    back = Placed(edge, trace, "recovery")
    budget = _budget(begin, back)
    elapsed = since(start, back, budget)
    if elapsed is None:
        answer = no_result("recovery_time", "s", definition, armed=True, flags=(*flags, "end-before-removal"))
        return answer.with_inputs(inputs)
    short = () if edge.resolved else ("edge-within-one-sample",)
    return Measurement(
        "recovery_time", "Measured", elapsed[0], "s", definition, budget=budget,
        bound="upper" if elapsed[1] else None,
        flags=merged(flags, short, ("below-resolution",) if elapsed[1] else ()),
        marks=(*marks, Mark(record, signal, edge.t, "recovered")), inputs={**inputs, "recovered": edge.t},
        source=SOURCE,
    )  # fmt: skip


def _removal(capture: Capture, removal: Threshold | Instant, record: str) -> Placed | Instant | None:
    if isinstance(removal, Threshold):
        return injection_edge(capture, removal, record=record, label="removal")
    if removal.record != record:
        raise ValueError(
            f"the removal is an instant of record '{removal.record}' but recovery is sought in '{record}': "
            "bring it there with align(...).on_slow(...)"
        )
    return removal


def _budget(begin: Placed | Instant, back: Placed) -> Budget | None:
    if isinstance(begin, Placed):
        return interval_budget(begin, back)
    own = instant_budget(back)
    accuracy = back.trace.accuracy
    if own is None or accuracy is None:
        return None
    base = accuracy.lines("time base", back.t - begin.t)
    extra = [Line(f"removal, {begin.label or begin.record}", begin.u), *base]
    return own.with_lines(line for line in extra if line.contribution > 0.0)
