"""`python -m benchmarks.big_capture`: crossings with hysteresis, peak, I2t of 4 x 10 M int16, against an np.dot pass.

Ratios within one run on one core, with a control (the pass timed twice); memory by tracemalloc in a run of its own.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy: one core against one core

import math
import time
import tracemalloc

import numpy as np

from rig.measure import Capture, Record, Threshold, Trace, accuracy_of, find_edges, rectangular
from rig.measure.quantities.integral import integrate
from rig.measure.quantities.maxima import Piece, find_peak

SIZES = (1_000_000, 10_000_000)
CHANNELS, ROUNDS, DT = 4, 5, 1e-7
ACCURACY = accuracy_of(gain=(rectangular("gain", 0.01),), offset=(rectangular("offset", 0.01),))


def main() -> None:
    """Print the table."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print("samples a channel | analysis, ms | np.dot, ms | ratio | A/A | extra memory over the capture")
    times = []
    for n in SIZES:
        codes = [_codes(n, seed) for seed in range(CHANNELS)]
        floats = [one.astype(np.float32) for one in codes]
        passed = floats
        analysis, dots, again = [], [], []
        for _ in range(ROUNDS):
            dots.append(_timed(lambda: [float(np.dot(one, one)) for one in passed]))  # noqa: B023  used at once
            analysis.append(_timed(lambda: _analysed(codes)))  # noqa: B023
            again.append(_timed(lambda: [float(np.dot(one, one)) for one in passed]))  # noqa: B023
        floats.clear()
        tracemalloc.start()
        _analysed(codes)
        extra = tracemalloc.get_traced_memory()[1] / sum(one.nbytes for one in codes)
        tracemalloc.stop()
        took, dot = float(np.median(analysis)), float(np.median(dots))
        times.append(took)
        print(
            f"{n:17,d} | {1e3 * took:12.1f} | {1e3 * dot:10.1f} | {took / dot:5.1f} | "
            f"{float(np.median(again)) / dot:4.2f} | {extra:.2f}"
        )
    slope = math.log(times[-1] / times[0]) / math.log(SIZES[-1] / SIZES[0])
    print(f"time grows as n to the {slope:.2f}")


def _codes(n: int, seed: int) -> np.ndarray:
    """A base load with noise, a fault that rises, decays and re-crosses, and what rings after it."""
    rng = np.random.default_rng(seed)
    t = (np.arange(n, dtype=np.float32) - n // 10) * np.float32(DT)
    length = np.float32(0.3 * n * DT)
    x = np.where((t > 0) & (t < length), 8000.0 * np.exp(-t / length), 500.0).astype(np.float32)
    x += np.where(
        t > length, 4000.0 * np.exp(-(t - length) / (0.02 * length)) * np.sin(t / (0.001 * length)), 0.0
    ).astype(np.float32)
    for first in range(0, n, 1 << 20):
        x[first : first + (1 << 20)] += rng.standard_normal(min(1 << 20, n - first), dtype=np.float32) * 20.0
    return np.round(x).astype(np.int16)


def _analysed(codes: list[np.ndarray]) -> list[float]:
    found = []
    for one in codes:
        trace = Trace("i", "A", one, 0.01, 0.0, DT, -(one.size // 10) * DT, -32768, 32767, 1e9, 0.0, ACCURACY)
        capture = Capture({"fault": Record("fault", {"i": trace}, triggered=True)})
        edges = find_edges(trace, Threshold("i", 30.0))
        peak = find_peak(capture, "i", Piece("fault"), absolute=True)
        joule = integrate(trace, (edges[0].t, trace.stop))
        assert peak is not None
        assert joule is not None
        found += [len(edges), peak.value, joule.value]
    return found


def _timed(work: object) -> float:
    begin = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
