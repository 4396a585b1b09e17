"""True values and noise, drawn by seed: one stream per name, so that adding a part does not move the others."""

import functools
import zlib

import numpy as np
from numpy.typing import NDArray

BLOCK = 4096


@functools.lru_cache(maxsize=64)
def _block(seed: int, name: str, acquisition: int, block: int) -> NDArray[np.float64]:
    """One block of noise; a stream is read in small pieces, so the newest blocks are kept."""
    drawn = stream(seed, name, acquisition, block).standard_normal(BLOCK)
    drawn.setflags(write=False)
    return drawn


def stream(seed: int, name: str, *counters: int) -> np.random.Generator:
    """The generator that belongs to `name` (and to counters such as an acquisition number) under `seed`."""
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(name.encode()), *counters]))


@functools.cache
def rectangular(seed: int, name: str, half_width: float) -> float:
    """One draw from the rectangular distribution of half width `half_width`, as a data sheet's limits are read."""
    return float(stream(seed, name).uniform(-half_width, half_width))


def noise(seed: int, name: str, acquisition: int, first: int, count: int) -> NDArray[np.float64]:
    """Standard normal noise of samples `first`..`first + count` of one acquisition, shape (count,).

    The samples are drawn in blocks of fixed size, each with a stream of its own: a sample is the same however the
    record is paged.
    """
    blocks = range(first // BLOCK, (first + count - 1) // BLOCK + 1) if count else range(0)
    if not blocks:
        return np.empty(0)
    start = first - blocks.start * BLOCK
    if len(blocks) == 1:
        return _block(seed, name, acquisition, blocks.start)[start : start + count]
    drawn = np.concatenate([_block(seed, name, acquisition, block) for block in blocks])
    return drawn[start : start + count]
