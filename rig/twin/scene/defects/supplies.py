"""Defects of converters with a real voltage control, and of what hangs at the mains."""

from rig.twin.scene.converters import Converter, Ripple, VoltageLoop
from rig.twin.scene.defects import limits
from rig.twin.scene.defects.change import each_part, put
from rig.twin.scene.defects.defect import Defect
from rig.twin.scene.device import Device
from rig.twin.scene.parts import BackFeed, Mains

RIPPLE_HERTZ = 100.0
_CONVERTER, _MAINS = "a converter", "a mains input"


def _slow_loop(device: Device, hertz: float) -> Device:
    loop = VoltageLoop.model_construct(bandwidth=hertz)
    return each_part(device, _CONVERTER, Converter, lambda part: put(part, "loop", loop))


def _dry_capacitor(device: Device, factor: float) -> Device:
    def edit(part: Converter) -> Converter | None:
        return put(part, "capacitance", part.capacitance * factor) if part.loop else None

    return each_part(device, "a converter with a voltage loop", Converter, edit)


def _ripple(device: Device, volts: float) -> Device:
    def edit(part: Converter) -> Converter:
        hertz = part.ripple.frequency if part.ripple else RIPPLE_HERTZ
        return put(part, "ripple", Ripple.model_construct(amplitude=volts, frequency=hertz))

    return each_part(device, _CONVERTER, Converter, edit)


def _small_hold_up(device: Device, factor: float) -> Device:
    return each_part(device, _MAINS, Mains, lambda part: put(part, "capacitance", part.capacitance * factor))


def _feeds_mains(device: Device, ohms: float) -> Device:
    back = BackFeed.model_construct(node=next(iter(device.ports)), resistance=ohms)
    return each_part(device, _MAINS, Mains, lambda part: put(part, "back_feed", back))


SUPPLIES = (
    Defect(
        "slow-loop", "The converter's voltage control has only this bandwidth, and overshoots on a load dump.",
        "Hz", "100 Hz", "2 kHz", limits.LOAD_DUMP, "load-dump", _slow_loop,
    ),
    Defect(
        "dry-capacitor", "The output capacitor has this fraction of its value: a constant power makes it swing.",
        "1", "10 %", "80 %", limits.STABILITY, "constant-power", _dry_capacitor,
    ),
    Defect(
        "mains-ripple", "The output carries a sine of twice the mains of this amplitude.",
        "V", "4 V", "200 mV", limits.RIPPLE, "ripple", _ripple,
    ),
    Defect(
        "small-hold-up", "The link capacitor has this fraction of its value.",
        "1", "2 %", "80 %", limits.HOLD_UP, "brown-out", _small_hold_up,
    ),
    Defect(
        "feeds-the-mains", "While the mains is away, this resistance draws from the grid into it.",
        "ohm", "20 ohm", "60 kohm", limits.MAINS_EXPORT, "mains-away", _feeds_mains,
    ),
)  # fmt: skip
