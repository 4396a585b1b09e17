"""Peak current of a fault, and the largest voltage a port ever showed."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rig.measure.captures.capture import Capture, Span
from rig.measure.quantities.maxima import Piece, find_peak
from rig.measure.result import Input, Mark, Measurement, merged, no_result
from rig.measure.uncertainty.budget import Line

ENDED = ("Tripped", "Limited")


def peak_of(
    capture: Capture,
    measurand: str,
    signal: str,
    pieces: Iterable[Piece],
    *,
    absolute: bool,
    definition: str,
    unit: str,
) -> Measurement:
    """The largest of the pieces' peaks as one measurement.

    It is a lower bound as soon as one piece is. Where another record could, within its own U, have been higher, U is
    widened to reach there.
    """
    pieces = list(pieces)
    found = [peak for piece in pieces if (peak := find_peak(capture, signal, piece, absolute=absolute)) is not None]
    if not found:
        armed = any(capture.triggered(piece.record) for piece in pieces)
        return no_result(measurand, unit, definition, armed=armed, flags=("no-samples",) if armed else ())
    top = max(found, key=lambda peak: peak.value)
    budget = top.budget if all(peak.budget is not None for peak in found) else None
    if budget is not None:
        reach = max(peak.value + peak.budget.U for peak in found if peak.budget is not None) - top.value
        if reach > budget.U:
            extra = math.sqrt((reach / budget.k) ** 2 - budget.u**2)
            budget = budget.with_lines([Line("another record may have been higher", extra)])
    inputs: dict[str, Input] = {"record": top.record, "t": top.t}
    for peak in found:
        inputs[f"{peak.record}_peak"] = peak.value
        inputs[f"{peak.record}_U"] = None if peak.budget is None else peak.budget.U
    lower = any(peak.lower for peak in found)
    clipped = any("clipped" in peak.flags for peak in found)
    return Measurement(
        measurand,
        "Clipped" if clipped else "Measured",
        top.value,
        unit,
        definition,
        budget=budget,
        bound="lower" if lower else None,
        flags=merged(*(peak.flags for peak in found)),
        marks=(Mark(top.record, signal, top.t, measurand),),
        inputs=inputs,
    )


def peak_current(
    capture: Capture,
    operate: Measurement,
    *,
    signal: str = "port_current",
    record: str = "fault",
    slow: str | None = "slow",
    slow_shift: float | None = None,
) -> Measurement:
    """Largest |signal| in A from t0 to the end of the fault current that `operate` (operate_time of the same capture)
    found.

    Without a trip or a limit the end is that of the observed window. What lies beyond `record` is taken from the `slow`
    record at its resolution when slow_shift (t_slow - t_fast in s, from `align`) is given; otherwise the peak is a
    lower bound (flag partial).
    """
    definition = f"largest |{signal}| from t0 to the end of the fault current"
    span = fault_span(operate)
    trace = capture.trace(record, signal)
    if span is None or trace is None:
        armed = operate.outcome != "NotArmed" and capture.triggered(record)
        return no_result("peak_current", "A", definition, armed=armed, flags=operate.flags)
    beyond = span[1] > trace.stop + trace.dt
    half = trace.dt / 2.0
    latest = span[1] + end_doubt(operate)
    pieces = [Piece(record, [(span[0] - half, min(latest, trace.stop) + half)], event=True)]
    follow = beyond and slow is not None and slow_shift is not None and capture.trace(slow, signal) is not None
    if follow and slow is not None and slow_shift is not None:
        pieces.append(Piece(slow, [(trace.stop + slow_shift, latest + slow_shift)]))
    found = peak_of(capture, "peak_current", signal, pieces, absolute=True, definition=definition, unit="A")
    if (operate.outcome == "Unresolved" or (beyond and not follow)) and found.value is not None:
        found = replace(found, bound="lower", flags=merged(found.flags, ("partial",)))
    if end_unknown(operate) and found.value is not None:
        found = replace(found, bound="lower", flags=merged(found.flags, ("end-without-uncertainty",)))
    return replace(found, source="let-through (cut-off) current, IEV 441-17")


def end_doubt(operate: Measurement) -> float:
    """How much later than found the fault current may have ended, s."""
    return operate.U if operate.U is not None and operate.outcome in ENDED else 0.0


def end_unknown(operate: Measurement) -> bool:
    """True when an end was found, but not how well it is known: what is measured up to it is a lower bound."""
    return operate.outcome in ENDED and operate.U is None


def fault_span(operate: Measurement) -> Span | None:
    """(t0, end) in s on the axis of the record that `operate` was measured in; end = inf when it is not known, None
    without a t0."""
    begin, end = operate.inputs.get("t0"), operate.inputs.get("end")
    if not isinstance(begin, float):
        return None
    if operate.outcome in ENDED and isinstance(end, float):
        return begin, end
    return begin, begin + (operate.window if operate.window is not None else math.inf)


def port_voltage_peak(
    capture: Capture,
    *,
    records: Sequence[str] = ("fault", "recovery", "slow"),
    signal: str = "port_voltage",
    within: Mapping[str, Sequence[Span]] | None = None,
    exclude: Mapping[str, Sequence[Span]] | None = None,
    absolute: bool = False,
    must: Sequence[str] = ("fault", "slow"),
) -> Measurement:
    """Largest voltage in V at the port over the given records: what the device produced, in and between the captures.

    within, exclude: per record, the spans in s of its axis to look at (default all) and to leave out, for example while
    the rig drives the port. absolute: judge |v|. must: records without which the value is only a lower bound; any other
    that was not taken or not triggered is left out. Flags name what is missing and the resolution of the slow record,
    which stands for all the time outside the fast ones.
    """
    inside, outside = within or {}, exclude or {}
    everything: Sequence[Span] = ((-math.inf, math.inf),)
    pieces = [Piece(name, inside.get(name, everything), outside.get(name, ())) for name in records]
    what = f"|{signal}|" if absolute else signal
    definition = f"largest {what} over the records {', '.join(records)}"
    found = peak_of(capture, "port_voltage_peak", signal, pieces, absolute=absolute, definition=definition, unit="V")
    notes = [f"no-{name}-record" for name in records if capture.trace(name, signal) is None]
    for name in records:
        trace = capture.trace(name, signal)
        if trace is not None and name == "slow":
            notes.append(f"monitor-resolution {trace.dt:.3g} s")
    bound = "lower" if any(capture.trace(name, signal) is None for name in must) else found.bound
    return replace(found, flags=merged(found.flags, notes), bound=bound if found.value is not None else None)
