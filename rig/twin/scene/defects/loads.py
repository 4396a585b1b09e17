"""Defects of what draws power: appliances and their stages."""

from rig.twin.scene.defects import limits
from rig.twin.scene.defects.change import each_part, each_port, put
from rig.twin.scene.defects.defect import Defect, DoesNotApply
from rig.twin.scene.device import Device
from rig.twin.scene.loads import Inverter, LoadStage, Stages
from rig.twin.scene.ports import Port

SINKS = ("appliance", "load", "ac_inverter")
_STAGES = "a load in stages"


def _late_shedding(device: Device, volts: float) -> Device:
    def lower(stage: LoadStage) -> LoadStage:
        return put(put(stage, "on_above", stage.on_above - volts), "off_below", stage.off_below - volts)

    def edit(part: Stages) -> Stages | None:
        low_enough = part.stages[0].off_below > volts
        return put(part, "stages", [lower(stage) for stage in part.stages]) if low_enough else None

    return each_part(device, f"a load in stages above {volts:g} V", Stages, edit)


def _chattering_stages(device: Device, volts: float) -> Device:
    def edit(part: Stages) -> Stages:
        return put(part, "stages", [put(stage, "on_above", stage.off_below + volts) for stage in part.stages])

    return each_part(device, _STAGES, Stages, edit)


def _rough_start(device: Device, seconds: float) -> Device:
    if device.kind not in SINKS:
        raise DoesNotApply(f"needs a device that draws from its port ({', '.join(SINKS)}); this is a {device.kind}")

    def edit(port: Port) -> Port | None:
        return put(port, "switch.soft_start", seconds) if port.switch.soft_start > 0 else None

    return each_port(device, "a port with a soft start", edit)


def _reactive(device: Device, share: float) -> Device:
    return each_part(device, "an inverter", Inverter, lambda part: put(part, "ripple", part.ripple + share))


def _drains(device: Device, volts: float) -> Device:
    if volts >= device.control.start:
        raise DoesNotApply(
            f"needs a control that starts above {volts:g} V; this one does at {device.control.start:g} V"
        )
    if device.control.node not in device.ports:
        raise DoesNotApply(f"needs a control that lives on a port; this one lives on {device.control.node!r}")
    return put(device, "control.stop", volts)


LOADS = (
    Defect(
        "late-shedding", "The stages go and come at voltages this much too low.",
        "V", "3 V", "100 mV", limits.SHEDDING, "shedding-sweep", _late_shedding,
    ),
    Defect(
        "chattering-stages", "Only this voltage lies between coming and going of a stage.",
        "V", "20 mV", "1.5 V", limits.SHEDDING_COUNT, "shedding-behind-a-line", _chattering_stages,
    ),
    Defect(
        "rough-start", "The port comes on within this time, and its capacitors rush.",
        "s", "10 us", "15 ms", limits.LOAD_INRUSH, "plug-in", _rough_start,
    ),
    Defect(
        "drains-the-grid", "The device goes on drawing down to this voltage.",
        "V", "10 V", "23 V", limits.SLEEP_CURRENT, "collapsed-grid", _drains,
    ),
    Defect(
        "reactive-inverter", "The reactive power behind it swings the grid: so much more ripple of its current.",
        "1", "100 %", "10 %", limits.AC_RIPPLE, "ac-load", _reactive,
    ),
)  # fmt: skip
