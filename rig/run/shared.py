"""Carrying out a case with another source at the port: the neighbour, which stands for the rest of the grid."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from rig.faults import BackFeed, Charge, Join, Meet, Rest, Sharing, SourceLoss, on_bus, route
from rig.run.conduct import LAG_S, SETTLED_S, WATCHED_S
from rig.run.loaded import half_base, held
from rig.run.mains import mains_away
from rig.run.shared_bus import joined
from rig.run.sinking import takes_back
from rig.run.stage import DeviceNotReady
from rig.run.wired import NEIGHBOUR_OVP
from rig.safety.topology import DEAD_V

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from instruments.roles import Supply
    from rig.faults import OnBus
    from rig.run.case import Case
    from rig.run.perform import Taken
    from rig.run.stage import Stage

__all__ = ["beside", "share_level", "shared"]

ROOM_V = 0.5
"""Below its over-voltage protection, for what the neighbour may be set to."""
BELOW_V = 2.0
"""By how much a neighbour that is to carry nothing yet stands below the port."""
ABOVE_V = 1.0
"""By how much the neighbour is set above what it is to reach while its current is what it holds."""


def shared(case: Case, fault: OnBus, stage: Stage, taken: Taken, announce: Callable[[], None]) -> None:
    """The neighbour joins the port, does what the case says, and is gone.

    Raises:
        DeviceNotReady: it may not be joined, or the port does not stand for it.
        BusFault: more flows between the two than was declared.
    """
    stage.check_interlock()
    if isinstance(fault, BackFeed) and fault.dead:
        with mains_away(case, stage) if stage.fed is None else nullcontext():
            _on_a_dead_port(case, stage, taken, announce)
        return
    if isinstance(fault, Join):
        _on_a_live_grid(case, stage, taken, announce)
        return
    stage.energise()
    stage.await_port()
    if not isinstance(fault, Charge | Rest):
        stage.base_load(case.base)
    stage.monitor.wait(SETTLED_S)
    volts, highest = stage.look("port_voltage"), _highest(stage, taken) if isinstance(fault, Sharing) else 0.0
    higher, begin = fault.higher if isinstance(fault, Meet) else 0.0, taken.now(stage)
    with joined(stage, route(fault, stage.device), volts + higher, about_to=_meets(fault, announce)) as neighbour:
        if isinstance(fault, Meet):
            stage.monitor.wait(case.hold_s)
            taken.spans["met"] = (begin, taken.now(stage))
        elif isinstance(fault, BackFeed):
            _back_fed(case, fault, stage, taken, announce, neighbour, volts)
        elif isinstance(fault, Charge):
            _charged(case, fault, stage, taken, announce, neighbour)
        elif isinstance(fault, Sharing | Rest):
            _held_at(case, fault, stage, taken, announce, neighbour, highest)
        else:
            _lost(case, fault, stage, taken, announce, neighbour, volts)
    begin = taken.now(stage)
    stage.wait_until(lambda: stage.served(SETTLED_S), case.watch_s(stage.port))
    stage.monitor.wait(WATCHED_S)
    taken.spans["after"] = (begin, taken.now(stage))


@contextmanager
def beside(case: Case, stage: Stage, tap: str | None) -> Iterator[None]:
    """Where the stimulus asks for one, another source on the port, `BELOW_V` under what it has with its base load.

    Raises as `shared`.
    """
    if not on_bus(case.fault):
        yield
        return
    stage.monitor.wait(SETTLED_S)
    volts = stage.look("port_voltage")
    with joined(stage, route(case.fault, stage.device), volts, tap) as neighbour:
        neighbour.set_voltage(volts - BELOW_V)
        stage.monitor.wait(SETTLED_S)
        yield
    # Until here the other's voltage looked like its own.
    stage.wait_until(lambda: stage.served(SETTLED_S), case.watch_s(stage.port))


def share_level(case: Case, fault: SourceLoss, rated_current: float) -> float:
    """Half-way between what the port gives of the base load with the other source and without, A."""
    return case.base.load * rated_current * (1.0 - fault.share / 2.0)


def _set(neighbour: Supply, volts: float) -> None:
    """Raises DeviceNotReady where the neighbour may not be set so high."""
    if volts > NEIGHBOUR_OVP - ROOM_V:
        raise DeviceNotReady(
            f"The neighbour would stand at {volts:.2f} V, and may be set to {NEIGHBOUR_OVP - ROOM_V:g} V at most."
        )
    neighbour.set_voltage(volts)


def _back_fed(
    case: Case, fault: BackFeed, stage: Stage, taken: Taken, announce: Callable[[], None], neighbour: Supply,
    volts: float,
) -> None:  # fmt: skip
    neighbour.set_current_limit(stage.port.rated_current)
    announce()
    with stage.held(case.hold_s):
        _set(neighbour, volts + fault.above)
        held(case, stage, taken, "back fed")


def _on_a_dead_port(case: Case, stage: Stage, taken: Taken, announce: Callable[[], None]) -> None:
    """Nothing is live when the route closes: the neighbour comes up from nothing."""
    neighbour = _alone(case, stage)
    announce()
    begin = taken.now(stage)
    with stage.held(case.hold_s):
        _set(neighbour, stage.port.voltage)
        held(case, stage, taken, "back fed")
        neighbour.set_voltage(0.0)
    stage.wait_until(lambda: abs(stage.look("port_voltage")) < DEAD_V, case.watch_s(stage.port))
    neighbour.output(False)
    taken.spans["driven"] = (begin, taken.now(stage))


def _alone(case: Case, stage: Stage) -> Supply:
    """The neighbour on a port that is proved dead, on and at 0 V. Raises DeviceNotReady: the port is not."""
    neighbour = stage.equipment.neighbour
    assert neighbour is not None, "a bench without one does not carry this case out"
    if not stage.wait_until(lambda: abs(stage.look("port_voltage")) < DEAD_V, case.watch_s(stage.port)):
        raise DeviceNotReady(f"The port still stood at {stage.look('port_voltage'):.2f} V with its own energy away.")
    stage.wiring.route(route(case.fault, stage.device))
    neighbour.set_voltage(0.0)
    neighbour.set_ovp(NEIGHBOUR_OVP)
    neighbour.set_current_limit(stage.port.rated_current)
    takes_back(neighbour, 0.0)
    neighbour.output(True)
    return neighbour


def _on_a_live_grid(case: Case, stage: Stage, taken: Taken, announce: Callable[[], None]) -> None:
    """The neighbour holds what is dead, and carries the load; then the device comes up onto it, and takes it over."""
    view, window = stage.views["short"], stage.limited(case.view)
    neighbour = _alone(case, stage)
    _set(neighbour, stage.port.voltage - BELOW_V)
    stage.base_load(case.base)
    stage.monitor.wait(SETTLED_S)
    taken.first = stage.monitor.now()
    stage.monitor.wait(SETTLED_S)
    level = half_base(case, stage.port)
    stage.arm(view, window, "port_current", level, "rising")
    announce()
    begin = taken.now(stage)
    with stage.held(case.watch_s(stage.port)):
        stage.feed()
        stage.wait_until(lambda: stage.look("port_current") > level, case.watch_s(stage.port))
        stage.monitor.wait(case.hold_s + LAG_S)
        taken.spans["joined"] = (begin, taken.now(stage))
        taken.records["recovery"] = stage.read("recovery", view, patience_s=window.span_s)
        neighbour.output(False)
    begin = taken.now(stage)
    stage.wait_until(lambda: stage.served(SETTLED_S), case.watch_s(stage.port))
    stage.monitor.wait(WATCHED_S)
    taken.spans["after"] = (begin, taken.now(stage))


def _charged(
    case: Case, fault: Charge, stage: Stage, taken: Taken, announce: Callable[[], None], neighbour: Supply
) -> None:  # fmt: skip
    """Each current for the hold; its second half is steady."""
    line = stage.port.charging
    assert line is not None, "a port that does not charge is not put through it"
    announce()
    begin = taken.now(stage)
    for number, share in enumerate(fault.loads, 1):
        amps = share * line.current
        neighbour.set_current_limit(amps)
        _set(neighbour, line.voltage + line.droop * amps + ABOVE_V)
        held(case, stage, taken, f"load {number}")
    taken.spans["fed"] = (begin, taken.now(stage))


def _meets(fault: OnBus, announce: Callable[[], None]) -> Callable[[], None]:
    """Of a port that is plugged into a live grid the closing contact is the stimulus; others have theirs later."""
    return announce if isinstance(fault, Meet) else lambda: None


def _highest(stage: Stage, taken: Taken) -> float:
    """What a like source has at no current, V: what is declared; of one that lives on what it stores, and is as full,
    what the port itself has, from what it gives alone.
    """
    port = stage.port
    if stage.fed is not None or stage.device.mains is not None or port.droop is None:
        return port.voltage
    taken.spans["alone"] = (taken.now(stage) - SETTLED_S, taken.now(stage))
    return stage.look("port_voltage", SETTLED_S) + port.droop * stage.look("port_current", SETTLED_S)


def _held_at(
    case: Case, fault: Sharing | Rest, stage: Stage, taken: Taken, announce: Callable[[], None], neighbour: Supply,
    highest: float,
) -> None:  # fmt: skip
    """The neighbour holds the bus at one voltage after the other, each for the hold; its second half is steady."""
    port = stage.port
    if isinstance(fault, Sharing):
        assert port.droop is not None, "a port without a declared droop is not put through it"
        levels = [highest - port.droop * share * port.rated_current for share in fault.loads]
    else:
        assert port.charging is not None, "a port that does not charge is not put through it"
        levels = [(port.voltage + port.charging.voltage) / 2]
    neighbour.set_current_limit(port.rated_current)
    announce()
    begin = taken.now(stage)
    for number, volts in enumerate(levels, 1):
        _set(neighbour, volts)
        held(case, stage, taken, f"load {number}")
    taken.spans["fed"] = (begin, taken.now(stage))


def _lost(
    case: Case, fault: SourceLoss, stage: Stage, taken: Taken, announce: Callable[[], None], neighbour: Supply,
    volts: float,
) -> None:  # fmt: skip
    """The neighbour holds its current, and the port gives the rest; then the port gives all."""
    window, view = stage.limited(case.view), stage.views["recovery"]
    neighbour.set_current_limit(fault.share * case.base.load * stage.port.rated_current)
    _set(neighbour, volts + ABOVE_V)
    stage.monitor.wait(2 * SETTLED_S)
    stage.arm(view, window, "port_current", share_level(case, fault, stage.port.rated_current), "rising")
    announce()
    begin = taken.now(stage)
    neighbour.output(False)
    stage.monitor.wait(case.hold_s)
    taken.spans["lost"] = taken.spans["fed"] = (begin, taken.now(stage))
    taken.records["fault"] = stage.read("fault", view, patience_s=window.span_s)
