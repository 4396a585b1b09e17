"""Was the current that must not trip the port really there, all the time?"""

import math
from dataclasses import dataclass

import numpy as np

from rig.measure.captures.capture import Capture
from rig.measure.captures.noise import noise
from rig.measure.result import Input, Measurement
from rig.measure.uncertainty.budget import Budget, Line


@dataclass(frozen=True, slots=True)
class Stimulus:
    """verified only when every short-time mean, less its expanded uncertainty, was at or above `required` A over the
    whole `window` s.

    lowest: the smallest mean in A, at s on the record's axis; None when nothing was measured. reason: one sentence,
    also when verified.
    """

    verified: bool
    required: float
    window: float
    lowest: float | None
    lowest_at: float | None
    U: float | None
    reason: str


def verify_stimulus(
    capture: Capture,
    *,
    requested: float,
    tolerance: float,
    start: float,
    window: float,
    average: float,
    settle: float = 0.0,
    signal: str = "port_current",
    record: str = "slow",
) -> Stimulus:
    """Check that `signal` was at or above (1 - tolerance) * requested A from start + settle to start + window.

    start: s on the axis of `record` (t0 measured there); window, settle, average in s; average: what a dip must last to
    count, because noise alone would dip below any level. A lost sample, a record that ends early or an absent accuracy
    is not verified.
    """
    required = (1.0 - tolerance) * requested
    trace = capture.trace(record, signal)
    if trace is None or trace.accuracy is None:
        what = "no such trace was captured" if trace is None else "its channel has no stated accuracy"
        return Stimulus(False, required, window, None, None, None, f"{signal} in record {record}: {what}")
    size = max(round(average / trace.dt), 1)
    values = trace.read(trace.slice((start + settle, start + window)))
    count = values.size // size
    if count == 0 or trace.start > start + settle or trace.stop < start + window - trace.dt:
        reason = f"record {record} does not cover the {window:g} s of the stimulus"
        return Stimulus(False, required, window, None, None, None, reason)
    means = values[: count * size].reshape(count, size).mean(axis=1)
    if values.size > count * size:
        means = np.append(means, values[-size:].mean())
    if not np.isfinite(means).all():
        reason = f"samples of {signal} in record {record} were lost during the stimulus"
        return Stimulus(False, required, window, None, None, None, reason)
    k = int(np.argmin(means))
    lowest, at = float(means[k]), start + settle + min((k + 0.5) * size, values.size) * trace.dt
    averaged = Line("noise", noise(trace).sigma / math.sqrt(size))
    U = Budget((*trace.accuracy.lines("gain", lowest), *trace.accuracy.lines("offset"), averaged), "A").U
    verified = lowest - U >= required
    relation = "at or above" if verified else "not surely above"
    reason = (
        f"lowest {signal} {lowest:.4g} A (U = {U:.2g} A) is {relation} the required {required:.4g} A over {window:g} s"
    )
    return Stimulus(verified, required, window, lowest, at, U, reason)


def with_stimulus(measurement: Measurement, stimulus: Stimulus) -> Measurement:
    """The measurement carrying the check, where `decide` looks for it before a must-not-trip limit may pass."""
    inputs: dict[str, Input] = {
        "stimulus_verified": stimulus.verified,
        "stimulus_window": stimulus.window,
        "stimulus_required": stimulus.required,
        "stimulus_lowest": stimulus.lowest,
        "stimulus_reason": stimulus.reason,
    }
    return measurement.with_inputs(inputs, () if stimulus.verified else ("stimulus-unverified",))
