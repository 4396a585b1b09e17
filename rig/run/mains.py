"""Carrying out what is about the mains that a device lives on: the bench has a relay in it, and never touches it."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from instruments.errors import LinkError
from rig.bench.resting_switch import RestingSwitch, SwitchFault
from rig.faults import Base, Start
from rig.run.conduct import LAG_S, SETTLED_S, WATCHED_S
from rig.run.stage import DeviceNotReady
from rig.safety.topology import DEAD_V

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rig.faults import Outage
    from rig.run.case import Case
    from rig.run.perform import Taken
    from rig.run.stage import Stage

__all__ = ["emptied", "mains_away", "outage"]

DRAIN = Base(load=0.5)
"""The load that empties what holds the device up."""


def outage(case: Case, fault: Outage, stage: Stage, taken: Taken, announce: Callable[[], None]) -> None:
    """The mains goes once and comes back, and the port is watched until it serves again, and on."""
    stage.check_interlock()
    stage.energise()
    stage.await_port()
    stage.base_load(case.base)
    stage.monitor.wait(SETTLED_S)
    announce()
    begin = taken.now(stage)
    with stage.held(fault.duration):
        _switch(stage).interrupt(fault.duration, stage.monitor.wait)
    stage.monitor.wait(LAG_S)
    taken.spans["away"] = taken.spans["fed"] = (begin, taken.now(stage))
    stage.wait_until(lambda: stage.served(SETTLED_S), case.watch_s(stage.port))
    stage.monitor.wait(WATCHED_S)
    taken.spans["after"] = (taken.spans["away"][1], taken.now(stage))


@contextmanager
def mains_away(case: Case, stage: Stage) -> Iterator[None]:
    """The device's mains is off, and its port empty; afterwards the mains is there again, and the port too.

    Raises:
        DeviceNotReady: the port does not empty.
    """
    with emptied(case, stage) as revive:
        yield
        stage.base_load(DRAIN)  # a start without any would overshoot between two samples of the recorder
        revive()
    stage.wait_until(lambda: stage.served(SETTLED_S), case.watch_s(stage.port))


@contextmanager
def emptied(case: Case, stage: Stage) -> Iterator[Callable[[], None]]:
    """The device's mains is off, and its port empty and without load; what is given brings the mains back.

    Raises:
        DeviceNotReady: the port does not empty.
    """
    switch = _switch(stage)
    stage.energise()
    if not isinstance(case.fault, Start):  # whether it comes up at all is what that asks
        stage.await_port()
    stage.base_load(DRAIN)
    try:
        switch.open()
        _await_empty(case, stage)
        stage.equipment.load.input(False)
        yield switch.conduct
    except BaseException:
        with suppress(LinkError, SwitchFault):
            switch.conduct()
        raise


def _await_empty(case: Case, stage: Stage) -> None:
    if not stage.wait_until(lambda: abs(stage.look("port_voltage")) < DEAD_V, case.watch_s(stage.port)):
        raise DeviceNotReady(
            f"The port still stood at {stage.look('port_voltage'):.2f} V with its mains away and half its load on."
        )


def _switch(stage: Stage) -> RestingSwitch:
    declared = stage.bench.mains_switch
    assert declared is not None, "a bench without one does not carry this case out"
    return RestingSwitch(declared.control, stage.equipment.lines, stage.clock, "mains switch")
