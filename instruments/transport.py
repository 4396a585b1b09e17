"""Bytes to and from one VISA resource: the real socket where there is one, plain VISA calls elsewhere.

pyvisa-py's TCPIP::SOCKET session never sets TCP_NODELAY (44 ms per write-write-query), takes end of file for a
time-out that burns a core, stops a binary block at each 0x0A and copies it 14 times slower than recv_into. So the
socket inside that session is used directly. Both transports raise TimeoutError, EOFError (closed by the other side)
and StaleBytes, whose arguments hold what had arrived.
"""

from __future__ import annotations

import select
import socket
from typing import Protocol

from pyvisa import constants, errors
from pyvisa.resources import MessageBasedResource

from instruments.clock import Deadline

LINE_LIMIT = 1 << 20  # no SCPI text reply is longer; a stream without newline must not fill the memory


class StaleBytes(Exception):
    """Bytes nobody asked for."""


class Transport(Protocol):
    def check_quiet(self) -> None:
        """Raise StaleBytes if bytes wait that nobody asked for, EOFError if the other side has closed."""
        ...

    def send(self, data: bytes, deadline: Deadline) -> None: ...

    def line(self, deadline: Deadline) -> bytes:
        """One reply up to and with its newline; StaleBytes if more came behind it."""
        ...

    def exactly(self, view: memoryview, deadline: Deadline) -> None:
        """Fill `view`."""
        ...


class SocketTransport:
    """A connected TCP socket, made non-blocking; every wait is a poll()."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = sock
        readable, writable = select.poll(), select.poll()
        readable.register(sock, select.POLLIN)
        writable.register(sock, select.POLLOUT)
        self._readable, self._writable = readable.poll, writable.poll

    def check_quiet(self) -> None:
        if not self._readable(0):
            return
        waiting = self._sock.recv(64, socket.MSG_PEEK)
        if not waiting:
            raise EOFError("end of file")
        raise StaleBytes(waiting)

    def send(self, data: bytes, deadline: Deadline) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self._sock.send(view) :]
            except BlockingIOError:
                if not self._writable(deadline.left_ms()):
                    raise TimeoutError(0) from None

    def line(self, deadline: Deadline) -> bytes:
        data = b""
        while True:
            if not self._readable(deadline.left_ms()):
                raise TimeoutError(len(data))
            chunk = self._sock.recv(65536)
            if not chunk:
                raise EOFError(f"end of file after {len(data)} bytes of a reply" if data else "end of file")
            data = data + chunk if data else chunk
            end = data.find(b"\n") + 1
            if end == len(data):
                return data
            if end:
                raise StaleBytes(data[end:])
            if len(data) > LINE_LIMIT:
                raise StaleBytes(data[:64])

    def exactly(self, view: memoryview, deadline: Deadline) -> None:
        done = 0
        while done < len(view):
            if not self._readable(deadline.left_ms()):
                raise TimeoutError(done)
            count = self._sock.recv_into(view[done:])
            if not count:
                raise EOFError(f"end of file after {done} of {len(view)} bytes")
            done += count


class VisaTransport:
    """Plain VISA calls, for other libraries and other interfaces (VXI-11, HiSLIP, USB, serial).

    Bytes that wait before a send cannot be seen through this interface: only the exact shape of each reply is checked.
    """

    def __init__(self, resource: MessageBasedResource) -> None:
        self._resource = resource

    def check_quiet(self) -> None:
        """VISA cannot look without reading: nothing to check."""

    def send(self, data: bytes, deadline: Deadline) -> None:
        self._resource.timeout = max(1, deadline.left_ms())
        try:
            self._resource.write_raw(data)
        except errors.VisaIOError as error:
            raise _plain(error) from error

    def line(self, deadline: Deadline) -> bytes:
        self._resource.timeout = max(1, deadline.left_ms())
        self._resource.read_termination = "\n"
        try:
            data = self._resource.read_raw()
        except errors.VisaIOError as error:
            raise _plain(error) from error
        end = data.find(b"\n") + 1
        if end not in {0, len(data)}:
            raise StaleBytes(data[end:])
        return data

    def exactly(self, view: memoryview, deadline: Deadline) -> None:
        self._resource.timeout = max(1, deadline.left_ms())
        try:
            view[:] = self._resource.read_bytes(len(view), break_on_termchar=False)
        except errors.VisaIOError as error:
            raise _plain(error) from error


def _plain(error: errors.VisaIOError) -> Exception:
    if error.error_code == constants.StatusCode.error_timeout:
        return TimeoutError(0)
    return EOFError(str(error))
