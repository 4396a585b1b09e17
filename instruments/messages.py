"""A transport over whole messages, for interfaces that mark the end of each: VXI-11, HiSLIP, USB, GPIB.

A reply is read up to that mark and must then have the right shape. Whether bytes wait that nobody asked for is a bit of
the status byte, which costs a round trip a command.
"""

from __future__ import annotations

from typing import Protocol

from instruments.clock import Deadline
from instruments.errors import Garbled, StaleBytes
from instruments.transport import SLOWEST_LAN

MESSAGE_AVAILABLE = 0x10  # bit 4 of the status byte, IEEE 488.2 section 11.2.1.2


class MessagePort(Protocol):
    """Raises what a transport raises."""

    def write(self, data: bytes, deadline: Deadline) -> None:
        """One message."""
        ...

    def read(self, deadline: Deadline) -> bytes:
        """One message."""
        ...

    def clear(self, deadline: Deadline) -> None:
        """Device clear: the instrument drops what it has not said yet."""
        ...

    def status(self, deadline: Deadline) -> int | None:
        """The status byte; None where the interface has none."""
        ...

    def close(self) -> None: ...


class MessageTransport:
    """`clear` at the beginning: a reply that an earlier connection left unread must not answer our first question."""

    def __init__(self, port: MessagePort, timeout_s: float, *, clear: bool = True) -> None:
        self.local_port: int | None = None
        self.partial = b""
        self.slowest = SLOWEST_LAN
        self._port, self._timeout_s = port, timeout_s
        self._rest = memoryview(b"")
        self._tells = False
        if clear:
            port.clear(Deadline(timeout_s))
            status = port.status(Deadline(timeout_s))
            # no message can wait now: an instrument that says so means something else by the bit
            self._tells = status is not None and not status & MESSAGE_AVAILABLE

    def check_quiet(self) -> None:
        if not self._tells:
            return
        deadline = Deadline(self._timeout_s)
        if (self._port.status(deadline) or 0) & MESSAGE_AVAILABLE:
            raise StaleBytes(self._port.read(deadline))

    def send(self, data: bytes, deadline: Deadline) -> None:
        self._port.write(data, deadline)

    def line(self, deadline: Deadline) -> bytes:
        """One message; the newline at its end may be missing."""
        data = self._port.read(deadline)
        end = data.find(b"\n") + 1
        if end not in {0, len(data)}:
            self.partial = data
            raise StaleBytes(data[end:])
        return data

    def exactly(self, view: memoryview, deadline: Deadline) -> None:
        if not self._rest:
            self._rest = memoryview(self._port.read(deadline))
        if len(self._rest) < len(view):
            raise Garbled(f"a reply that ends {len(view) - len(self._rest)} bytes too early")
        view[:], self._rest = self._rest[: len(view)], self._rest[len(view) :]

    def end(self, deadline: Deadline, line_feeds: int = 1) -> None:
        """The end of the message, with or without the line feeds in front of it."""
        rest, self._rest = bytes(self._rest), memoryview(b"")
        if rest.strip(b"\r\n") or len(rest) > line_feeds + 1:
            raise Garbled("a block longer than its header says")

    def close(self) -> None:
        """Closing twice is allowed."""
        self._port.close()
