"""Carrying out a rated current that lasts: the recorder looks now and then, until the connector gets no warmer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.run.conduct import SETTLED_S, WATCHED_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from rig.faults import Carry
    from rig.run.case import Case
    from rig.run.perform import Taken
    from rig.run.stage import Stage

__all__ = ["APART_S", "LOOKS", "LOOK_S", "carry"]

APART_S = 60.0
"""From one look to the next, bench time."""
LOOK_S = 0.2
"""Whole periods of what a consumer of alternating current takes."""
LOOKS = 4
"""At least: three of them, as far apart as that allows, tell how it goes on."""
STEADY_K = 0.25
"""What has moved by no more over two looks is steady enough to tell where it ends."""


def carry(case: Case, fault: Carry, stage: Stage, taken: Taken, announce: Callable[[], None]) -> None:
    """Rated current and the end of the feed's range, and a look every `APART_S`; in between the recorder rests."""
    port, fed, supply, rises = stage.port, stage.fed, stage.equipment.supply, list[float]()
    stage.check_interlock()
    stage.energise()
    stage.await_port()
    if port.role != "sink":
        stage.equipment.load.set_current(port.rated_current)
        stage.equipment.load.input(True)
        stage.monitor.wait(SETTLED_S)
    announce()
    begin = taken.now(stage)
    with stage.held(case.hold_s + APART_S):
        if fed is not None:
            supply.set_voltage(fed.volts(fault))
            stage.monitor.wait(SETTLED_S)
        for number in range(1, max(LOOKS, int(case.hold_s / APART_S)) + 1):
            with stage.monitor.resting():
                stage.clock.sleep(APART_S - LOOK_S)
            looked = taken.now(stage)
            stage.monitor.wait(LOOK_S)
            stage.check_interlock()
            taken.spans[f"look {number}"] = (looked, taken.now(stage))
            rises.append(stage.look("connector_temperature", LOOK_S) - stage.look("room_temperature", LOOK_S))
            if number >= LOOKS and max(rises[-3:]) - min(rises[-3:]) <= STEADY_K:
                break
        taken.spans["carried"] = (begin, taken.now(stage))
        if fed is None:
            return
        taken.spans["level"] = (taken.spans["look 1"][0], taken.spans["carried"][1])
        supply.set_voltage(fed.nominal)
    begin = taken.now(stage)
    stage.wait_until(lambda: stage.served(SETTLED_S), case.watch_s(port))
    stage.monitor.wait(WATCHED_S)
    taken.spans["after"] = (begin, taken.now(stage))
