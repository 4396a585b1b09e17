"""Defects of what comes after a trip."""

from rig.twin.scene.defects import limits
from rig.twin.scene.defects.change import each_part, each_port, put
from rig.twin.scene.defects.defect import Defect
from rig.twin.scene.device import Device
from rig.twin.scene.parts import Converter, Overshoot
from rig.twin.scene.ports import Port

OVERSHOOT_SECONDS = 3e-3


def _recovery_delay(device: Device, seconds: float) -> Device:
    def edit(port: Port) -> Port | None:
        return put(port, "recovery.delay", seconds) if port.recovery.policy == "auto" else None

    return each_port(device, "a port that recovers by itself", edit)


def _overshoot(device: Device, volts: float) -> Device:
    overshoot = Overshoot.model_construct(voltage=volts, duration=OVERSHOOT_SECONDS)
    return each_part(device, "a converter", Converter, lambda part: put(part, "overshoot", overshoot))


RECOVERY = (
    Defect(
        "slow-recovery", "After a trip the port stays off for this long.",
        "s", 30.0, 3.0, limits.RECOVERY_TIME, "hard-short", _recovery_delay,
    ),
    Defect(
        "hasty-retry", "After a trip the port tries again after this time, and hammers a short that stays.",
        "s", 0.1, 0.775, limits.RETRY_PAUSE, "held-short", _recovery_delay,
    ),
    Defect(
        "restart-overshoot", "After each recovery the output goes to this voltage for 3 ms.",
        "V", 68.0, 55.0, limits.SELV, "hard-short", _overshoot,
    ),
)  # fmt: skip
