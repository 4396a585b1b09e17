"""Two sources on one bus: one of the rig's and the device's port, joined only after their voltages have been compared.

The catalogue's cases with two sources need it: reverse current into a port, both ends of a line fed, sharing.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rig.run.sinking import takes_back
from rig.run.stage import DeviceNotReady
from rig.run.wired import NEIGHBOUR_OVP, SUPPLY_OVP, bus_refusals
from rig.safety.topology import DEAD_V

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from instruments.roles import Supply
    from rig.run.stage import Stage

__all__ = ["BusFault", "joined"]

BALANCED_S = 0.2
"""After a source has been switched on, or joined: its voltage, and what flows between two stiff ones, stand then."""


class BusFault(Exception):
    """More flows between two sources than the bus was declared for."""


@contextmanager
def joined(
    stage: Stage, route: str, volts: float, tap: str | None = None, about_to: Callable[[], None] = lambda: None
) -> Iterator[Supply]:  # fmt: skip
    """The neighbour, or the supply, at `volts` on the port by way of a route that the bench declares as a shared bus; a
    tap of the injector stays closed. `about_to` is called when nothing speaks against it any more.

    Afterwards what was closed before is closed again; after any trouble nothing is.

    Raises:
        DeviceNotReady: the bus may not be closed: not declared, a sum of 60 V, a dead or reversed port, or voltages
            that differ by more than declared. Nothing was closed.
        BusFault: more current than declared flows between the two; the route was opened.
    """
    told, bench = stage.bench.topology, stage.bench
    bus = told.shared_buses.get(route) if told is not None else None
    if told is None or bus is None:
        raise DeviceNotReady(
            f"Bench {bench.name} declares no shared bus {route!r}, by which alone two sources may meet."
        )
    beside = "neighbour" in bus.sources
    supply = stage.equipment.neighbour if beside else stage.equipment.supply
    if supply is None:
        raise DeviceNotReady(f"Bench {bench.name} has nobody in the role neighbour, and its bus {route!r} names one.")
    refusals = bus_refusals(told, bench, route, stage.port)
    if refusals:
        raise DeviceNotReady(f"{refusals[0]}.")
    before = stage.wiring.closed()
    supply.set_voltage(0.0)  # below whatever threshold was left behind
    supply.set_ovp(NEIGHBOUR_OVP if beside else SUPPLY_OVP)
    supply.set_current_limit(bus.current)
    takes_back(supply, 0.0)
    supply.set_voltage(volts)
    supply.output(True)
    stage.monitor.wait(BALANCED_S)
    port, own = stage.look("port_voltage"), supply.measure().volts
    if port < DEAD_V:
        raise DeviceNotReady(
            f"The port stands at {port:.2f} V: a source is joined only to one that stands plus to plus."
        )
    if abs(port - own) > bus.difference:
        raise DeviceNotReady(
            f"The port stands at {port:.2f} V and the {'neighbour' if beside else 'supply'} at {own:.2f} V, further "
            f"apart than the {bus.difference:g} V at which route {route} may be closed."
        )
    about_to()
    try:
        stage.wiring.route(route, tap)
        stage.monitor.wait(BALANCED_S)
        _bounded(stage, route, bus.current)
        yield supply
        stage.wiring.connect(before, "The bus's end")
    except BaseException:
        stage.wiring.isolate()
        raise
    finally:
        supply.output(False)


def _bounded(stage: Stage, route: str, most: float) -> None:
    """Raises BusFault when more than `most` A flows at the port."""
    between = stage.look("port_current")
    if abs(between) > most:
        raise BusFault(f"{between:.2f} A flow between the sources on route {route}, declared for {most:g} A.")
