"""One Modbus device asked who it is: reads, by the drivers' own identity(), over a link that cannot write."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, NoReturn

from instruments.address import ModbusPlace, TcpPlace
from instruments.catalogue import FAMILIES, family_of, load_driver
from instruments.clock import Deadline, WallClock
from instruments.errors import InstrumentError, LinkError, LinkRefused
from instruments.modbus import ModbusLink

if TYPE_CHECKING:
    from threading import Event

    from instruments.records import Identity

__all__ = ["ask_modbus", "modbus_bound", "modbus_families"]

MOST_READS = 3
"""Of registers, in a driver's identity()."""


def ask_modbus(place: ModbusPlace, timeout_s: float, broken_off: Event | None = None) -> tuple[str, Identity] | bool:
    """(driver, identity) of the first family that recognises itself; else whether anything was answered in Modbus.

    `broken_off` ends it before the next family.
    """
    answered, families = False, modbus_families(place)
    deadline = Deadline(len(families) * timeout_s)
    for name in families:
        if broken_off is not None and broken_off.is_set():
            break
        if not deadline.left_ms():
            break  # a device that answers, and slowly
        link = ReadOnly(place, name=name, tap=no_transcript, clock=WallClock(), timeout_s=timeout_s)
        try:
            link.open()
        except LinkError:
            break
        try:
            identity = _identity(name, link)
            answered = True
            driver = family_of(str(identity), "Modbus")
            if driver is not None:
                return driver, identity
        except (InstrumentError, LinkRefused):
            answered = True  # an exception reply, or another model
        except LinkError:
            pass
        finally:
            link.close()
    return answered


def modbus_bound(place: ModbusPlace) -> int:
    """The longest that ask_modbus can take, in time-outs: its deadline, and one family that began before it."""
    families = len(modbus_families(place))
    return families + 1 + MOST_READS if families else 0


def modbus_families(place: ModbusPlace) -> list[str]:
    """Drivers of the families to ask there, each once: those delivered with this port first."""
    asked = [name for name, one in FAMILIES.items() if one.speaks == "Modbus" and (one.rtu or not place.rtu)]
    names = {FAMILIES[name].driver: name for name in reversed(asked)}.values()
    port = place.at.port if isinstance(place.at, TcpPlace) else None
    return sorted(names, key=lambda name: (FAMILIES[name].port != port, name))


class ReadOnly(ModbusLink):
    """A link that cannot write, whatever a driver's identity() may do one day."""

    def _write(self, command: str, request: bytes, echo: bytes) -> NoReturn:
        raise AssertionError(f"the driver {self.name} wants to {command} while it is only asked who it is")


def no_transcript(direction: str, data: bytes, note: str = "") -> None:
    """A scan leaves no run folder."""


def _identity(name: str, link: ModbusLink) -> Identity:
    driver: Any = load_driver(name)
    given = {"tap": no_transcript} if "tap" in inspect.signature(driver).parameters else {}
    identity: Identity = driver(link, **given).identity()
    return identity
