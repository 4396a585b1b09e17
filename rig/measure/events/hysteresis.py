"""The samples between which a trace surely went from one side of a band to the other."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from rig.measure.captures.capture import Trace
from rig.measure.captures.pyramid import BLOCK, CHUNK, chunks, pyramid


def passages(
    trace: Trace, low: float, high: float, part: slice, *, absolute: bool, rising: bool
) -> Iterator[tuple[int, int]]:
    """(last sample surely on the one side, first surely on the other) of every passage in `part`, in order of time.

    Rising: from below `low` to `high` or above; falling: the other way, with high the near and low the far end. Only
    blocks that touch the band, or hold both sides, are read; a sample inside the band, or lost, decides nothing.
    """
    before, was = -1, False  # the last decided sample, and whether it lay above
    for piece, whole in _pieces(trace, low, high, part, absolute=absolute):
        if whole is not None:
            decided, above = np.array([piece.start, piece.stop - 1]), np.array([whole, whole])
        else:
            v = trace.read(piece)
            v = np.abs(v) if absolute else v
            over = v >= high if rising else v > high
            at = np.flatnonzero(over | (v < low if rising else v <= low))
            decided, above = at + piece.start, over[at]
        if not decided.size:
            continue
        if before >= 0:
            decided, above = np.concatenate(([before], decided)), np.concatenate(([was], above))
        turned = np.flatnonzero((above[1:] & ~above[:-1]) if rising else (~above[1:] & above[:-1]))
        for n in turned:
            yield int(decided[n]), int(decided[n + 1])
        before, was = int(decided[-1]), bool(above[-1])


def _pieces(
    trace: Trace, low: float, high: float, part: slice, *, absolute: bool
) -> Iterator[tuple[slice, bool | None]]:
    """`part` in order: stretches of whole blocks that lie above (True) or below (False), and what has to be read."""
    if part.stop <= part.start:
        return
    found = pyramid(trace)
    bottom, top = found.low, found.high
    if absolute:
        sizes = np.abs(np.stack([bottom, top]))
        bottom, top = np.where((bottom < 0.0) & (top > 0.0), 0.0, sizes.min(axis=0)), sizes.max(axis=0)
    first, last = part.start // BLOCK, -(-part.stop // BLOCK)
    with np.errstate(invalid="ignore"):
        state = np.where(bottom > high, 1, np.where(top < low, -1, 0))[first:last]
    if found.lost[first:last].any():
        state[found.lost[first:last] > 0] = 0
    edges = np.concatenate(([0], np.flatnonzero(np.diff(state)) + 1, [state.size]))
    for begin, end in pairwise(edges):
        stretch = slice(max((first + int(begin)) * BLOCK, part.start), min((first + int(end)) * BLOCK, part.stop))
        if state[begin] == 0:
            for piece in chunks(stretch, CHUNK):
                yield piece, None
        else:
            yield stretch, bool(state[begin] > 0)
