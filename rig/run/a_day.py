"""Carrying out a day of a household: the recorder looks now and then, and the device is asked how warm it is."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from rig.device.registers import DeviceSilent
from rig.run.conduct import LAG_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from rig.faults import Day
    from rig.run.case import Case
    from rig.run.perform import Taken
    from rig.run.stage import Stage

__all__ = ["day"]

APART_S = 300.0
"""From one look to the next, and at the end of each load."""
LOOK_S = 0.2


def day(_: Case, fault: Day, stage: Stage, taken: Taken, announce: Callable[[], None]) -> None:
    """One load after the other, and a look every `APART_S`; in between the recorder rests.

    A day of all scans would be gigabytes of the same. What comes and goes between two looks is not seen.
    """
    stage.check_interlock()
    stage.energise()
    stage.await_port()
    announce()
    begin = taken.now(stage)
    for seconds, watts in fault.profile:
        stage.equipment.load.set_resistance(stage.port.voltage**2 / watts)
        stage.equipment.load.input(True)
        left = seconds
        while left > 0.0:
            apart = min(left, APART_S)
            with stage.monitor.resting():
                stage.clock.sleep(apart - LOOK_S)
            stage.monitor.wait(LOOK_S)
            stage.check_interlock()
            _feel(stage, taken)
            left -= apart
    stage.monitor.wait(LAG_S)
    taken.spans["day"] = taken.spans["fed"] = (begin, taken.now(stage))


def _feel(stage: Stage, taken: Taken) -> None:
    """How warm the port says that it is, where its maker declares a register for that; silence is no temperature."""
    declared = stage.port.temperature
    if declared is None or stage.registers is None:
        return
    with suppress(DeviceSilent):
        taken.temperatures.append(stage.registers.number(declared.shown) * declared.resolution)
