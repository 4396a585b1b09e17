"""Defects that show with current the wrong way round."""

from rig.twin.scene.defects import limits
from rig.twin.scene.defects.change import each_port, put
from rig.twin.scene.defects.defect import Defect
from rig.twin.scene.device import Device

REVERSAL_VOLTS = 54.0


def _leakage(device: Device, amps: float) -> Device:
    return each_port(device, "a port", lambda port: put(port, "leakage", REVERSAL_VOLTS / amps))


REVERSE = (
    Defect(
        "reverse-leakage", "A reversed port takes this current at 54 V.",
        "A", 0.15, 5e-3, limits.REVERSE_CURRENT, "reversed-54V", _leakage,
    ),
)  # fmt: skip
