"""What LabJack's register list and data sheet say of the T7 and of the T8.

T7: 14 inputs on one converter, 100 kS/s over all, buffer of 32768 bytes, settling by register 4008. T8: 8 inputs with a
converter each, register 4008 and the negative channels without meaning, buffer of 262144 bytes (register list); 40 kS/s
a channel (the EPICS driver's README); [K]: that it streams 16-bit codes like the T7, and refuses more with 2608.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabjackModel:
    """`ranges` are full scales in volts, the default first."""

    product: float
    firmware: float
    serial: int
    channels: int
    ranges: tuple[float, ...]
    samples_per_s: float
    scans_per_s: float
    largest_buffer: int
    multiplexed: bool
    constants_at: int | None
    """Where in its flash the constants of its inputs are, four numbers a range; None: not modelled."""


T7 = LabjackModel(
    product=7.0, firmware=1.0331, serial=470012345, channels=14, ranges=(10.0, 1.0, 0.1, 0.01),
    samples_per_s=100e3, scans_per_s=100e3, largest_buffer=32768, multiplexed=True,
    constants_at=0x3C4000,
)  # fmt: skip
T8 = LabjackModel(
    product=8.0, firmware=1.0103, serial=480010123, channels=8,
    ranges=(11.0, 9.6, 4.8, 2.4, 1.2, 0.6, 0.3, 0.15, 0.075, 0.036, 0.018),
    samples_per_s=320e3, scans_per_s=40e3, largest_buffer=262144, multiplexed=False,
    constants_at=None,
)  # fmt: skip
