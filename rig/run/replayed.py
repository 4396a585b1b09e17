"""Carrying out what a generator replays on top of the feed, by an amplifier in series: an arc's noise, or other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.faults import RATE_HZ
from rig.run.conduct import LAG_S, SETTLED_S, WATCHED_S
from rig.run.noise_seen import GONE
from rig.run.rippled import in_the_feed
from rig.run.wired import ceiling

if TYPE_CHECKING:
    from collections.abc import Callable

    from rig.faults import Replay
    from rig.run.case import Case
    from rig.run.perform import Taken
    from rig.run.stage import Stage

__all__ = ["replayed"]

LOOKED_S = 0.1
"""A port whose current has been gone for so long has switched off."""
BEYOND_S = 0.2
"""After the declared time there is no more to be learnt."""


def replayed(case: Case, fault: Replay, stage: Stage, taken: Taken, announce: Callable[[], None]) -> None:
    """The noise until the port has switched off, or should have, for the hold at most; then the feed is as it was."""
    told = stage.port.arc_detection
    longest = case.hold_s if told is None else min(case.hold_s, told.time + BEYOND_S)
    declared, generator = stage.bench.amplifier, stage.equipment.generator
    assert declared is not None, "a bench without one does not carry this case out"
    assert generator is not None, "the bench file has none"
    generator.set_samples(fault.table.codes, RATE_HZ, 2.0 * fault.peak / declared.gain)
    stage.check_interlock()
    stage.energise()
    stage.equipment.supply.set_ovp(ceiling(case, stage.bench))
    stage.await_port()
    stage.base_load(case.base)
    stage.monitor.wait(2 * SETTLED_S)  # as before other feeds, when a consumer has started
    announce()
    with stage.held(longest), in_the_feed(stage, declared.control) as playing:
        begin = taken.now(stage)
        playing.output(True)
        stage.wait_until(lambda: _gone(stage), longest)
        taken.spans["replayed"] = (begin, taken.now(stage))
    stage.monitor.wait(LAG_S)
    back = taken.now(stage)
    stage.wait_until(lambda: stage.served(SETTLED_S), case.watch_s(stage.port))
    stage.monitor.wait(WATCHED_S)
    taken.spans["after"] = (back, taken.now(stage))


def _gone(stage: Stage) -> bool:
    """Whether the port's current has been gone for a while."""
    return abs(stage.look("port_current", LOOKED_S)) < GONE * stage.port.rated_current
