"""Smallest and largest value of every block of a trace: where to look, without looking everywhere.

Searching, the largest value and drawing all start here; only the blocks that matter are turned into volts and amperes,
so that a record of ten million samples is never held as floats.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rig.measure.captures.capture import Floats, Trace

BLOCK = 4096
CHUNK = 16 * BLOCK


@dataclass(frozen=True, slots=True, eq=False)
class Pyramid:
    """low, high: (blocks,) extremes in the trace's unit, NaN where a block has no finite sample; lost: (blocks,) counts
    of samples that are not finite. Block b holds samples b BLOCK to (b + 1) BLOCK - 1, the last one fewer."""

    low: Floats
    high: Floats
    lost: NDArray[np.int64]

    def lost_in(self, part: slice) -> bool:
        """Whether a block that `part` touches has lost samples."""
        return bool(self.lost[part.start // BLOCK : -(-part.stop // BLOCK)].any())


def pyramid(trace: Trace) -> Pyramid:
    """The extremes of all blocks, found once and kept with the trace."""
    found = trace.kept.get("pyramid")
    if not isinstance(found, Pyramid):
        plain = trace.codes.dtype.kind in "iu" and trace.lead_time == 0.0
        found = _of_codes(trace) if plain else _of_values(trace)
        trace.kept["pyramid"] = found
    return found


def clips(trace: Trace, part: slice, *, above: bool = False) -> bool:
    """Whether a sample in `part` saturates; `above`: on the positive side of the physical value only.

    Where the extremes of a block say that none can, it is not read.
    """
    found, ends = pyramid(trace), sorted(code * trace.scale + trace.offset for code in (trace.code_min, trace.code_max))
    first, last = part.start // BLOCK, -(-part.stop // BLOCK)
    doubtful = ~(found.high[first:last] < ends[1]) | (~above & ~(found.low[first:last] > ends[0]))
    if trace.lead_time > 0.0:  # the extremes are of compensated values
        doubtful[:] = True
    for block in np.flatnonzero(doubtful):
        begin = (first + int(block)) * BLOCK
        here = slice(max(begin, part.start), min(begin + BLOCK, part.stop))
        if bool((trace.clipped_above(here) if above else trace.clipped(here)).any()):
            return True
    return False


def chunks(part: slice, size: int = CHUNK) -> Iterator[slice]:
    """`part` in pieces of at most `size` samples."""
    for first in range(part.start, part.stop, size):
        yield slice(first, min(first + size, part.stop))


def _of_codes(trace: Trace) -> Pyramid:
    codes, whole = trace.codes, trace.codes.size // BLOCK * BLOCK
    blocks = codes[:whole].reshape(-1, BLOCK)
    low, high = blocks.min(axis=1).astype(np.float64), blocks.max(axis=1).astype(np.float64)
    if whole < codes.size:
        low, high = np.append(low, float(codes[whole:].min())), np.append(high, float(codes[whole:].max()))
    ends = np.sort(np.stack([low, high]) * trace.scale + trace.offset, axis=0)
    return Pyramid(ends[0], ends[1], np.zeros(low.size, dtype=np.int64))


def _of_values(trace: Trace) -> Pyramid:
    low, high, lost = [], [], []
    for part in chunks(slice(0, trace.codes.size)):
        values = trace.read(part)
        for first in range(0, values.size, BLOCK):
            block = values[first : first + BLOCK]
            finite = block[np.isfinite(block)]
            low.append(float(finite.min()) if finite.size else np.nan)
            high.append(float(finite.max()) if finite.size else np.nan)
            lost.append(block.size - finite.size)
    return Pyramid(np.array(low), np.array(high), np.array(lost, dtype=np.int64))
