"""Bytes to and from an instrument that only a VISA library reaches: VXI-11, HiSLIP, USB, GPIB.

These interfaces mark the end of a message themselves, so a reply is read up to that mark and must then have the right
shape. Whether bytes wait that nobody asked for is a bit of the status byte, which costs a round trip a command.
"""

from __future__ import annotations

import functools
from typing import cast

import pyvisa
from pyvisa.resources import MessageBasedResource

from instruments.clock import Deadline
from instruments.errors import Garbled, StaleBytes

_CHUNK = 1 << 20
_STALE_S = 0.5  # to read what is there already
_MESSAGE_AVAILABLE = 0x10  # bit 4 of the status byte, IEEE 488.2 section 11.2.1.2


@functools.cache
def _manager(library: str) -> pyvisa.ResourceManager:
    """One per VISA library and process: closing it would close every other link's session with it."""
    return pyvisa.ResourceManager(library)


def resources(library: str = "@py") -> tuple[str, ...]:
    """What the VISA library finds by itself on its buses and the LAN; it raises what it likes."""
    return _manager(library).list_resources("?*")


def open_visa(address: str, library: str, timeout_s: float, *, clear: bool = True) -> VisaTransport:
    """Open and clear: a reply that an earlier connection left unread must not answer our first question. OSError."""
    milliseconds = max(1, int(timeout_s * 1000))
    try:
        resource = _manager(library).open_resource(address, open_timeout=milliseconds, timeout=milliseconds)
    except Exception as error:  # the libraries raise bare Exception, ValueError, OSError and their own
        raise OSError(str(error) or type(error).__name__) from error
    transport = VisaTransport(cast("MessageBasedResource", resource))
    try:
        if clear:
            resource.clear()
            transport.learn_status()
    except Exception as error:
        transport.close()
        raise OSError(f"device clear: {error}") from error
    return transport


class VisaTransport:
    """Plain VISA calls on an open resource."""

    local_port: int | None = None
    partial = b""

    def __init__(self, resource: MessageBasedResource) -> None:
        resource.chunk_size = _CHUNK
        self._resource = resource
        self._message = memoryview(b"")
        self._tells = False

    def learn_status(self) -> None:
        """After a device clear no message can wait: an instrument that says so means something else by the bit."""
        try:
            self._tells = not self._resource.read_stb() & _MESSAGE_AVAILABLE
        except (pyvisa.VisaIOError, NotImplementedError):
            self._tells = False

    def check_quiet(self) -> None:
        if not self._tells:
            return
        try:
            waiting = self._resource.read_stb() & _MESSAGE_AVAILABLE
        except Exception as error:
            raise _plain(error) from error
        if waiting:
            raise StaleBytes(self._read(Deadline(_STALE_S)))

    def send(self, data: bytes, deadline: Deadline) -> None:
        self._resource.timeout = max(1, deadline.left_ms())
        try:
            self._resource.write_raw(data)
        except Exception as error:
            raise _plain(error) from error

    def line(self, deadline: Deadline) -> bytes:
        data = self._read(deadline)
        end = data.find(b"\n") + 1
        if end not in {0, len(data)}:
            raise StaleBytes(data[end:])
        return data

    def exactly(self, view: memoryview, deadline: Deadline) -> None:
        if not self._message:
            self._message = memoryview(self._read(deadline))
        if len(self._message) < len(view):
            raise Garbled(f"a reply that ends {len(view) - len(self._message)} bytes too early")
        view[:], self._message = self._message[: len(view)], self._message[len(view) :]

    def end(self, deadline: Deadline, line_feeds: int = 1) -> None:
        """The end of the message, with or without the line feeds in front of it."""
        rest, self._message = bytes(self._message), memoryview(b"")
        if rest.strip(b"\r\n") or len(rest) > line_feeds + 1:
            raise Garbled("a block longer than its header says")

    def close(self) -> None:
        """Closing twice is allowed."""
        self._resource.close()

    def _read(self, deadline: Deadline) -> bytes:
        self._resource.timeout = max(1, deadline.left_ms())
        try:
            return self._resource.read_raw()
        except Exception as error:
            raise _plain(error) from error


def _plain(error: Exception) -> Exception:
    """The libraries raise bare Exception, OSError and their own; only a time-out may still be answered."""
    if isinstance(error, pyvisa.VisaIOError) and error.error_code == pyvisa.constants.StatusCode.error_timeout:
        return TimeoutError(0)
    return EOFError(str(error) or type(error).__name__)
