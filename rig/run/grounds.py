"""Carrying out a volt between grounds: the neighbour between the return and the ground of the data connector."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rig.faults import ON_ITS_OWN, SecondReturn
from rig.files.bench_checks import GROUND_CURRENT, SECOND_RETURN
from rig.run.conduct import LAG_S, SETTLED_S, WATCHED_S
from rig.run.mean_current import mean_current
from rig.run.sinking import takes_back
from rig.run.stage import DeviceNotReady
from rig.run.wired import grounds_ceiling

if TYPE_CHECKING:
    from collections.abc import Callable

    from rig.measure import Measurement
    from rig.run.case import Case
    from rig.run.perform import Taken
    from rig.run.shot import Shot
    from rig.run.stage import Stage

__all__ = ["BETWEEN", "between_grounds", "ground_current", "not_joined"]

BETWEEN = "between grounds"
"""Name of the span in which the volt is there."""
FOUND = "steady between grounds"
"""Name of its part in which the current in the second return is looked at."""
WHO = "A second return"
VOLT_S = 0.3
"""What a supply takes to its voltage, or from it, and a look at what it has."""
WITHIN_V = 0.2
"""By how much it may be off, as it reads itself: a tenth of a percent of 80 V each for what it is set to and reads."""
HELD_SHARE = 0.9
"""Of the current that the neighbour is limited to: from there on it may have been that limit."""


def between_grounds(
    case: Case, fault: SecondReturn, stage: Stage, taken: Taken, announce: Callable[[], None]
) -> None:  # fmt: skip
    """The second return closes without a voltage, then the volt comes, stays for the hold and goes; then it opens.

    Raises:
        DeviceNotReady: the neighbour does not have the voltage that it is told to.
    """
    neighbour = stage.equipment.neighbour
    assert neighbour is not None, "a bench without one does not carry this case out"
    route = set(stage.bench.routes[ON_ITS_OWN if stage.fed is None else stage.fed.route])
    stage.check_interlock()
    stage.energise()
    stage.await_port()
    stage.base_load(case.base)
    stage.monitor.wait(2 * SETTLED_S)  # as before other feeds, when a consumer has started
    begin = taken.now(stage)
    stage.monitor.wait(SETTLED_S)
    taken.spans["zero"] = (begin, taken.now(stage))
    neighbour.set_voltage(0.0)  # below whatever threshold was left behind
    neighbour.set_ovp(grounds_ceiling(fault))
    neighbour.set_current_limit(fault.current)
    takes_back(neighbour, 0.0)
    neighbour.set_voltage(fault.voltage)
    neighbour.output(True)
    stage.monitor.wait(VOLT_S)
    volts = neighbour.measure().volts
    if abs(volts - fault.voltage) > WITHIN_V:
        raise DeviceNotReady(
            f"The neighbour stood at {volts:.2f} V instead of the {fault.voltage:g} V that are to be between grounds."
        )
    neighbour.set_voltage(0.0)
    stage.monitor.wait(VOLT_S)
    announce()
    since = taken.now(stage)
    with stage.held(case.hold_s + VOLT_S):
        stage.wiring.connect(route | {SECOND_RETURN}, WHO)
        neighbour.set_voltage(fault.voltage)
        stage.monitor.wait(VOLT_S)
        steady = taken.now(stage)
        stage.monitor.wait(case.hold_s)
        taken.spans[FOUND] = (steady, taken.now(stage))
        neighbour.set_voltage(0.0)
        neighbour.output(False)
        stage.wiring.connect(route, WHO)
    stage.monitor.wait(LAG_S)
    taken.spans[BETWEEN] = taken.spans["fed"] = (since, taken.now(stage))
    stage.wait_until(lambda: stage.served(SETTLED_S), case.watch_s(stage.port))
    stage.monitor.wait(WATCHED_S)
    taken.spans["after"] = (taken.spans[BETWEEN][1], taken.now(stage))


def ground_current(shot: Shot) -> Measurement:
    """The mean current in the second return while the volt is there, A; its zero was taken before, with it open.

    Where the neighbour may have been at its limit, the device would have taken more.
    """
    spans, fault = shot.taken.spans, shot.case.fault
    assert isinstance(fault, SecondReturn)
    found = mean_current(shot.capture, spans[FOUND], GROUND_CURRENT, zero=spans["zero"], signal=GROUND_CURRENT)
    if found.value is not None and found.value >= HELD_SHARE * fault.current:
        return replace(found, bound="lower", flags=(*found.flags, "supply-at-its-limit"))
    return found


def not_joined(shot: Shot) -> str | None:
    """Why the second return cannot be said to have been there; None where its current shows it, or where none flows by
    the maker's declaration, so that only the bench proof has seen it."""
    declared, found = shot.port.signal_ground, shot.ground_current()
    if declared is None or declared.isolated or found.value is None or found.value > (found.U or 0.0):
        return None
    return (
        f"the second return carried {found.value * 1e3:.2g} mA, and its maker says that the signal ground is joined to "
        "the return; look at the plug at its data connector"
    )
