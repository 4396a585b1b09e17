"""The largest sample of a trace in some index ranges, found by way of its blocks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rig.measure.captures.capture import Trace
from rig.measure.captures.pyramid import BLOCK, clips, pyramid


@dataclass(frozen=True, slots=True)
class Largest:
    """top at sample k, in the trace's unit; samples looked at, finite ones among them, and whether one saturates."""

    top: float
    k: int
    samples: int
    finite: int
    clipped: bool


def look(trace: Trace, ranges: Sequence[slice], *, absolute: bool) -> Largest | None:
    """The largest value (or magnitude) in `ranges`, of equals the first; None when no sample is finite.

    Whole blocks that cannot hold it are not read.
    """
    found = pyramid(trace)
    size = np.maximum(np.abs(found.low), np.abs(found.high)) if absolute else found.high
    top, k, samples, finite, clipped = -np.inf, -1, 0, 0, False
    for part in ranges:
        samples += part.stop - part.start
        first, last = -(-part.start // BLOCK), part.stop // BLOCK
        broken = found.lost[first:last] > 0
        finite += BLOCK * int(np.count_nonzero(~broken))
        pieces = [slice(block * BLOCK, (block + 1) * BLOCK) for block in first + np.flatnonzero(broken)]
        if not broken.all():  # of the whole blocks, the one that holds the largest
            best = first + int(np.argmax(np.where(broken, -np.inf, size[first:last])))
            pieces.append(slice(best * BLOCK, (best + 1) * BLOCK))
            finite -= BLOCK  # it is counted below
        pieces += [slice(part.start, min(first * BLOCK, part.stop)), slice(max(last, first) * BLOCK, part.stop)]
        for piece in sorted(pieces, key=lambda one: one.start):
            if piece.stop <= piece.start:
                continue
            values = np.abs(trace.read(piece)) if absolute else trace.read(piece)
            here = np.isfinite(values)
            finite += int(np.count_nonzero(here))
            at = int(np.argmax(np.where(here, values, -np.inf)))
            if here[at] and values[at] > top:
                top, k = float(values[at]), piece.start + at
        clipped = clipped or clips(trace, part, above=not absolute)
    return Largest(top, k, samples, finite, clipped) if k >= 0 else None
