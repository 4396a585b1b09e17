"""Addresses of a bench file: what each spelling means, and under which key two spellings are the same place.

SCPI, a VISA resource:

    TCPIP::10.0.0.5::5025::SOCKET          raw socket
    ASRL/dev/ttyUSB0::INSTR                serial port
    TCPIP::10.0.0.5::INSTR                 VXI-11, with the device's name in TCPIP::10.0.0.5::gpib0,7::INSTR
    anything else                          left to the VISA library: HiSLIP, USB, GPIB

Modbus:

    10.0.0.9 or 10.0.0.9:502               Modbus TCP
    rtu+tcp://10.0.0.9:4196                RTU frames through a transparent gateway
    /dev/ttyUSB0 or ASRL/dev/ttyUSB0::INSTR  RTU on a serial port

A path from /dev/serial/by-id names the adapter, whatever it was plugged in after; /dev/ttyUSB0 does not.
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass

_SOCKET = re.compile(r"TCPIP\d*::(?P<host>.+)::(?P<port>\d+)::SOCKET", re.IGNORECASE)
_SERIAL = re.compile(r"ASRL(?P<path>/.+?)(?:::INSTR)?", re.IGNORECASE)
_VXI11 = re.compile(
    r"TCPIP0?::(?P<host>[^:,]+)(?:,(?P<port>\d+))?(?:::(?!hislip|INSTR)(?P<device>[^:]+))?(?:::INSTR)?", re.IGNORECASE
)
_LINE = re.compile(r"(?P<baud>\d+)(?: (?P<bits>[78])(?P<parity>[NEO])(?P<stop>[12]))?")


@dataclass(frozen=True, slots=True)
class TcpPlace:
    """A TCP port of a host."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class SerialPlace:
    """A serial port of this computer."""

    path: str

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class Vxi11Place:
    """A device of a VXI-11 server; without a port, the server's port mapper says it."""

    host: str
    port: int | None
    device: str

    def __str__(self) -> str:
        return f"TCPIP::{self.host}{f',{self.port}' if self.port else ''}::{self.device}::INSTR"


@dataclass(frozen=True, slots=True)
class VisaPlace:
    """What only a VISA library can reach."""

    resource: str

    def __str__(self) -> str:
        return self.resource


@dataclass(frozen=True, slots=True)
class ModbusPlace:
    """Where a Modbus device is, and whether its frames are RTU frames (with CRC) or Modbus TCP's."""

    at: TcpPlace | SerialPlace
    rtu: bool

    def __str__(self) -> str:
        return f"rtu+tcp://{self.at}" if self.rtu and isinstance(self.at, TcpPlace) else str(self.at)


@dataclass(frozen=True, slots=True)
class SerialLine:
    """How bits go over a serial line."""

    baud: int = 9600
    bits: int = 8
    parity: str = "N"
    stop: int = 1

    @property
    def silence_s(self) -> float:
        """The pause that ends an RTU frame: 3.5 characters of 11 bits, above 19200 baud a fixed time
        (MODBUS over serial line, specification V1.02, section 2.5.1.1).
        """
        return 3.5 * 11 / self.baud if self.baud <= 19200 else 1.75e-3


def scpi_place(address: str) -> TcpPlace | SerialPlace | Vxi11Place | VisaPlace:
    """The place a VISA resource means."""
    address = address.strip()
    if match := _SOCKET.fullmatch(address):
        return TcpPlace(match["host"].strip("[]"), int(match["port"]))
    if match := _SERIAL.fullmatch(address):
        return SerialPlace(match["path"])
    if match := _VXI11.fullmatch(address):
        port = int(match["port"]) if match["port"] else None
        return Vxi11Place(match["host"], port, (match["device"] or "inst0").lower())
    return VisaPlace(address)


def modbus_place(address: str, default_port: int) -> ModbusPlace:
    """The place a Modbus address means; ValueError with what to write instead."""
    address = address.strip()
    scheme, _, rest = address.rpartition("://")
    if not scheme and address.startswith("/"):
        return ModbusPlace(SerialPlace(address), rtu=True)
    if not scheme and (match := _SERIAL.fullmatch(address)):
        return ModbusPlace(SerialPlace(match["path"]), rtu=True)
    match = re.fullmatch(r"(?P<host>\[[\da-fA-F:.]+\]|[^:/\s]+)(?::(?P<port>\d+))?", rest)
    port = match["port"] if match else None
    if scheme not in {"", "tcp", "rtu+tcp"} or match is None or (port is None and scheme == "rtu+tcp"):
        message = (
            f"{address!r} is no Modbus address: write host:port (Modbus TCP), rtu+tcp://host:port (a transparent "
            "gateway) or a serial port such as /dev/ttyUSB0"
        )
        raise ValueError(message)
    return ModbusPlace(TcpPlace(match["host"].strip("[]"), int(port or default_port)), rtu=scheme == "rtu+tcp")


def serial_line(text: str) -> SerialLine:
    """'9600 8N1' or '9600'. ValueError with what to write instead."""
    match = _LINE.fullmatch(text.strip().upper())
    if match is None or not int(match["baud"]):
        message = f"{text!r} is no serial line: write baud rate, data bits, parity and stop bits, for example 9600 8N1"
        raise ValueError(message)
    return SerialLine(int(match["baud"]), int(match["bits"] or 8), match["parity"] or "N", int(match["stop"] or 1))


def lock_key(address: str) -> str:
    """The same for every spelling of one place, SCPI or Modbus; host names are compared as text, not looked up.

    A place is what can have one owner: all units behind one gateway or on one serial line share it. Without a port,
    Modbus' own is meant.
    """
    place: TcpPlace | SerialPlace | Vxi11Place | VisaPlace = scpi_place(address)
    if isinstance(place, VisaPlace):
        with contextlib.suppress(ValueError):
            place = modbus_place(address, 502).at
    if isinstance(place, TcpPlace):
        return f"tcp {TcpPlace(place.host.lower().rstrip('.'), place.port)}"
    if isinstance(place, SerialPlace):
        return f"serial {os.path.realpath(place.path)}"
    if isinstance(place, Vxi11Place):
        return f"vxi-11 {place}".lower()
    from pyvisa import rname

    try:
        return f"visa {rname.to_canonical_name(place.resource).lower()}"
    except rname.InvalidResourceName:
        return f"visa {place.resource}"
