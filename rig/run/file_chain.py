"""A file's columns as signals at the device: transducer, edges of the screen and accuracy as the request has them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rig.files.bench import Shunt
from rig.measure import Record, TraceAccuracy, accuracy_of, rectangular
from rig.run.chain import unit_per_volt
from rig.waveforms import BadWaveform

if TYPE_CHECKING:
    from rig.files.request import Request, SignalColumn
    from rig.measure import Trace

__all__ = ["as_signals"]


def as_signals(record: Record, request: Request, file: str) -> Record:
    """The record with the request's signals; without any in the request the record as it is.

    Raises BadWaveform: a column that is not there, or that is not in the unit its transducer takes.
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
    factor, unit, lead, bandwidth = 1.0, trace.unit, 0.0, entry.bandwidth
    if entry.transducer is not None:
        if trace.unit != "V":
            raise BadWaveform(f"{file}: column {entry.column!r} is in {trace.unit}, and a transducer takes volts.")
        factor, unit = unit_per_volt(entry.transducer)
        both = [entry.transducer.bandwidth, *([bandwidth] if bandwidth is not None else [])]
        bandwidth = min(both)
        if isinstance(entry.transducer, Shunt):
            lead = entry.transducer.inductance / entry.transducer.resistance
    low, high = trace.code_min, trace.code_max
    if entry.clip is not None:
        ends = sorted((volts - trace.offset) / trace.scale for volts in entry.clip)
        low, high = ends[0] + 0.5, ends[1] - 0.5  # the last code is the edge, however the limits were rounded
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
    skew = None if stated.skew is None else (rectangular("delay between channels", stated.skew, source=source),)
    return accuracy_of(
        gain=(rectangular("gain of the instrument", stated.gain, source=source), *tolerance),
        offset=(rectangular("offset of the instrument", stated.offset * factor, source=source),),
        skew=skew,
        timebase=(rectangular("time base", stated.time_base, source=source),),
        note=source,
    )
