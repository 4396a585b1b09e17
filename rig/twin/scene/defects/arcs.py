"""Defects of a port's arc detector."""

from rig.twin.scene.defects import limits
from rig.twin.scene.defects.change import each_port, put
from rig.twin.scene.defects.defect import Defect
from rig.twin.scene.device import Device
from rig.twin.scene.ports import Port

_DETECTOR = "a port with an arc detector"


def _deaf(device: Device, factor: float) -> Device:
    def edit(port: Port) -> Port | None:
        arc = port.protection.arc
        return put(port, "protection.arc.level", arc.level * factor) if arc else None

    return each_port(device, _DETECTOR, edit)


def _late(device: Device, seconds: float) -> Device:
    def edit(port: Port) -> Port | None:
        return put(port, "protection.arc.time", seconds) if port.protection.arc else None

    return each_port(device, _DETECTOR, edit)


def _jumpy(device: Device, amps: float) -> Device:
    def edit(port: Port) -> Port | None:
        if port.protection.arc is None:
            return None
        return put(put(port, "protection.arc.tonal", True), "protection.arc.level", amps)

    return each_port(device, _DETECTOR, edit)


ARCS = (
    Defect(
        "deaf-arc-detector", "The arc detector needs this many times the noise.",
        "1", "1000 %", "150 %", limits.ARC_TIME, "arc", _deaf,
    ),
    Defect(
        "late-arc-detector", "The arc detector listens for this long before it decides.",
        "s", "1500 ms", "600 ms", limits.ARC_TIME, "arc", _late,
    ),
    Defect(
        "jumpy-arc-detector", "The arc detector counts tones as noise, and takes this current of both for an arc.",
        "A", "15 mA", "100 mA", limits.FALSE_ARC, "motor-drive", _jumpy,
    ),
)  # fmt: skip
