"""What a case needs and a bench declares."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rig.faults import GIVES, Draw, Level, Overload, Ramp, Start, feed, fitting_base, route
from rig.files.quantity import format_quantity, parse
from rig.run.case import NEEDS_RATE
from rig.run.covering import ALWAYS
from rig.run.wired import SUPPLY_OVP

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rig.files.bench import Bench
    from rig.files.device import Device, Port
    from rig.run.case import Case
    from rig.run.planned import Planned

__all__ = ["fitted", "fitting", "load_refusals", "missing"]

ROUTES = {
    "forward": "the supply at the energy input, the load at the port",
    "feed": "the supply at a port that is fed",
    "own": "the load alone at the port of a device that the bench does not feed",
    "reversed": "the supply backwards at the port",
}


def fitting(plan: Iterable[Planned], device: Device, only: Sequence[str] = ()) -> list[Planned]:
    """The cases that are made for such a device; the others are about something that it does not have.

    only: clauses of which a case must judge one; all without.
    """
    return [
        one
        for one in plan
        if _fits(one.case, device) and (not only or {one.case.clause, *one.case.also, ALWAYS} & set(only))
    ]


def _fits(case: Case, device: Device) -> bool:
    port, fault = device.port, case.fault
    if port.role == "sink" and (
        isinstance(fault, GIVES) or (isinstance(fault, Start) and fault.resistance is not None)
    ):
        return False
    if isinstance(fault, Start | Level | Ramp) and feed(device) is None:
        return False
    declared = all(_declared(port, name) for name in case.declares)
    protected = case.protection in (None, port.protection.type)
    suits = case.role is None or (case.role == "sink") == (port.role == "sink")
    return suits and declared and protected and parse(case.rated_power, "W") <= port.voltage * port.rated_current


def _declared(port: Port, path: str) -> bool:
    """Whether the maker declares something at this path below the port."""
    value: object = port
    for part in path.split("."):
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
    else:
        what, ohms = case.largest_load.label, case.largest_load.resistance(port.voltage, port.rated_current)
        told = [(volts / ohms, node.current, "A"), (volts**2 / ohms, node.power, "W")]
    return [
        f"{what} could draw {format_quantity(value, unit)} at {format_quantity(volts, 'V')}, and the envelope of the "
        f"load allows {format_quantity(most, unit)}"
        for value, most, unit in told
        if most is not None and value > most
    ]


def missing(case: Case, bench: Bench, device: Device) -> list[str]:
    """Parts that the case needs and the bench does not have, in words; empty when it can be done."""
    way = route(case.fault, device)
    lacking = [] if way in bench.routes else [f"a route '{way}': {ROUTES[way]}"]
    for need in sorted(case.needs):
        if need.startswith(NEEDS_RATE):
            wanted = parse(need.removeprefix(NEEDS_RATE), "Hz")
            if bench.digitizer_rate_max is not None and bench.digitizer_rate_max < wanted:
                lacking.append(f"a digitizer of {format_quantity(wanted, 'Hz')} or more")
        elif need == "injector" and not bench.injector.taps:
            lacking.append("an injector with taps")
        elif need not in {"reversed", "injector"}:
            lacking.append(f"'{need}', which this version does not know")
    return lacking
