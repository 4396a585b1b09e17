"""A file's columns as signals at the device: transducer, edges of the screen and accuracy as the request has them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rig.files.transducers import Shunt, Thermometer
from rig.measure import Record, TraceAccuracy, accuracy_of, rectangular
from rig.run.chain import unit_per_volt
from rig.waveforms import BadWaveform, in_steps, tells_its_step

if TYPE_CHECKING:
    from rig.files.request import Request, SignalColumn
    from rig.measure import Trace

__all__ = ["as_signals"]

COARSEST = 512
"""Half steps of an 8-bit converter: a step of the column that is wider than that is no step of the screen."""


def as_signals(record: Record, request: Request, file: str) -> Record:
    """The record with the request's signals; without any in the request the record as it is.

    Raises BadWaveform: a column that is not there, or not in the unit that its transducer, its offset, its step or the
    edges of its screen are in; a column with accuracy whose step is neither seen nor stated.
    """
    if not request.signals:
        return replace(record, name="fault")
    traces = {}
    for name, entry in request.signals.items():
        found = record.traces.get(entry.column)
        if found is None:
            raise BadWaveform(f"{file}: has no column {entry.column!r} for {name}: it has {', '.join(record.traces)}.")
        traces[name] = _signal(name, found, entry, file)
    return replace(record, name="fault", traces=traces)


def _signal(name: str, trace: Trace, entry: SignalColumn, file: str) -> Trace:
    where = f"{file}: column {entry.column!r}"
    factor, unit, lead, bandwidth = 1.0, trace.unit, 0.0, entry.bandwidth
    if entry.transducer is not None:
        if trace.unit != "V":
            raise BadWaveform(f"{where} is in {trace.unit}, and a transducer takes volts.")
        factor, unit = unit_per_volt(entry.transducer)
        both = [entry.transducer.bandwidth, *([bandwidth] if bandwidth is not None else [])]
        bandwidth = min(both)
        if isinstance(entry.transducer, Shunt):
            lead = entry.transducer.inductance / entry.transducer.resistance
    offset = None if entry.accuracy is None else entry.accuracy.offset
    for what, stated in (("offset", offset), ("step", entry.step), *(("clip", end) for end in entry.clip or ())):
        if stated is not None and stated.unit != trace.unit:
            raise BadWaveform(
                f"{where} is in {trace.unit}, and its {what} is in {stated.unit}: write it in {trace.unit}."
            )
    if entry.step is not None:
        trace = in_steps(trace, entry.step.value)
    elif entry.accuracy is not None and not tells_its_step(trace):
        cure = "state the converter's step as `step` in the request"
        raise BadWaveform(f"{where} has fewer than three different values, which show no step: {cure}.")
    low, high = trace.code_min, trace.code_max
    if entry.clip is not None:
        ends = sorted((end.value - trace.offset) / trace.scale for end in entry.clip)
        margin = min(0.5, (ends[1] - ends[0]) / COARSEST)  # the last code is the edge, however the limits were rounded
        low, high = ends[0] + margin, ends[1] - margin
    return replace(
        trace, signal=name, unit=unit, scale=trace.scale * factor, offset=trace.offset * factor, code_min=low,
        code_max=high, bandwidth=bandwidth, lead_time=lead, accuracy=_accuracy(entry, factor),
    )  # fmt: skip


def _accuracy(entry: SignalColumn, factor: float) -> TraceAccuracy | None:
    stated = entry.accuracy
    if stated is None:
        return None
    source = stated.source
    part = entry.transducer
    tolerance = () if part is None else (rectangular("tolerance of the transducer", part.tolerance, source="request"),)
    own = (
        (rectangular("offset of the thermometer", part.within, source="request"),)
        if isinstance(part, Thermometer)
        else ()
    )
    skew = None if stated.skew is None else (rectangular("delay between channels", stated.skew, source=source),)
    return accuracy_of(
        gain=(rectangular("gain of the instrument", stated.gain, source=source), *tolerance),
        offset=(rectangular("offset of the instrument", stated.offset.value * factor, source=source), *own),
        skew=skew,
        timebase=(rectangular("time base", stated.time_base, source=source),),
        note=source,
    )
