"""How long the protection took: from t0 to the end of the fault current, or to its being held at a limit, or not at
all."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rig.measure.captures.capture import Capture, Span
from rig.measure.events.edge import Threshold
from rig.measure.events.endings import (
    FLOOR_SIGMAS,
    Ending,
    Question,
    Stretch,
    ending_tail,
    find_limit,
    find_trip,
    gap,
    rose,
    stretch,
)
from rig.measure.events.injection import why_no_edge
from rig.measure.result import Input, Mark, Measurement, Outcome, accuracy_flags, merged, no_result
from rig.measure.uncertainty.budget import rectangular
from rig.measure.uncertainty.interval import Overdrive, Placed, interval_budget, since

SOURCE = "operate time of IEC 60255-1 and -151; floor and hold by declaration"
FLOOR_MAX = 0.5
"""Above this share of rated current a channel cannot tell the end of a current from a current that flows."""


def operate_time(
    capture: Capture,
    *,
    injection: Threshold,
    rated_current: float,
    hold: float,
    signal: str = "port_current",
    record: str = "fault",
    slow: str | None = "slow",
    align_on: Sequence[Threshold] = (),
    search: Mapping[str, Span] | None = None,
    limit_current: float | None = None,
    limit_tolerance: float = 0.0,
    window: float | None = None,
    floor_fraction: float = 0.01,
    overdrive: Overdrive | None = None,
    measurand: str = "operate_time",
) -> Measurement:
    """Time in s from t0 to the first instant after which |signal| stays below its floor for `hold`, or what came
    instead.

    A floor that noise or the doubt of zero raises above floor_fraction * rated adds what the decay before it lets one
    expect down to the declared one. An end that the record cannot tell from t0 is an upper bound (flag
    below-resolution).

    injection: the edge that is t0. rated_current in A; floor = max(floor_fraction * rated, 5 sigma of the pre-trigger
    noise incl. quantisation), raised (flag) where the channel's zero is not known that well. hold in s, at least 3
    samples. limit_current in A with limit_tolerance in A on top: declared for limiting ports only, never for a port
    that has to switch off. window in s from t0 while the stimulus is applied: what comes later is not looked at (the
    removal of the fault also ends its current); None = to the end of the records. slow: the record in which to go on
    when `record` ends before the current does; both edges are then taken from it. align_on: further edges that mark t0
    there when the injection does not show. search: per record the span in s of its axis in which t0 lies, default all
    of it. A current that ends less than the hold before the window does is Unresolved. overdrive: the applied current's
    share, for times that depend on it.

    Outcomes: Tripped, Limited, NotTripped(window), NotArmed, Unresolved. inputs: t0 and end in s on the axis of
    `record`, end_record, floor.
    """
    what = f"|{signal}| stays below its floor for {hold:g} s"
    definition = f"t0 ({injection.signal}, {injection.level:g}) to the first instant after which {what}"
    limit = None if limit_current is None else limit_current + limit_tolerance
    ask = Question(signal, rated_current, hold, floor_fraction, limit, math.inf if window is None else window)
    armed, spans = capture.triggered(record), search or {}
    fast = stretch(capture, record, [injection], ask, spans.get(record)) if armed else None
    if fast is None:
        why = why_no_edge(capture, injection, record) if armed else ()
        return no_result(measurand, "s", definition, armed=armed, flags=why)
    monitor = None
    if slow is not None and slow != record:
        monitor = stretch(capture, slow, [injection, *align_on], ask, spans.get(slow))
    nothing = Measurement(
        measurand, "Unresolved", None, "s", definition,
        flags=merged(accuracy_flags(fast.inception.trace, fast.trace), _floor_flags(fast, ask)),
        marks=(Mark(record, injection.signal, fast.inception.edge.t, "t0"),),
        inputs={
            "record": record, "t0": fast.inception.edge.t, "floor": fast.floor, "hold": fast.hold,
            "rated_current": rated_current, "limit_current": limit_current,
        },
        source=SOURCE,
    )  # fmt: skip
    outcome, ending, reasons = _search(fast, monitor, ask)
    if ending is not None:
        return _answer(nothing, outcome, ending, fast, overdrive, floor_fraction * rated_current)
    longest = max([fast, *([monitor] if monitor is not None else [])], key=lambda one: one.covered)
    reasons = reasons or gap(longest)
    if reasons:
        return nothing.with_inputs({}, reasons)
    seen = nothing.with_inputs({"end_record": longest.record})
    return replace(seen, outcome="NotTripped", bound="lower", window=longest.covered)


def _search(fast: Stretch, slow: Stretch | None, ask: Question) -> tuple[Outcome, Ending | None, tuple[str, ...]]:
    """The first of the two: a current that is held at its limit has come under control, also if it is ended later.

    One that only passes the limit on its way to nothing has not been held there.
    """
    if fast.floor > FLOOR_MAX * ask.rated_current:
        return "Unresolved", None, ("floor-above-half-of-rated",)
    ending, why = find_trip(fast, slow, ask)
    if ask.limit is not None and "no-fault-current" not in why and rose(fast):
        limited = find_limit(fast, slow, ask.limit)
        if ending is None or (limited is not None and _held(limited, ending)):
            return "Limited", limited, why
    return ("Unresolved", None, why) if ending is None else ("Tripped", ending, ())


def _held(limited: Ending, ending: Ending) -> bool:
    """Whether the current was above its limit, came to it and stayed there for a while before it ended."""
    return "never-above-limit" not in limited.flags and ending.after - limited.after > ending.stretch.hold


def _answer(
    nothing: Measurement,
    outcome: Outcome,
    ending: Ending,
    fast: Stretch,
    overdrive: Overdrive | None,
    floor_asked: float,
) -> Measurement:
    at = ending.stretch
    label = "trip" if outcome == "Tripped" else "limited"
    placed = Placed(ending.edge, at.trace, label)
    budget = interval_budget(at.inception, placed, overdrive=overdrive)
    tail = ending_tail(ending, floor_asked) if outcome == "Tripped" else 0.0
    if budget is not None and tail > 0.0:
        budget = budget.with_lines([rectangular("end below the raised floor", tail)])
    short = () if ending.edge.resolved else ("edge-within-one-sample",)
    end = fast.inception.edge.t + placed.t - at.inception.t
    inputs: dict[str, Input] = {"end": end, "end_record": at.record, "floor": at.floor, "hold": at.hold}
    draft = nothing.with_inputs(inputs, merged(ending.flags, accuracy_flags(at.trace), short))
    found = since(at.inception.t, placed, budget)
    if found is None:
        return draft.with_inputs({}, ("end-before-t0",))
    elapsed, below = found
    if below:
        draft = replace(draft.with_inputs({}, ("below-resolution",)), bound="upper")
    marks = (*nothing.marks, Mark(at.record, at.trace.signal, ending.edge.t, label))
    draft = replace(draft, outcome=outcome, value=elapsed, budget=budget, marks=marks)
    if outcome == "Tripped":
        return draft
    limited: dict[str, Input] = {"limited_current": ending.current, "limited_current_u": _current_u(at, ending.current)}
    definition = f"t0 to the first instant after which |{at.trace.signal}| stays at or below its declared limit current"
    return replace(draft.with_inputs(limited), definition=definition)


def _floor_flags(at: Stretch, ask: Question) -> tuple[str, ...]:
    asked = max(ask.floor_fraction * ask.rated_current, FLOOR_SIGMAS * at.noise.sigma)
    declared = ask.floor_fraction * ask.rated_current
    noisy = ("floor-raised-by-noise",) if asked > declared else ()
    return (*noisy, "floor-raised-to-zero-uncertainty") if at.floor > asked else noisy


def _current_u(at: Stretch, current: float) -> float | None:
    accuracy = at.trace.accuracy
    return None if accuracy is None else math.hypot(accuracy.gain_u * current, accuracy.offset_u)
