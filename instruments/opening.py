"""How a driver comes to life: open its link, let it identify the instrument, close again if it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from instruments.address import SerialLine, modbus_place, serial_line
from instruments.clock import Clock, Tap
from instruments.errors import LinkRefused
from instruments.link import VisaLink
from instruments.modbus import ModbusLink
from instruments.records import Address, Identity


class Begins(Protocol):
    def begin(self) -> Identity: ...


class Opens(Protocol):
    def open(self) -> None: ...
    def close(self) -> None: ...


D = TypeVar("D", bound=Begins)
L = TypeVar("L", bound=Opens)


def begun(link: L, driver: Callable[[L], D]) -> D:
    """Open `link`, make the driver and begin() it; the link is closed if any of that fails."""
    link.open()
    try:
        made = driver(link)
        made.begin()
    except BaseException:
        link.close()
        raise
    return made


def open_scpi(
    driver: Callable[[VisaLink], D],
    entry: Address,
    *,
    name: str,
    tap: Tap,
    clock: Clock,
    timeout_s: float = 2.0,
    pace_s: float = 0.0,
    line: str = "9600 8N1",
) -> D:
    """A driver of an instrument that speaks SCPI at the VISA resource `entry.address`.

    `pace_s` is the least gap of two sends, `line` the settings of a serial line. LinkRefused for what is no line.
    """
    settings = _settings(name, line)
    link = VisaLink(entry.address, name=name, tap=tap, clock=clock, timeout_s=timeout_s, pace_s=pace_s, line=settings)
    return begun(link, driver)


def open_modbus(
    driver: Callable[[ModbusLink], D],
    entry: Address,
    *,
    name: str,
    tap: Tap,
    clock: Clock,
    default_port: int,
    timeout_s: float = 2.0,
    unit: int = 1,
    line: str = "9600 8N1",
) -> D:
    """A driver of an instrument that speaks Modbus at `entry.address` (spellings: `instruments.address`).

    `unit` is its device id, `line` the serial line's settings. LinkRefused for what is no address or no line.
    """
    settings = _settings(name, line)
    try:
        place = modbus_place(entry.address, default_port)
    except ValueError as error:
        raise LinkRefused(name, "open", str(error), "correct the address in the bench file") from None
    link = ModbusLink(place, name=name, tap=tap, clock=clock, unit=unit, timeout_s=timeout_s, line=settings)
    return begun(link, driver)


def _settings(name: str, line: str) -> SerialLine:
    try:
        return serial_line(line)
    except ValueError as error:
        raise LinkRefused(name, "open", str(error), "correct the options in the bench file") from None
