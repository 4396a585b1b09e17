"""What distinguishes Siglent's SDS2000X Plus from the SDS2000X HD: converter, rates, memory, accuracy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Series:
    """`resolutions`: bits of the converter -> its word for :ACQuire:RESolution, "" where there is no such command."""

    model: str
    """How the model's name ends; it begins with SDS2."""
    resolutions: Mapping[int, str]
    fastest: Mapping[int, float]
    """Channels on -> samples a second; from 2 on, two of a pair are taken to be on."""
    deepest: Mapping[int, int]
    counts_samples: bool
    """Whether old firmware counts samples, not bytes, in the header of a block of words."""
    gain: float
    """Limit of the DC gain error, part of full scale."""
    timebase_ppm: float
    source: str


# All figures are those commonly quoted for the two series; no data sheet was read.
PLUS = Series(
    "Plus", {8: "8Bits", 10: "10Bits"}, {1: 2e9, 2: 1e9}, {1: 200_000_000, 2: 100_000_000}, counts_samples=True,
    gain=0.03, timebase_ppm=25.0, source="not verified: figures commonly quoted for the SDS2000X Plus",
)  # fmt: skip
HD = Series(
    "HD", {12: ""}, {1: 2e9, 2: 1e9}, {1: 200_000_000, 2: 100_000_000}, counts_samples=False,
    gain=0.01, timebase_ppm=2.0, source="not verified: figures commonly quoted for the SDS2000X HD",
)  # fmt: skip

SERIES = (PLUS, HD)
OFFSETS = ((0.1, 2.0), (1.0, 20.0), (10.0, 200.0))
"""Up to V/div: +- V that both series are said to have; what they have not reads back otherwise."""
