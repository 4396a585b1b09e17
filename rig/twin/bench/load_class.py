"""What distinguishes one model of electronic load from another at its terminals: a row for each that the twin can be.

Errors are half widths of rectangular distributions, drawn once for each instrument.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class LoadClass:
    """Volts, amperes, watts, ohms, A/s. Errors of setting and reading: `gain` of the value plus an offset in V or A."""

    volts: float
    amps: float
    watts: float
    min_ohms: float
    max_ohms: float
    slew: float
    slowest: float
    fastest: float
    gain: float
    volt_offset: float
    amp_offset: float
    ohm_gain: float
    watt_gain: float
    volt_step: float
    amp_step: float


# [K] unverified class figures: 0.05 % of value + 0.02 % of 150 V, 0.05 % + 0.05 % of 30 A, 1 % of the set resistance.
SIGLENT_SDL1030X = LoadClass(
    volts=150.0, amps=30.0, watts=300.0, min_ohms=0.03, max_ohms=10e3, slew=0.5e6, slowest=1e3, fastest=2.5e6,
    gain=0.0005, volt_offset=0.03, amp_offset=0.015, ohm_gain=0.01, watt_gain=0.01, volt_step=0.001, amp_step=0.001,
)  # fmt: skip

# [K] B&K 8600: 120 V, 30 A, 250 W; errors of the 8500B, which has the same ranges (its user manual, pages 33 and 34):
# 0.05 % + 0.025 % of 120 V, 0.05 % + 0.05 % of 30 A, 0.2 % + 0.2 % of the power; 0.01 % + 0.8 mS of the resistance is
# taken as 1 %.
BK_8600 = LoadClass(
    volts=120.0, amps=30.0, watts=250.0, min_ohms=0.05, max_ohms=7.5e3, slew=0.1e6, slowest=1e3, fastest=2.5e6,
    gain=0.0005, volt_offset=0.03, amp_offset=0.015, ohm_gain=0.01, watt_gain=0.004, volt_step=0.001, amp_step=0.001,
)  # fmt: skip

# 8500B User Manual (B&K), pages 33 and 34: 150 V, 30 A, 300 W; 0.05 % + 0.025 % of 150 V, 0.05 % + 0.05 % of 30 A,
# 0.2 % + 0.2 % of 300 W, 0.0001 to 1 A/us. The resistance (0.01 % + 0.8 mS) is taken as 1 %. Sold by ITECH as IT8512A+.
BK_8500B = LoadClass(
    volts=150.0, amps=30.0, watts=300.0, min_ohms=0.05, max_ohms=7.5e3, slew=0.1e6, slowest=100.0, fastest=1e6,
    gain=0.0005, volt_offset=0.0375, amp_offset=0.015, ohm_gain=0.01, watt_gain=0.004, volt_step=0.001, amp_step=0.001,
)  # fmt: skip

# One half of a 63610-80-20 module: 80 V, 20 A, 100 W, 0.1 % + 0.1 % of 20 A, 0.05 % + 0.1 % of 80 V, up to 2 A/us, 0.04
# to 12000 ohm (public drivers; the data sheet was not read); the rest [K].
CHROMA_63610 = LoadClass(
    volts=80.0, amps=20.0, watts=100.0, min_ohms=0.04, max_ohms=12e3, slew=0.2e6, slowest=40.0, fastest=2e6,
    gain=0.001, volt_offset=0.08, amp_offset=0.02, ohm_gain=0.01, watt_gain=0.005, volt_step=0.001, amp_step=0.001,
)  # fmt: skip

# [K] unverified class figures: 0.1 % of 80 V, 0.2 % of 60 A, 1 % of the set resistance, full-scale current in 60 us;
# nominal values as public drivers have them from the instruments (`rig.twin.wire.ea_ratings`).
EA_EL_9080_60 = LoadClass(
    volts=80.0, amps=60.0, watts=1200.0, min_ohms=0.09, max_ohms=30.0, slew=1e6, slowest=1e6, fastest=1e6,
    gain=0.0, volt_offset=0.08, amp_offset=0.12, ohm_gain=0.01, watt_gain=0.01, volt_step=0.01, amp_step=0.01,
)  # fmt: skip

# DL3000 Data Sheet (Rigol, DSJ01109-1110), pages 3 and 4, of the DL3031A: 0.05 % + 0.05 % of 60 A, 0.05 % + 0.02 % of
# 150 V as read, 0.001 to 1 A/us, by default 0.001 (programming guide, page 5-2); errors of ohms and watts [K].
RIGOL_DL3031A = LoadClass(
    volts=150.0, amps=60.0, watts=350.0, min_ohms=0.08, max_ohms=15e3, slew=1e3, slowest=1e3, fastest=1e6,
    gain=0.0005, volt_offset=0.03, amp_offset=0.03, ohm_gain=0.01, watt_gain=0.01, volt_step=0.001, amp_step=0.001,
)  # fmt: skip

EA_PSB_10080_60_SINK = replace(EA_EL_9080_60, watts=1500.0, min_ohms=0.04, max_ohms=80.0)

LOADS = {
    "siglent_sdl1000x": SIGLENT_SDL1030X,
    "bk_8600": BK_8600,
    "chroma_63600": CHROMA_63610,
    "itech_it8500": BK_8500B,
    "ea_el9000": EA_EL_9080_60,
    "rigol_dl3000": RIGOL_DL3031A,
    "ea_psb10000_sink": EA_PSB_10080_60_SINK,
}
"""By the scene's name of the model."""
