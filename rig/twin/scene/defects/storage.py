"""Defects of storage: batteries, what charges them, and the lines by which they feed and load the bus."""

from rig.twin.scene.converters import Charger, Storage
from rig.twin.scene.defects import limits
from rig.twin.scene.defects.change import each_part, put
from rig.twin.scene.defects.defect import Defect
from rig.twin.scene.device import Device
from rig.twin.scene.parts import Battery

_STORAGE, _BATTERY = "a storage converter", "a battery"


def _no_dead_band(device: Device, volts: float) -> Device:
    def edit(part: Storage) -> Storage:
        return put(part, "import_line.intercept", part.export_line.intercept + volts)

    return each_part(device, _STORAGE, Storage, edit)


def _charge_shift(device: Device, volts: float) -> Device:
    return each_part(
        device,
        "a storage converter whose lines shift",
        Storage,
        lambda part: put(part, "shift.volts", volts) if part.shift else None,
    )


def _over_export(device: Device, factor: float) -> Device:
    def edit(part: Storage) -> Storage:
        line = part.export_line
        more = put(part, "export_line.limit", line.limit * factor)
        return more if line.power is None else put(more, "export_line.power", line.power * factor)

    return each_part(device, _STORAGE, Storage, edit)


def _overcharge(device: Device, volts: float) -> Device:
    return each_part(device, "a charger", Charger, lambda part: put(part, "voltage", part.voltage + volts))


def _worn(device: Device, factor: float) -> Device:
    return each_part(device, _BATTERY, Battery, lambda part: put(part, "resistance", part.resistance * factor))


def _faded(device: Device, factor: float) -> Device:
    return each_part(device, _BATTERY, Battery, lambda part: put(part, "capacity", part.capacity * factor))


STORAGE = (
    Defect(
        "no-dead-band", "Only this voltage lies between feeding and charging: batteries load each other.",
        "V", "20 mV", "1.9 V", limits.IDLE_CURRENT, "bus-at-rest", _no_dead_band,
    ),
    Defect(
        "wrong-charge-shift", "A full battery raises its lines by this voltage.",
        "V", "3 V", "1.1 V", limits.SHIFTED_SET_POINT, "full-battery", _charge_shift,
    ),
    Defect(
        "over-export", "The storage feeds up to this many times its current and power.",
        "1", "200 %", "105 %", limits.CIRCUIT, "heavy-bus", _over_export,
    ),
    Defect(
        "overcharge", "The charger ends this voltage too high.",
        "V", "8 V", "500 mV", limits.BATTERY_PEAK, "sunny-day", _overcharge,
    ),
    Defect(
        "worn-battery", "The battery has this many times its resistance.",
        "1", "4000 %", "200 %", limits.MOTOR_START, "motor-start", _worn,
    ),
    Defect(
        "faded-battery", "The battery has this fraction of its capacity.",
        "1", "20 %", "90 %", limits.DAY, "day-at-50W", _faded,
    ),
)  # fmt: skip
