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

SUPPLIES = {
    "ea_psb9000": EA_PSB_9080_60,
    "ea_psb10000": EA_PSB_10080_60,
    "ea_ps9000": EA_PS_9080_60,
    "ea_modbus": EA_PSB_9080_60,
    "ea_modbus_full": EA_PSB_9080_60,
}
"""By the scene's name of the model."""
