"""What distinguishes one model of supply from another at its terminals: a row for each that the twin can be.

Errors are half widths of rectangular distributions, drawn once for each instrument.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class SupplyClass:
    """Volts, amperes, watts, seconds, hertz, farads, ohms; `ovp` and `ocp` are the highest thresholds."""

    volts: float
    amps: float
    watts: float
    ovp: float
    ocp: float
    volt_error: float
    amp_error: float
    volt_step: float
    amp_step: float
    slew: float
    reaction: float
    bandwidth: float
    farads: float
    esr: float
    ohms: float


# [K] unverified class figures: errors 0.1 % of 80 V and 0.2 % of 60 A, full-scale slew 30 ms, regulation bandwidth
# 5 kHz (recovery from a load step within the class of 1.5 ms), output capacitor 470 uF with 20 mohm, OVP and OCP 1 ms.
EA_PSB_9080_60 = SupplyClass(
    volts=80.0, amps=60.0, watts=5000.0, ovp=88.0, ocp=66.0,
    volt_error=0.08, amp_error=0.12, volt_step=0.01, amp_step=0.01,
    slew=80.0 / 30e-3, reaction=1e-3, bandwidth=5e3, farads=470e-6, esr=20e-3, ohms=5e-3,
)  # fmt: skip

# Nominal values as public drivers have them from the instruments (`rig.twin.wire.ea_ratings`), the rest as above.
EA_PSB_10080_60 = EA_PS_9080_60 = replace(EA_PSB_9080_60, watts=1500.0)

# A threshold of 1 kV or 1 kA is a protection that can be switched off, or that the model does not have.

# 25 V, 1 A output. Volts and amperes are the programming ranges, 3 % above nominal (E3631A User's Guide table 4-1).
# [K]: errors, 50 ms full-scale rise (as of the DP1308A's 25 V output), 20 uF, 20 kHz (recovery within 50 us).
KEYSIGHT_E36312A = SupplyClass(
    volts=25.75, amps=1.03, watts=26.5225, ovp=1e3, ocp=1e3,
    volt_error=0.0125, amp_error=0.004, volt_step=1e-4, amp_step=1e-4,
    slew=25.0 / 50e-3, reaction=1.5e-3, bandwidth=20e3, farads=20e-6, esr=10e-3, ohms=1e-3,
)  # fmt: skip

# 60 V, 1.6 A, 100 W. Ranges, resolution and OVP: N6705 Specifications Guide page 18; 12.8 uF: N6705A User's Guide
# page 109. [K]: errors, 20 ms full-scale rise, 50 us to the start of an OVP shutdown.
KEYSIGHT_N6745B = SupplyClass(
    volts=61.2, amps=1.7, watts=100.0, ovp=66.0, ocp=1e3,
    volt_error=0.06, amp_error=0.004, volt_step=0.03, amp_step=1e-3,
    slew=60.0 / 20e-3, reaction=50e-6, bandwidth=10e3, farads=12.8e-6, esr=10e-3, ohms=1e-3,
)  # fmt: skip

# 80 V, 25 A, 2 kW. [K]: all figures but the ranges' 2 % above nominal (as of the N7976A, N6900/N7900 guide page 52).
KEYSIGHT_N7974A = SupplyClass(
    volts=81.6, amps=25.5, watts=2080.0, ovp=96.0, ocp=1e3,
    volt_error=0.012, amp_error=0.008, volt_step=2e-3, amp_step=1e-3,
    slew=80.0 / 2e-3, reaction=30e-6, bandwidth=20e3, farads=40e-6, esr=5e-3, ohms=0.5e-3,
)  # fmt: skip

# 64 V, 10 A, 200 W output. Ranges: RsNgx 3.1.0. [K]: the rest.
RS_NGP824 = SupplyClass(
    volts=64.05, amps=10.01, watts=200.0, ovp=1e3, ocp=1e3,
    volt_error=0.01, amp_error=0.01, volt_step=1e-3, amp_step=5e-4,
    slew=64.0 / 20e-3, reaction=1e-3, bandwidth=10e3, farads=100e-6, esr=10e-3, ohms=1e-3,
)  # fmt: skip

# 30 V, 3 A output. Current error within 0.15 % + 5 mA: DP800 Performance Verification Manual; 50 ms rise, 1.5 ms OVP:
# of the DP1308A. [K]: the rest, and the programming ranges 5 % above nominal.
RIGOL_DP832 = SupplyClass(
    volts=31.5, amps=3.15, watts=99.225, ovp=1e3, ocp=1e3,
    volt_error=0.01, amp_error=0.005, volt_step=1e-3, amp_step=1e-4,
    slew=30.0 / 50e-3, reaction=1.5e-3, bandwidth=10e3, farads=47e-6, esr=10e-3, ohms=1e-3,
)  # fmt: skip

# 60 V, 40 A, 2.4 kW; settable to 5 % more (Genesys manual, table 7-5); highest OVP 66 V: N5700 guide page 72. [K]: the
# rest.
TDK_GEN60_40 = SupplyClass(
    volts=63.0, amps=42.0, watts=2646.0, ovp=66.0, ocp=1e3,
    volt_error=0.03, amp_error=0.04, volt_step=1e-3, amp_step=1e-3,
    slew=60.0 / 80e-3, reaction=1e-3, bandwidth=3e3, farads=1000e-6, esr=5e-3, ohms=1e-3,
)  # fmt: skip

SUPPLIES = {
    "ea_psb9000": EA_PSB_9080_60,
    "ea_psb10000": EA_PSB_10080_60,
    "ea_ps9000": EA_PS_9080_60,
    "ea_modbus": EA_PSB_9080_60,
    "ea_modbus_full": EA_PSB_9080_60,
    "keysight_e36300": KEYSIGHT_E36312A,
    "keysight_n6700": KEYSIGHT_N6745B,
    "keysight_n7900": KEYSIGHT_N7974A,
    "rigol_dp800": RIGOL_DP832,
    "rs_ngp800": RS_NGP824,
    "tdk_genesys": TDK_GEN60_40,
}
"""By the scene's name of the model."""
