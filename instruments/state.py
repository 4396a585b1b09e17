"""The state of a link, and the words in which it is refused."""

from __future__ import annotations

import enum
import errno

from instruments.clock import Tap
from instruments.errors import Garbled, LinkDesync, LinkLost, LinkRefused, LinkTimeout, ProtocolError, StaleBytes

EXCHANGE_FAULTS = (TimeoutError, EOFError, OSError, StaleBytes, Garbled)
"""What a transport raises in an exchange; Guard.fault() gives it its name."""
REOPEN = "call the driver's reopen(), which identifies the instrument and makes it safe, before going on"


class LinkState(enum.Enum):
    CLOSED = "closed"
    SYNC = "in step"
    DESYNC = "out of step"
    LOST = "lost"


class Guard:
    """Holds one link's state; its methods change it, note it in the transcript and return the error to raise."""

    __slots__ = ("address", "name", "state", "tap")

    def __init__(self, name: str, address: str, tap: Tap) -> None:
        self.name, self.address, self.tap = name, address, tap
        self.state = LinkState.CLOSED

    def require(self, command: str) -> None:
        """Raise unless the link is in step."""
        if self.state is LinkState.SYNC:
            return
        if self.state is LinkState.CLOSED:
            raise LinkLost(self.name, command, f"the link to {self.address} is closed", "open it first")
        if self.state is LinkState.LOST:
            raise LinkLost(self.name, command, f"the link to {self.address} was lost", REOPEN)
        raise LinkDesync(self.name, command, f"the link to {self.address} is out of step", REOPEN)

    def opened(self) -> None:
        self.state = LinkState.SYNC
        self.tap("note", b"", "open")

    def closed(self) -> None:
        if self.state is not LinkState.CLOSED:
            self.state = LinkState.CLOSED
            self.tap("note", b"", "close")

    def refused(self, why: Exception) -> LinkRefused:
        number = why.errno if isinstance(why, OSError) else None
        name = errno.errorcode.get(number or 0)
        reason = f"{name}: {why.strerror}" if isinstance(why, OSError) and name else str(why)
        cure = "check that the instrument is on, its address in the bench file, and that nobody else holds it"
        if number == errno.EACCES:
            cure = "give yourself the right to it (serial ports: the group dialout) and log in again"
        self.tap("note", b"", f"refused: {reason}")
        return LinkRefused(self.name, "open", f"no connection to {self.address} ({reason})", cure)

    def fault(self, command: str, fault: BaseException, timeout_s: float, when: str) -> Exception:
        """The error for one of EXCHANGE_FAULTS; `when` says at which point of the exchange stale bytes were seen."""
        if isinstance(fault, StaleBytes):
            return self.stale(command, fault.args[0], when)
        if isinstance(fault, Garbled):
            return self.garbled(command, str(fault))
        if isinstance(fault, TimeoutError) and not fault.errno:  # with errno the kernel gave the connection up
            return self.late(command, timeout_s, fault.args[0] if fault.args else 0)
        return self.lost(command, str(fault))

    def lost(self, command: str, why: str) -> LinkLost:
        self.state = LinkState.LOST
        self.tap("note", b"", f"lost: {why}")
        return LinkLost(self.name, command, f"the instrument at {self.address} closed the connection ({why})", REOPEN)

    def late(self, command: str, seconds: float, got: int) -> LinkTimeout:
        self.state = LinkState.DESYNC
        self.tap("note", b"", f"timeout after {seconds:g} s with {got} bytes")
        return LinkTimeout(
            self.name, command, f"no whole reply from {self.address} within {seconds:g} s ({got} bytes came)", REOPEN
        )

    def stale(self, command: str, data: bytes, when: str) -> LinkDesync:
        self.state = LinkState.DESYNC
        self.tap("note", bytes(data[:64]), f"stale bytes {when}")
        return LinkDesync(
            self.name, command, f"bytes nobody asked for {when}: {bytes(data[:40])!r} from {self.address}", REOPEN
        )

    def garbled(self, command: str, what: str) -> ProtocolError:
        """A reply whose end cannot be known: protocol error and out of step at once."""
        self.state = LinkState.DESYNC
        self.tap("note", b"", f"protocol error: {what}")
        return ProtocolError(self.name, command, f"{what} from {self.address}", REOPEN)

    def broken_off(self) -> None:
        """An exchange was left half done by somebody else's exception (Ctrl-C): the reply may still come."""
        if self.state is LinkState.SYNC:
            self.state = LinkState.DESYNC
            self.tap("note", b"", "exchange broken off")
