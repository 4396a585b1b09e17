"""Named hosts and ports: several hosts at once, one port of a host after another, everything bounded in time.

One after another, because an instrument that takes a single client must not meet us twice.
"""

from __future__ import annotations

import math
import socket
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from instruments.catalogue import FAMILIES
from instruments.scpi import identity_in
from rig.bench.locks import BenchBusy, Locks, holder, lock_folder
from rig.scan.found import Found, named
from rig.scan.plain import plain
from rig.scan.ports import modbus_ports, scpi_ports, stream_ports
from rig.scan.tcp import MOST_READS, ask_idn, ask_modbus, connected, modbus_families

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from instruments.records import Identity

__all__ = ["Target", "bound_s", "scan_hosts"]

AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Target:
    """One host and the ports to ask."""

    host: str
    ports: tuple[int, ...]


def bound_s(targets: Sequence[Target], timeout_s: float) -> float:
    """The longest that scan_hosts can take, without the look-up of host names."""
    slowest = max((sum(_port_bound(port) for port in target.ports) for target in targets), default=0)
    return math.ceil(len(targets) / AT_ONCE) * slowest * timeout_s


def scan_hosts(targets: Sequence[Target], timeout_s: float, progress: Callable[[str], None]) -> list[Found]:
    """Ask every port of every host, in the order given. `progress` gets a line for each port, from several threads."""
    pool = ThreadPoolExecutor(max_workers=AT_ONCE)
    try:
        waiting = {pool.submit(_host, target, timeout_s, progress): target.host for target in targets}
        done = {waiting[future]: future.result() for future in as_completed(waiting)}
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return [found for target in targets for found in done[target.host]]


def _host(target: Target, timeout_s: float, progress: Callable[[str], None]) -> list[Found]:
    host = target.host
    try:
        socket.getaddrinfo(host, None, socket.AF_INET)
    except OSError:
        return [Found(host, "unreachable", "no IPv4 address has this name", host)]
    found = []
    for port in target.ports:
        progress(f"{host}:{port}")
        found.append(_port(host, port, timeout_s))
        if found[-1].state == "unreachable":
            break  # the host, not the port: the others would cost a time-out each
    return _with_stream(found)


def _port(host: str, port: int, timeout_s: float) -> Found:
    address = f"{host}:{port}"
    if port in stream_ports():
        return Found(address, "not asked", "carries a stream, which a connection could take away", host, port)
    keys = [f"TCPIP::{host}::{port}::SOCKET", address]
    others = [f"TCPIP0::{host}::{port}::SOCKET", *([host] if port in modbus_ports() else [])]
    held = holder(keys + others)
    if held is not None:
        return Found(address, "held", f"in use by {held}; not connected", host, port)
    sock = _open(host, port, timeout_s)
    if isinstance(sock, Found):
        return sock
    try:
        with closing(sock), Locks("scan", lock_folder()).hold_keys(keys):
            if port in modbus_ports():
                return _modbus(sock, host, port, timeout_s) or _silent(host, port, timeout_s)
            return _scpi(sock, host, port, timeout_s)
    except BenchBusy as busy:
        return Found(address, "held", str(busy), host, port)


def _open(host: str, port: int, timeout_s: float) -> socket.socket | Found:
    try:
        return connected(host, port, timeout_s)
    except ConnectionRefusedError:
        return Found(f"{host}:{port}", "closed", "nobody listens", host, port)
    except TimeoutError:
        return Found(f"{host}:{port}", "closed", f"no connection within {timeout_s:g} s", host, port)
    except OSError as error:
        return Found(f"{host}:{port}", "unreachable", str(error.strerror or error), host, port)


def _scpi(sock: socket.socket, host: str, port: int, timeout_s: float) -> Found:
    reply = ask_idn(sock, timeout_s)
    sock.close()
    if not reply:
        found = None if port in scpi_ports() else _modbus(sock, host, port, timeout_s)
        return found or _silent(host, port, timeout_s)
    text, end, _ = reply.partition(b"\n")
    raw = text.decode("ascii", errors="replace").rstrip("\r")
    identity: Identity | None = identity_in(raw) if end and text.isascii() else None
    return named(f"TCPIP::{host}::{port}::SOCKET", identity, raw, host=host, port=port)


def _modbus(sock: socket.socket, host: str, port: int, timeout_s: float) -> Found | None:
    sock.close()  # some devices take one client
    answer = ask_modbus(host, port, timeout_s)
    address = f"{host}:{port}"
    if isinstance(answer, tuple):
        name, identity = answer
        return Found(address, "known", plain(str(identity)), host, port, identity, name)
    if answer:
        return Found(address, "unknown", "speaks Modbus; no register names a family of the catalogue", host, port)
    return None


def _silent(host: str, port: int, timeout_s: float) -> Found:
    return Found(f"{host}:{port}", "silent", f"open, but answered nothing within {timeout_s:g} s", host, port)


def _with_stream(found: list[Found]) -> list[Found]:
    """Of one host: a recorder's stream port, where it is not the usual one and only one port can be it."""
    open_ports = {one.port for one in found if one.state in {"silent", "not asked"}}
    silent = [one.port for one in found if one.state == "silent"]
    recorders = [one for one in found if one.driver is not None and FAMILIES[one.driver].stream_port is not None]
    if len(recorders) != 1 or not silent:
        return found
    recorder = recorders[0]
    assert recorder.driver is not None
    if FAMILIES[recorder.driver].stream_port in open_ports:
        return found
    if len(silent) == 1:
        note = f"port {silent[0]} listens and says nothing, as that of a stream does: taken for its stream"
        better = replace(recorder, stream_port=silent[0], note=note)
    else:
        note = f"its stream may be on one of the silent ports {', '.join(map(str, silent))}: write stream_port"
        better = replace(recorder, note=note)
    return [better if one is recorder else one for one in found]


def _port_bound(port: int) -> int:
    """In time-outs: connection, `*IDN?`, and for each Modbus family connection and reads."""
    if port in stream_ports():
        return 0
    return 2 if port in scpi_ports() else 2 + len(modbus_families(port)) * (1 + MOST_READS)
