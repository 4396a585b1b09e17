"""Carrying out one case: route, energise, arm, inject, capture, clear, watch. Judging comes later and elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rig.device.registers import DeviceSilent
from rig.faults import (
    UNTRIGGERED,
    Arc,
    BackFeed,
    Charge,
    Chopper,
    Day,
    Draw,
    Dump,
    Interruption,
    Join,
    Level,
    Lifted,
    Meet,
    Metered,
    Motor,
    NoTap,
    Outage,
    Overload,
    Ramp,
    Rest,
    Reverse,
    Ripple,
    SecondReturn,
    Sharing,
    Short,
    SourceLoss,
    Start,
    Steps,
    prospective,
)
from rig.measure import Record
from rig.run.a_day import day
from rig.run.case import Window
from rig.run.conduct import GATE_V, SETTLED_S, WATCHED_S
from rig.run.fed import fed_otherwise, interrupted
from rig.run.grounds import between_grounds
from rig.run.lifted import lifted
from rig.run.loaded import dumped, half_base, held, motor, stepped
from rig.run.mains import emptied, outage
from rig.run.metered import metered
from rig.run.needs import arc_refusals, counter_refusals, load_refusals
from rig.run.parameters import look_after, look_before
from rig.run.reach_of_readings import READ_OUT_S, fault_window, recovery_window
from rig.run.replayed import replayed
from rig.run.rippled import rippled
from rig.run.shared import beside, shared
from rig.run.stage import DeviceNotReady, UnsafeBench
from rig.run.wired import ceiling, topology_refusals

if TYPE_CHECKING:
    from rig.faults import Prospective
    from rig.files.bench import Bench
    from rig.run.case import Case
    from rig.run.counted import Reading
    from rig.run.stage import Stage

__all__ = ["Taken", "perform", "prepare", "trigger_level"]

RECOVERY_WINDOW = Window("100 ms")
RUSH = 0.25
"""Of its rated current, at which a consumer that starts is seen to."""
DEAD_PORT_V = 1.0
"""Below this a port is proved unpowered (DESIGN section 5.2)."""
ZERO_S = 0.2


@dataclass
class Taken:
    """What one case brought home. Spans are seconds on the slow record, which begins with scan `first` of the session.

    Where the fault was made several times, record "before" has all of them but the judged one.
    """

    prospective: Prospective
    records: dict[str, Record] = field(default_factory=dict)
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)
    first: int = 0
    readings: list[Reading] = field(default_factory=list)
    """Of the device's energy counter: the first one, and each that differs from the one before."""
    reports: dict[str, str] = field(default_factory=dict)
    """What the device said is wrong, while the fault was there and when the port was back."""
    temperatures: list[float] = field(default_factory=list)
    """Of the port, as the device tells it at each look of a day, degC."""
    air: dict[str, float] = field(default_factory=dict)
    """Temperature around the device before and after, degC, where the case wants one."""
    parameters: dict[str, dict[str, str]] = field(default_factory=dict)
    """What the device said of itself, before and after."""

    def now(self, stage: Stage) -> float:
        """Seconds on the slow record."""
        return (stage.monitor.now() - self.first) / stage.monitor.rate


def trigger_level(case: Case, stage: Stage, expected: Prospective) -> float:
    """Level of the injection channel that is t0: A for shorts and overloads, V (magnitude) for reversed sources."""
    fault, rated = case.fault, stage.port.rated_current
    if isinstance(fault, Reverse):
        return 10.0
    if isinstance(fault, Interruption):
        return GATE_V
    if isinstance(fault, Short):
        return rated
    if isinstance(fault, (Dump, *UNTRIGGERED)):
        return half_base(case, stage.port) if isinstance(fault, Dump) else 0.5 * rated
    base = case.base.load * stage.port.rated_current
    return 0.5 * (expected.peak_current - base)


def prepare(case: Case, stage: Stage) -> Taken:
    """What to expect of the case, from declared data.

    Raises:
        DeviceNotReady: this bench must not or cannot do it; nothing was switched.
    """
    try:
        expected = prospective(case.fault, case.base, case.hold_s, stage.port, stage.bench, stage.device)
    except NoTap as none:
        raise DeviceNotReady(str(none)) from None
    refusals = (
        *expected.refusals,
        *load_refusals(case, stage.bench, stage.port),
        *counter_refusals(case, stage.port),
        *arc_refusals(case, stage.port),
        *(_one_shot_refusals(case, stage.bench) if expected.tap else ()),
        *topology_refusals(case, expected.tap, stage.bench, stage.device),
    )
    if refusals:
        raise DeviceNotReady("; ".join(refusals) + ".")
    return Taken(expected)


def _one_shot_refusals(case: Case, bench: Bench) -> list[str]:
    """A hold that the injector's own hardware would cut short."""
    longest = bench.injector.one_shot
    if longest is None or case.hold_s < longest:
        return []
    return [
        f"{case.label} is held for {case.hold_s:g} s, and the injector's one-shot ends every fault after {longest:g} s"
    ]


def perform(case: Case, stage: Stage, taken: Taken, announce: Callable[[], None]) -> None:
    """Do what the case declares and fill `taken`; `announce` is called right before anything is injected.

    What has been recorded is in `taken` also when this raises.

    Raises:
        DeviceNotReady: the device was not in the state the case starts from; nothing was injected.
    """
    last: int | None = None
    taken.first = stage.monitor.now()

    def about_to() -> None:
        look_before(case.fault, stage, taken)
        announce()

    try:
        WAYS[type(case.fault)](case, case.fault, stage, taken, about_to)
        look_after(stage, taken)
        stage.check_interlock()
        stage.wiring.check()
        last = stage.monitor.now()
        stage.safe_or_raise()
        if isinstance(case.fault, Level | BackFeed):  # every contactor is open
            taken.spans.setdefault("zero", _zero(stage, taken))
    except UnsafeBench:
        raise
    except BaseException as trouble:
        stage.safe_after(trouble)
        raise
    finally:
        # Read-backs look away while the bench is made safe, which is no part of what was to be seen.
        ends = last if last is not None and stage.monitor.looks_away else stage.monitor.seen()
        taken.records["slow"] = stage.slow_record(taken.first, ends)


def _forward(case: Case, _: Short | Overload, stage: Stage, taken: Taken, announce: Callable[[], None]) -> None:
    """The fault, as often as declared; of several the last is judged, or the one after which the port stays away."""
    expected = taken.prospective
    stage.check_interlock()
    stage.energise(expected.tap)
    stage.await_port()
    stage.base_load(case.base)
    begun = taken.first
    with beside(case, stage, expected.tap):
        for number in range(case.before + 1):
            taken.first = stage.monitor.now() if number else begun
            if not _one_fault(case, stage, taken, announce if not number else lambda: None):
                break
    if taken.first > begun:
        taken.records["before"] = replace(stage.slow_record(begun, taken.first), name="before")


def _one_fault(case: Case, stage: Stage, taken: Taken, announce: Callable[[], None]) -> bool:
    """Arm, inject, capture, clear, watch; whether the port came back."""
    window = stage.limited(fault_window(case, stage.bench, stage.port))
    view = stage.views["overload" if isinstance(case.fault, Overload) else "short"]
    stage.arm(view, window, "injector_current", trigger_level(case, stage, taken.prospective), "rising")
    announce()
    fed = taken.now(stage)
    after = window.span_s * (1 - window.before)
    with stage.injector.injection(case.hold_s) as injection:
        held_long_enough = case.hold_s >= after + READ_OUT_S
        if held_long_enough:
            stage.monitor.wait(after + 0.002)
            taken.records["fault"] = stage.read("fault", view)
            _ask(case, stage, taken, "during")
            span = _arm_for_recovery(case, stage)
        stage.monitor.wait(injection.remaining())
    back = stage.wait_until(lambda: stage.served(SETTLED_S), case.watch_s(stage.port))
    _ask(case, stage, taken, "after")
    taken.spans["fed"] = (fed, taken.now(stage))
    if not held_long_enough:
        taken.records["fault"] = stage.read("fault", view, patience_s=window.span_s)
    else:
        taken.records["recovery"] = stage.read("recovery", stage.views["recovery"], patience_s=span)
    return back


def _zero(stage: Stage, taken: Taken) -> tuple[float, float]:
    """A span in which no current flows: what a channel shows then is its zero."""
    begin = taken.now(stage)
    stage.monitor.wait(ZERO_S)
    return begin, taken.now(stage)


def _ask(case: Case, stage: Stage, taken: Taken, when: str) -> None:
    """What the device reports, where the case is about that; a device that says nothing leaves nothing."""
    told = stage.device.communication
    if "communication" in case.needs and stage.registers is not None and told is not None and told.fault is not None:
        with suppress(DeviceSilent):
            taken.reports[when] = stage.registers.fault(told.fault)


def _arm_for_recovery(case: Case, stage: Stage) -> float:
    """The digitizer waits for the port's return; where it alone sees the gate, for its end too. Its span, s."""
    recovery = stage.views["recovery"]
    if "gate_voltage" in stage.monitor.signals:
        stage.arm(recovery, stage.limited(RECOVERY_WINDOW), "port_voltage", 0.5 * stage.port.voltage, "rising")
        return RECOVERY_WINDOW.span_s
    window = recovery_window(case, stage.port)
    stage.arm(recovery, window, "gate_voltage", GATE_V, "falling")
    return window.span_s


def _started(case: Case, _: Start, stage: Stage, taken: Taken, announce: Callable[[], None]) -> None:
    """The load first, the short if there is one, and then the device's energy: what feeds it, or its mains."""
    tap, begun = taken.prospective.tap, taken.now(stage)
    stage.check_interlock()
    with emptied(case, stage) if stage.fed is None else nullcontext(stage.feed) as go:
        stage.connect(tap)
        stage.base_load(case.base)
        if stage.fed is None:
            taken.spans["dark"] = (begun, taken.now(stage))
        begin = _set_off(case, stage, taken, announce, go)
    works = stage.wait_until(lambda: stage.served(SETTLED_S), case.watch_s(stage.port))
    if tap is not None:
        taken.spans["fed"] = (begin, taken.now(stage))
        return
    taken.records["recovery"] = stage.read("recovery", stage.views["recovery"], patience_s=RECOVERY_WINDOW.span_s)
    if stage.fed is None:
        stage.monitor.wait(WATCHED_S)
        taken.spans["after"] = (begin, taken.now(stage))
    if works and stage.port.role == "sink":
        held(case, stage, taken, "load 1")


def _set_off(
    case: Case, stage: Stage, taken: Taken, announce: Callable[[], None], go: Callable[[], None]
) -> float:  # fmt: skip
    """The device's energy comes by `go`, into a short for the hold if there is one. When it was there for sure, s."""
    tap, window, view = taken.prospective.tap, stage.limited(case.view), stage.views["overload"]
    if tap is None:
        if stage.port.role == "sink":  # what it takes, which comes when it likes to start
            rush = -RUSH * stage.port.rated_current
            stage.arm(stage.views["short"], stage.limited(RECOVERY_WINDOW), "port_current", rush, "falling")
        else:
            half = 0.5 * stage.band[0]
            stage.arm(stage.views["recovery"], stage.limited(RECOVERY_WINDOW), "port_voltage", half, "rising")
        announce()
        go()
        return taken.now(stage)
    stage.arm(view, window, "injector_current", trigger_level(case, stage, taken.prospective), "rising")
    announce()
    with stage.injector.injection(case.hold_s) as injection:
        go()
        stage.monitor.wait(injection.remaining() / 2)
        begin = taken.now(stage)
        stage.monitor.wait(injection.remaining())
    taken.records["fault"] = stage.read("fault", view, patience_s=window.span_s)
    return begin


def _reversed(case: Case, fault: Reverse, stage: Stage, taken: Taken, announce: Callable[[], None]) -> None:
    supply, window = stage.equipment.supply, stage.limited(case.view)
    if not stage.wait_until(lambda: abs(stage.look("port_voltage")) < DEAD_PORT_V, case.watch_s(stage.port)):
        volts = stage.look("port_voltage")
        raise DeviceNotReady(
            f"The port still stood at {volts:.2f} V with its energy input disconnected, above {DEAD_PORT_V:g} V."
        )
    consumer = stage.port.consumption
    stage.monitor.wait(consumer.discharge_time or 0.0 if consumer is not None else 0.0)
    zero = _zero(stage, taken)
    stage.check_interlock()
    stage.wiring.route("reversed")
    taken.spans["zero"] = zero
    supply.set_voltage(0.0)
    supply.set_ovp(ceiling(case, stage.bench))
    supply.set_current_limit(fault.current)
    supply.output(True)
    stage.monitor.wait(0.1)
    view = stage.views["overload"]
    stage.arm(view, window, "port_voltage", -trigger_level(case, stage, taken.prospective), "falling")
    announce()
    driven = taken.now(stage)
    with stage.held(max(case.hold_s, window.span_s) + window.span_s):
        supply.set_voltage(fault.voltage)
        stage.monitor.wait(window.span_s)
        applied = taken.now(stage)
        stage.monitor.wait(max(0.0, case.hold_s - window.span_s))
        taken.spans["applied"] = (applied, taken.now(stage))
        taken.records["fault"] = stage.read("fault", view, patience_s=window.span_s)
        supply.set_voltage(0.0)
    stage.wait_until(lambda: abs(stage.look("port_voltage")) < DEAD_PORT_V, case.watch_s(stage.port))
    supply.output(False)
    stage.safe_or_raise()
    taken.spans["driven"] = (driven, taken.now(stage))
    fed = stage.fed
    assert fed is not None, "the topology lets no source be reversed onto a port that lives on its own"
    stage.connect()
    recovery = stage.views["recovery"]
    stage.arm(recovery, stage.limited(RECOVERY_WINDOW), "port_voltage", 0.5 * stage.port.voltage, "rising")
    stage.feed()
    stage.wait_until(lambda: stage.served(SETTLED_S), case.watch_s(stage.port))
    taken.records["recovery"] = stage.read("recovery", recovery, patience_s=RECOVERY_WINDOW.span_s)


WAYS: dict[type, Callable[..., None]] = {
    Short: _forward, Overload: _forward, Reverse: _reversed, Start: _started, Steps: stepped, Draw: stepped,
    Dump: dumped, Motor: motor, Metered: metered, Level: fed_otherwise, Ramp: fed_otherwise,
    Interruption: interrupted, Outage: outage, BackFeed: shared, SourceLoss: shared, Charge: shared, Sharing: shared,
    Rest: shared, Ripple: rippled, Lifted: lifted, Join: shared, Meet: shared,
    Day: day, SecondReturn: between_grounds, Arc: replayed, Chopper: replayed,
}  # fmt: skip
"""How each stimulus is carried out; every one of them takes case, stimulus, stage, taken and announce."""
