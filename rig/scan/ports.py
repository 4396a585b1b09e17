"""TCP ports as typed, and those where instruments are found as delivered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from instruments.catalogue import FAMILIES
from rig.files.document import BadFile, Mistake

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["parse_ports", "rtu_ports", "scpi_ports", "stream_ports", "well_known_ports"]

MOST_PORTS = 1024
"""On each host; beyond it this is no longer looking for instruments."""


def well_known_ports() -> list[int]:
    """The ports of the catalogue's families."""
    return sorted({family.port for family in FAMILIES.values()})


def scpi_ports() -> set[int]:
    """Ports where every family of the catalogue speaks SCPI: no Modbus is tried there."""
    return {f.port for f in FAMILIES.values() if f.speaks == "SCPI"} - modbus_ports()


def modbus_ports() -> set[int]:
    """Ports where Modbus is asked first."""
    return {f.port for f in FAMILIES.values() if f.speaks == "Modbus"}


def rtu_ports() -> set[int]:
    """Ports of gateways that may hand on RTU frames as they are."""
    return {f.port for f in FAMILIES.values() if f.rtu}


def stream_ports() -> set[int]:
    """Ports that carry a stream: a connection could take it away from whoever listens, so none is opened."""
    return {f.stream_port for f in FAMILIES.values() if f.stream_port is not None}


def parse_ports(texts: Sequence[str]) -> list[int]:
    """ "5025,4196" and "40000-40010" as a list without repetitions, in order. BadFile says what to write."""
    ports: dict[int, None] = {}
    for part in (part.strip() for text in texts for part in text.split(",")):
        match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", part, re.ASCII)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= 65535:
            raise _bad(f"{part!r} is no port: write numbers from 1 to 65535 and ranges, for example 5025,40000-40010")
        ports.update(dict.fromkeys(range(first, last + 1)))
    if len(ports) > MOST_PORTS:
        raise _bad(f"{len(ports)} ports are more than the {MOST_PORTS} that a scan asks; name your instruments' own")
    return list(ports)


def _bad(text: str) -> BadFile:
    return BadFile([Mistake("command line", 0, 0, "--ports", text)])
