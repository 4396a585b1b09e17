"""The finite samples of a stretch of a trace, as the search for events reads them."""

from dataclasses import dataclass

import numpy as np

from rig.measure.captures.capture import Bools, Floats, Span, Trace


@dataclass(frozen=True, slots=True)
class Points:
    """The finite samples of a trace in a span: t in s, v in the trace's unit (its magnitude when absolute), clipped
    marks saturation."""

    t: Floats
    v: Floats
    sign: Floats | None
    clipped: Bools
    dt: float

    @property
    def size(self) -> int:
        """Number of samples."""
        return int(self.t.size)


def points(trace: Trace, span: Span | None = None, *, absolute: bool = False) -> Points:
    """The finite samples of `trace` in `span` (s); lost samples leave a gap in t."""
    return points_in(trace, trace.slice(span), absolute=absolute)


def points_in(trace: Trace, part: slice, *, absolute: bool = False) -> Points:
    """The finite samples of `trace` in `part` (indices)."""
    t, v, clipped = trace.times(part), trace.read(part), trace.clipped(part)
    finite = np.isfinite(v)
    if not finite.all():
        t, v, clipped = t[finite], v[finite], clipped[finite]
    return Points(t, np.abs(v) if absolute else v, v if absolute else None, clipped, trace.dt)
