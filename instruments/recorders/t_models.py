"""What distinguishes LabJack's T7 from the T8 where they are streamed.

T7: T-Series Datasheet 20.0.1 "T7 Calibration Constants" (where they are, nominal values), A-3 "Analog Input" (absolute
accuracy), 3.2 (100 kS/s over all channels) and 3.2.1 (its clock is good to 20 ppm on average). T8: 14.3.2 "Analog
Inputs - T8" (eight inputs, sampled at once, 24 bit), A-3-3-1 "T8 AIN General Specs" (ranges, absolute accuracy),
A-3-3-3 "T8 Signal Range" (nominal spans) and the maker's register list (settling and negative channel ignored, buffer
of 262144 bytes); 40 kS/s a channel is what the EPICS driver says.
"Full scale", of which A-3 prints per cent, is the span from end to end, twice the range by its name: it has +-2 mV
beside 0.01 % for the T7's +-10 V.
Not verified: that this holds for the T8's table as well; that the T8 streams the upper 16 of its 24 bits as offset
binary around 32768; that a code of its range 11 V spans 19.536 V (2.442 V at a gain of 1, 0.125); its time base; the
delay between channels of the T7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TModel:
    """`steps`: range by its name (+- V) -> volts per code; `accuracy`: range -> limit of error, part of the range."""

    name: str
    inputs: int
    centre: float
    steps: Mapping[float, float]
    accuracy: Mapping[float, float]
    samples_per_s: float
    """Over all channels."""
    scans_per_s: float
    buffer: int
    """Bytes, the largest: what the device can hold while nobody listens."""
    multiplexed: bool
    """One converter for all inputs, with a negative channel to choose, one after another."""
    skew_s: float
    tempco: float
    """Part of the reading per kelvin."""
    constants_at: int | None
    """Address in its flash of (positive slope, negative slope, centre, offset) for each range; None: not read."""
    source: str
    unread: str
    """What its accuracy rests on beyond its source."""


T7 = TModel(
    name="T7", inputs=14, centre=33523.0,
    steps={10.0: 315.80578e-6, 1.0: 31.580578e-6, 0.1: 3.1580578e-6, 0.01: 0.31580578e-6},
    accuracy={10.0: 2e-4, 1.0: 2e-4, 0.1: 2e-4, 0.01: 2e-3},
    samples_per_s=100e3, scans_per_s=100e3, buffer=32768, multiplexed=True, skew_s=15e-6, tempco=15e-6,
    constants_at=0x3C4000,
    source="T-Series Datasheet A-3 and 3.2.1 (time base), with the device's own calibration constants",
    unread="delay between channels not found",
)  # fmt: skip

_T8_SPANS = {
    11.0: 19.536, 9.6: 9.768, 4.8: 4.884, 2.4: 2.442, 1.2: 1.221, 0.6: 0.611, 0.3: 0.305, 0.15: 0.153, 0.075: 0.076,
    0.036: 0.038, 0.018: 0.019,
}  # fmt: skip
T8 = TModel(
    name="T8", inputs=8, centre=32768.0,
    steps={name: span / 32768 for name, span in _T8_SPANS.items()},
    accuracy={
        11.0: 1e-4, 9.6: 1e-4, 4.8: 1.2e-4, 2.4: 1.2e-4, 1.2: 1.2e-4, 0.6: 1.6e-4, 0.3: 2.4e-4, 0.15: 2.4e-4,
        0.075: 4.8e-4, 0.036: 3e-3, 0.018: 6.4e-3,
    },
    samples_per_s=320e3, scans_per_s=40e3, buffer=262144, multiplexed=False, skew_s=0.0, tempco=0.75e-6,
    constants_at=None,
    source="T-Series Datasheet A-3-3-1, with the device's own calibration constants",
    unread="time base as of the T7",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Constants:
    """Volts per code above and below the code of 0 V."""

    above: float
    below: float
    centre: float

    @property
    def slope(self) -> float:
        """One slope for both sides, as a stream is converted."""
        return (self.above + self.below) / 2.0

    @property
    def bend(self) -> float:
        """Part of a reading by which a side may differ from `slope`."""
        return abs(self.above - self.below) / 2.0 / self.slope

    def plausible(self, step: float, centre: float) -> bool:
        """Near the nominal ones; what reads from an erased flash is not."""
        near = abs(self.above / step - 1.0) < SPREAD and abs(self.below / step - 1.0) < SPREAD
        return near and abs(self.centre - centre) < SPREAD * centre


SPREAD = 0.05
MODELS = {7.0: T7, 8.0: T8}
"""By product number."""
