"""How noisy a trace is while nothing happens."""

import math
from dataclasses import dataclass

import numpy as np

from rig.measure.captures.capture import Floats, Span, Trace
from rig.measure.captures.compensate import lead_pole
from rig.measure.uncertainty.budget import INFINITE, SQRT12, Line

MIN_SAMPLES = 16
BLOCK = 64
HARMONICS = 50
ENOUGH = 262_144
"""Samples nearest to the event that the noise is taken from; more would say nothing new."""
DISTINCT, MIN_CODES = 65_536, 3
GUARD = 0.1
"""Share of the pre-trigger time that is left out: the event may begin a little before the trigger level is reached."""


@dataclass(frozen=True, slots=True)
class Noise:
    """rms: standard deviation of one sample without quantisation's own share; quantum: one step of the converter; dof
    of rms; all in the trace's unit.

    pole: correlation of neighbouring samples' noise by the shunt compensation, 0 = white.
    """

    rms: float
    quantum: float
    dof: float
    pole: float = 0.0

    @property
    def inherited(self) -> float:
        """By how much more than white noise this one leaves in an average of many samples: correlated ones average
        less."""
        return math.sqrt((1.0 + self.pole) / max(1.0 - self.pole, 1e-6))

    @property
    def sigma(self) -> float:
        """Standard deviation of one sample including quantisation q/sqrt(12)."""
        return math.hypot(self.rms, self.quantum / SQRT12)

    @property
    def sigma_upper(self) -> float:
        """Upper 95 % confidence limit of sigma, for bands that noise must not cross: few samples may scatter too little
        by chance."""
        if not math.isfinite(self.dof):
            return self.sigma
        from scipy.special import chdtri  # slow to import; a plan that is only looked at does without

        return math.hypot(self.rms * math.sqrt(self.dof / float(chdtri(self.dof, 0.95))), self.quantum / SQRT12)


def noise(trace: Trace, span: Span | None = None) -> Noise:
    """Noise from `span`, by default from the first 90 % of the time before the trigger (t < 0), else from the whole
    record; of a long stretch the samples nearest to its end.

    It is the median over blocks of 64 samples (16 in short spans) of the scatter about each block's own straight line,
    so that the few blocks in which a contactor closes or a voltage ramps do not count; what is slower than a block
    counts as drift. Fewer than 256 quiet samples count up to double where the whole record is noisier. Never below the
    channel's own stated noise_u. A constant trace says nothing about noise: quantisation remains, dof infinite.
    """
    if ("noise", span) not in trace.kept:
        trace.kept["noise", span] = _found(trace, span)
    known: Noise = trace.kept["noise", span]
    return known


def _found(trace: Trace, span: Span | None) -> Noise:
    if span is None:
        span = (-math.inf, GUARD * trace.start if trace.start < 0.0 else -math.inf)
    part = trace.slice(span)
    quiet = trace.read(slice(max(part.start, part.stop - ENOUGH), part.stop))
    quiet = quiet[np.isfinite(quiet)]
    rms, dof = _scatter(quiet)
    if quiet.size < 4 * BLOCK:  # a few samples may scatter far too little by chance
        values = trace.read(slice(0, min(trace.codes.size, ENOUGH)))
        whole, whole_dof = _scatter(values[np.isfinite(values)])
        if quiet.size < MIN_SAMPLES:
            rms, dof = whole, whole_dof
        elif whole > rms:
            rms = min(whole, 2.0 * max(rms, trace.resolution))
    rms = math.sqrt(max(rms**2 - trace.resolution**2 / 12.0, 0.0))  # the samples scatter by quantisation too
    stated = trace.accuracy.noise_u if trace.accuracy is not None else None
    if stated is not None and stated > rms:
        rms, dof = stated, INFINITE
    return Noise(rms, trace.resolution, dof, lead_pole(trace.lead_time, trace.dt))


def mean_lines(values: Floats, of: Noise) -> list[Line]:
    """Budget lines of the mean of `values`: by the scatter of up to 10 block means, so that drift and hum count, and by
    what quantisation leaves."""
    left = Line("quantisation without dither", undithered(values, of), 1.0, "rectangular")
    blocks = min(10, values.size)
    if blocks < 2:
        return [Line("noise", of.sigma, 1.0, "normal", of.dof, "A")]
    size = values.size // blocks
    means = values[: size * blocks].reshape(blocks, size).mean(axis=1)
    scatter = max(float(np.std(means, ddof=1)) / math.sqrt(blocks), of.sigma / math.sqrt(values.size))
    return [Line("scatter of the mean", scatter, 1.0, "t", float(blocks - 1), "A"), left]


def mean_u(values: Floats, of: Noise) -> float:
    """Standard uncertainty of the mean of `values`."""
    return math.hypot(*(line.contribution for line in mean_lines(values, of)))


def undithered(values: Floats, of: Noise) -> float:
    """Standard uncertainty that quantisation leaves in the mean of `values`, in the trace's unit.

    The staircase's error is a Fourier series of amplitudes q / (pi m), each damped by Gaussian noise of s steps to
    exp(-2 (pi m s)^2) of it (B. Widrow and I. Kollar, Quantization Noise, 2008): q / sqrt(12) without noise, nothing
    from half a step of it on. Fewer than three different codes do not tell how much noise there is: then the whole.
    """
    if of.quantum == 0.0:
        return 0.0
    if np.unique(values[:DISTINCT]).size < MIN_CODES:
        return of.quantum / SQRT12
    order = np.arange(1, HARMONICS + 1)
    damped = np.exp(-2.0 * (math.pi * order * of.rms / of.quantum) ** 2) / (math.pi * order)
    return of.quantum * math.sqrt(float((damped**2).sum()) / 2.0)


def _scatter(values: Floats) -> tuple[float, float]:
    """(rms, dof) about straight lines through blocks; (0, inf) for fewer than three samples or none that differ."""
    size = min(BLOCK if values.size >= BLOCK * MIN_SAMPLES else MIN_SAMPLES, values.size)
    if size < 3:
        return 0.0, INFINITE
    blocks = values[: values.size - values.size % size].reshape(-1, size)
    blocks = blocks - blocks[:, :1]  # no cancellation where a small noise rides on a large level
    x = np.arange(size) - (size - 1) / 2.0
    mean, slope = blocks.mean(axis=1), blocks @ x / (x @ x)
    squares = np.einsum("ij,ij->i", blocks, blocks) - size * mean**2 - slope**2 * (x @ x)
    middle = (1.0 - 2.0 / (9.0 * (size - 2))) ** 3 if blocks.shape[0] > 2 else 1.0  # median of chi-square over its mean
    rms = math.sqrt(max(float(np.median(squares)), 0.0) / (size - 2) / middle)
    return (rms, float(blocks.shape[0] * (size - 2))) if rms > 0.0 else (0.0, INFINITE)
