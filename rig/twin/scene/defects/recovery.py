"""Defects of what comes after a trip."""

from typing import Literal

from rig.twin.scene.converters import Converter, Overshoot
from rig.twin.scene.defects import limits
from rig.twin.scene.defects.change import each_part, each_port, put
from rig.twin.scene.defects.defect import COUNT, Defect
from rig.twin.scene.device import Device
from rig.twin.scene.ports import Cause, Port
from rig.twin.scene.protection import ForwardClear
from rig.twin.scene.recovery import Check, LoadDetect

OVERSHOOT_SECONDS = 3e-3
DETECT_OHMS, FREE_VOLTS, SETTLE_SECONDS = 200.0, 1.0, 1e-3
CLEAR_OHMS = 20.0
RAREST_FIRST: tuple[Cause, ...] = ("thermal", "curve", "i2t", "limit", "reverse", "stage", "fast")
_AUTO = "a port that recovers by itself"


def _recovery_delay(device: Device, seconds: float) -> Device:
    def edit(port: Port) -> Port | None:
        return put(port, "recovery.delay", seconds) if port.recovery.policy == "auto" else None

    return each_port(device, _AUTO, edit)


def _latches_after(device: Device, times: float) -> Device:
    def edit(port: Port) -> Port | None:
        recovery = port.recovery
        if recovery.policy != "auto":
            return None
        change = {"policy": "auto-n", "delays": [recovery.delay] * int(times)}
        return put(port, "recovery", recovery.model_copy(update=change))

    return each_port(device, _AUTO, edit)


def _sometimes_stays_off(device: Device, share: float) -> Device:
    def edit(port: Port) -> Port | None:
        return put(port, "recovery.sticks", share) if port.recovery.policy == "auto" else None

    return each_port(device, _AUTO, edit)


def _waits_for_unload(device: Device, volts: float) -> Device:
    def edit(port: Port) -> Port | None:
        if port.recovery.policy != "auto":
            return None
        detect = LoadDetect.model_construct(resistance=DETECT_OHMS, above=volts)
        return put(port, "recovery", port.recovery.model_copy(update={"policy": "load-removed", "detect": detect}))

    return each_port(device, _AUTO, edit)


def _looks_too_early(device: Device, phase: float) -> Device:
    def edit(port: Port) -> Port | None:
        recovery = port.recovery
        if recovery.policy != "auto" or recovery.delay * phase <= SETTLE_SECONDS:
            return None
        detect = recovery.detect or LoadDetect.model_construct(resistance=DETECT_OHMS, above=FREE_VOLTS)
        check = Check.model_construct(settle=SETTLE_SECONDS, phase=phase)
        return put(port, "recovery", recovery.model_copy(update={"detect": detect, "check": check}))

    return each_port(device, _AUTO, edit)


def _tired_reference(device: Device, volts: float) -> Device:
    return each_part(device, "a converter", Converter, lambda part: put(part, "fatigue", volts))


def _overshoot(device: Device, volts: float) -> Device:
    overshoot = Overshoot.model_construct(voltage=volts, duration=OVERSHOOT_SECONDS)
    return each_part(device, "a converter", Converter, lambda part: put(part, "overshoot", overshoot))


def _light_load_trap(device: Device, amps: float) -> Device:
    def edit(port: Port) -> Port | None:
        if port.protection.reverse is None:
            return None
        clear = ForwardClear.model_construct(current=amps, resistance=CLEAR_OHMS)
        return put(port, "protection.reverse.clear", clear)

    return each_port(device, "a port with a reverse block", edit)


def _slow_return(device: Device, seconds: float) -> Device:
    def edit(port: Port) -> Port | None:
        return put(port, "guards.under.delay", seconds) if port.guards.under else None

    return each_port(device, "a port with an undervoltage guard", edit)


def _sticky_overvoltage(device: Device, seconds: float) -> Device:
    def edit(port: Port) -> Port | None:
        return put(port, "guards.over.delay", seconds) if port.guards.over else None

    return each_port(device, "a port with an overvoltage guard", edit)


def _reboots(device: Device, seconds: float) -> Device:
    firmware = device.firmware.model_copy(update={"on_trip": "reboot", "boot": seconds})
    return each_port(device.model_copy(update={"firmware": firmware}), "a port with a fast trip", _if_fast)


def _if_fast(port: Port) -> Port | None:
    return port if port.protection.fast else None


def _false_report(device: Device, count: float) -> Device:
    wrong: dict[Cause, Cause | Literal["none"]] = dict.fromkeys(RAREST_FIRST[: int(count)], "under")
    return each_port(device, "a port", lambda port: put(port, "reports_as", {**port.reports_as, **wrong}))


RECOVERY = (
    Defect(
        "slow-recovery", "After a trip the port stays off for this long.",
        "s", "30 s", "3 s", limits.RECOVERY_TIME, "hard-short", _recovery_delay,
    ),
    Defect(
        "hasty-retry", "After a trip the port tries again after this time, and hammers a short that stays.",
        "s", "100 ms", "775 ms", limits.RETRY_PAUSE, "held-short", _recovery_delay,
    ),
    Defect(
        "latches-after", "The port recovers this often, then latches.",
        COUNT, "2", "100", limits.RECOVERY_OUTLASTED, "outlasting-short", _latches_after,
    ),
    Defect(
        "sometimes-stays-off", "In this share of all trips the port latches, instead of coming back by itself.",
        "1", "80 %", "1 %", limits.RETURN_REPEATED, "hard-short", _sometimes_stays_off,
    ),
    Defect(
        "looks-too-early", "Before a retry it looks at this fraction of its delay whether the fault is gone.",
        "1", "5 %", "95 %", limits.RECOVERY_BETWEEN, "cleared-between-retries", _looks_too_early,
    ),
    Defect(
        "waits-for-unload", "After a trip it returns only above this voltage at the open port, without its load.",
        "V", "40 V", "2 V", limits.RECOVERY_LOADED, "black-start", _waits_for_unload,
    ),
    Defect(
        "reboots-instead", "A trip resets the whole device, which takes this long to start anew.",
        "s", "30 s", "2 s", limits.RECOVERY_TIME, "hard-short", _reboots,
    ),
    Defect(
        "false-trip-report", "So many causes of a trip, from the rarest on, are reported as undervoltage.",
        COUNT, "7", "6", limits.REPORT, "reported-short", _false_report,
    ),
    Defect(
        "light-load-trap", "After a reverse current it comes back only with a load above this current.",
        "A", "2 A", "50 mA", limits.LIGHT_LOAD, "light-load-after-reverse", _light_load_trap,
    ),
    Defect(
        "slow-undervoltage-return", "After undervoltage the port waits this long with its voltage back.",
        "s", "60 s", "1 s", limits.UNDER_RETURN, "sag", _slow_return,
    ),
    Defect(
        "sticky-overvoltage", "After overvoltage the port stays off for this long.",
        "s", "1 h", "1 s", limits.OVER_RETURN, "swell", _sticky_overvoltage,
    ),
    Defect(
        "tired-reference", "After each recovery the output is lower by this voltage, for good.",
        "V", "1 V", "100 mV", limits.LASTING, "hard-short", _tired_reference,
    ),
    Defect(
        "restart-overshoot", "After each recovery the output goes to this voltage for 3 ms.",
        "V", "68 V", "55 V", limits.SELV, "hard-short", _overshoot,
    ),
)  # fmt: skip
