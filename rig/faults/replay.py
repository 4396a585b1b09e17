"""What a generator replays on top of a device's feed: the noise of a series arc, and a motor drive's, which is none.

A table of `POINTS` samples at `RATE_HZ`, played over and over, is a sum of cosines at odd multiples k of its own
frequency, so that its second half is the first one upside down: it has no mean, and reaches as far up as down.

The arc (`arc_table`) has every such k from 1 to 100 kHz, with the amplitude 1 / sqrt(k) - as much power in each octave,
a spectrum of 1/f - and the phase 2 pi u, u being the k-th of the 53-bit fractions that the bit generator PCG64 gives
for `SEED`. As far as a device can tell that is noise, which repeats after 16 ms; it falls by 2.4 dB more towards
100 kHz, because every sample is held. What a real arc does besides, the fall of the voltage by 10 to 20 V when it is
struck and its jumps, is not in it.

Sources of the shape: 1/f from 1 to 100 kHz, 1 to 5 % of the current (models of arcs at low voltage, from memory); "pink
noise" as what tells arcs from other noise: patent WO 2022/198063; replay of arcs from a waveform generator instead of
flames: Sandia National Laboratories and Sensata, 2011.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import sqrt

from rig.faults.told import positive
from rig.files.quantity import format_quantity

POINTS, RATE_HZ = 4096, 250e3
BAND_HZ = 1e3, 100e3
FULL = 32767
"""Of a code: what a table reaches, up and down."""
SEED = 1
CHOPPED = 131
"""Multiple of the table's own frequency, 61 Hz, at which a motor drive chops: 8 kHz."""


@dataclass(frozen=True, slots=True)
class Table:
    """Codes of which the largest is `FULL`, held for 1 / RATE_HZ each; `crest`: that as a multiple of their rms."""

    codes: tuple[int, ...]
    crest: float


@dataclass(frozen=True, slots=True, init=False)
class Arc:
    """The noise of a series arc on top of what feeds the device: `rms`, V, as an open circuit has it, for the hold."""

    rms: float

    def __init__(self, rms: str) -> None:
        object.__setattr__(self, "rms", positive("Arc", "rms", rms, "V"))

    @property
    def label(self) -> str:
        """For example "arc noise of 50 mV"."""
        return f"arc noise of {format_quantity(self.rms, 'V')}"

    @property
    def table(self) -> Table:
        """What is played."""
        return arc_table()

    @property
    def peak(self) -> float:
        """The largest voltage, V."""
        return self.rms * self.table.crest


@dataclass(frozen=True, slots=True, init=False)
class Chopper:
    """What a motor drive next door leaves on what feeds the device: `rms`, V, as an open circuit has it, for the hold.

    Its bridge chops at 8 kHz: a rectangle's odd harmonics 1, 3, ... 11 of that, each 1/m of the first.
    """

    rms: float

    def __init__(self, rms: str) -> None:
        object.__setattr__(self, "rms", positive("Chopper", "rms", rms, "V"))

    @property
    def label(self) -> str:
        """For example "motor drive's noise of 50 mV"."""
        return f"motor drive's noise of {format_quantity(self.rms, 'V')}"

    @property
    def table(self) -> Table:
        """What is played."""
        return chopper_table()

    @property
    def peak(self) -> float:
        """The largest voltage, V."""
        return self.rms * self.table.crest


Replay = Arc | Chopper


@cache
def arc_table() -> Table:
    """The noise of an arc; see above."""
    from numpy.random import PCG64  # slow to import; a plan that has none does without

    lines = list(_odd_multiples(1))
    fractions = (int(raw) >> 11 for raw in PCG64(SEED).random_raw(len(lines)))
    return _table({k: (1.0 / sqrt(k), fraction / 2**53) for k, fraction in zip(lines, fractions, strict=True)})


@cache
def chopper_table() -> Table:
    """The noise of a motor drive: a rectangle without what lies above the band."""
    return _table({k: (CHOPPED / k, -0.25) for k in _odd_multiples(CHOPPED)})


def _odd_multiples(first: int) -> Iterator[int]:
    """Of the table's own frequency, in the band."""
    k = first
    while k * RATE_HZ / POINTS <= BAND_HZ[1]:
        if k * RATE_HZ / POINTS >= BAND_HZ[0]:
            yield k
        k += 2 * first


def _table(lines: dict[int, tuple[float, float]]) -> Table:
    """By multiple: amplitude of the cosine, and its phase in turns."""
    import numpy as np

    spectrum = np.zeros(POINTS // 2 + 1, dtype=np.complex128)
    for k, (amplitude, turns) in lines.items():
        spectrum[k] = amplitude * np.exp(2j * np.pi * turns)
    half = np.fft.irfft(spectrum, POINTS)[: POINTS // 2]
    codes = np.rint(half * (FULL / np.abs(half).max())).astype(int).tolist()
    rms = sqrt(sum(code * code for code in codes) / len(codes))
    return Table((*codes, *(-code for code in codes)), FULL / rms)
