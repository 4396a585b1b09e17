"""Synthetic captures with a known truth: what an ideal digitizer would have written of a given current and voltage."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from rig.measure import Capture, Record, Trace, TraceAccuracy

EXACT = TraceAccuracy(gain_u=0.0, offset_u=0.0, verified=True)
GOOD = TraceAccuracy(gain_u=0.002, offset_u=0.02, skew_u=2e-9, timebase_u=3e-5, verified=True)


def make_trace(
    values: object,
    *,
    dt: float = 1e-6,
    start: float = 0.0,
    signal: str = "port_current",
    unit: str = "A",
    lsb: float = 0.01,
    noise: float = 0.0,
    seed: int = 1,
    span: tuple[float, float] = (-1e9, 1e9),
    bandwidth: float | None = 50e6,
    lead_time: float = 0.0,
    accuracy: TraceAccuracy | None = GOOD,
) -> Trace:
    """Counts of `values` + noise with `lsb` per count, saturating at `span`; NaN stays NaN (float codes)."""
    x = np.asarray(values, dtype=np.float64)
    if noise:
        x = x + np.random.default_rng(seed).normal(0.0, noise, x.size)
    counts = np.clip(np.round(x / lsb), round(span[0] / lsb), round(span[1] / lsb))
    codes = counts if not np.isfinite(counts).all() else counts.astype(np.int64)
    return Trace(
        signal,
        unit,
        codes,
        lsb,
        0.0,
        dt,
        start,
        round(span[0] / lsb),
        round(span[1] / lsb),
        bandwidth,
        lead_time,
        accuracy,
    )


def make_capture(*, untriggered: tuple[str, ...] = (), **records: list[Trace]) -> Capture:
    """A capture of the named records."""
    return Capture(
        {
            name: Record(name, {trace.signal: trace for trace in traces}, triggered=name not in untriggered)
            for name, traces in records.items()
        }
    )


def short_currents(t: np.ndarray, trip: float = 8e-6, *, base: float = 2.5, slope: float = 25e6, tau: float = 1.5e-6):
    """Injector and port current in A of a short at t = 0: a ramp of `slope`, from `trip` on an exponential end."""
    ramp = np.clip(t, 0.0, trip) * slope
    decay = np.exp(-np.clip(t - trip, 0.0, None) / tau)
    on = t >= 0.0
    injector = np.where(on, ramp * decay, 0.0)
    port = np.where(on, (ramp + base) * decay, base)
    return injector, port


@pytest.fixture(scope="session")
def trace_of() -> Callable[..., Trace]:
    return make_trace


@pytest.fixture(scope="session")
def capture_of() -> Callable[..., Capture]:
    return make_capture


@pytest.fixture(scope="session")
def short() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    return short_currents


@pytest.fixture(scope="session")
def accuracies() -> Mapping[str, TraceAccuracy]:
    return {"exact": EXACT, "good": GOOD}
