"""What an input does over time: a straight line, a sine on top of it, and a table of samples on top of both."""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from rig.twin.engine.curve import Array
from rig.twin.engine.ladder import PS
from rig.twin.engine.network import NetworkError

Order = Literal["zero", "first"]
End = Literal["hold", "zero", "repeat"]
Instants = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """A table on a uniform grid of `dt_ps`, in the units of its input (V or A).

    Order "zero" holds each sample for dt_ps; "first" joins them by straight lines. At the end of the table the last
    sample is held, or the contribution becomes zero, or the table is repeated.
    """

    values: Array
    dt_ps: int
    order: Order = "zero"
    end: End = "hold"

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        if values.ndim != 1 or values.size < 2:
            raise NetworkError(f"samples of shape {values.shape}: give a list of at least two")
        if not np.isfinite(values).all():
            raise NetworkError(f"sample {int(np.argmin(np.isfinite(values)))} is not finite; give finite samples")
        if not (isinstance(self.dt_ps, int) and self.dt_ps > 0):
            raise NetworkError(f"samples every {self.dt_ps} ps: the step is a whole number of picoseconds above zero")
        if self.order not in {"zero", "first"} or self.end not in {"hold", "zero", "repeat"}:
            raise NetworkError(
                f"samples of order {self.order!r} with end {self.end!r}: order is 'zero' or 'first', "
                "end is 'hold', 'zero' or 'repeat'"
            )
        values.setflags(write=False)
        object.__setattr__(self, "values", values)

    @property
    def steps(self) -> int:
        """How many steps the table lasts; one less where straight lines join it and nothing follows."""
        return len(self.values) - (self.order == "first" and self.end != "repeat")

    def at(self, local_ps: Instants) -> tuple[Array, Array]:
        """Values and slopes per second at instants since the start."""
        count, size = self.steps, len(self.values)
        step = local_ps // self.dt_ps
        k = step % size if self.end == "repeat" else np.minimum(step, count)
        inside = (k < count) & (k >= 0)
        here = self.values[np.minimum(k, size - 1)]
        if self.end == "zero":
            here = np.where(inside, here, 0.0)
        if self.order == "zero":
            return here, np.zeros(len(here))
        rise = np.where(inside, self.values[(np.minimum(k, count - 1) + 1) % size] - here, 0.0)
        share = (local_ps - step * self.dt_ps) / self.dt_ps
        return here + rise * np.where(inside, share, 0.0), rise / (self.dt_ps * PS)


def recording(times: Sequence[float] | Array, values: Sequence[float] | Array, *, end: End = "hold") -> Samples:
    """A recorded waveform (times in s) as samples joined by straight lines; its times must be evenly spaced.

    Evenly: each within a thousandth of a step of the grid, which is rounded to picoseconds.
    """
    t = np.asarray(times, dtype=np.float64)
    if t.ndim != 1 or t.shape != np.shape(values) or t.size < 2:
        raise NetworkError(f"a recording of {np.shape(times)} times and {np.shape(values)} values: give equally many")
    if not np.isfinite(t).all():
        raise NetworkError(f"time {int(np.argmin(np.isfinite(t)))} of the recording is not finite")
    if not (np.diff(t) > 0.0).all():
        k = int(np.argmin(np.diff(t) > 0.0))
        raise NetworkError(f"the recording's times must rise, but {t[k + 1]:g} s follows {t[k]:g} s at sample {k + 1}")
    dt = (t[-1] - t[0]) / (t.size - 1)
    off = np.abs(t - t[0] - dt * np.arange(t.size))
    if off.max() > 1e-3 * dt or round(dt / PS) < 1:
        raise NetworkError(
            f"the recording is not evenly spaced at sample {int(np.argmax(off))}: resample it to one step"
        )
    return Samples(np.asarray(values, dtype=np.float64), round(dt / PS), "first", end)


def noise(seed: int, rms: float, count: int, dt_ps: int, *, pink: bool = False, end: End = "repeat") -> Samples:
    """Seeded Gaussian noise of exactly that rms and no mean, white or with 1/f power; held for dt_ps each."""
    if not (math.isfinite(rms) and rms >= 0.0):
        raise NetworkError(f"noise of {rms} rms: give a finite value, zero or more")
    draws = np.random.default_rng(seed).standard_normal(max(count, 2))
    if pink:
        spectrum = np.fft.rfft(draws)
        spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
        draws = np.fft.irfft(spectrum, len(draws))
    draws -= draws.mean()
    return Samples(draws * (rms / np.sqrt(np.mean(draws**2))), dt_ps, "zero", end)


@dataclass(frozen=True, slots=True)
class Sine:
    """amplitude * sin(2 pi hertz (t - since) + phase)."""

    amplitude: float
    hertz: float
    phase: float
    since_ps: int

    @property
    def omega(self) -> float:
        return 2.0 * math.pi * self.hertz

    def phasor(self, now_ps: int) -> complex:
        """The sine from now on is Re(phasor exp(j omega (t - now)))."""
        turns = math.fmod((now_ps - self.since_ps) * PS * self.hertz, 1.0)
        return -1j * self.amplitude * cmath.exp(1j * (2.0 * math.pi * turns + self.phase))


@dataclass(frozen=True, slots=True)
class Signal:
    """One input: value + slope (t - since), plus a sine, plus samples that started at `samples_ps`."""

    value: float = 0.0
    slope: float = 0.0
    since_ps: int = 0
    sine: Sine | None = None
    samples: Samples | None = None
    samples_ps: int = 0

    def line(self, now_ps: int) -> float:
        """The straight line alone."""
        return self.value + self.slope * ((now_ps - self.since_ps) * PS) if self.slope else self.value

    def moved(self, value: float, slope: float, now_ps: int) -> Signal:
        """Another straight line from now on."""
        return replace(self, value=value, slope=slope, since_ps=now_ps)

    def at(self, instants_ps: Instants) -> tuple[Array, Array]:
        """Value and slope at the instants, the sine left out."""
        value: Array = np.asarray(self.value + self.slope * ((instants_ps - self.since_ps) * PS), dtype=np.float64)
        slope: Array = np.full(len(instants_ps), self.slope)
        if self.samples is not None:
            more, rise = self.samples.at(instants_ps - self.samples_ps)
            value, slope = value + more, slope + rise
        return value, slope

    def knots(self, after_ps: int, count: int) -> Instants:
        """The next instants, at most `count`, at which value or slope change by themselves."""
        if self.samples is None:
            return np.zeros(0, dtype=np.int64)
        first = (after_ps - self.samples_ps) // self.samples.dt_ps + 1
        last = first + count
        if self.samples.end != "repeat":
            last = min(last, self.samples.steps + 1)
        return self.samples_ps + self.samples.dt_ps * np.arange(first, last, dtype=np.int64)
