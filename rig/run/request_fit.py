"""Whether a request fits the capture: the signals it speaks of are there, in the units of its levels, at its times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.files.document import Mistake
from rig.files.limits_checks import MEASURANDS
from rig.files.quantity import UNITS, format_quantity
from rig.files.request import FAULT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rig.files.limits import Quantity
    from rig.files.request import Asked, Crossing, Request
    from rig.measure import Record, Span

__all__ = ["misfits"]

CURRENT, VOLTAGE = "port_current", "port_voltage"
SIGNALS = {"port_voltage_peak": VOLTAGE, "recovery_time": VOLTAGE, "inrush_current": CURRENT, "inrush_i2t": CURRENT}
"""The signal that is meant where a measurand of the request names none."""
IN_ITS_UNIT = {**dict.fromkeys(("port_voltage_peak", "ripple_rms", "ripple_peak_to_peak"), "V"),
               **dict.fromkeys(("inrush_current", "inrush_i2t"), "A")}  # fmt: skip
"""Measurands whose unit says what their signal is in."""


def misfits(record: Record, request: Request, file: str) -> list[Mistake]:
    """Everything in which the request does not fit the record (with its signals as the request names them)."""
    found = [*_of_fault(record, request)]
    for index, asked in enumerate(request.measure):
        found += [(f"measure[{index}].{path}", text) for path, text in _of_row(record, asked)]
    return [Mistake(file, 0, 0, path, text) for path, text in found]


def _of_fault(record: Record, request: Request) -> Iterator[tuple[str, str]]:
    if request.fault is None:
        return
    yield from _crossing(record, request.fault.injection, "fault.injection")
    rows = {asked.measurand for asked in request.measure} & set(FAULT)
    if rows:
        yield from _signal(record, CURRENT, "A", "fault")
    if "let_through_energy" in rows:
        yield from _signal(record, VOLTAGE, "V", "fault")


def _of_row(record: Record, asked: Asked) -> Iterator[tuple[str, str]]:
    name = asked.signal or SIGNALS.get(asked.measurand)
    if name is not None:
        yield from _signal(record, name, IN_ITS_UNIT.get(asked.measurand), "signal")
        if name in record.traces:
            yield from _bounds(asked, record.traces[name].unit)
            for key in ("initial", "final", "window"):
                yield from _span(record, name, getattr(asked, key), key)
    for key in ("removal", "begin"):
        crossing = getattr(asked, key)
        if crossing is not None:
            yield from _crossing(record, crossing, key)


def _bounds(asked: Asked, unit: str) -> Iterator[tuple[str, str]]:
    for key in ("low", "high"):
        yield from _unit(getattr(asked, key), unit, key)
    if asked.limit is not None and asked.measurand not in MEASURANDS:
        for key in ("low", "high", "uncertainty_max"):
            yield from _unit(getattr(asked.limit, key), unit, f"limit.{key}")


def _crossing(record: Record, crossing: Crossing, path: str) -> Iterator[tuple[str, str]]:
    yield from _signal(record, crossing.signal, None, f"{path}.signal")
    if crossing.signal in record.traces:
        yield from _unit(crossing.level, record.traces[crossing.signal].unit, f"{path}.level")


def _signal(record: Record, name: str, unit: str | None, path: str) -> Iterator[tuple[str, str]]:
    trace = record.traces.get(name)
    if trace is None:
        yield path, f"the capture has no signal {name!r}: it has {', '.join(record.traces)}"
    elif unit is not None and trace.unit != unit:
        yield path, f"{name} is in {trace.unit}, and {UNITS[unit].dimension} in {unit} is needed"


def _unit(quantity: Quantity | None, unit: str, path: str) -> Iterator[tuple[str, str]]:
    if quantity is not None and quantity.unit != unit:
        yield path, f"the signal is in {unit}, this is {UNITS[quantity.unit].dimension}"


def _span(record: Record, name: str, span: Span | None, path: str) -> Iterator[tuple[str, str]]:
    trace = record.traces[name]
    if span is not None and (span[1] < trace.start or span[0] > trace.stop):
        ends = f"{format_quantity(trace.start, 's')} to {format_quantity(trace.stop, 's')}"
        yield path, f"lies outside the record, which goes from {ends}"
