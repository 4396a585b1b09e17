"""`rig measure`: a capture that a lab already has, measured and judged as the request asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rig import measure
from rig.files.document import BadFile
from rig.files.limits import Quantity
from rig.files.quantity import format_quantity
from rig.measure import Capture, Decision, Measurement, Threshold, decide
from rig.run.exit_code import exit_code
from rig.run.file_chain import as_signals
from rig.run.request_fit import misfits
from rig.standard import NoLimit, find_limit

if TYPE_CHECKING:
    from collections.abc import Callable

    from rig.files.device import Port
    from rig.files.limits import Limits
    from rig.files.request import Asked, Crossing, Request
    from rig.measure import Record

__all__ = ["Answer", "answers", "exit_of"]

UNJUDGED = "no limit was asked for: measured only"


@dataclass(frozen=True, slots=True)
class Answer:
    """One measurand of the request; `decision` is None where no limit was asked for."""

    measurement: Measurement
    decision: Decision | None
    limit: str
    status: str
    source: str
    problem: str = ""


def answers(
    record: Record, request: Request, file: str, asked_in: str, limits: Limits | None, port: Port | None
) -> list[Answer]:
    """Every measurand of the request, in its order.

    Raises BadWaveform: columns that do not fit the request; BadFile: signals, units and times that do not.
    """
    signals = as_signals(record, request, file)
    mistakes = misfits(signals, request, asked_in)
    if mistakes:
        raise BadFile(mistakes)
    capture = Capture({"fault": signals})
    operate = _operate(capture, request)
    return [_answer(asked, capture, operate, limits, port) for asked in request.measure]


def exit_of(found: list[Answer]) -> int:
    """As a run: 1 for a violated limit, 4 for something undecided, or nothing judged."""
    verdicts = [one.decision.verdict if one.decision is not None else "INCONCLUSIVE" for one in found if _judged(one)]
    return exit_code(verdicts, bench_fault=False)


def _judged(one: Answer) -> bool:
    return one.decision is not None or bool(one.problem)


def _operate(capture: Capture, request: Request) -> Measurement | None:
    fault = request.fault
    if fault is None:
        return None
    return measure.operate_time(
        capture, injection=_threshold(fault.injection), rated_current=fault.rated_current, hold=fault.hold,
        limit_current=fault.limit_current, window=fault.window, floor_fraction=fault.floor,
    )  # fmt: skip


def _answer(
    asked: Asked, capture: Capture, operate: Measurement | None, limits: Limits | None, port: Port | None
) -> Answer:
    found = _MEASURE[asked.measurand](asked, capture, operate)
    if asked.clause is not None:
        if limits is None or port is None:
            return Answer(found, None, "", "", "", f"clause {asked.clause} needs --limits and --device")
        try:
            limit = find_limit(limits, asked.clause, asked.measurand, port, {})
        except NoLimit as none:
            return Answer(found, None, "", "", "", str(none))
        decision = decide(
            found, low=limit.low, high=limit.high, uncertainty_max=limit.uncertainty_max, rule=limit.rule,
            guard=limit.guard, must_not=limit.must_not, window=limit.window,
        )  # fmt: skip
        return Answer(found, decision, _between(limit.low, limit.high, limit.unit), limit.status, limit.source)
    if asked.limit is None:
        return Answer(found, None, UNJUDGED, "", "")
    own = asked.limit
    decision = decide(
        found, low=_si(own.low), high=_si(own.high), uncertainty_max=_si(own.uncertainty_max), rule=own.rule,
        guard=own.guard,
    )  # fmt: skip
    return Answer(found, decision, _between(_si(own.low), _si(own.high), found.unit), own.status, own.source)


def _between(low: float | None, high: float | None, unit: str) -> str:
    parts = [f"≥ {format_quantity(low, unit)}"] if low is not None else []
    return ", ".join([*parts, *([f"≤ {format_quantity(high, unit)}"] if high is not None else [])])


def _threshold(crossing: Crossing) -> Threshold:
    return Threshold(crossing.signal, crossing.level.value, crossing.direction, crossing.absolute)


def _si(quantity: Quantity | None) -> float | None:
    return None if quantity is None else quantity.value


def _must(quantity: Quantity | None) -> float:
    assert quantity is not None  # the request's own check
    return quantity.value


def _of_fault(quantity: Callable[..., Measurement]) -> Callable[[Asked, Capture, Measurement | None], Measurement]:
    def found(_asked: Asked, capture: Capture, operate: Measurement | None) -> Measurement:
        assert operate is not None  # the request's own check
        return quantity(capture, operate)

    return found


def _operate_time(_asked: Asked, _capture: Capture, operate: Measurement | None) -> Measurement:
    assert operate is not None
    return operate


def _recovery(asked: Asked, capture: Capture, _operate: Measurement | None) -> Measurement:
    assert asked.removal is not None
    assert asked.hold is not None
    return measure.recovery_time(
        capture, removal=_threshold(asked.removal), low=_must(asked.low), high=_must(asked.high), hold=asked.hold,
        record="fault", signal=asked.signal or "port_voltage",
    )  # fmt: skip


def _inrush(number: int) -> Callable[[Asked, Capture, Measurement | None], Measurement]:
    def found(asked: Asked, capture: Capture, _operate: Measurement | None) -> Measurement:
        assert asked.begin is not None
        assert asked.hold is not None
        steady = (_must(asked.low), _must(asked.high))
        all_three = measure.inrush(
            capture, begin=_threshold(asked.begin), steady=steady, hold=asked.hold,
            signal=asked.signal or "port_current",
        )  # fmt: skip
        return all_three[number]

    return found


def _overshoot(asked: Asked, capture: Capture, _operate: Measurement | None) -> Measurement:
    assert asked.signal and asked.initial and asked.final and asked.window  # noqa: PT018  the request's own check
    return measure.overshoot(capture, asked.signal, initial=asked.initial, final=asked.final, window=asked.window)


def _settling(asked: Asked, capture: Capture, _operate: Measurement | None) -> Measurement:
    assert asked.signal and asked.initial and asked.final and asked.begin and asked.band and asked.hold  # noqa: PT018
    return measure.settling_time(
        capture, asked.signal, begin=_threshold(asked.begin), initial=asked.initial, final=asked.final,
        band=asked.band, hold=asked.hold,
    )  # fmt: skip


def _ripple(
    quantity: Callable[..., Measurement],
) -> Callable[[Asked, Capture, Measurement | None], Measurement]:
    def found(asked: Asked, capture: Capture, _operate: Measurement | None) -> Measurement:
        return quantity(capture, asked.signal, asked.window)

    return found


def _voltage_peak(asked: Asked, capture: Capture, _operate: Measurement | None) -> Measurement:
    signal = asked.signal or "port_voltage"
    return measure.port_voltage_peak(capture, records=("fault",), signal=signal, must=("fault",))


def _level(asked: Asked, capture: Capture, _operate: Measurement | None) -> Measurement:
    assert asked.signal and asked.window  # noqa: PT018  the request's own check
    return measure.level(capture, asked.signal, asked.window, record="fault", measurand="level")


_MEASURE: dict[str, Callable[[Asked, Capture, Measurement | None], Measurement]] = {
    "operate_time": _operate_time,
    "peak_current": _of_fault(measure.peak_current),
    "let_through_i2t": _of_fault(measure.let_through_i2t),
    "let_through_energy": _of_fault(measure.let_through_energy),
    "charge": _of_fault(measure.charge),
    "port_voltage_peak": _voltage_peak,
    "recovery_time": _recovery,
    "inrush_current": _inrush(1),
    "inrush_i2t": _inrush(2),
    "overshoot": _overshoot,
    "settling_time": _settling,
    "ripple_rms": _ripple(measure.ripple_rms),
    "ripple_peak_to_peak": _ripple(measure.ripple_peak_to_peak),
    "level": _level,
}
