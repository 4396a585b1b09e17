"""Parameter check before and after what a device is put through: does it work in the end as it did at the start?

Looked at are what the port has, or takes, with the base load on; and what the device says of itself, where it says so:
serial number, restarts, energy. (ISO 21780, section 8.9.)
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from rig import measure
from rig.device.registers import DeviceSilent
from rig.faults import Interruption, Level, Lifted, Outage, Overload, Ramp, Ripple, SecondReturn, Short
from rig.measure import Measurement
from rig.measure.result import no_result
from rig.run.conduct import LAG_S
from rig.run.service import service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rig.faults import Fault
    from rig.run.perform import Taken
    from rig.run.shot import Shot
    from rig.run.stage import Stage

__all__ = ["CLAUSE", "changed_parameters", "checked", "look_after", "look_before", "parameter_check"]

CLAUSE = "PAR-01"
CHECKED_S = 0.1
"""Over which what the port has is averaged: whole periods of the mains."""
READ_BACK_S = 1.5
"""The same on a bench without a recorder, whose readings are few and late."""
BEFORE, AFTER = "parameters before", "parameters after"
"""Names of the two spans."""
KEEPS_ENERGY = (Short, Overload, Ripple, SecondReturn)
"""What is no reason for the device's controller to start anew."""


def checked(fault: Fault) -> bool:
    """Whether the base load is on before and after it, and nobody else at the port."""
    if isinstance(fault, Overload) and fault.beside:
        return False
    return isinstance(fault, Short | Overload | Level | Ramp | Interruption | Ripple | Lifted | Outage | SecondReturn)


def look_before(fault: Fault, stage: Stage, taken: Taken) -> None:
    """Right before anything is injected; of a fault that is made several times, before the first."""
    if checked(fault) and BEFORE not in taken.spans:
        span = _span(stage)
        if span > CHECKED_S:
            stage.monitor.wait(span)
        now = taken.now(stage)
        taken.spans[BEFORE] = (now - span, now)
        taken.parameters["before"] = _told(stage)


def look_after(stage: Stage, taken: Taken) -> None:
    """When all is over, if the port works again; that it does not is told elsewhere."""
    if BEFORE not in taken.spans:
        return
    span = _span(stage)
    stage.monitor.wait(span + LAG_S)
    if not stage.served(span):
        return
    now = taken.now(stage) - LAG_S
    taken.spans[AFTER] = (now - span, now)
    taken.parameters["after"] = _told(stage)


def _span(stage: Stage) -> float:
    """How long is looked at, s."""
    return CHECKED_S if "recorder" in stage.bench.roles else READ_BACK_S


def _told(stage: Stage) -> dict[str, str]:
    """What the device says of itself, as far as its maker declares registers for it and it answers."""
    told, registers, counter = stage.device.communication, stage.registers, stage.port.counter
    said: dict[str, str] = {}
    if registers is None:
        return said
    with suppress(DeviceSilent):
        if told is not None and told.serial is not None:
            said["serial"] = registers.text(told.serial)
        if told is not None and told.resets is not None:
            said["restarts"] = str(registers.number(told.resets))
        if counter is not None:
            for way, register in (("exported", counter.exported), ("imported", counter.imported)):
                if register is not None:
                    said[way] = str(registers.number(register))
    return said


def parameter_check(shot: Shot) -> Iterator[Measurement]:
    """What there is to judge of a case; nothing where the port did not come back, or nothing was looked at."""
    spans, own = shot.taken.spans, service(shot.port)
    if BEFORE not in spans or AFTER not in spans:
        return
    volts = own.signal == "port_voltage"
    yield measure.lasting_change(
        shot.served.seen, spans[BEFORE], spans[AFTER], signal=own.signal,
        nominal=shot.port.voltage if volts else shot.port.rated_current,
        first="before" if shot.case.before and "before" in shot.capture.records else "slow",
    )  # fmt: skip
    before, after = (shot.taken.parameters.get(when, {}) for when in ("before", "after"))
    if before:
        yield changed_parameters(before, after, restarts=not isinstance(shot.case.fault, KEEPS_ENERGY))


def changed_parameters(before: Mapping[str, str], after: Mapping[str, str], *, restarts: bool) -> Measurement:
    """How many of the things that a device says of itself are not as they were: another serial number, a restart (but
    where `restarts` are to be expected), an energy counter that went back. What it no longer says makes it unknown."""
    about = "serial number, count of restarts and energy counters that are not as before"
    if set(before) - set(after):
        return no_result("changed_parameters", "count", about, armed=True, flags=("device-silent",))
    count = int(before.get("serial") != after.get("serial"))
    count += int(not restarts and before.get("restarts") != after.get("restarts"))
    count += sum(int(after[way]) < int(before[way]) for way in ("exported", "imported") if way in before)
    inputs = {
        f"{name} {when}": value for when, said in (("before", before), ("after", after)) for name, value in said.items()
    }
    return Measurement(
        "changed_parameters", "Counted", float(count), "count", about, inputs=inputs,
        source="registers of the device, as its maker declares them",
    )  # fmt: skip
