"""Defects of what a device measures and remembers."""

from collections.abc import Callable

from rig.twin.scene.defects import limits
from rig.twin.scene.defects.change import each_port, put
from rig.twin.scene.defects.defect import Defect
from rig.twin.scene.device import Device

_METER = "a port with a meter"


def _meter(key: str) -> Callable[[Device, float], Device]:
    def change(device: Device, value: float) -> Device:
        return each_port(device, _METER, lambda port: put(port, f"meter.{key}", value) if port.meter else None)

    return change


METERING = (
    Defect(
        "meter-gain", "The energy meter counts too much by this fraction.",
        "1", "3 %", "0.3 %", limits.METER, "meter-full", _meter("gain"),
    ),
    Defect(
        "meter-offset", "The energy meter sees a current that does not flow.",
        "A", "20 mA", "200 uA", limits.METER, "meter-low", _meter("offset_current"),
    ),
    Defect(
        "meter-drift", "The energy meter counts too much by this fraction per kelvin above 25 degC.",
        "/K", "1500 ppm/K", "100 ppm/K", limits.METER_WARM, "meter-warm", _meter("drift"),
    ),
    Defect(
        "coarse-meter", "The energy register moves in steps of this energy.",
        "J", "40 Wh", "1 Wh", limits.METER_STEP, "meter-full", _meter("quantum"),
    ),
    Defect(
        "nvm-lost", "Energy counted within this time before a power cut is forgotten.",
        "s", "2 h", "10 s", limits.METER_CUT, "power-cut", _meter("commit"),
    ),
)  # fmt: skip
