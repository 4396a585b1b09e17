"""Where a noise begins on a signal that was quiet: an instant, known to a few samples.

A noise has no edge: its first sample may happen to be small. So many samples before the first one that is surely not
quiet may already be noise as small ones come in a row by chance.
"""

from __future__ import annotations

import math

import numpy as np

from rig.measure.captures.capture import Capture, Span
from rig.measure.result import Instant

SIGMAS = 6.0
"""Of the quiet signal, beyond which a sample is not quiet."""
AFTER = 100
"""Samples by which what has begun is judged."""
OFTEN = 0.2
"""Share of them that is beyond, at least: a single spike begins nothing."""
RARE = 1e-3
"""How seldom more small samples come in a row than are allowed for."""


def onset(capture: Capture, signal: str, *, quiet: Span, search: Span, record: str = "slow") -> Instant | None:
    """The begin, within `search`, of a noise on what was quiet in `quiet`; None where none begins, or samples are lost.

    Both spans in s on the axis of `record`; before `search` begins there surely was none.
    """
    trace = capture.trace(record, signal)
    if trace is None:
        return None
    before, part = trace.read(trace.slice(quiet)), trace.slice(search)
    values = trace.read(part)
    if before.size < AFTER or values.size < AFTER or not (np.isfinite(before).all() and np.isfinite(values).all()):
        return None
    sigma = math.hypot(float(before.std()), trace.resolution / math.sqrt(12.0))
    beyond = np.abs(values - before.mean()) > SIGMAS * sigma
    counts = np.concatenate(([0], np.cumsum(beyond)))
    often = counts[AFTER:] - counts[:-AFTER] >= OFTEN * AFTER
    found = np.flatnonzero(beyond[: often.size] & often)
    if not found.size:
        return None
    first = int(found[0])
    small = 1.0 - float(beyond[first : first + AFTER].mean())
    hidden = math.ceil(math.log(RARE) / math.log(small)) if small > 0.0 else 0
    times = trace.times(part)
    earliest = max(float(times[first]) - (hidden + 1) * trace.dt, search[0])
    half = (float(times[first]) - earliest) / 2.0
    label = f"a noise begins on {signal}"
    return Instant(record, float(times[first]) - half, half / math.sqrt(3.0), label)
