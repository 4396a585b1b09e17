"""A trace averaged block by block: what a consumer of alternating current takes has a mean only over its period."""

from dataclasses import replace

import numpy as np

from rig.measure.captures.capture import Capture, Trace

__all__ = ["averaged", "averaged_in"]


def averaged(trace: Trace, seconds: float) -> Trace:
    """The trace as means over `seconds`, each at the middle of its block; a rest at the end is left out.

    A block with a clipped sample is clipped, one with a lost sample lost.
    """
    size = max(round(seconds / trace.dt), 1)
    count = trace.codes.size // size
    blocks = trace.codes[: count * size].reshape(count, size)
    means = blocks.mean(axis=1, dtype=np.float64)
    means[(blocks >= trace.code_max).any(axis=1)] = trace.code_max
    means[(blocks <= trace.code_min).any(axis=1)] = trace.code_min
    return replace(trace, codes=means, dt=size * trace.dt, start=trace.start + 0.5 * (size - 1) * trace.dt)


def averaged_in(capture: Capture, record: str, signal: str, seconds: float) -> Capture:
    """The capture with one of its traces averaged; the same where it has none."""
    trace = capture.trace(record, signal)
    if trace is None:
        return capture
    old = capture.records[record]
    new = replace(old, traces={**old.traces, signal: averaged(trace, seconds)})
    return replace(capture, records={**capture.records, record: new})
