"""What distinguishes one series of Rigol's oscilloscopes from another: ranges, memory, codes, accuracy.

DHO800, DHO900: "DHO800/DHO900 Programming Guide" (Apr. 2025) and "DHO800 Data Sheet", read in a public transcription
together with a capture of a DHO824. MSO5000: its programming guide (PGA25104-1110) as quoted by public drivers
(YINCrement = VerticalScale / 25 on page 2-223, WORD with the upper byte 0, trigger level within 5 divisions), user's
guide page 4-9 (MDepth = SRate x TScale x HDivs), two public drivers (depths with four channels, bandwidth limits, depth
taken only while it acquires freely, the whole memory in one block) and the time base of "MSO5000-E Performance
Verification Guide" page 2-10. Not verified for the MSO5000: its offset ranges (those of the DHO800 are assumed, which
are not wider), its depths with one and two channels, its gain and offset accuracy, the page of :WAV:DATA?.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Memory = Mapping[int, tuple[float, tuple[int, ...]]]
"""Channels on -> (largest sample rate, memory depths)."""


@dataclass(frozen=True, slots=True)
class Series:
    """Volts, seconds, hertz, samples a second; `offsets` pairs V/div with the largest offset up to there."""

    models: str
    form: Literal["BYTE", "WORD"]
    bits: int
    code_step: int
    """Codes of one converter step, rounded up: how near to the edge a code counts as at the edge."""
    memory: Memory
    page: int
    offsets: tuple[tuple[float, float], ...]
    bandwidths: tuple[float, ...]
    trigger_reach: float
    """Divisions from the middle of the screen."""
    depth_needs_run: bool
    """The memory depth is taken only while the scope acquires freely."""
    gain: float
    """Limit of the DC gain error, part of full scale, and up to 5 mV/div:"""
    gain_fine: float
    timebase_ppm: float
    ageing_ppm: float
    """A year."""
    source: str
    verified: bool


_DEPTHS = (1_000, 10_000, 100_000, 1_000_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000)
_MSO_DEPTHS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000)
_OFFSETS = ((65e-3, 1.0), (260e-3, 8.0), (2.65, 20.0), (10.0, 100.0))

DHO800 = Series(
    models="DHO8", form="WORD", bits=12, code_step=18,
    memory={1: (1.25e9, _DEPTHS[:7]), 2: (625e6, _DEPTHS[:6]), 4: (312.5e6, _DEPTHS[:5])},
    page=250_000, offsets=_OFFSETS, bandwidths=(20e6,), trigger_reach=4.5, depth_needs_run=False,
    gain=0.01, gain_fine=0.02, timebase_ppm=25.0, ageing_ppm=5.0,
    source="DHO800 Data Sheet, vertical system and horizontal system", verified=True,
)  # fmt: skip
DHO900 = Series(
    models="DHO9", form="WORD", bits=12, code_step=18,
    memory={1: (1.25e9, _DEPTHS), 2: (625e6, _DEPTHS[:7]), 4: (312.5e6, _DEPTHS[:6])},
    page=250_000, offsets=_OFFSETS, bandwidths=(20e6,), trigger_reach=4.5, depth_needs_run=False,
    gain=0.01, gain_fine=0.02, timebase_ppm=25.0, ageing_ppm=5.0,
    source="not verified: figures of the DHO800", verified=False,
)  # fmt: skip
MSO5000 = Series(
    models="MSO5", form="BYTE", bits=8, code_step=1,
    memory={1: (8e9, _MSO_DEPTHS), 2: (4e9, _MSO_DEPTHS[:7]), 4: (2e9, _MSO_DEPTHS[:6])},
    page=1_000_000, offsets=_OFFSETS, bandwidths=(20e6,), trigger_reach=5.0, depth_needs_run=True,
    gain=0.02, gain_fine=0.03, timebase_ppm=10.0, ageing_ppm=10.0,
    source="not verified: gain and offset as commonly quoted for the MSO5000; "
    "time base of the MSO5000-E Performance Verification Guide, page 2-10", verified=False,
)  # fmt: skip

SERIES = (DHO800, DHO900, MSO5000)
