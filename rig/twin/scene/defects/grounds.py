"""Defects of the ground of a device's data connector."""

from rig.twin.scene.defects import limits
from rig.twin.scene.defects.change import put
from rig.twin.scene.defects.defect import Defect, DoesNotApply
from rig.twin.scene.device import Device

ISOLATED_OHMS = 100e3
"""From here on a joint counts as none: a volt drives no more than 10 uA through it."""


def _grounded_screen(device: Device, ohms: float) -> Device:
    ground = device.signal_ground
    if ground is None or ground.resistance < ISOLATED_OHMS:
        has = "it has none" if ground is None else "its ground is joined to its return"
        raise DoesNotApply(f"needs a data connector with an isolated ground; {has}")
    return put(device, "signal_ground.resistance", ohms)


def _shy_of_ground(device: Device, volts: float) -> Device:
    if device.signal_ground is None:
        raise DoesNotApply("needs a data connector; the device has none")
    return put(device, "signal_ground.shift", volts)


GROUNDS = (
    Defect(
        "grounded-screen", "The isolated ground of the data connector is joined to the return by this resistance.",
        "ohm", "100 mohm", "10 kohm", limits.GROUND_LOOP, "second-return", _grounded_screen,
    ),
    Defect(
        "shy-of-ground", "The controller starts anew when the data connector's ground is lifted by this voltage.",
        "V", "50 mV", "2 V", limits.GROUND_SHIFT, "second-return", _shy_of_ground,
    ),
)  # fmt: skip
