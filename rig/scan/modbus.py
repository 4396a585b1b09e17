"""One Modbus device asked who it is: reads, by the drivers' own identity(), over a link that cannot write."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, NoReturn

from instruments.address import ModbusPlace, TcpPlace
from instruments.catalogue import FAMILIES, family_of, load_driver
from instruments.clock import WallClock
from instruments.errors import InstrumentError, LinkError, LinkRefused
from instruments.modbus import ModbusLink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from instruments.records import Identity

__all__ = ["MOST_READS", "ask_modbus", "modbus_families"]

MOST_READS = 3
"""Of registers, in a driver's identity()."""


def ask_modbus(place: ModbusPlace, timeout_s: float) -> tuple[str, Identity] | bool:
    """(driver, identity) of the first family that recognises itself; else whether anything was answered in Modbus."""
    answered = False
    for name in modbus_families(place):
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


def modbus_families(place: ModbusPlace) -> list[str]:
    """Drivers of the families to ask there, each once: those delivered with this port first."""
    asked = [name for name, one in FAMILIES.items() if one.speaks == "Modbus" and (one.rtu or not place.rtu)]
    names = {FAMILIES[name].driver: name for name in reversed(asked)}.values()
    port = place.at.port if isinstance(place.at, TcpPlace) else None
    return sorted(names, key=lambda name: (FAMILIES[name].port != port, name))


class ReadOnly(ModbusLink):
    """A link that cannot write, whatever a driver's identity() may do one day."""

    def write_coil(self, address: int, on: bool) -> NoReturn:
        raise _never(self.name)

    def write_coil_value(self, address: int, value: int) -> NoReturn:
        raise _never(self.name)

    def write_register(self, address: int, value: int) -> NoReturn:
        raise _never(self.name)

    def write_coils(self, address: int, values: Sequence[bool]) -> NoReturn:
        raise _never(self.name)

    def write_registers(self, address: int, values: Sequence[int]) -> NoReturn:
        raise _never(self.name)


def no_transcript(direction: str, data: bytes, note: str = "") -> None:
    """A scan leaves no run folder."""


def _identity(name: str, link: ModbusLink) -> Identity:
    driver: Any = load_driver(name)
    given = {"tap": no_transcript} if "tap" in inspect.signature(driver).parameters else {}
    identity: Identity = driver(link, **given).identity()
    return identity


def _never(name: str) -> AssertionError:
    return AssertionError(f"the driver {name} wants to write while it is only asked who it is")
