"""Searching by blocks finds exactly what searching everything finds, and holds no more than it has to."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.measure import Capture, Record, Threshold, find_edges
from rig.measure.captures.noise import noise
from rig.measure.captures.pyramid import BLOCK, CHUNK, pyramid
from rig.measure.events.hysteresis import passages
from rig.measure.quantities.integral import integrate
from rig.measure.quantities.largest import look
from rig.measure.quantities.maxima import Piece, find_peak


def wandering(seed, n, *, lost=0):
    """A signal that rests, wanders across 0 and rests again, with lost samples."""
    rng = np.random.default_rng(seed)
    x = np.cumsum(rng.normal(0.0, 0.3, n))
    x[n // 4 : n // 2] = np.round(x[n // 4] / 5.0) * 5.0
    x += rng.normal(0.0, 0.05, n)
    if lost:
        x[rng.integers(0, n, lost)] = np.nan
    return x


def naive_passages(v, low, high, *, rising):
    above = v >= high if rising else v > high
    decided = np.flatnonzero(above | (v < low if rising else v <= low))
    state = above[decided]
    turned = np.flatnonzero(state[1:] & ~state[:-1] if rising else ~state[1:] & state[:-1])
    return [(int(decided[k]), int(decided[k + 1])) for k in turned]


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**20), st.sampled_from([1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7, CHUNK + 5]),
    st.sampled_from([0, 3, 500]), st.floats(-20.0, 20.0), st.floats(0.01, 3.0), st.booleans(), st.booleans(),
)  # fmt: skip
def test_passages_are_those_of_a_whole_search(trace_of, seed, n, lost, level, band, rising, absolute):
    trace = trace_of(wandering(seed, n, lost=lost), lsb=0.001)
    part = slice(n // 7, n - n // 9)
    v = np.abs(trace.values[part]) if absolute else trace.values[part]
    with np.errstate(invalid="ignore"):
        expected = [
            (a + part.start, b + part.start) for a, b in naive_passages(v, level - band, level + band, rising=rising)
        ]
    found = passages(trace, level - band, level + band, part, absolute=absolute, rising=rising)
    assert list(found) == expected


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**20),
    st.sampled_from([1, BLOCK, 3 * BLOCK + 7, CHUNK + 5]),
    st.sampled_from([0, 500]),
    st.booleans(),
)
def test_the_largest_is_that_of_a_whole_search(trace_of, seed, n, lost, absolute):
    trace = trace_of(wandering(seed, n, lost=lost), lsb=0.001)
    ranges = [slice(0, n // 3), slice(n // 2, n)]
    values = np.abs(trace.values) if absolute else trace.values
    kept = np.concatenate([values[one] for one in ranges])
    found = look(trace, [one for one in ranges if one.stop > one.start], absolute=absolute)
    if not np.isfinite(kept).any():
        assert found is None
        return
    assert found.top == np.nanmax(kept)
    assert values[found.k] == found.top
    assert (found.samples, found.finite) == (kept.size, np.count_nonzero(np.isfinite(kept)))


@pytest.mark.parametrize("lead_time", [0.0, 3e-6])
def test_a_long_record_reads_the_same_in_pieces(trace_of, lead_time):
    x = wandering(3, 300_000)
    trace = trace_of(x, lsb=0.001, lead_time=lead_time)
    whole = trace.values
    for part in (slice(0, 10), slice(77_777, 78_000), slice(299_990, 300_000)):
        assert trace.read(part) == pytest.approx(whole[part], abs=1e-9)
    found = pyramid(trace)
    assert found.low[5] == pytest.approx(whole[5 * BLOCK : 6 * BLOCK].min(), abs=1e-9)
    assert found.high[-1] == pytest.approx(whole[len(found.high) * BLOCK - BLOCK :].max(), abs=1e-9)


@pytest.mark.parametrize("odd", [10, 11])
def test_the_integral_over_chunks_is_that_over_everything(trace_of, odd):
    n = 3 * CHUNK + odd
    trace = trace_of(wandering(5, n), lsb=0.001)
    span = (1000.3e-6, (n - 500.7) * 1e-6)
    t, v = trace.time, trace.values
    inner = (t > span[0]) & (t < span[1])
    x = np.concatenate(([span[0]], t[inner], [span[1]]))
    y = np.interp(x, t, v)
    expected = np.trapezoid(y * y, x) - noise(trace).sigma ** 2 * (span[1] - span[0])
    found = integrate(trace, span)
    assert found.value == pytest.approx(expected, rel=1e-12)
    assert found.samples == np.count_nonzero(inner)


def big_trace(trace_of, n):
    t = (np.arange(n) - n // 10) / n
    x = np.where((t > 0.0) & (t < 0.3), 40.0 * np.exp(-np.clip(t, 0.0, None) * 5.0), 2.0)
    made = trace_of(x, dt=1e-7, start=-(n // 10) * 1e-7, lsb=0.01, noise=0.05)
    object.__setattr__(made, "codes", made.codes.astype(np.int16))
    return made


def test_four_million_samples_cost_less_than_half_of_themselves(trace_of):
    trace = big_trace(trace_of, 4_000_000)
    capture = Capture({"fault": Record("fault", {"port_current": trace}, triggered=True)})
    tracemalloc.start()
    edges = find_edges(trace, Threshold("port_current", 10.0))
    peak = find_peak(capture, "port_current", Piece("fault"), absolute=True)
    joule = integrate(trace, (0.0, 0.12))
    extra = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(edges) == 1
    assert peak.value == pytest.approx(40.0, abs=0.1)
    assert joule.samples > 1_000_000
    v = trace.values[trace.slice((0.0, 0.12))]
    exact = np.trapezoid(v * v, dx=trace.dt) - noise(trace).sigma ** 2 * 0.12
    assert joule.value == pytest.approx(exact, rel=2e-6)  # summed as 32-bit floats
    assert extra < 0.5 * trace.codes.nbytes + 2_000_000  # and what a chunk needs, whatever the record's length


def test_the_step_of_the_converter_is_found_also_where_the_record_begins_quietly(trace_of):
    """12 bits behind 16-bit codes: steps of 16 counts, and only one code for longer than the first look would reach."""
    n = 200_000
    trace = trace_of(np.where(np.arange(n) > 150_000, np.arange(n) % 50, 0) * 16.0, lsb=1.0)
    assert trace.resolution == 16.0
    assert trace_of(np.arange(n) % 50 * 3.0, lsb=1.0).resolution == 1.0
    assert trace_of(np.where(np.arange(n) > 100, 256.0, 0.0), lsb=1.0).resolution == 1.0  # two codes say nothing
