"""What the VISA library finds by itself: USB, GPIB, serial ports, and the LAN by VXI-11 broadcast and mDNS."""

from __future__ import annotations

import warnings
from pathlib import Path

from instruments.address import ModbusPlace, SerialPlace, TcpPlace, scpi_place
from instruments.clock import Deadline
from instruments.connecting import connect
from instruments.errors import Garbled, StaleBytes
from instruments.visa_port import resources
from rig.bench.locks import BenchBusy, Locks, kept_folder
from rig.companions import missing
from rig.scan.found import Found, named
from rig.scan.held import holder
from rig.scan.modbus import ask_modbus, modbus_bound
from rig.scan.plain import plain

__all__ = ["ask_resource", "listed_resources", "resource_bound_s"]

_MESSAGE_BASED = ("::INSTR", "::SOCKET")  # what can be asked; adapters and raw USB devices cannot
BY_ID = Path("/dev/serial/by-id")


def listed_resources() -> tuple[list[str], list[str]]:
    """(resources, what the library could not look for and why). Takes about three seconds, which it listens."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about what missing() says in our words, and sockets it leaves open
        try:
            return sorted(one for one in set(resources()) if one.endswith(_MESSAGE_BASED)), missing()
        except Exception as error:  # a VISA library may raise anything while it looks around
            return [], [f"The VISA library cannot list its resources ({plain(str(error))}).", *missing()]


def resource_bound_s(resource: str, timeout_s: float) -> float:
    """The longest that ask_resource can take."""
    place = scpi_place(resource)
    rtu = modbus_bound(ModbusPlace(place, rtu=True)) if isinstance(place, SerialPlace) else 0
    return timeout_s * (2 + rtu)


def ask_resource(resource: str, timeout_s: float) -> Found:
    """One `*IDN?` to a VISA resource; a serial port that says nothing is asked in Modbus RTU, at 9600 8N1 both."""
    held = holder(resource)
    if held is not None:
        return Found(resource, "held", f"in use by {held}; not connected")
    place = scpi_place(resource)
    try:
        with Locks("scan", kept_folder()).hold_addresses([resource]):
            raw = _idn(resource, timeout_s)
            if raw is None and isinstance(place, SerialPlace):
                return _rtu(place, timeout_s)
    except BenchBusy as busy:
        return Found(resource, "held", str(busy))
    except (OSError, EOFError) as error:
        return Found(resource, "unreachable", plain(str(error)))
    if raw is None:
        return Found(resource, "silent", f"answered nothing within {timeout_s:g} s")
    address = f"ASRL{_lasting(place.path)}::INSTR" if isinstance(place, SerialPlace) else resource
    ended = (
        raw if raw.endswith(b"\n") or isinstance(place, TcpPlace | SerialPlace) else raw + b"\n"
    )  # these mark the end apart
    return named(address, ended)


def _idn(resource: str, timeout_s: float) -> bytes | None:
    """The reply as it came, or None. No device clear: it could end somebody's reading."""
    transport = connect(scpi_place(resource), timeout_s=timeout_s, clear=False)
    try:
        deadline = Deadline(timeout_s)
        transport.send(b"*IDN?\n", deadline)
        return transport.line(deadline)
    except TimeoutError:
        return transport.partial or None
    except (StaleBytes, Garbled) as strange:
        return str(strange).encode()
    finally:
        transport.close()


def _rtu(place: SerialPlace, timeout_s: float) -> Found:
    lasting = SerialPlace(_lasting(place.path))
    answer = ask_modbus(ModbusPlace(lasting, rtu=True), timeout_s)
    if isinstance(answer, tuple):
        name, identity = answer
        return Found(lasting.path, "known", plain(str(identity)), identity=identity, driver=name)
    if answer:
        return Found(lasting.path, "unknown", "speaks Modbus RTU; no register names a family of the catalogue")
    return Found(lasting.path, "silent", f"answered nothing within {timeout_s:g} s at 9600 8N1, SCPI and Modbus RTU")


def _lasting(path: str) -> str:
    """The name of a serial adapter that stays the same wherever it is plugged in, where the system has one."""
    here = Path(path).resolve()
    names = sorted(BY_ID.iterdir()) if BY_ID.is_dir() else []
    return next((str(name) for name in names if name.resolve() == here), path)
