"""Defects that show with current the wrong way round."""

from rig.twin.scene.defects import limits
from rig.twin.scene.defects.change import each_port, put
from rig.twin.scene.defects.defect import Defect
from rig.twin.scene.device import Device
from rig.twin.scene.ports import Polarity, Port

REVERSAL_VOLTS = 54.0
AVALANCHE_OHMS, WOUND_OHMS = 0.5, 100.0


def _leakage(device: Device, amps: float) -> Device:
    return each_port(device, "a port", lambda port: put(port, "leakage", REVERSAL_VOLTS / amps))


def _breaks_down(device: Device, volts: float) -> Device:
    polarity = Polarity.model_construct(breakdown=volts, resistance=AVALANCHE_OHMS, leakage=None, survives=True)
    return each_port(device, "a port", lambda port: put(port, "polarity", polarity))


def _dies_reversed(device: Device, volts: float) -> Device:
    polarity = Polarity.model_construct(breakdown=volts, resistance=WOUND_OHMS, leakage=None, survives=False)
    return each_port(device, "a port", lambda port: put(port, "polarity", polarity))


def _back_feed(device: Device, amps: float) -> Device:
    def edit(port: Port) -> Port | None:
        return put(port, "protection.reverse.current", amps) if port.protection.reverse else None

    return each_port(device, "a port with a reverse block", edit)


REVERSE = (
    Defect(
        "reverse-leakage", "A reversed port takes this current at 54 V.",
        "A", "150 mA", "5 mA", limits.REVERSE_LEAKAGE, "reversed-54V", _leakage,
    ),
    Defect(
        "breaks-down-reversed", "The open switch of a reversed port conducts beyond this voltage.",
        "V", "40 V", "70 V", limits.REVERSE_CURRENT, "reversed-54V", _breaks_down,
    ),
    Defect(
        "dies-reversed", "A reversed port is destroyed beyond this voltage.",
        "V", "40 V", "70 V", limits.REVERSE_DAMAGE, "reversed-54V", _dies_reversed,
    ),
    Defect(
        "back-feed", "The port lets this current in before it blocks.",
        "A", "20 A", "200 mA", limits.BACK_FEED, "back-feed", _back_feed,
    ),
)  # fmt: skip
