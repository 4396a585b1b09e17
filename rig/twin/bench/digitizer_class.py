"""What distinguishes one model of oscilloscope from another at its inputs: a row for each that the twin can be.

A code is 16 bit with the converter's bits at its upper end; `centre` is the code of 0 V at the middle of the screen.
Figures of errors are half widths of rectangular distributions, drawn per channel and range.
"""

from dataclasses import dataclass

DIVISIONS = 8
FULL_SCALE = 65536


@dataclass(frozen=True, slots=True)
class DigitizerClass:
    """Parts of full screen: `gain`, `noise` (rms); `offset_divisions` in divisions; hertz, seconds."""

    bits: int
    codes_per_division: int
    centre: int
    gain: float
    offset_divisions: float
    noise: float
    bandwidth: float
    limited_bandwidth: float
    time_base: float
    skew: float
    jitter: float

    @property
    def step(self) -> int:
        """Codes between two results of the converter."""
        return 1 << (16 - self.bits)

    def volts_per_code(self, volts_per_div: float) -> float:
        """The step of the 16-bit code: a code means (code - centre) * volts_per_code - offset_volts."""
        return volts_per_div / self.codes_per_division


# An offset of 0.1 div is within what the makers allow: 0.1 div + 2 mV + a part of the set offset (sources: drivers).
# All others are [K] unverified class figures but the bandwidths (data sheets), the bits, and the codes of a division:
# 65536 codes are one screen of the DHO804; 25 of 256 on the MSO5074, around 127 (programming guide, page 2-223); 30 of
# 256 on both series of Siglent (public drivers). Noise 0.05 % of full screen rms leaves 9.2 of 12 bits (1 / (noise
# sqrt 12)); the eight-bit scopes have noise of about half a step.
RIGOL_DHO804 = DigitizerClass(
    bits=12, codes_per_division=8192, centre=32768, gain=0.02, offset_divisions=0.1, noise=0.0005,
    bandwidth=70e6, limited_bandwidth=20e6, time_base=25e-6, skew=1e-9, jitter=100e-12,
)  # fmt: skip
RIGOL_MSO5074 = DigitizerClass(
    bits=8, codes_per_division=6400, centre=127 * 256, gain=0.02, offset_divisions=0.1, noise=0.002,
    bandwidth=70e6, limited_bandwidth=20e6, time_base=20e-6, skew=1e-9, jitter=50e-12,
)  # fmt: skip
SIGLENT_SDS2354X_PLUS = DigitizerClass(
    bits=10, codes_per_division=7680, centre=32768, gain=0.03, offset_divisions=0.1, noise=0.001,
    bandwidth=350e6, limited_bandwidth=20e6, time_base=25e-6, skew=1e-9, jitter=50e-12,
)  # fmt: skip
SIGLENT_SDS2354X_HD = DigitizerClass(
    bits=12, codes_per_division=7680, centre=32768, gain=0.005, offset_divisions=0.1, noise=0.0003,
    bandwidth=350e6, limited_bandwidth=20e6, time_base=2e-6, skew=1e-9, jitter=50e-12,
)  # fmt: skip

DIGITIZERS = {
    "rigol_dho800": RIGOL_DHO804,
    "rigol_mso5000": RIGOL_MSO5074,
    "siglent_sds2000x_plus": SIGLENT_SDS2354X_PLUS,
    "siglent_sds2000x_hd": SIGLENT_SDS2354X_HD,
}
"""By the scene's name of the model."""
