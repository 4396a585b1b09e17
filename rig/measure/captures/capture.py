"""What was captured: raw counts and all that is needed to read them as volts and amperes.

A `Capture` holds the records of one shot: "fault" and "recovery" from the digitizer, "slow" from the monitor that runs
all the time. Each record has its own time axis in seconds; 0 is its trigger. A sample that was lost is NaN in `codes`
(use a float array then).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rig.measure.captures.accuracy import READ_BACK, TraceAccuracy
from rig.measure.captures.compensate import without_lead

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
STEP_SAMPLES, STEP_MAX = 65_536, 256
KEPT = 262_144
"""Samples up to which a trace keeps its converted values."""
FORGOTTEN = 40.0
"""Time constants after which a recursion's beginning is below the rounding of doubles."""
Span = tuple[float, float]
"""(first, last) instant in s on a record's own time axis, both included."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One signal in one record: physical value = codes * scale + offset, at start + n * dt.

    codes: (n,) raw counts; scale: unit per count and offset: unit, both with the transducer applied; dt, start in s;
    code_min, code_max: the counts at which the channel saturates (a sample at or beyond them is clipped); bandwidth: -3
    dB in Hz of channel and transducer, None = unknown; lead_time: L/R of a shunt in s, removed in `values`; accuracy
    None = absent, then nothing read from this trace has an uncertainty; kept: what was computed of it once.
    """

    signal: str
    unit: str
    codes: NDArray[np.integer] | NDArray[np.floating]
    scale: float
    offset: float
    dt: float
    start: float
    code_min: float
    code_max: float
    bandwidth: float | None = None
    lead_time: float = 0.0
    accuracy: TraceAccuracy | None = None
    kept: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.codes.ndim != 1:
            raise ValueError(f"trace '{self.signal}' has codes of shape {self.codes.shape}: give one dimension")
        if not (math.isfinite(self.dt) and self.dt > 0.0):
            raise ValueError(f"trace '{self.signal}' has dt = {self.dt} s: give a positive sample interval")
        if not (
            math.isfinite(self.scale) and self.scale != 0.0 and math.isfinite(self.offset) and math.isfinite(self.start)
        ):
            raise ValueError(f"trace '{self.signal}': scale, offset and start must be finite and scale not 0")
        if not (math.isfinite(self.lead_time) and self.lead_time >= 0.0):
            raise ValueError(f"trace '{self.signal}' has lead_time = {self.lead_time} s: give 0 or the shunt's L/R")

    @property
    def values(self) -> Floats:
        """(n,) values in `unit`, shunt lead removed, read-only: the whole record as floats. See `read`."""
        return self.read(slice(0, self.codes.size))

    @property
    def time(self) -> Floats:
        """(n,) s on the record's axis, read-only: the whole record as floats. See `times`."""
        return self.times(slice(0, self.codes.size))

    def read(self, part: slice) -> Floats:
        """Values of the samples in `part` (indices), in `unit`, shunt lead removed; read-only.

        A long record is converted piece by piece and nothing of it is kept; a short one is converted once.
        """
        if self.codes.size <= KEPT:
            if "values" not in self.kept:
                self.kept["values"] = _frozen(self._converted(slice(0, self.codes.size)))
            kept: Floats = self.kept["values"]
            return kept[part]
        return _frozen(self._converted(part))

    def times(self, part: slice) -> Floats:
        """Instants of the samples in `part` (indices), s on the record's axis; read-only."""
        return _frozen(self.start + self.dt * np.arange(*part.indices(self.codes.size), dtype=np.float64))

    def _converted(self, part: slice) -> Floats:
        first, last, stride = part.indices(self.codes.size)
        # The lead's recursion forgets as exp(-t / tau): so many samples earlier it may begin anywhere.
        warm = min(first, math.ceil(FORGOTTEN * self.lead_time / self.dt)) if self.lead_time > 0.0 else 0
        codes = self.codes[first - warm : last]
        reading = np.multiply(codes, float(self.scale), dtype=np.float64)
        reading += float(self.offset)
        return without_lead(reading, self.lead_time, self.dt)[warm::stride]

    @property
    def resolution(self) -> float:
        """One step of the converter in `unit`: a 12-bit converter behind 16-bit codes steps by 16 counts."""
        if "step" not in self.kept:
            self.kept["step"] = _step(self.codes[:: max(self.codes.size // STEP_SAMPLES, 1)])
        step: int = self.kept["step"]
        return abs(self.scale) * step

    @property
    def stop(self) -> float:
        """Instant of the last sample in s; before `start` when there is none."""
        return self.start + self.dt * (self.codes.size - 1)

    def clipped_above(self, part: slice | None = None) -> Bools:
        """(n,) samples in `part` (all by default) that saturate on the positive side of the physical value."""
        codes = self.codes if part is None else self.codes[part]
        return np.asarray(codes >= self.code_max if self.scale > 0.0 else codes <= self.code_min)

    def clipped(self, part: slice | None = None) -> Bools:
        """(n,) samples in `part` (all by default) that saturate on either side."""
        codes = self.codes if part is None else self.codes[part]
        return np.asarray((codes >= self.code_max) | (codes <= self.code_min))

    @property
    def late(self) -> float:
        """By how much a read-back may be of another moment than its sample says, s; 0 of what is sampled."""
        if self.accuracy is None or READ_BACK not in self.accuracy.flags:
            return 0.0
        return math.sqrt(3.0) * (self.accuracy.skew_u or 0.0)

    def surely(self, span: Span) -> slice:
        """As `slice`, without what may be of a moment before or after it: a read-back is older than its sample says."""
        if not self.late:
            return self.slice(span)
        inner = span[0] + self.late, span[1] - self.late
        return self.slice(inner) if inner[0] < inner[1] else slice(0, 0)

    def slice(self, span: Span | None) -> slice:
        """The samples inside `span` (all for None) as an index range; empty when there are none."""
        if span is None:
            return slice(0, self.codes.size)
        if span[1] < self.start or span[0] > self.stop:
            return slice(0, 0)
        first = math.ceil((span[0] - self.start) / self.dt - 1e-6) if math.isfinite(span[0]) else 0
        last = math.floor((span[1] - self.start) / self.dt + 1e-6) if math.isfinite(span[1]) else self.codes.size - 1
        first = max(first, 0)
        return slice(min(first, self.codes.size), max(min(last + 1, self.codes.size), min(first, self.codes.size)))


def _frozen(values: Floats) -> Floats:
    values.setflags(write=False)
    return values


def _step(codes: NDArray[np.integer] | NDArray[np.floating]) -> int:
    """Counts between two results of the converter: the largest power of two up to 256 in all differences of codes.

    Fewer than three different codes say nothing: a square wave is not a coarse converter.
    """
    if codes.dtype.kind not in "iu" or codes.size < 3:
        return 1
    differences = np.bitwise_or.reduce(codes ^ codes[0]) if codes.size else 0
    found = int(differences) & -int(differences)
    return min(found, STEP_MAX) if found > 1 and np.unique(codes).size >= 3 else 1


@dataclass(frozen=True, slots=True)
class Record:
    """The traces one instrument took in one go. triggered False: it was armed but saw no event, so its traces prove
    nothing."""

    name: str
    traces: Mapping[str, Trace]
    triggered: bool
    source: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rig did, not what it saw: kept beside the counts for whoever judges the shot again. Plain JSON values
    only."""

    case: str = ""
    attempt: int = 1
    repetition: int = 1
    applied: Mapping[str, float | int | str | bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Capture:
    """All records of one shot by name, and the facts beside them."""

    records: Mapping[str, Record]
    facts: Facts = field(default_factory=Facts)

    def trace(self, record: str, signal: str) -> Trace | None:
        """The trace, or None when the record was not taken, did not trigger, or has no such signal."""
        found = self.records.get(record)
        return found.traces.get(signal) if found is not None and found.triggered else None

    def triggered(self, record: str) -> bool:
        """True when the record exists and saw its event."""
        found = self.records.get(record)
        return found is not None and found.triggered
