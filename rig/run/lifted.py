"""Carrying out a line that comes off under load: its contactor opens, and closes again when nothing could rush."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.faults import ON_ITS_OWN
from rig.run.conduct import LAG_S, SETTLED_S, WATCHED_S
from rig.run.loaded import half_base
from rig.run.stage import EMPTY_S, DeviceNotReady
from rig.run.wired import OFF_V

if TYPE_CHECKING:
    from collections.abc import Callable

    from rig.faults import Lifted
    from rig.run.case import Case
    from rig.run.perform import Taken
    from rig.run.stage import Stage

__all__ = ["lifted"]

LOAD_LINE = "load_line"
WHO = "A lifted wire"


def lifted(case: Case, fault: Lifted, stage: Stage, taken: Taken, announce: Callable[[], None]) -> None:
    """The line opens with the base load on, stays open for the hold and is joined again, dead; then all is as before.

    Raises:
        DeviceNotReady: the device kept its input up with its feed off.
    """
    window, view = stage.limited(case.view), stage.views["recovery"]
    route = set(stage.bench.routes[ON_ITS_OWN if stage.fed is None else stage.fed.route])
    line = {LOAD_LINE} if fault.line == "load" else route - {LOAD_LINE}
    stage.check_interlock()
    stage.energise()
    stage.await_port()
    stage.base_load(case.base)
    stage.monitor.wait(SETTLED_S)
    taken.first = stage.monitor.now()
    stage.monitor.wait(SETTLED_S)
    if fault.line == "load":
        stage.arm(view, window, "port_current", half_base(case, stage.port), "falling")
    announce()
    begin = taken.now(stage)
    stage.wiring.connect(route - line, WHO)
    off = taken.now(stage)
    stage.monitor.wait(case.hold_s)
    taken.spans["off"] = (off, taken.now(stage))
    if fault.line == "load":
        taken.records["fault"] = stage.read("fault", view, patience_s=window.span_s)
        stage.equipment.load.input(False)
        stage.wiring.connect(route, WHO)
        stage.base_load(case.base)
        stage.monitor.wait(LAG_S)
    else:
        _join_dead(stage, route)
        stage.feed()
    taken.spans["lifted"] = (begin, taken.now(stage))
    stage.wait_until(lambda: stage.served(SETTLED_S), case.watch_s(stage.port))
    stage.monitor.wait(WATCHED_S)
    taken.spans["after"] = (taken.spans["lifted"][1], taken.now(stage))


def _join_dead(stage: Stage, route: set[str]) -> None:
    """The feed's contactor, when supply and device have emptied themselves."""
    fed, supply = stage.fed, stage.equipment.supply
    assert fed is not None, "its feed is not lifted"
    supply.output(False)

    def empty() -> bool:
        return abs(stage.look(fed.signal)) < OFF_V and abs(supply.measure().volts) < OFF_V

    if not stage.wait_until(empty, EMPTY_S):
        volts = stage.look(fed.signal)
        raise DeviceNotReady(
            f"What feeds the device still stood at {volts:.2f} V {EMPTY_S:g} s after it was lifted, above {OFF_V:g} V."
        )
    stage.wiring.connect(route, WHO)
