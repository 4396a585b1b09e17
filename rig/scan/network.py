"""Named hosts and ports: several hosts at once, one port of a host after another, everything bounded in time.

One after another, because an instrument that takes a single client must not meet us twice.
"""

from __future__ import annotations

import math
import socket
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING

from instruments.address import ModbusPlace, TcpPlace
from instruments.catalogue import FAMILIES
from rig.bench.locks import BenchBusy, Locks, kept_folder
from rig.scan.found import Found, named
from rig.scan.held import holder
from rig.scan.modbus import ask_modbus, modbus_bound
from rig.scan.plain import plain
from rig.scan.ports import modbus_ports, rtu_ports, scpi_ports, stream_ports
from rig.scan.tcp import ask_idn, connected

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
    pool, broken_off = ThreadPoolExecutor(max_workers=AT_ONCE), Event()
    try:
        waiting = {pool.submit(_host, target, timeout_s, progress, broken_off): target.host for target in targets}
        done = {waiting[future]: future.result() for future in as_completed(waiting)}
    finally:
        broken_off.set()
        pool.shutdown(cancel_futures=True)  # each host finishes the question it is at
    return [found for target in targets for found in done[target.host]]


def _host(target: Target, timeout_s: float, progress: Callable[[str], None], broken_off: Event) -> list[Found]:
    host = target.host
    try:
        socket.getaddrinfo(host, None, socket.AF_INET)
    except OSError:
        return [Found(host, "unreachable", "no IPv4 address has this name", host)]
    found = []
    for port in target.ports:
        if broken_off.is_set():
            break
        progress(f"{host}:{port}")
        found.append(_port(host, port, timeout_s, broken_off))
        if found[-1].state == "unreachable":
            break  # the host, not the port: the others would cost a time-out each
    return _with_stream(found)


def _port(host: str, port: int, timeout_s: float, broken_off: Event) -> Found:
    address = f"{host}:{port}"
    if port in stream_ports():
        return Found(address, "not asked", "carries a stream, which a connection could take away", host, port)
    held = holder(address)
    if held is not None:
        return Found(address, "held", f"in use by {held}; not connected", host, port)
    sock = _open(host, port, timeout_s)
    if isinstance(sock, Found):
        return sock
    try:
        with closing(sock), Locks("scan", kept_folder()).hold_addresses([address]):
            if port in modbus_ports():
                return _modbus(sock, host, port, timeout_s, broken_off) or _silent(host, port, timeout_s)
            return _scpi(sock, host, port, timeout_s, broken_off)
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


def _scpi(sock: socket.socket, host: str, port: int, timeout_s: float, broken_off: Event) -> Found:
    reply = ask_idn(sock, timeout_s)
    sock.close()
    if reply:
        return named(f"TCPIP::{host}::{port}::SOCKET", reply, host=host, port=port)
    found = None if port in scpi_ports() else _modbus(sock, host, port, timeout_s, broken_off)
    return found or _silent(host, port, timeout_s)


def _modbus(sock: socket.socket, host: str, port: int, timeout_s: float, broken_off: Event) -> Found | None:
    sock.close()  # some devices take one client
    for place in _modbus_places(host, port):
        answer = ask_modbus(place, timeout_s, broken_off)
        if isinstance(answer, tuple):
            name, identity = answer
            return Found(str(place), "known", plain(str(identity)), host, port, identity, name)
        if answer:
            said = "speaks Modbus; no register names a family of the catalogue"
            return Found(str(place), "unknown", said, host, port)
    return None


def _modbus_places(host: str, port: int) -> list[ModbusPlace]:
    """Modbus TCP, and where gateways are delivered in transparent mode, RTU frames too."""
    at = TcpPlace(host, port)
    return [ModbusPlace(at, rtu=False), *([ModbusPlace(at, rtu=True)] if port in rtu_ports() else [])]


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
        said = f"open and silent: taken for the stream of {recorder.address}"
        found = [replace(one, said=said) if one.state == "silent" else one for one in found]
    else:
        note = f"its stream may be on one of the silent ports {', '.join(map(str, silent))}: write stream_port"
        better = replace(recorder, note=note)
    return [better if one is recorder else one for one in found]


def _port_bound(port: int) -> int:
    """In time-outs: connection, `*IDN?`, and for each Modbus family connection and reads."""
    if port in stream_ports():
        return 0
    if port in scpi_ports():
        return 2
    return 2 + sum(modbus_bound(place) for place in _modbus_places("", port))
