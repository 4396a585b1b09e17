"""Transfer calibration: correct a fast channel by the best meter on the bench, in the session, on the signal itself.

Two or more plateaus, on each of which the signal is steady while both channels see it, give scale and offset of the
fast channel. After the transfer its accuracy is: the reference's own, the noise of the means, the residual
non-linearity, and an allowance for drift until it is used. Where only the zero is in question (current channels), one
plateau corrects the offset alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rig.measure.captures.accuracy import READ_BACK, TraceAccuracy
from rig.measure.captures.capture import Capture, Record, Span, Trace
from rig.measure.captures.noise import mean_u, noise
from rig.measure.uncertainty.budget import SQRT3, Budget, Line

MIN_SPREAD = 20.0
"""The plateaus must lie at least this many standard uncertainties of their means apart, or the slope is noise (and its
sign anything)."""


@dataclass(frozen=True, slots=True)
class Plateau:
    """One steady level as both channels read it: means and standard uncertainties of the means, in the traces' unit."""

    reading: float
    reading_u: float
    reference: float
    reference_u: float


@dataclass(frozen=True, slots=True)
class Transfer:
    """true = gain * reading + offset for the channel it was made on; accuracy: what the channel has afterwards; budget:
    at the highest plateau."""

    signal: str
    gain: float
    offset: float
    accuracy: TraceAccuracy
    budget: Budget
    residual: float


def plateau(fast: Trace, fast_span: Span, reference: Trace, reference_span: Span) -> Plateau:
    """The means of both traces over their spans (s, each on its own axis) while the signal is steady.

    ValueError when a span holds fewer than two samples, a lost or a clipped one: a calibration is never made from what
    is not there.
    """
    means = []
    for trace, span in ((fast, fast_span), (reference, reference_span)):
        part = trace.slice(span)
        values = trace.read(part)
        if values.size < 2 or not np.isfinite(values).all() or bool(trace.clipped(part).any()):
            what = f"plateau of '{trace.signal}' at {span[0]:g}..{span[1]:g} s"
            raise ValueError(f"{what} has {values.size} samples, lost or clipped ones: choose a steady span")
        means.append((float(values.mean()), mean_u(values, noise(trace, span))))
    return Plateau(means[0][0], means[0][1], means[1][0], means[1][1])


def calibrate(
    fast: Trace,
    reference: TraceAccuracy,
    plateaus: Sequence[Plateau],
    *,
    linearity: float,
    drift: float,
    note: str = "",
) -> Transfer:
    """Scale and offset of `fast` from two or more plateaus by least squares, and its accuracy after the transfer.

    reference: accuracy of the reference channel; linearity: relative allowance (half width) for non-linearity between
    and beyond the plateaus; drift: relative allowance (half width) from the transfer to its use. ValueError for fewer
    than two plateaus or for plateaus too close.
    """
    if len(plateaus) < 2:
        raise ValueError(f"transfer of '{fast.signal}' has {len(plateaus)} plateau: give at least two different levels")
    x = np.array([p.reading for p in plateaus])
    y = np.array([p.reference for p in plateaus])
    each_u = max(math.hypot(p.reading_u, p.reference_u) for p in plateaus)
    spread = float(x.max() - x.min())
    if spread < MIN_SPREAD * each_u or spread == 0.0:
        raise ValueError(
            f"transfer of '{fast.signal}' has plateaus only {spread:g} {fast.unit} apart: "
            f"their means are known to {each_u:.2g}; choose levels further apart"
        )
    gain, offset = (float(c) for c in np.polyfit(x, y, 1))
    residual = float(np.abs(y - (gain * x + offset)).max())
    slope_u = math.sqrt(2.0) * each_u / spread  # beyond the plateaus the noise of the means acts through the slope
    lines_gain = [
        *reference.lines("gain", 1.0, "reference"),
        Line("noise of the means, through the slope", slope_u),
        Line("non-linearity allowance", linearity / SQRT3, 1.0, "rectangular"),
        Line("drift allowance", drift / SQRT3, 1.0, "rectangular"),
    ]
    lines_offset = [
        *reference.lines("offset", 1.0, "reference"),
        Line("noise of the means", each_u),
        Line("residual of the fit", residual / SQRT3, 1.0, "rectangular"),
    ]
    top = float(np.abs(y).max())
    budget = Budget((*(line.scaled(top) for line in lines_gain), *lines_offset), fast.unit)
    accuracy = _after(fast, reference, tuple(lines_gain), tuple(lines_offset), note)
    return Transfer(fast.signal, gain, offset, accuracy, budget, residual)


def calibrate_zero(
    fast: Trace, at: Plateau, *, reference: TraceAccuracy, drift: float = 0.0, note: str = ""
) -> Transfer:
    """Correct the offset alone by one plateau, preferably near zero; the gain keeps the accuracy it had.

    drift: allowance (half width) in the trace's unit from the plateau to its use. ValueError when the fast channel has
    no accuracy to keep.
    """
    own = fast.accuracy
    if own is None:
        raise ValueError(f"channel '{fast.signal}' has no stated accuracy: one plateau cannot give its gain's")
    lines = (
        *reference.lines("offset", 1.0, "reference"),
        *reference.lines("gain", at.reference, "reference"),
        Line("noise of the means", math.hypot(at.reading_u, at.reference_u)),
        *own.lines("gain", at.reading, "at the plateau"),
        Line("drift allowance", drift / SQRT3, 1.0, "rectangular"),
    )
    budget = Budget(tuple(line for line in lines if line.contribution > 0.0), fast.unit)
    parts = {**own.parts, "offset": budget.lines}
    accuracy = replace(own, offset_u=budget.u, parts=parts, note="; ".join(filter(None, (own.note, note))))
    return Transfer(fast.signal, 1.0, at.reference - at.reading, accuracy, budget, 0.0)


def known_zero(trace: Trace, span: Span, *, drift: float = 0.0, note: str = "") -> Transfer:
    """Correct the offset by a span in which the quantity is zero by construction (an open injector carries no
    current)."""
    values = trace.read(trace.slice(span))
    if values.size < 2 or not np.isfinite(values).all():
        raise ValueError(f"zero span of '{trace.signal}' at {span[0]:g}..{span[1]:g} s has no complete samples")
    at = Plateau(float(values.mean()), mean_u(values, noise(trace, span)), 0.0, 0.0)
    return calibrate_zero(trace, at, reference=TraceAccuracy(0.0, 0.0), drift=drift, note=note)


def corrected(transferred: Transfer, trace: Trace) -> Trace:
    """The trace with its scale, offset and accuracy after the transfer; codes and time stay. ValueError for another
    signal."""
    if trace.signal != transferred.signal:
        raise ValueError(f"a transfer of '{transferred.signal}' cannot correct a trace of '{trace.signal}'")
    return replace(
        trace,
        scale=trace.scale * transferred.gain,
        offset=trace.offset * transferred.gain + transferred.offset,
        accuracy=transferred.accuracy,
    )


def corrected_in(capture: Capture, record: str, *transfers: Transfer) -> Capture:
    """The capture with these transfers applied to their signals in one record."""
    old = capture.records[record]
    by_signal = {one.signal: one for one in transfers}
    traces = {
        name: corrected(by_signal[name], trace) if name in by_signal else trace for name, trace in old.traces.items()
    }
    new: Record = replace(old, traces=traces)
    return replace(capture, records={**capture.records, record: new})


def _after(
    fast: Trace, reference: TraceAccuracy, gain: tuple[Line, ...], offset: tuple[Line, ...], note: str
) -> TraceAccuracy:
    """What the channel has after the transfer: gain and offset from it, skew and time base as before."""
    own = fast.accuracy if fast.accuracy is not None else reference
    return TraceAccuracy(
        gain_u=Budget(gain, "1").u,
        offset_u=Budget(offset, fast.unit).u,
        skew_u=own.skew_u,
        timebase_u=own.timebase_u,
        noise_u=own.noise_u if fast.accuracy is not None else None,
        verified=reference.verified,
        note=note or "transfer-calibrated in the session",
        checked=reference.checked,
        parts={**own.parts, "gain": gain, "offset": offset},
        flags=tuple(dict.fromkeys(flag for flag in (*reference.flags, *own.flags) if flag != READ_BACK)),
    )
