"""Defects of the voltages that a device makes and bears: output, droop, supply of its control."""

from rig.twin.scene.converters import Converter
from rig.twin.scene.defects import limits
from rig.twin.scene.defects.change import each_part, each_port, put
from rig.twin.scene.defects.defect import Defect, DoesNotApply
from rig.twin.scene.device import Device
from rig.twin.scene.parts import Capacitor
from rig.twin.scene.ports import Port

_CONVERTER = "a converter"


def _set_point(device: Device, volts: float) -> Device:
    return each_part(device, _CONVERTER, Converter, lambda part: put(part, "voltage", part.voltage + volts))


def _droop(device: Device, factor: float) -> Device:
    return each_part(device, _CONVERTER, Converter, lambda part: put(part, "resistance", part.resistance * factor))


def _weak(device: Device, factor: float) -> Device:
    def edit(part: Converter) -> Converter:
        weak = put(part, "current_limit", part.current_limit * factor)
        return weak if part.power is None else put(weak, "power", part.power * factor)

    return each_part(device, _CONVERTER, Converter, edit)


def _hungry(device: Device, factor: float) -> Device:
    return each_part(device, _CONVERTER, Converter, lambda part: put(part, "ratio", part.ratio * factor))


def _slow_start(device: Device, seconds: float) -> Device:
    return put(device, "control.start_delay", seconds)


def _early_cut_off(device: Device, volts: float) -> Device:
    control = device.control
    if volts <= control.stop:
        raise DoesNotApply(f"needs a control that stops below {volts:g} V; this one stops at {control.stop:g} V")
    return put(put(device, "control.stop", volts), "control.start", max(control.start, volts + 1.0))


def _narrow_hysteresis(device: Device, volts: float) -> Device:
    control = device.control
    if control.stop + volts > control.start:
        raise DoesNotApply(
            f"needs a magnitude of at most {control.start - control.stop:g} V, the hysteresis that the control has"
        )
    return put(device, "control.start", control.stop + volts)


def _input_capacitor(device: Device, factor: float) -> Device:
    def edit(part: Capacitor) -> Capacitor | None:
        return put(part, "capacitance", part.capacitance * factor) if part.node == device.control.node else None

    return each_part(device, "a capacitor at the node that its control lives on", Capacitor, edit)


def _ripple_shy(device: Device, volts: float) -> Device:
    return put(device, "control.dip", volts)


def _early_overvoltage(device: Device, volts: float) -> Device:
    def edit(port: Port) -> Port | None:
        over = port.guards.over
        if over is None or (port.guards.under is not None and volts - 1.0 <= port.guards.under.on):
            return None
        return put(put(port, "guards.over.off", volts), "guards.over.on", min(over.on, volts - 0.5))

    return each_port(device, "a port with an overvoltage guard", edit)


def _no_debounce(device: Device, seconds: float) -> Device:
    def edit(port: Port) -> Port | None:
        return put(port, "guards.under.debounce", seconds) if port.guards.under else None

    return each_port(device, "a port with an undervoltage guard", edit)


def _unfiltered_overvoltage(device: Device, seconds: float) -> Device:
    def edit(port: Port) -> Port | None:
        return put(port, "guards.over.debounce", seconds) if port.guards.over else None

    return each_port(device, "a port with an overvoltage guard", edit)


VOLTAGE = (
    Defect(
        "high-set-point", "The converter's set point is too high, by the given voltage.",
        "V", "2 V", "100 mV", limits.SET_POINT, "droop-sweep", _set_point,
    ),
    Defect(
        "wrong-droop", "The converter droops this many times as much as it should.",
        "1", "300 %", "110 %", limits.SLOPE, "droop-sweep", _droop,
    ),
    Defect(
        "weak-converter", "The converter limits at this fraction of its current.",
        "1", "15 %", "80 %", limits.PEAK_POWER, "peak-power", _weak,
    ),
    Defect(
        "hungry-converter", "The converter takes this many times its input current.",
        "1", "170 %", "110 %", limits.EFFICIENCY, "peak-power", _hungry,
    ),
    Defect(
        "slow-start", "The device takes this long from energy to power at its port.",
        "s", "20 s", "1 s", limits.START_TIME, "start", _slow_start,
    ),
    Defect(
        "early-cut-off", "The device stops below this input voltage already.",
        "V", "44 V", "39 V", limits.CUT_OFF, "slow-ramp", _early_cut_off,
    ),
    Defect(
        "narrow-hysteresis", "Only this voltage lies between stop and start of the device, and it oscillates.",
        "V", "20 mV", "2 V", limits.HYSTERESIS, "slow-ramp", _narrow_hysteresis,
    ),
    Defect(
        "small-input-capacitor", "The capacitor that should carry it through a dropout has this fraction of its value.",
        "1", "5 %", "80 %", limits.DROPOUT, "dropout-100us", _input_capacitor,
    ),
    Defect(
        "no-debounce", "The undervoltage guard acts after this time, and on every dropout.",
        "s", "10 us", "1 ms", limits.DROPOUT, "dropout-at-guard", _no_debounce,
    ),
    Defect(
        "early-overvoltage", "The overvoltage guard acts above this voltage already.",
        "V", "53 V", "56 V", limits.OVERVOLTAGE, "swell-54V", _early_overvoltage,
    ),
    Defect(
        "unfiltered-overvoltage", "The overvoltage guard acts after this time, on the peaks of a noise too.",
        "s", "10 us", "2.5 ms", limits.NOISE, "noise-4Vpp", _unfiltered_overvoltage,
    ),
    Defect(
        "ripple-shy", "A fall of the energy below its mean by this voltage passes for a power failure: it starts anew.",
        "V", "1 V", "2.5 V", limits.NOISE, "input-noise-4Vpp", _ripple_shy,
    ),
    Defect(
        "stiff-source", "The converter droops by this fraction only, and takes the load of the others.",
        "1", "10 %", "80 %", limits.SHARING, "sharing", _droop,
    ),
)  # fmt: skip
