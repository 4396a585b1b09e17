"""Whether a case's route can make 60 V anywhere: the bench's topology with what this case sets its sources to.

A port counts with the top of its band while its energy input may be connected, and with the residual to which it is
proved before a reversed source is closed onto it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.faults import (
    AMPLIFIED,
    FORWARD,
    ON_ITS_OWN,
    OWN_SHARED,
    SHARED,
    Reverse,
    SecondReturn,
    feed,
    on_bus,
    route,
)
from rig.files.bench_checks import SECOND_RETURN
from rig.safety.topology import DEAD_V, Contact, Hazard, Source, Wiring, hazards, states_between

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rig.files.bench import Bench, Topology
    from rig.files.device import Device, Port
    from rig.run.case import Case

__all__ = [
    "NEIGHBOUR_OVP", "OFF_V", "OVP_ABOVE", "SUPPLY_OVP", "bus_refusals", "ceiling", "grounds_ceiling",
    "route_refusals", "topology_refusals", "work_refusals",
]  # fmt: skip

SUPPLY_OVP = 58.5
"""Every supply of the rig switches itself off below 60 V, together with its overshoot and what a dead port has left."""
NEIGHBOUR_OVP = 57.0
"""Of a neighbour, lower: with what a supply that is off may still have it stays below 60 V, too."""
OFF_V = 2.0
"""Below it the safe state before every case has proved a supply that is off."""
OVP_ABOVE = 0.5
"""Of a reversed source's voltage, or a volt between grounds: its protection is that near, for the sum with others."""
RIPPLE_ROOM = 1.5
"""Below that protection, for what a ripple's current moves at the supply's own terminals."""
PORT_SWITCH = "the device's own switch"


def ceiling(case: Case, bench: Bench) -> float:
    """Threshold of the supply's over-voltage protection in a case, V: lower by what an amplifier can add."""
    fault = case.fault
    if isinstance(fault, AMPLIFIED) and bench.amplifier is not None:
        return SUPPLY_OVP - bench.amplifier.peak
    return min(SUPPLY_OVP, fault.voltage + OVP_ABOVE) if isinstance(fault, Reverse) else SUPPLY_OVP


def grounds_ceiling(fault: SecondReturn) -> float:
    """Threshold of the neighbour's over-voltage protection while it stands between two grounds, V."""
    return fault.voltage + OVP_ABOVE


def topology_refusals(case: Case, tap: str | None, bench: Bench, device: Device) -> list[str]:
    """Sentences with contact, loop and sum for every hazard of the case's route; empty when it may be closed.

    A bench without a topology is not proved, and says so.
    """
    way = route(case.fault, device)
    if on_bus(case.fault) and bench.topology is not None and way in bench.topology.shared_buses:
        return work_refusals(tap, bench, device) + bus_refusals(bench.topology, bench, way, device.port, tap)
    if isinstance(case.fault, SecondReturn):
        return work_refusals(tap, bench, device) + _ground_refusals(case.fault, bench, device)
    if not isinstance(case.fault, Reverse):
        return work_refusals(tap, bench, device) + _ripple_refusals(case, bench, device)
    # Behind the port's own switch stands a source, or what a consumer may still hold there.
    own, taken = feed(device) is None, device.port.consumption
    alive = own or (taken is not None and taken.discharge_time is None)
    return _refusals(
        bench, bench.routes.get(route(case.fault, device), ()), ceiling(case, bench), device.port, alive=alive
    )


def _ripple_refusals(case: Case, bench: Bench, device: Device) -> list[str]:
    """A feed so high that with a ripple or noise on it the supply's protection would have to lie where the feed is."""
    own, most = feed(device), ceiling(case, bench)
    if own is None or not isinstance(case.fault, AMPLIFIED) or own.nominal + RIPPLE_ROOM <= most:
        return []
    why = (
        f"{case.label} takes an over-voltage protection of the supply at {most:g} V, for what the amplifier may add, "
        f"and {device.name} is fed with {own.nominal:g} V"
    )
    return [why]


def _ground_refusals(fault: SecondReturn, bench: Bench, device: Device) -> list[str]:
    """Of a device's normal work with the second return closed, and the neighbour at what its protection lets it."""
    own, told = feed(device), bench.topology
    if told is None:
        return []  # said already
    before = bench.routes.get(ON_ITS_OWN if own is None else own.route, ())
    return route_refusals(
        told, (*before, SECOND_RETURN), OFF_V if own is None else SUPPLY_OVP, device.port, alive=own is None,
        before=before, neighbour=grounds_ceiling(fault),
    )  # fmt: skip


def work_refusals(tap: str | None, bench: Bench, device: Device) -> list[str]:
    """As `topology_refusals`, of a device's normal work; the supply stays off where it lives on its own."""
    own = feed(device)
    closed = {*bench.routes.get(ON_ITS_OWN if own is None else own.route, ()), *([tap] if tap else [])}
    return _refusals(bench, closed, OFF_V if own is None else SUPPLY_OVP, device.port, alive=own is None)


def _refusals(bench: Bench, closed: Iterable[str], supply_volts: float, port: Port, *, alive: bool) -> list[str]:
    told = bench.topology
    if told is None:
        return [f"bench {bench.name} has no topology, so that nobody can prove that its sources stay below 60 V"]
    return route_refusals(told, closed, supply_volts, port, alive=alive)


def bus_refusals(told: Topology, bench: Bench, name: str, port: Port, tap: str | None = None) -> list[str]:
    """As `route_refusals`, of the route `name`, which is declared as a shared bus, with a tap of the injector.

    Another source is there only while a device that the bench feeds is fed.
    """
    off = OFF_V if name == OWN_SHARED else SUPPLY_OVP
    before = bench.routes.get(FORWARD, ()) if name == SHARED else ()
    closed = (*bench.routes[name], *([tap] if tap else []))
    return route_refusals(told, closed, off, port, bus=name, before=before)


def route_refusals(
    told: Topology, closed: Iterable[str], supply_volts: float, port: Port, *, bus: str | None = None,
    alive: bool = False, before: Iterable[str] = (), neighbour: float | None = None,
) -> list[str]:  # fmt: skip
    """The worst hazard of closing these contactors from all open, or from `before`, in one sentence; empty when they
    may be closed.

    supply_volts: threshold of the supply's over-voltage protection, V. bus: the shared bus that the route is declared
    as, on which the port is live whatever its input, as is that of a device that lives on its own (`alive`).
    neighbour: threshold of its protection, V, where it is on; it is off, and proved to be, on any other route.
    """
    contacts = _contacts(told)
    shared = told.shared_buses[bus].sources if bus is not None else ()
    found: dict[str, Hazard] = {}
    for state in states_between(before, closed):
        fed = any(told.input in (one.a, one.b) and one.contactor in state for one in contacts)
        most = port.highest_voltage if alive or bus is not None or fed else DEAD_V
        sources: tuple[Source, ...] = (
            Source("the supply", told.supply.plus, told.supply.minus, supply_volts + told.overshoot),
            Source("the port", told.port.plus, told.port.minus, most),
        )
        if told.neighbour is not None:
            volts = NEIGHBOUR_OVP if "neighbour" in shared else neighbour
            volts = DEAD_V if volts is None else volts + told.overshoot
            sources += (Source("the neighbour", told.neighbour.plus, told.neighbour.minus, volts),)
        wiring = Wiring(contacts, sources, tuple((a, b) for a, b in told.ties))
        for shut in (state, state | {PORT_SWITCH}):
            for hazard in hazards(wiring, shut, shared_bus=[f"the {name}" for name in shared]):
                found.setdefault(hazard.sentence, hazard)
    worst = sorted(found.values(), key=lambda hazard: -hazard.volts)
    return [hazard.sentence for hazard in worst[:1]]


def _contacts(told: Topology) -> tuple[Contact, ...]:
    own = tuple(Contact(name, a, b) for name, pairs in told.contacts.items() for a, b in pairs.items())
    return (*own, Contact(PORT_SWITCH, told.port.plus, told.terminal))
