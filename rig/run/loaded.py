"""Carrying out a case in which nothing is wrong and the load alone moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.faults import Base, Draw, Steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from rig.faults import Dump, Motor
    from rig.files.device import Port
    from rig.run.case import Case
    from rig.run.perform import Taken
    from rig.run.stage import Stage

__all__ = ["dumped", "half_base", "held", "motor", "stepped"]

MOTOR_STEP_S = 0.01
"""How often the load follows the current of a motor's start, bench time."""


def stepped(case: Case, fault: Steps | Draw, stage: Stage, taken: Taken, announce: Callable[[], None]) -> None:
    """Each load for the hold; its second half is steady."""
    load, port = stage.equipment.load, stage.port
    stage.check_interlock()
    stage.energise()
    stage.await_port(as_it_is=True)  # nothing is done to it that takes a sound port: what it has is what is judged
    announce()
    fed = taken.now(stage)
    for number, share in enumerate(fault.loads if isinstance(fault, Steps) else (1.0,), 1):
        if isinstance(fault, Draw):
            load.set_power(fault.power)
        elif share > 0:
            load.set_resistance(Base(share).resistance(port.voltage, port.rated_current))
        load.input(share > 0)
        held(case, stage, taken, f"load {number}")
    taken.spans["fed"] = (fed, taken.now(stage))


def held(case: Case, stage: Stage, taken: Taken, name: str) -> None:
    """For the hold; its second half, in which what moves and fills is over, is span `name`."""
    stage.monitor.wait(case.hold_s / 2)
    begin = taken.now(stage)
    stage.monitor.wait(case.hold_s / 2)
    taken.spans[name] = (begin, taken.now(stage))


def motor(case: Case, fault: Motor, stage: Stage, taken: Taken, announce: Callable[[], None]) -> None:
    """The load follows the current of a motor's start for the hold."""
    load, rated = stage.equipment.load, stage.port.rated_current
    stage.check_interlock()
    stage.energise()
    stage.await_port()
    announce()
    begin = taken.now(stage)
    load.set_current(fault.share(0.0) * rated)
    load.input(True)
    started = now = taken.now(stage)
    while now < started + case.hold_s:
        stage.monitor.wait(MOTOR_STEP_S)
        now = taken.now(stage)
        load.set_current(fault.share(now - started) * rated)
    taken.spans["motor"] = taken.spans["fed"] = (begin, taken.now(stage))


def dumped(case: Case, _: Dump, stage: Stage, taken: Taken, announce: Callable[[], None]) -> None:
    """The base load, and then none, at once."""
    window, view = stage.limited(case.view), stage.views["recovery"]
    stage.check_interlock()
    stage.energise()
    stage.await_port()
    stage.base_load(case.base)
    stage.arm(view, window, "port_current", half_base(case, stage.port), "falling")
    announce()
    fed = taken.now(stage)
    stage.equipment.load.input(False)
    stage.monitor.wait(case.hold_s)
    taken.records["fault"] = stage.read("fault", view, patience_s=window.span_s)
    taken.spans["fed"] = (fed, taken.now(stage))


def half_base(case: Case, port: Port) -> float:
    """The current at which a base load that goes is seen to, A."""
    return 0.5 * port.rated_current * case.base.load
