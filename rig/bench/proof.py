"""The bench proof, as judged: what each route must show at low energy with the device off the bench, and what it shows.

The device is replaced by known resistors, so that every number follows from the bench file: its resistors, cables and
taps, their tolerances, and what the makers state of the channels. A finding that is outside names the part.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rig.files.bench import Bench

__all__ = ["Finding", "Proof", "ProofFault", "Reading", "drifted", "error", "expected", "signals", "zeros"]

OWN = "supply's own"
BEFORE, AFTER = "bench_proof", "bench_proof_after"
"""How the journal calls the proof before the first case and the one after the last."""
SIGMAS = 6.0
"""Of the mean's noise: what chance does not reach in a bench's life."""


class ProofFault(Exception):
    """The bench is not as its file says; the sentence names the part."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One signal's mean and the noise of that mean, in the signal's unit; `rms` is that of its samples."""

    mean: float
    noise: float
    rms: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what was found, and between which values the bench file has it."""

    step: str
    part: str
    found: float
    low: float
    high: float
    unit: str

    @property
    def ok(self) -> bool:
        """Inside; a number that is none is not."""
        return self.low <= self.found <= self.high

    @property
    def entry(self) -> dict[str, object]:
        """As records have it."""
        return {**asdict(self), "ok": self.ok}

    def __str__(self) -> str:
        return (
            f"{self.part}: {self.found:.4g} {self.unit} instead of {self.low:.4g} to {self.high:.4g} {self.unit} "
            f"({self.step})"
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """All findings of one proof, in order."""

    findings: tuple[Finding, ...]

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """What is outside."""
        return tuple(one for one in self.findings if not one.ok)

    @property
    def sentence(self) -> str:
        """What is wrong, at most three of it."""
        return "; ".join(str(one) for one in self.wrong[:3])


def drifted(before: Proof, after: Proof) -> tuple[str, ...]:
    """What lies inside its bounds both times and has moved from one half of them across to the other, in sentences."""
    found = []
    for one, other in zip(before.findings, after.findings, strict=True):
        if one.part.startswith(OWN) or one.unit == "s":
            continue  # what its capacitor has left, read by a panel meter; how busy this computer was
        room = (one.high - one.low) / 2.0
        if abs(other.found - one.found) > room:
            moved = f"{other.found:.4g} {one.unit} after the run and {one.found:.4g} {one.unit} before it"
            found.append(f"{one.part}: {moved} ({one.step})")
    return tuple(found)


def error(value: float, slope: float, reading: Reading, zero: Reading) -> float:
    """Largest error of a channel's reading less its zero: `slope` of the value, and the noise of both means."""
    return abs(value) * slope + SIGMAS * (reading.noise + zero.noise)


def expected(bench: Bench, signal: str) -> str:
    """How a signal's channel is called in findings: input, transducer, signal; without a recorder the digitizer's."""
    slow, fast = bench.signals[signal].slow, bench.signals[signal].fast
    if "recorder" not in bench.roles:
        assert fast is not None
        return f"{signal} (digitizer {fast.channel} behind {fast.transducer})"
    assert slow is not None
    return f"{signal} ({slow.channel} behind {slow.transducer})"


def zeros(
    bench: Bench, read: Mapping[str, Reading], bounds: Mapping[str, float], units: Mapping[str, str]
) -> list[Finding]:
    """With everything off: no signal beyond what its maker allows its zero, nor noisier than that."""
    found = []
    for name, reading in read.items():
        part, most = expected(bench, name), bounds[name] + SIGMAS * reading.noise
        found.append(Finding("everything off", part, reading.mean, -most, most, units[name]))
        found.append(Finding("noise with everything off", part, reading.rms, 0.0, most, units[name]))
    return found


def signals(
    bench: Bench, step: str, read: Mapping[str, Reading], zero: Mapping[str, Reading],
    wanted: Mapping[str, tuple[float, float]], slopes: Mapping[str, float], steps: Mapping[str, float],
    units: Mapping[str, str], ignore: Iterable[str] = (),
) -> list[Finding]:  # fmt: skip
    """Each signal less its zero against `wanted` (value and half width; zero where it is not named)."""
    found = []
    for name, reading in read.items():
        if name in ignore:
            continue
        value, half = wanted.get(name, (0.0, 0.0))
        most = half + error(value, slopes[name], reading, zero[name]) + steps[name]
        seen = reading.mean - zero[name].mean
        found.append(Finding(step, expected(bench, name), seen, value - most, value + most, units[name]))
    return found
