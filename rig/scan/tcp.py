"""One TCP port asked who it is: `*IDN?`, or Modbus reads; nothing else is ever sent."""

from __future__ import annotations

import inspect
import socket
from typing import TYPE_CHECKING, Any, NoReturn

from instruments.address import ModbusPlace, TcpPlace
from instruments.catalogue import FAMILIES, load_driver
from instruments.clock import Deadline, WallClock
from instruments.errors import InstrumentError, LinkError, LinkRefused
from instruments.modbus import ModbusLink

if TYPE_CHECKING:
    from instruments.records import Identity

__all__ = ["MOST_READS", "ask_idn", "ask_modbus", "connected", "modbus_families", "no_transcript"]

LONGEST_REPLY = 512
"""Bytes; IEEE 488.2 allows 72 for an identity."""
MOST_READS = 3
"""Of registers, that a driver's identity() does."""


def connected(host: str, port: int, timeout_s: float) -> socket.socket:
    """A connection; OSError. IPv4 alone, as the VISA library behind the drivers."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout_s)
        sock.connect((host, port))
    except BaseException:
        sock.close()
        raise
    return sock


def ask_idn(sock: socket.socket, timeout_s: float) -> bytes:
    """The reply to one `*IDN?`, at most LONGEST_REPLY bytes of it; empty when nothing came in time."""
    deadline, data = Deadline(timeout_s), b""
    try:
        sock.sendall(b"*IDN?\n")
        while b"\n" not in data and len(data) < LONGEST_REPLY:
            left_ms = deadline.left_ms()
            if not left_ms:
                break
            sock.settimeout(left_ms / 1000)
            chunk = sock.recv(LONGEST_REPLY - len(data))
            if not chunk:
                break
            data += chunk
    except OSError:  # reset, or silence until the end
        pass
    return data


def ask_modbus(host: str, port: int, timeout_s: float) -> tuple[str, Identity] | bool:
    """(driver, identity) of the first family that recognises itself; else whether anything was answered in Modbus."""
    answered, place = False, ModbusPlace(TcpPlace(host, port), rtu=False)
    for name in modbus_families(port):
        link = ReadOnly(place, name=name, tap=no_transcript, clock=WallClock(), timeout_s=timeout_s)
        try:
            link.open()
        except LinkError:
            break
        try:
            return name, _identity(name, link)
        except (InstrumentError, LinkRefused):
            answered = True  # an exception reply, or another model
        except LinkError:
            pass
        finally:
            link.close()
    return answered


def modbus_families(port: int) -> list[str]:
    """Drivers of the families that speak Modbus: those delivered with this port first."""
    names = [name for name, family in FAMILIES.items() if family.speaks == "Modbus"]
    return sorted(names, key=lambda name: FAMILIES[name].port != port)


class ReadOnly(ModbusLink):
    """A link that cannot write, whatever a driver's identity() may do one day."""

    def _write(self, command: str, request: bytes, echo: bytes) -> NoReturn:
        raise AssertionError(f"the driver {self.name} wants to {command} while it is only asked who it is")


def _identity(name: str, link: ModbusLink) -> Identity:
    driver: Any = load_driver(name)
    given = {"tap": no_transcript} if "tap" in inspect.signature(driver).parameters else {}
    identity: Identity = driver(link, **given).identity()
    return identity


def no_transcript(direction: str, data: bytes, note: str = "") -> None:
    """A scan leaves no run folder."""
