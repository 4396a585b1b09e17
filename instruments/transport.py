"""Bytes to and from one instrument over a file descriptor: a TCP socket or a serial port.

Ours and not pyvisa-py's, whose TCPIP::SOCKET session never sets TCP_NODELAY (44 ms per write-write-query), opens a
refused port without a word, takes end of file for a time-out that burns a core, stops a binary block at each 0x0A and
copies it 14 times slower than a bare read. Every transport raises TimeoutError (argument: bytes that had arrived),
EOFError (closed by the other side), OSError, StaleBytes and Garbled.
"""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable
from typing import Protocol

import serial

from instruments.address import SerialLine, SerialPlace, TcpPlace
from instruments.clock import Deadline
from instruments.errors import Garbled, StaleBytes

LINE_LIMIT = 1 << 20  # no SCPI text reply is longer; a stream without newline must not fill the memory
SLOWEST_LAN = 1e6  # bytes per second
_CHUNK = 65536


class Transport(Protocol):
    local_port: int | None
    """TCP port of this end; None where there is none."""
    partial: bytes
    """What had come of the line that failed."""
    slowest: float
    """Bytes per second of a block that is still worth waiting for."""

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

    def end(self, deadline: Deadline, line_feeds: int = 1) -> None:
        """Read the end of a reply whose length was known; Garbled if something else comes."""
        ...

    def close(self) -> None: ...


class StreamTransport:
    """A non-blocking file descriptor, socket or serial port; every wait is a poll()."""

    def __init__(
        self, fd: int, close: Callable[[], object], *, local_port: int | None = None, slowest: float = SLOWEST_LAN
    ) -> None:
        self.local_port, self.partial, self.slowest = local_port, b"", slowest
        self._fd, self._close = fd, close
        readable, writable = select.poll(), select.poll()
        readable.register(fd, select.POLLIN)
        writable.register(fd, select.POLLOUT)
        self._readable, self._writable = readable.poll, writable.poll

    def check_quiet(self) -> None:
        if self._readable(0):
            waiting = os.read(self._fd, _CHUNK)
            if not waiting:
                raise EOFError("end of file")
            raise StaleBytes(waiting)

    def send(self, data: bytes, deadline: Deadline) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._fd, view) :]
            except BlockingIOError:
                if not self._writable(deadline.left_ms()):
                    raise TimeoutError(0) from None

    def some(self, deadline: Deadline, got: int = 0) -> bytes:
        """Whatever comes first, at least a byte; `got` bytes of the reply are there already, for the error."""
        while self._readable(deadline.left_ms()):
            try:
                chunk = os.read(self._fd, _CHUNK)
            except BlockingIOError:  # the kernel dropped what it had announced
                continue
            if not chunk:
                raise EOFError(f"end of file after {got} bytes of a reply" if got else "end of file")
            return chunk
        raise TimeoutError(got)

    def line(self, deadline: Deadline) -> bytes:
        while True:
            self.partial += self.some(deadline, len(self.partial))
            end = self.partial.find(b"\n") + 1
            if end == len(self.partial):
                data, self.partial = self.partial, b""
                return data
            if end:
                raise StaleBytes(self.partial[end:])
            if len(self.partial) > LINE_LIMIT:
                raise Garbled(f"a line of more than {LINE_LIMIT} bytes, {self.partial[:20]!r} ...")

    def exactly(self, view: memoryview, deadline: Deadline) -> None:
        done = 0
        while done < len(view):
            try:
                count = os.readv(self._fd, [view[done:]])
            except BlockingIOError:
                if not self._readable(deadline.left_ms()):
                    raise TimeoutError(done) from None
                continue
            if not count:
                raise EOFError(f"end of file after {done} of {len(view)} bytes")
            done += count

    def end(self, deadline: Deadline, line_feeds: int = 1) -> None:
        """So many line feeds, the first perhaps as CR LF, and nothing behind them so far."""
        end = bytearray(line_feeds)
        self.exactly(memoryview(end), deadline)
        if end[:1] == b"\r":
            self.exactly(memoryview(end)[:1], deadline)
            end = end[1:] + end[:1]
        if end != b"\n" * line_feeds:
            raise Garbled("a block longer than its header says")
        self.check_quiet()

    def close(self) -> None:
        """Closing twice is allowed."""
        self._close()


def open_stream(place: TcpPlace | SerialPlace, line: SerialLine, timeout_s: float) -> StreamTransport:
    """Connect to a TCP port or open a serial port. OSError with the reason."""
    if isinstance(place, SerialPlace):
        return _open_serial(place, line)
    sock = socket.create_connection((place.host, place.port), timeout_s)
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return StreamTransport(sock.fileno(), sock.close, local_port=sock.getsockname()[1])


def _open_serial(place: SerialPlace, line: SerialLine) -> StreamTransport:
    """The port is ours alone (flock): two programs would read each other's replies."""
    port = serial.Serial(
        place.path,
        line.baud,
        line.bits,
        line.parity,
        line.stop,
        timeout=0,
        inter_byte_timeout=0,  # VMIN 1: that nothing is there is EAGAIN, and no bytes mean that the port is gone
        exclusive=True,
    )
    return StreamTransport(port.fileno(), port.close, slowest=line.baud / 15)  # of 11 bits at most, with pauses
