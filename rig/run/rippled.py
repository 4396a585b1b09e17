"""Carrying out what puts alternating voltage on top of the feed: a generator, and an amplifier in series."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from instruments.errors import LinkError
from rig.bench.resting_switch import RestingSwitch, SwitchFault
from rig.run.conduct import LAG_S, SETTLED_S, WATCHED_S
from rig.run.wired import ceiling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from instruments.roles import Generator
    from rig.faults import Ripple
    from rig.run.case import Case
    from rig.run.perform import Taken
    from rig.run.stage import Stage

__all__ = ["in_the_feed", "rippled"]


def rippled(case: Case, fault: Ripple, stage: Stage, taken: Taken, announce: Callable[[], None]) -> None:
    """One frequency after the other; then the feed is as it was, and watched on."""
    declared = stage.bench.amplifier
    assert declared is not None, "a bench without one does not carry this case out"
    stage.check_interlock()
    stage.energise()
    stage.equipment.supply.set_ovp(ceiling(case, stage.bench))
    stage.await_port()
    stage.base_load(case.base)
    stage.monitor.wait(2 * SETTLED_S)  # as before other feeds, when a consumer has started
    announce()
    begin = taken.now(stage)
    times = fault.seconds(case.hold_s)
    with stage.held(sum(times)), in_the_feed(stage, declared.control) as generator:
        for hertz, seconds in zip(fault.hertz, times, strict=True):
            since = taken.now(stage)
            generator.output(False)
            generator.set_sine(hertz, fault.peak_to_peak / declared.gain)
            generator.output(True)
            stage.monitor.wait(seconds)
            taken.spans.setdefault("first tone", (since, taken.now(stage)))
    stage.monitor.wait(LAG_S)
    taken.spans["rippled"] = (begin, taken.now(stage))
    stage.wait_until(lambda: stage.served(SETTLED_S), case.watch_s(stage.port))
    stage.monitor.wait(WATCHED_S)
    taken.spans["after"] = (taken.spans["rippled"][1], taken.now(stage))


@contextmanager
def in_the_feed(stage: Stage, control: str) -> Iterator[Generator]:
    """The amplifier with nothing at its input; what is yielded is the generator before it, which is off."""
    generator = stage.equipment.generator
    assert generator is not None, "the bench file has none"
    bypass = RestingSwitch(control, stage.equipment.lines, stage.clock, "amplifier")
    bypass.open()
    try:
        yield generator
    except BaseException:
        with suppress(LinkError, SwitchFault):
            bypass.conduct()
        raise
    generator.output(False)
    bypass.conduct()
