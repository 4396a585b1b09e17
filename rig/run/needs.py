"""What a case needs and a bench declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.faults import Draw, Reverse
from rig.files.quantity import format_quantity, parse
from rig.run.case import NEEDS_RATE
from rig.run.covering import ALWAYS
from rig.run.wired import SUPPLY_OVP

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rig.files.bench import Bench
    from rig.files.device import Port
    from rig.run.case import Case
    from rig.run.planned import Planned

__all__ = ["fitting", "load_refusals", "missing"]


def fitting(plan: Iterable[Planned], port: Port, only: Sequence[str] = ()) -> list[Planned]:
    """The cases that are made for such a port; the others are about something that it does not have.

    only: clauses of which a case must judge one; all without.
    """
    return [
        one
        for one in plan
        if _fits(one.case, port) and (not only or {one.case.clause, *one.case.also, ALWAYS} & set(only))
    ]


def _fits(case: Case, port: Port) -> bool:
    declared = all(getattr(port, name) is not None for name in case.declares)
    protected = case.protection in (None, port.protection.type)
    return declared and protected and parse(case.rated_power, "W") <= port.voltage * port.rated_current


def load_refusals(case: Case, bench: Bench, port: Port) -> list[str]:
    """A base load that the envelope of the load does not allow at the highest voltage it has to expect."""
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


def missing(case: Case, bench: Bench) -> list[str]:
    """Parts that the case needs and the bench does not have, in words; empty when it can be done."""
    lacking = []
    needs = case.needs | ({"reversed"} if isinstance(case.fault, Reverse) else set())
    for need in sorted(needs):
        if need.startswith(NEEDS_RATE):
            wanted = parse(need.removeprefix(NEEDS_RATE), "Hz")
            if bench.digitizer_rate_max is not None and bench.digitizer_rate_max < wanted:
                lacking.append(f"a digitizer of {format_quantity(wanted, 'Hz')} or more")
        elif need == "reversed" and "reversed" not in bench.routes:
            lacking.append("a route that reverses the supply")
        elif need == "injector" and not bench.injector.taps:
            lacking.append("an injector with taps")
        elif need not in {"reversed", "injector"}:
            lacking.append(f"'{need}', which this version does not know")
    return lacking
