"""Defects of a port's protection: short circuit and overload."""

from rig.twin.scene.defects import limits
from rig.twin.scene.defects.change import each_port, put
from rig.twin.scene.defects.defect import Defect
from rig.twin.scene.device import Device
from rig.twin.scene.ports import Port, Stage

BULK_ESR = 20e-3  # ohm, of an electrolytic capacitor
_FAST, _STAGES = "a port with a fast trip", "a port with overload stages"


def _late_trip(device: Device, seconds: float) -> Device:
    return each_port(
        device, _FAST, lambda port: put(port, "protection.fast.delay", seconds) if port.protection.fast else None
    )


def _scaled_trip(device: Device, factor: float) -> Device:
    def edit(port: Port) -> Port | None:
        fast = port.protection.fast
        return put(port, "protection.fast.current", fast.current * factor) if fast else None

    return each_port(device, _FAST, edit)


def _slow_gate(device: Device, seconds: float) -> Device:
    return each_port(
        device, _FAST, lambda port: put(port, "switch.turn_off", seconds) if port.protection.fast else None
    )


def _port_capacitor(device: Device, farads: float) -> Device:
    def edit(port: Port) -> Port:
        return put(put(port, "capacitance", farads), "esr", min(port.esr, BULK_ESR))

    return each_port(device, "a port", edit)


def _stages(port: Port, stages: list[Stage]) -> Port | None:
    return put(port, "protection.stages", stages) if stages else None


def _slow_overload(device: Device, factor: float) -> Device:
    def edit(port: Port) -> Port | None:
        return _stages(port, [put(stage, "delay", stage.delay * factor) for stage in port.protection.stages])

    return each_port(device, _STAGES, edit)


def _blind_zone(device: Device, amps: float) -> Device:
    def edit(port: Port) -> Port | None:
        return _stages(port, [put(one, "current", max(one.current, amps)) for one in port.protection.stages])

    return each_port(device, _STAGES, edit)


def _early_overload(device: Device, factor: float) -> Device:
    def edit(port: Port) -> Port | None:
        stages = port.protection.stages
        return _stages(port, [put(one, "current", one.current * factor) for one in stages[:1]] + stages[1:])

    return each_port(device, _STAGES, edit)


PROTECTION = (
    Defect(
        "late-trip", "The fast trip acts late, after the given time.",
        "s", 900e-6, 50e-6, limits.SHORT_TIME, "hard-short", _late_trip,
    ),
    Defect(
        "high-trip", "The fast trip has a threshold too high, by the given factor.",
        "1", 20.0, 1.1, limits.SHORT_PEAK, "hard-short", _scaled_trip,
    ),
    Defect(
        "slow-gate", "The trip decides in time, but the switch takes this long to open.",
        "s", 50e-6, 500e-9, limits.SHORT_I2T, "hard-short", _slow_gate,
    ),
    Defect(
        "port-capacitor", "A capacitor this large sits outside the switch and dumps into every fault.",
        "F", 150e-6, 10e-6, limits.SHORT_I2T, "hard-short", _port_capacitor,
    ),
    Defect(
        "slow-overload", "Every overload stage takes this many times its delay.",
        "1", 5.0, 1.1, limits.MUST_TRIP, "overload-1.5x", _slow_overload,
    ),
    Defect(
        "blind-zone", "No overload stage acts below this current.",
        "A", 8.5, 6.7, limits.MUST_TRIP, "overload-1.5x", _blind_zone,
    ),
    Defect(
        "early-overload", "The lowest overload stage acts at this fraction of its current.",
        "1", 0.75, 0.95, limits.MUST_NOT_TRIP, "overload-1.05x", _early_overload,
    ),
    Defect(
        "nervous-trip", "The fast trip acts at this fraction of its current, on an inrush too.",
        "1", 0.5, 0.9, limits.INRUSH, "inrush", _scaled_trip,
    ),
    Defect(
        "short-filter", "The overload stages wait this fraction of their delay, and trip on an inrush.",
        "1", 0.01, 0.9, limits.INRUSH, "inrush", _slow_overload,
    ),
)  # fmt: skip
