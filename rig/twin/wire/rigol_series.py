"""What the guides of Rigol's series say of memory, rates, ranges and codes.

DHO804: DHO800/DHO900 programming guide (April 2025) and the DHO800 data sheet. YINCrement is 8 divisions over 65536
codes, as the simulated converter has it (the guide's scale / 7500 is that of the screen data). MSO5074: the MSO5000
programming guide as far as public drivers quote it: 25 codes a division around 127, a WORD is a byte with a zero above
it, trigger level within 5 divisions, :ACQuire:MDEPth? with four decimals, a depth is taken only while the scope
acquires freely and silently ignored else; [K]: rates, depths with one and two channels, offset ranges of the DHO800.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

K, M = 10**3, 10**6


@dataclass(frozen=True, slots=True)
class Series:
    """`offsets` pairs the scale up to which a range of offset holds with it; codes are those of 16 bits."""

    identity: str
    depths: Mapping[str, int]
    deepest: Mapping[int, int]
    fastest: Mapping[int, float]
    offsets: tuple[tuple[float, float], ...]
    codes_per_division: int
    centre: Mapping[str, int]
    """By the format of the data."""
    bytes_in_words: bool
    reach: float
    """Of the trigger level, divisions from the screen's middle."""
    depth_decimals: int
    depth_needs_run: bool


_OFFSETS = ((500e-6, 0.5), (65e-3, 1.0), (260e-3, 8.0), (2.65, 20.0), (math.inf, 100.0))  # up to V/div: +-V

DHO804 = Series(
    identity="RIGOL TECHNOLOGIES,DHO804,DHO8A254000001,00.01.04",
    depths={"1K": K, "10K": 10 * K, "100K": 100 * K, "1M": M, "5M": 5 * M, "10M": 10 * M, "25M": 25 * M},
    deepest={1: 25 * M, 2: 10 * M, 3: 5 * M, 4: 5 * M}, fastest={1: 1.25e9, 2: 625e6, 3: 312.5e6, 4: 312.5e6},
    offsets=_OFFSETS, codes_per_division=8192, centre={"WORD": 32768, "BYTE": 128}, bytes_in_words=False,
    reach=4.5, depth_decimals=3, depth_needs_run=False,
)  # fmt: skip
MSO5074 = Series(
    identity="RIGOL TECHNOLOGIES,MSO5074,MS5A221900001,00.01.03.00.03",
    depths={
        "1K": K, "10K": 10 * K, "100K": 100 * K, "1M": M, "10M": 10 * M, "25M": 25 * M, "50M": 50 * M, "100M": 100 * M,
    },
    deepest={1: 100 * M, 2: 50 * M, 3: 25 * M, 4: 25 * M}, fastest={1: 8e9, 2: 4e9, 3: 2e9, 4: 2e9},
    offsets=_OFFSETS, codes_per_division=6400, centre={"WORD": 127, "BYTE": 127}, bytes_in_words=True,
    reach=5.0, depth_decimals=4, depth_needs_run=True,
)  # fmt: skip
