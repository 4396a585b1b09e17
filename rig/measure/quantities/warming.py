"""How warm something gets in the end, from looks that are equally far apart; and what flowed meanwhile.

A mass that warms with one time constant moves from look to look by a share q of what it moved before. After steps of d1
and d2 what is still to come is d2 q / (1 - q), q = d2 / d1.
"""

from collections.abc import Sequence

from rig.measure.captures.capture import Capture, Span
from rig.measure.quantities.steady import level
from rig.measure.result import Measurement, merged, no_result
from rig.measure.uncertainty.budget import Budget, Line, rectangular

SLOWEST = 0.95
"""The largest q that is told from a straight line: what warms on for longer is not extrapolated."""
STILL_K = 0.02
"""What moves by no more from look to look does not tell where it goes: a few steps of a recorder."""
STILL_WARMING = "still-warming"


def connector_rise(
    capture: Capture, looks: Sequence[Span], *, warm: str = "connector_temperature", room: str = "room_temperature",
    record: str = "slow",
) -> Measurement:  # fmt: skip
    """By how much `warm` ends above `room`, K: the last of the `looks` (s on the axis of `record`) and what is to come.

    What is to come is added, and all of it is its own limit of error. Unresolved for less than three looks, or while
    they do not tell where it ends.
    """
    about = f"{warm} less {room} in the last of {len(looks)} looks, and what their course still adds"
    found = [(level(capture, warm, span, record=record), level(capture, room, span, record=record)) for span in looks]
    flags = merged(*(one.flags for pair in found for one in pair))
    rises = [one.value - other.value for one, other in found if one.value is not None and other.value is not None]
    if len(rises) < len(looks) or len(rises) < 3:
        flags = merged(flags, ("no-samples",))
        return no_result("connector_rise", "K", about, armed=capture.triggered(record), flags=flags)
    coming = _to_come(rises)
    if coming is None:
        return no_result("connector_rise", "K", about, armed=True, flags=merged(flags, (STILL_WARMING,)))
    more, doubt = coming
    last, budget = found[-1], None
    if last[0].budget is not None and last[1].budget is not None:
        lines = [
            *_named(last[0].budget, 1.0, warm), *_named(last[1].budget, -1.0, room),
            rectangular("what is still to come", doubt, source="course of the last looks"),
        ]  # fmt: skip
        budget = Budget(tuple(line for line in lines if line.contribution > 0.0), "K")
    return Measurement(
        "connector_rise", "Measured", rises[-1] + more, "K", about, budget=budget, flags=flags,
        inputs={"record": record, "looks": len(looks), "seen": rises[-1], "to_come": more},
        source="difference of two means; one time constant",
    )  # fmt: skip


def carried_current(
    capture: Capture, looks: Sequence[Span], *, signal: str = "port_current", record: str = "slow"
) -> Measurement:
    """The least mean current in any of the `looks` (s on the axis of `record`), A, whichever way it flows."""
    about = f"least mean of {signal} in {len(looks)} looks"
    found = [level(capture, signal, span, record=record) for span in looks]
    flags = merged(*(one.flags for one in found))
    values = [abs(one.value) for one in found if one.value is not None]
    if not values or len(values) < len(found):
        flags = merged(flags, ("no-samples",))
        return no_result("carried_current", "A", about, armed=capture.triggered(record), flags=flags)
    k = values.index(min(values))
    return Measurement(
        "carried_current", "Measured", values[k], "A", about, budget=found[k].budget, flags=flags,
        inputs={"record": record, "looks": len(looks), "largest": max(values)},
    )  # fmt: skip


def _to_come(rises: Sequence[float]) -> tuple[float, float] | None:
    """What is still to come, and how far it may be off, K; None where the looks do not tell."""
    apart = (len(rises) - 1) // 3 or 1
    first, second = rises[-1 - apart] - rises[-1 - 2 * apart], rises[-1] - rises[-1 - apart]
    if max(abs(first), abs(second)) <= STILL_K:
        return 0.0, STILL_K * SLOWEST / (1.0 - SLOWEST)
    if first * second < 0.0 or abs(second) > SLOWEST * abs(first):
        return None
    more = second**2 / (first - second)
    return more, abs(more) + STILL_K


def _named(budget: Budget, sign: float, signal: str) -> list[Line]:
    return [line.scaled(sign * line.sensitivity, f"{line.name}, {signal}") for line in budget.lines]
