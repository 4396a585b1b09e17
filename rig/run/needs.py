"""What a case needs and a bench declares."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from instruments.catalogue import load_driver
from rig.faults import (
    AMPLIFIED,
    GIVES,
    Arc,
    BackFeed,
    Carry,
    Charge,
    Day,
    Draw,
    Interruption,
    Join,
    Level,
    Lifted,
    Meet,
    Metered,
    Outage,
    Overload,
    Ramp,
    Replay,
    Rest,
    Ripple,
    SecondReturn,
    Sharing,
    Start,
    feed,
    fitting_base,
    metering,
    on_bus,
    route,
)
from rig.files.bench_checks import GROUND_CURRENT, SECOND_RETURN
from rig.files.quantity import format_quantity, parse
from rig.run.case import NEEDS_RATE
from rig.run.covering import clauses_of
from rig.run.wired import SUPPLY_OVP

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rig.files.bench import Bench
    from rig.files.device import Device, Port
    from rig.run.case import Case
    from rig.run.planned import Planned

__all__ = [
    "arc_refusals", "counter_refusals", "fitted", "fitting", "impossible", "load_refusals", "missing", "unfit", "whys",
]  # fmt: skip

WATT_HOUR = 3600.0
MAINS_AWAY_S = 15.0
"""Beyond its hold: what empties the port, and what each step takes."""
AMPLIFIED_S = 5.0
"""Beyond its frequencies: what each command takes."""
FOUND_S = 0.1
"""Beyond the declared time: what it takes to see a port whose arc was found in time, or was not."""
THERMOMETERS = {
    "connector_temperature": "at the connector of the device's port",
    "room_temperature": "in the air around the device",
}
OF_DEVICE, OTHER_PORT = "device.", "another port"
ROUTES = {
    "forward": "the supply at the energy input, the load at the port",
    "feed": "the supply at a port that is fed",
    "own": "the load alone at the port of a device that the bench does not feed",
    "reversed": "the supply backwards at the port",
    "shared": "the supply at the energy input, and a neighbour beside the load at the port",
    "own_shared": "a neighbour beside the load at the port",
}


def fitting(plan: Iterable[Planned], device: Device, only: Sequence[str] = ()) -> list[Planned]:
    """The cases that are made for such a device; the others are about something that it does not have.

    only: clauses of which a case must judge one; all without.
    """
    return [one for one in plan if not unfit(one.case, device) and (not only or set(clauses_of(one.case)) & set(only))]


def left_out(plan: Iterable[Planned], device: Device, only: Sequence[str] = ()) -> list[tuple[Planned, str]]:
    """What `fitting` leaves out because of the device, each with the reason."""
    wanted = (one for one in plan if not only or set(clauses_of(one.case)) & set(only))
    return [(one, why) for one in wanted if (why := unfit(one.case, device))]


def unfit(case: Case, device: Device) -> str:
    """Why the case is not for such a device, in words; empty when it is."""
    port, fault = device.port, case.fault
    takes, loads = port.role == "sink", isinstance(fault, Start) and fault.resistance is not None
    loads = loads or (isinstance(fault, Metered) and fault.load is not None)
    loads = loads or fault == Lifted("load")
    untold = isinstance(fault, Metered) and not _counts(port)
    cut = isinstance(fault, Metered) and fault.cut is not None
    dead = isinstance(fault, BackFeed) and fault.dead
    told = (*case.declares, *(("droop",) if isinstance(fault, Sharing) else ()))
    undeclared = [name for name in told if not _declared(port, device, name)]
    wanted, rated = parse(case.rated_power, "W"), port.voltage * port.rated_current
    whys = {
        "it is for a port that gives current": takes and (loads or isinstance(fault, GIVES)),
        f"it is for a device that the bench feeds, and {device.name} lives on its own": feed(device) is None
        and (
            cut
            or (dead and device.mains is None)
            or isinstance(fault, (Level, Ramp, Interruption, Join, *AMPLIFIED))
            or (isinstance(fault, Start) and device.mains is None)
            or fault == Lifted("feed")
            or (isinstance(fault, Carry) and fault.told is not None)
        ),
        "it is for a device that lives on its own": (isinstance(fault, Meet) or fault == Carry())
        and feed(device) is not None,
        "it is for a device with a data connector": isinstance(fault, SecondReturn) and port.signal_ground is None,
        "it is for a device that lives on the mains": isinstance(fault, Outage) and device.mains is None,
        "it is for a port whose maker declares a line on which it charges": isinstance(fault, Charge | Rest)
        and port.charging is None,
        "it is for a consumer": isinstance(fault, Metered) and fault.load is None and not takes,
        "it is for a port whose maker declares an energy counter for that way": untold,
        f"it is for a {case.role} port": not _plays(port, case.role),
        f"it is for a port whose maker declares {', '.join(undeclared)}": bool(undeclared),
        f"it is for a port with protection of type {case.protection}": case.protection
        not in (None, port.protection.type),
        f"it is for a device that is declared to work at {case.degc or 0.0:g} degC": not _works_at(case.degc, device),
        f"it is for {format_quantity(wanted, 'W')}, and the port is rated for {format_quantity(rated, 'W')}": wanted
        > rated,
    }
    return next((why for why, so in whys.items() if so), "")


def _plays(port: Port, role: str | None) -> bool:
    """Whether a port gives current (source), only gives it (unidirectional), or is just what is asked for."""
    if role in (None, "source"):
        return role is None or port.role != "sink"
    return port.role == ("source" if role == "unidirectional" else role)


def _works_at(degc: float | None, device: Device) -> bool:
    """Whether its maker says so; in the room everything does."""
    declared = device.operating_temperature
    return degc is None or (declared is not None and declared.low <= degc <= declared.high)


def whys(plan: Iterable[Planned], device: Device) -> dict[str, str]:
    """By clause, why the cases that judge it are not for this device: of several the first one's."""
    found: dict[str, str] = {}
    for one in plan:
        if why := unfit(one.case, device):
            for clause in (one.case.clause, *one.case.also):
                found.setdefault(clause, f"of its case '{one.case.label}': {why}")
    return found


def impossible(case: Case, bench: Bench, device: Device, serial: str | None) -> str:
    """Why the case is not carried out here, beginning in lower case: a part that the bench lacks, or consent."""
    if lacking := missing(case, bench, device):
        return f"the bench lacks {', '.join(lacking)}"
    if not case.consent or (serial is not None and serial in device.consent):
        return ""
    who = f"serial number {serial}" if serial is not None else "a serial number, and none is given (--serial)"
    return (
        f"{case.consent}: this takes consent for {who}; the owner of the sample writes it under consent in the file of "
        f"device {device.name}"
    )


def _counts(port: Port) -> bool:
    """Whether it has a register for what goes the way that the bench can make it go."""
    counter = port.counter
    return counter is not None and (counter.imported if port.role == "sink" else counter.exported) is not None


def _declared(port: Port, device: Device, path: str) -> bool:
    """Whether the maker declares something at this path below the port, or below the device where it says so."""
    value: object = port if not path.startswith(OF_DEVICE) else device
    for part in path.removeprefix(OF_DEVICE).split("."):
        value = getattr(value, part, None)
    return value is not None and value != ()


def fitted(case: Case, bench: Bench, port: Port) -> Case:
    """The case with the base load that this bench needs to make its overload of this port."""
    if not isinstance(case.fault, Overload):
        return case
    return replace(case, base=fitting_base(case.fault, case.base, port, bench))


def load_refusals(case: Case, bench: Bench, port: Port) -> list[str]:
    """A base load that the envelope of the load does not allow at the highest voltage it has to expect."""
    if port.role == "sink":
        return []
    node, volts = bench.envelope.load, min(bench.envelope.load.voltage or SUPPLY_OVP, SUPPLY_OVP)
    if isinstance(case.fault, Draw):
        what, told = case.fault.label, [(case.fault.power, node.power, "W")]
    elif isinstance(case.fault, Day):  # carried out as a resistance, which draws more where the voltage is higher
        ohms = port.voltage**2 / case.fault.peak
        what, told = case.fault.label, [(volts / ohms, node.current, "A"), (volts**2 / ohms, node.power, "W")]
    elif isinstance(case.fault, Carry):  # a current that stays as it is
        amps = port.rated_current
        what, told = case.fault.label, [(amps, node.current, "A"), (amps * volts, node.power, "W")]
    else:
        what, ohms = case.largest_load.label, case.largest_load.resistance(port.voltage, port.rated_current)
        told = [(volts / ohms, node.current, "A"), (volts**2 / ohms, node.power, "W")]
    return [
        f"{what} could draw {format_quantity(value, unit)} at {format_quantity(volts, 'V')}, and the envelope of the "
        f"load allows {format_quantity(most, unit)}"
        for value, most, unit in told
        if most is not None and value > most
    ]


def counter_refusals(case: Case, port: Port) -> list[str]:
    """A hold that is too short for the steps of the device's energy counter to tell anything (MTR-03)."""
    if not isinstance(case.fault, Metered) or port.counter is None:
        return []
    longest = metering(case.fault, port).longest
    if longest <= case.hold_s:
        return []
    step = f"{port.counter.step / WATT_HOUR:g} Wh"
    why = (
        f"{case.fault.label}: with steps of {step} the counter has to be watched for up to "
        f"{format_quantity(longest, 's')}, and the case holds for {format_quantity(case.hold_s, 's')}"
    )
    return [why]


def arc_refusals(case: Case, port: Port) -> list[str]:
    """A hold that ends before the device has to have found the arc (ARC-01)."""
    told = port.arc_detection
    if not isinstance(case.fault, Arc) or told is None or case.hold_s >= told.time + FOUND_S:
        return []
    why = (
        f"{case.fault.label} is held for {format_quantity(case.hold_s, 's')}, and to see whether the port is off "
        f"{format_quantity(told.time, 's')} after its begin takes {format_quantity(told.time + FOUND_S, 's')}"
    )
    return [why]


def missing(case: Case, bench: Bench, device: Device) -> list[str]:
    """Parts that the case needs and the bench does not have, in words; empty when it can be done."""
    way = route(case.fault, device)
    lacking = [] if way in bench.routes else [f"a route '{way}': {ROUTES[way]}"]
    buses = bench.topology.shared_buses if bench.topology is not None else {}
    if on_bus(case.fault) and not lacking and way not in buses:
        lacking.append(f"a shared bus '{way}' in its topology, on which a neighbour and the port may meet")
    lacking += [*_sink_lacking(bench, device), *_switch_lacking(case, bench), *_amplifier_lacking(case, bench)]
    lacking += [*_mains_lacking(case, bench, device), *_chamber_lacking(case, bench)]
    lacking += [*_second_return_lacking(case, bench), *_thermometers_lacking(case, bench)]
    for need in sorted(case.needs):
        if need.startswith(NEEDS_RATE):
            wanted = parse(need.removeprefix(NEEDS_RATE), "Hz")
            if bench.digitizer_rate_max is not None and bench.digitizer_rate_max < wanted:
                lacking.append(f"a digitizer of {format_quantity(wanted, 'Hz')} or more")
        elif need == "injector" and not bench.injector.taps:
            lacking.append("an injector with taps")
        elif need == "communication":
            if bench.device_link is None and bench.kind != "twin":
                lacking.append("a link to the device's registers (device_link)")
        elif need == OTHER_PORT:
            if "other_voltage" not in bench.signals:
                lacking.append("a channel at another port of the device (signal other_voltage)")
        elif need not in {"reversed", "injector"}:
            lacking.append(f"'{need}', which this version does not know")
    return lacking


def _sink_lacking(bench: Bench, device: Device) -> list[str]:
    """For a device that gives back to what it lives on a supply that takes it."""
    own, driver = feed(device), bench.instruments[bench.roles["supply"]].driver
    if own is None or not own.returns or "sink" in load_driver(driver).capabilities:
        return []
    return [f"a supply that takes {format_quantity(own.returns, 'A')} back, as the battery for which it stands"]


def _switch_lacking(case: Case, bench: Bench) -> list[str]:
    """For an interruption a series switch whose own hardware lets it be open for long enough."""
    switch, fault = bench.series_switch, case.fault
    if not isinstance(fault, Interruption):
        return []
    if switch is None:
        return ["a series switch in the feed"]
    if fault.duration < switch.one_shot:
        return []
    return [f"a series switch that stays open for {format_quantity(fault.duration, 's')}"]


def _amplifier_lacking(case: Case, bench: Bench) -> list[str]:
    """For a ripple, or a noise, an amplifier in the feed that gives as much for as long."""
    amplifier, fault = bench.amplifier, case.fault
    if not isinstance(fault, AMPLIFIED):
        return []
    if amplifier is None:
        return ["an amplifier in the feed"]
    if isinstance(fault, Ripple):
        seconds, peak_to_peak = sum(fault.seconds(case.hold_s)) + AMPLIFIED_S, fault.peak_to_peak
    else:
        seconds, peak_to_peak = case.hold_s + AMPLIFIED_S, 2 * fault.peak
    if peak_to_peak > 2 * amplifier.peak:
        return [f"an amplifier of {format_quantity(peak_to_peak, 'V')} from peak to peak"]
    generator = bench.instruments[bench.roles["generator"]]
    if isinstance(fault, Replay) and "samples" not in load_driver(generator.driver).capabilities:
        return ["a generator that plays a table of samples"]
    if seconds >= amplifier.one_shot:
        return [f"an amplifier that stays in the feed for {format_quantity(seconds, 's')}"]
    return []


def _second_return_lacking(case: Case, bench: Bench) -> list[str]:
    """For a volt between grounds a switched second return from a neighbour, and a shunt in it."""
    if not isinstance(case.fault, SecondReturn):
        return []
    there = SECOND_RETURN in bench.contactors and "neighbour" in bench.roles
    told = [] if there else [f"a switched second return from a neighbour (contactor {SECOND_RETURN})"]
    seen = GROUND_CURRENT in bench.signals and bench.signals[GROUND_CURRENT].slow is not None
    return [*told, *([] if seen else [f"a shunt in the second return (signal {GROUND_CURRENT})"])]


def _chamber_lacking(case: Case, bench: Bench) -> list[str]:
    """For another climate than the room's a chamber that can make it."""
    degc, chamber = case.degc, bench.chamber
    if degc is None or (chamber is not None and chamber.low <= degc <= chamber.high):
        return []
    return ["a climate chamber" if chamber is None else f"a climate chamber of {degc:g} degC"]


def _thermometers_lacking(case: Case, bench: Bench) -> list[str]:
    """For what a connector bears two thermometers that the recorder sees."""
    if not isinstance(case.fault, Carry):
        return []
    there = [name for name, signal in bench.signals.items() if signal.slow is not None]
    return [f"a thermometer {where} (signal {name})" for name, where in THERMOMETERS.items() if name not in there]


def _mains_lacking(case: Case, bench: Bench, device: Device) -> list[str]:
    """Where the mains is to go: a relay in it that stays open for long enough, and what tells that it is."""
    dead = isinstance(case.fault, Start) or (isinstance(case.fault, BackFeed) and case.fault.dead)
    if not (isinstance(case.fault, Outage) or (dead and feed(device) is None)):
        return []
    switch, told = bench.mains_switch, []
    held = case.hold_s if isinstance(case.fault, BackFeed) else 0.0
    away = case.fault.duration if isinstance(case.fault, Outage) else held + MAINS_AWAY_S
    if switch is None:
        told.append("a relay in the mains of the device (mains_switch)")
    elif away >= switch.one_shot:
        told.append(f"a mains switch that stays open for {format_quantity(away, 's')}")
    return [*told, *(["a signal mains_voltage"] if "mains_voltage" not in bench.signals else [])]
