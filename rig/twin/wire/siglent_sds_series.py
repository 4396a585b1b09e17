"""What distinguishes Siglent's SDS2000X Plus from the SDS2000X HD, as far as public drivers and extracts say.

Depths and the interleaving of two channels are those of the SDS Series Programming Guide (EN11D) for the Plus; [K]: the
HD's, sample rates, offset ranges. 30 codes a division and 7680 in words: two public drivers. Firmware of the Plus up to
1.3.9R6 counts samples in the header of a block of words; one of the HD gives shorter pages than it says (scopehal).
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Series:
    """`resolutions`: words of :ACQuire:RESolution -> bits; `page` is what comes at once, `said_page` what it says."""

    identity: str
    bits: int
    resolutions: Mapping[str, int]
    fastest: tuple[float, float]
    """Samples a second with interleaved converters, and without."""
    deepest: tuple[int, int]
    page: int
    said_page: int
    counts_samples: bool


PLUS = Series(
    identity="Siglent Technologies,SDS2354X Plus,SDS2PDDX5R1234,5.4.1.3.9R6",
    bits=8, resolutions={"8Bits": 8, "10Bits": 10}, fastest=(2e9, 1e9), deepest=(200_000_000, 100_000_000),
    page=5_000_000, said_page=5_000_000, counts_samples=True,
)  # fmt: skip
HD = Series(
    identity="Siglent Technologies,SDS2354X HD,SDS2HBAD6R0001,1.2.3.1",
    bits=12, resolutions={}, fastest=(2e9, 1e9), deepest=(200_000_000, 100_000_000),
    page=2_500_000, said_page=5_000_000, counts_samples=False,
)  # fmt: skip

OFFSETS = ((0.1, 2.0), (1.0, 20.0), (10.0, 200.0))  # up to V/div: +-V
BASES = tuple(float(f"{m}e{e}") for e in range(-10, 4) for m in (1, 2, 5))[1:-2]  # 200 ps to 1000 s a division
RATES = tuple(float(f"{m}e{e}") for e in range(10) for m in (1, 2, 5))
