"""What distinguishes one recorder from another at its inputs: a row for each model that the twin can be.

Errors are half widths of rectangular distributions, drawn per channel and range.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InputRange:
    """Volts: nominal step of a code, offset, noise rms."""

    step: float
    offset: float
    noise: float


@dataclass(frozen=True, slots=True)
class RecorderClass:
    """`ranges` by their full scale [V]; `centre` the code of 0 V; `simultaneous`: a converter for each input."""

    name: str
    ranges: Mapping[float, InputRange]
    centre: float
    gain: float
    time_base: float
    simultaneous: bool
    own_step: float = 0.0
    """Part by which a device's steps differ from the nominal ones. It knows them: they are in its flash."""
    own_centre: float = 0.0
    """Codes by which its centres do."""


# Nominal constants of the data sheet (section 20, internal flash; the same four numbers stand in the vendor's streaming
# example): binary centre 33523, slope 315.805780 uV per code on +-10 V, a tenth of it on each smaller range. [K]
# unverified class figures: gain 0.01 %, offsets, noise and time base; that devices differ by 0.1 % and 20 codes (a user
# of LabJack's forum has one whose centre is 33538.3).
LABJACK_T7 = RecorderClass(
    "T7",
    {
        10.0: InputRange(315.805780e-6, 500e-6, 250e-6),
        1.0: InputRange(31.5805780e-6, 60e-6, 30e-6),
        0.1: InputRange(3.15805780e-6, 20e-6, 10e-6),
        0.01: InputRange(0.315805780e-6, 15e-6, 5e-6),
    },
    centre=33523.0, gain=1e-4, time_base=20e-6, simultaneous=False, own_step=1e-3, own_centre=20.0,
)  # fmt: skip
# Spans of T-Series Datasheet A-3-3-3, absolute accuracy of A-3-3-1 halved into gain and offset; [K]: that the upper 16
# of 24 bits are streamed as offset binary, the span of the range 11 V (2.442 V at gain 1), noise, time base.
_SPANS = {
    11.0: (19.536, 5e-5), 9.6: (9.768, 5e-5), 4.8: (4.884, 6e-5), 2.4: (2.442, 6e-5), 1.2: (1.221, 6e-5),
    0.6: (0.611, 8e-5), 0.3: (0.305, 1.2e-4), 0.15: (0.153, 1.2e-4), 0.075: (0.076, 2.4e-4), 0.036: (0.038, 1.5e-3),
    0.018: (0.019, 3.2e-3),
}  # fmt: skip
LABJACK_T8 = RecorderClass(
    "T8",
    {name: InputRange(span / 32768, error * name / 2, span * 2e-6) for name, (span, error) in _SPANS.items()},
    centre=32768.0, gain=2.5e-5, time_base=20e-6, simultaneous=True,
)  # fmt: skip

RECORDERS = {"labjack_t7": LABJACK_T7, "labjack_t8": LABJACK_T8}
"""By the scene's name of the model."""
