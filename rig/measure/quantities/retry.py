"""What a protection does after it has tripped: how often it tries again, how fast, for how long, or never (latched).

An attempt is a stretch of the signal above a declared level, confirmed by hysteresis (five sigma of noise to either
side), that lasts at least as long as declared. The first stretch after the fault's begin is the fault itself; retries
are those that follow. Data sheets call it auto-retry or hiccup; it is defined here by declaration.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from rig.measure.captures.capture import Capture, Trace
from rig.measure.captures.noise import noise
from rig.measure.events.edge import Edge, Threshold
from rig.measure.events.edges import HYSTERESIS, find_edges
from rig.measure.quantities.recovery import recovery_time
from rig.measure.result import Input, Instant, Mark, Measurement, accuracy_flags, holding, merged, no_result
from rig.measure.uncertainty.budget import Budget, Line
from rig.measure.uncertainty.interval import Placed, instant_budget, interval_budget

SOURCE = "rig definition: stretches above a declared level"
SURE = 1.5
"""Declared retry periods that have to be watched before nothing means latched."""


RING_S = 0.02
"""By then a current that was switched off has rung out."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Stretches above the level after the fault's end, in order: where each begins, and where it ends (None: it goes on
    past the record).

    lacking: flags that say why attempts could not be seen; nothing may then be concluded from there being none.
    pending: what began last had not yet lasted as long as an attempt when the record ended.
    """

    trace: Trace
    begins: tuple[Edge, ...]
    ends: tuple[Edge | None, ...]
    watched: float
    """Seconds from the fault's end to the end of the record or window."""
    lacking: tuple[str, ...] = ()
    pending: bool = False


def attempts(
    capture: Capture, *, signal: str, level: float, after: float, shortest: float, record: str = "slow",
    window: float | None = None,
) -> Attempts | None:  # fmt: skip
    """The attempts on |signal| above `level` between `after` (s, where the fault has ended) and `window` s later.

    None without the record. What keeps attempts from being seen is in `lacking`: lost samples, a record that does not
    reach back to `after`, a level within the noise or out of the channel's range, a signal that had not ended by then.
    """
    trace = capture.trace(record, signal)
    if trace is None:
        return None
    stop = trace.stop if window is None else min(trace.stop, after + window)
    lacking = _lacking(trace, level, after, stop)
    if lacking:
        return Attempts(trace, (), (), max(stop - after, 0.0), lacking)
    found = []
    for direction in ("rising", "falling"):
        way: Literal["rising", "falling"] = "rising" if direction == "rising" else "falling"
        found.append(find_edges(trace, Threshold(signal, level, way, absolute=True), span=(after, stop)))
    rising, falling = found
    pairs = [(edge, next((end for end in falling if end.t > edge.t), None)) for edge in rising]
    lasting = [(a, b) for a, b in pairs if (b.t if b is not None else stop) - a.t >= shortest]
    pending = any(b is None and stop - a.t < shortest for a, b in pairs)
    return Attempts(
        trace, tuple(a for a, _ in lasting), tuple(b for _, b in lasting), stop - after, pending=pending
    )  # fmt: skip


def _lacking(trace: Trace, level: float, after: float, stop: float) -> tuple[str, ...]:
    """Why attempts between `after` and `stop` could not be seen; empty when they could."""
    values = trace.read(trace.slice((after, stop)))
    if values.size < 2 or after < trace.start - trace.dt:
        return ("not-covered",)
    if not bool(np.isfinite(values).all()):
        return ("missing-samples",)
    band = HYSTERESIS * noise(trace).sigma_upper
    reach = max(abs(trace.offset + trace.scale * code) for code in (trace.code_min, trace.code_max))
    return holding(
        {
            "level-within-noise": level <= band,  # |x| is then never surely below the level, and no edge is confirmed
            "level-out-of-range": level + band > reach,
            "not-ended": abs(float(values[0])) >= level + band,
        }
    )


def apart(found: Attempts) -> Attempts:
    """Without those that follow another at once: the ring of a current that was switched off is no attempt."""
    kept = [
        number for number, one in enumerate(found.begins) if not number or one.t - found.begins[number - 1].t > RING_S
    ]
    return replace(found, begins=tuple(found.begins[n] for n in kept), ends=tuple(found.ends[n] for n in kept))


def retries(found: Attempts | None, *, record: str = "slow") -> Measurement:
    """How many attempts there were; a count has no uncertainty. One that goes on at the end is counted; one that the
    record's end leaves too short to tell makes the count a lower bound."""
    definition = "attempts after the end of the fault, within the time watched"
    if found is None or found.lacking:
        return _nothing("retries", "count", definition, found)
    counted = _counted("retries", float(len(found.begins)), definition, found, record)
    return replace(counted, bound="lower") if found.pending else counted


def missed_trips(capture: Capture, *, level: float, longest: float, record: str = "before") -> Measurement:
    """How often |injector current| was above `level`, A, for `longest`, s, or more in the whole of a record.

    Those are faults that a protection let flow. A count has no uncertainty; Unresolved where they could not be seen.
    """
    definition = f"faults whose current was above {level:g} A for {longest:g} s or more"
    trace = capture.trace(record, "injector_current")
    found = None if trace is None else attempts(
        capture, signal="injector_current", level=level, after=trace.start, shortest=longest, record=record
    )  # fmt: skip
    if found is None or found.lacking or found.pending:
        return _nothing("missed_trips", "count", definition, found)
    return _counted("missed_trips", float(len(found.begins)), definition, found, record)


def latched(found: Attempts | None, *, period: float, record: str = "slow") -> Measurement:
    """1 when no attempt followed, 0 when one did. `period`, s: the declared or usual time between attempts.

    Unresolved where fewer than 1.5 of it were watched without an attempt: that cannot tell latched from slow; and where
    one may have begun just before the end.
    """
    definition = f"no attempt within {SURE:g} x {period:g} s of the end of the fault"
    if found is None or found.lacking:
        return _nothing("latched", "count", definition, found)
    doubts = holding({"window-too-short": found.watched < SURE * period, "attempt-undecided": found.pending})
    if not found.begins and doubts:
        return no_result("latched", "count", definition, armed=True, flags=doubts)
    return _counted("latched", 0.0 if found.begins else 1.0, definition, found, record)


def retry_period(found: Attempts | None, *, record: str = "slow") -> Measurement:
    """Mean time in s from the begin of one attempt to that of the next; Unresolved with fewer than two attempts.

    u: scatter of the periods (type A) where there are three or more, else the placing of the two edges; time base.
    """
    definition = "mean time from the begin of one attempt to the begin of the next"
    if found is None or len(found.begins) < 2:
        return _nothing("retry_period", "s", definition, found, "no-second-attempt")
    first, last = found.begins[0], found.begins[-1]
    count = len(found.begins) - 1
    value = (last.t - first.t) / count
    placed = interval_budget(Placed(first, found.trace, "first attempt"), Placed(last, found.trace, "last attempt"))
    budget = None
    if placed is not None:
        lines = [line.scaled(line.sensitivity / count) for line in placed.lines]
        if count >= 2:
            periods = np.diff([edge.t for edge in found.begins])
            scatter = float(periods.std(ddof=1)) / math.sqrt(count)
            lines.append(Line("scatter of the periods", scatter, 1.0, "t", float(count - 1), "A"))
        budget = Budget(tuple(line for line in lines if line.contribution > 0.0), "s")
    return _measured("retry_period", value, "s", definition, budget, found, record)


def retry_duty(found: Attempts | None, *, record: str = "slow") -> Measurement:
    """Share of the time that attempts last, over whole periods (unit 1); Unresolved with fewer than two attempts."""
    definition = "time above the level over the time from the first to the last begin of an attempt"
    if found is None or len(found.begins) < 2:
        return _nothing("retry_duty", "1", definition, found, "no-second-attempt")
    whole = found.begins[-1].t - found.begins[0].t
    pairs = [(a, b) for a, b in zip(found.begins[:-1], found.ends[:-1], strict=True) if b is not None]
    on = math.fsum(b.t - a.t for a, b in pairs)
    lines: list[Line] | None = []
    for a, b in pairs:
        each = interval_budget(Placed(a, found.trace, "begin"), Placed(b, found.trace, "end"))
        lines = None if each is None or lines is None else [*lines, *_independent(each, whole, len(lines))]
    budget = None if lines is None else Budget(tuple(line for line in lines if line.contribution > 0.0), "1")
    return _measured("retry_duty", on / whole, "1", definition, budget, found, record)


def retry_recovery(
    capture: Capture, found: Attempts | None, *, low: float, high: float, hold: float, signal: str = "port_voltage",
    record: str = "slow",
) -> Measurement:  # fmt: skip
    """Time in s from the begin of the last attempt until `signal` stays in [low, high] V for `hold` s: how long coming
    back takes by itself, without the wait for the retry. Outcomes of a recovery; Unresolved without an attempt.
    """
    definition = f"begin of the last attempt to the first instant after which {signal} stays in {low:g}..{high:g} V"
    if found is None or not found.begins:
        return _nothing("retry_recovery", "s", definition, found, "no-attempt")
    begin = Placed(found.begins[-1], found.trace, "last attempt")
    own = instant_budget(begin)
    removal = Instant(record, begin.t, 0.0 if own is None else own.u, "begin of the last attempt")
    back = recovery_time(capture, removal=removal, low=low, high=high, hold=hold, record=record, signal=signal)
    budget = None if own is None else back.budget
    return replace(back, measurand="retry_recovery", definition=definition, budget=budget)


def _independent(budget: Budget, whole: float, number: int) -> list[Line]:
    """The lines of one attempt's length as part of `whole`; the time base cancels in a share."""
    kept = [line for line in budget.lines if "time base" not in line.name]
    return [line.scaled(line.sensitivity / whole, f"{line.name}, attempt {number}") for line in kept]


def _nothing(measurand: str, unit: str, definition: str, found: Attempts | None, why: str = "") -> Measurement:
    """No record: NotArmed. Else Unresolved, by what kept attempts from being seen or by `why`."""
    if found is None:
        return no_result(measurand, unit, definition, armed=False, flags=("no-samples",))
    return no_result(measurand, unit, definition, armed=True, flags=found.lacking or (why,))


def _counted(measurand: str, value: float, definition: str, found: Attempts, record: str) -> Measurement:
    return Measurement(
        measurand, "Counted", value, "count", definition, flags=_notes(found), marks=_marks(found, record),
        inputs=_inputs(found, record), source=SOURCE,
    )  # fmt: skip


def _measured(
    measurand: str, value: float, unit: str, definition: str, budget: Budget | None, found: Attempts, record: str
) -> Measurement:
    return Measurement(
        measurand, "Measured", value, unit, definition, budget=budget,
        flags=merged(_notes(found), accuracy_flags(found.trace)), marks=_marks(found, record),
        inputs=_inputs(found, record), source=SOURCE,
    )  # fmt: skip


def _notes(found: Attempts) -> tuple[str, ...]:
    return holding(
        {"attempt-not-ended": bool(found.ends) and found.ends[-1] is None, "attempt-undecided": found.pending}
    )


def _marks(found: Attempts, record: str) -> tuple[Mark, ...]:
    return tuple(Mark(record, found.trace.signal, edge.t, "attempt") for edge in found.begins)


def _inputs(found: Attempts, record: str) -> dict[str, Input]:
    return {"record": record, "watched": found.watched, "attempts": len(found.begins)}
