"""The bench between the physics and us: its errors are drawn anew for every capture, as its data sheet allows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rig.measure import Capture, Record, Trace, TraceAccuracy, accuracy_of, rectangular
from studies.coverage.shots import Shot

RANGES = {"port_current": 200.0, "injector_current": 200.0, "port_voltage": 80.0, "gate_voltage": 16.0}
"""Full scale to either side, in the signal's unit."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Limits of error as a data sheet states them. gain: relative; offset and noise (rms): of full scale; bits; skew in
    s, +- of each channel; timebase: relative; bandwidth in Hz, guaranteed (more is possible), None = unlimited."""

    gain: float = 0.01
    offset: float = 0.001
    noise: float = 0.0005
    bits: int = 14
    skew: float = 0.0
    timebase: float = 25e-6
    bandwidth: float | None = None
    full_scale: float = 1.0
    """Of RANGES."""

    def accuracy(self, signal: str) -> TraceAccuracy:
        """What the data sheet says of a channel."""
        full = RANGES[signal] * self.full_scale
        return accuracy_of(
            gain=(rectangular("gain", self.gain),),
            offset=(rectangular("offset", self.offset * full),),
            skew=(rectangular("skew", self.skew),),
            timebase=(rectangular("time base", self.timebase),),
            note="study",
        )


@dataclass(frozen=True, slots=True)
class Wrong:
    """Errors that no budget line describes, for the off-distribution study; all zero: the bench keeps its promises."""

    gain_at_limit: bool = False
    hum: float = 0.0
    """Amplitude of 100 kHz hum, of full scale."""
    pink: float = 0.0
    """rms of 1/f noise beside the white, of full scale."""
    skew_factor: float = 1.0
    burst: float = 0.0
    """Amplitude of a burst of 2 MHz at the injection, of full scale."""
    cubic: float = 0.0
    """Non-linearity: of full scale at full scale."""
    dnl: float = 0.0
    """rms error of the converter's steps, in steps."""


def record_of(
    shot: Shot, name: str, bench: Bench, rng: np.random.Generator, *, dt: float, before: float, span: float,
    wrong: Wrong | None = None,
) -> Record:  # fmt: skip
    """One record of a shot: n samples from `before` s ahead of the begin, at a phase of its own."""
    wrong = wrong or Wrong()
    signals = tuple(shot.probes)
    n = round((before + span) / dt)
    start = -before + rng.uniform(-0.5, 0.5) * dt
    pace = 1.0 + rng.uniform(-bench.timebase, bench.timebase)
    longest = 0.0 if bench.bandwidth is None else 1.0 / (2.0 * math.pi * bench.bandwidth)
    skews = [wrong.skew_factor * rng.uniform(-bench.skew, bench.skew) for _ in signals]
    constants = [rng.uniform(0.0, longest) for _ in signals]
    # The record's own clock is wrong: it says start + k dt, and samples at pace times that.
    exact = shot.render(signals, constants, [start * pace + skew for skew in skews], dt * pace, n)
    traces = {
        signal: _trace(signal, exact[k], bench, rng, dt=dt, start=start, wrong=wrong)
        for k, signal in enumerate(signals)
    }
    return Record(name, traces, triggered=True, source="study")


def capture_of(*records: Record) -> Capture:
    """Records by name."""
    return Capture({record.name: record for record in records})


def _trace(
    signal: str, exact: np.ndarray, bench: Bench, rng: np.random.Generator, *, dt: float, start: float, wrong: Wrong
) -> Trace:
    full = RANGES[signal] * bench.full_scale
    gain = 1.0 + (bench.gain if wrong.gain_at_limit else rng.uniform(-bench.gain, bench.gain))
    seen = gain * exact + rng.uniform(-bench.offset, bench.offset) * full
    seen = seen + wrong.cubic * full * (exact / full) ** 3
    seen = seen + bench.noise * full * rng.standard_normal(exact.size)
    if wrong.hum or wrong.pink or wrong.burst:
        seen = seen + full * _disturbance(exact.size, rng, dt=dt, start=start, wrong=wrong)
    top = 1 << (bench.bits - 1)
    counts = np.round(seen / full * top)
    if wrong.dnl:
        counts = np.round(
            seen / full * top
            + wrong.dnl * np.random.default_rng(7).standard_normal(2 * top)[counts.astype(int) % (2 * top)]
        )
    codes = np.clip(counts, -top, top - 1).astype(np.int32)
    return Trace(
        signal, "A" if signal.endswith("current") else "V", codes, full / top, 0.0, dt, start, -top, top - 1,
        bench.bandwidth if bench.bandwidth is not None else math.inf, 0.0, bench.accuracy(signal),
    )  # fmt: skip


def _disturbance(n: int, rng: np.random.Generator, *, dt: float, start: float, wrong: Wrong) -> np.ndarray:
    t = start + dt * np.arange(n)
    found = wrong.hum * np.sin(2.0 * np.pi * (1e5 * t + rng.random()))
    if wrong.pink:
        spectrum = rng.standard_normal(n // 2 + 1) + 1j * rng.standard_normal(n // 2 + 1)
        shaped = spectrum / np.sqrt(np.maximum(np.arange(n // 2 + 1), 1.0))
        noise = np.fft.irfft(shaped, n)
        found = found + wrong.pink * noise / max(float(noise.std()), 1e-300)
    if wrong.burst:
        found = found + wrong.burst * np.where(t >= 0.0, np.exp(-np.maximum(t, 0.0) / 1e-6), 0.0) * np.sin(
            2.0 * np.pi * (2e6 * t + rng.random())
        )
    return found
