"""Carrying out what is about the feed of the device: it stands elsewhere, sinks and rises, or is cut off."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rig.bench.resting_switch import RestingSwitch
from rig.faults import Level
from rig.run.conduct import GATE_V, LAG_S, SETTLED_S, WATCHED_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from rig.faults import Interruption, Ramp
    from rig.run.case import Case
    from rig.run.perform import Taken
    from rig.run.stage import Stage

__all__ = ["fed_otherwise", "interrupted"]

SLOWER = 4
"""Times its hold that both ways of a slow sag may take, with what each command takes."""
RAMP_STEPS = 400
"""Of a slow sag, one way."""


def fed_otherwise(case: Case, fault: Level | Ramp, stage: Stage, taken: Taken, announce: Callable[[], None]) -> None:
    """What feeds the device stands elsewhere for the hold, or sinks and rises slowly; then it is as it was."""
    supply, fed = stage.equipment.supply, stage.fed
    assert fed is not None, "a device that the bench does not feed has no level"
    _at_base_load(case, stage, taken)
    announce()
    begin = taken.now(stage)
    with stage.held((1 if isinstance(fault, Level) else SLOWER) * case.hold_s):
        if isinstance(fault, Level):
            supply.set_voltage(fed.volts(fault))
            stage.monitor.wait(case.hold_s)
            taken.spans["level"] = (begin, taken.now(stage))
        else:
            for name, span in (("down", (fed.nominal, fault.voltage)), ("up", (fault.voltage, fed.nominal))):
                for volts in np.linspace(*span, RAMP_STEPS + 1)[1:]:
                    supply.set_voltage(float(volts))
                    stage.monitor.wait(case.hold_s / RAMP_STEPS)
                taken.spans[name], begin = (begin, taken.now(stage)), taken.now(stage)
        supply.set_voltage(fed.volts_after(fault))
    begin = taken.now(stage)
    stage.wait_until(lambda: stage.served(SETTLED_S), case.watch_s(stage.port))
    stage.monitor.wait(WATCHED_S)
    taken.spans["after"] = (begin, taken.now(stage))
    if isinstance(fault, Level) and fault.to_start:
        taken.spans["low"] = taken.spans["after"]
        supply.set_voltage(fed.nominal)  # as it was before, for what is compared with that
        stage.wait_until(lambda: stage.served(SETTLED_S), case.watch_s(stage.port))
        stage.monitor.wait(WATCHED_S)


def interrupted(
    case: Case, fault: Interruption, stage: Stage, taken: Taken, announce: Callable[[], None]
) -> None:  # fmt: skip
    """What feeds the device is cut off once, and watched until the device serves again, and on."""
    declared, window, view = stage.bench.series_switch, stage.limited(case.view), stage.views["recovery"]
    assert declared is not None, "a bench without one does not carry this case out"
    switch = RestingSwitch(declared.control, stage.equipment.lines, stage.clock)
    _at_base_load(case, stage, taken)
    stage.arm(view, window, "gate_voltage", GATE_V, "rising")
    announce()
    begin = taken.now(stage)
    with stage.held(fault.duration):
        switch.interrupt(fault.duration, stage.monitor.wait)
    stage.monitor.wait(LAG_S)
    taken.spans["interrupted"] = (begin, taken.now(stage))
    stage.wait_until(lambda: stage.served(SETTLED_S), case.watch_s(stage.port))
    stage.monitor.wait(WATCHED_S)
    taken.spans["after"] = (taken.spans["interrupted"][1], taken.now(stage))
    taken.records["fault"] = stage.read("fault", view, patience_s=window.span_s)


def _at_base_load(case: Case, stage: Stage, taken: Taken) -> None:
    """The device serves its base load; the way there is a record of its own, and the slow record begins after it."""
    stage.check_interlock()
    stage.energise()
    stage.await_port()
    stage.base_load(case.base)
    stage.monitor.wait(SETTLED_S)
    begun, taken.first = taken.first, stage.monitor.now()
    taken.records["before"] = replace(stage.slow_record(begun, taken.first), name="before")
    stage.monitor.wait(SETTLED_S)
