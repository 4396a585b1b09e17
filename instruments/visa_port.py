"""Messages through a VISA library, for what we do not speak ourselves: HiSLIP, USB, GPIB."""

from __future__ import annotations

import functools
from typing import cast

import pyvisa
from pyvisa.resources import MessageBasedResource

from instruments.address import VisaPlace
from instruments.clock import Deadline

_CHUNK = 1 << 20


@functools.cache
def _manager(library: str) -> pyvisa.ResourceManager:
    """One per VISA library and process: closing it would close every other link's session with it."""
    return pyvisa.ResourceManager(library)


def resources(library: str = "@py") -> tuple[str, ...]:
    """What the VISA library finds by itself on its buses and the LAN; it raises what it likes."""
    return _manager(library).list_resources("?*")


def open_visa(place: VisaPlace, library: str, timeout_s: float) -> VisaPort:
    """OSError with the reason."""
    milliseconds = max(1, int(timeout_s * 1000))
    try:
        resource = _manager(library).open_resource(place.resource, open_timeout=milliseconds, timeout=milliseconds)
    except Exception as error:  # the libraries raise bare Exception, ValueError, OSError and their own
        raise OSError(str(error) or type(error).__name__) from error
    return VisaPort(cast("MessageBasedResource", resource))


class VisaPort:
    """Plain VISA calls on an open resource."""

    def __init__(self, resource: MessageBasedResource) -> None:
        resource.chunk_size = _CHUNK
        self._resource = resource

    def write(self, data: bytes, deadline: Deadline) -> None:
        self._until(deadline)
        try:
            self._resource.write_raw(data)
        except Exception as error:
            raise _plain(error) from error

    def read(self, deadline: Deadline) -> bytes:
        self._until(deadline)
        try:
            return self._resource.read_raw()
        except Exception as error:
            raise _plain(error) from error

    def clear(self, deadline: Deadline) -> None:
        self._until(deadline)
        try:
            self._resource.clear()
        except Exception as error:
            raise _plain(error) from error

    def status(self, deadline: Deadline) -> int | None:
        self._until(deadline)
        try:
            return self._resource.read_stb()
        except NotImplementedError:
            return None
        except Exception as error:
            if getattr(error, "error_code", None) == pyvisa.constants.StatusCode.error_nonsupported_operation:
                return None
            raise _plain(error) from error

    def close(self) -> None:
        """Closing twice is allowed."""
        self._resource.close()

    def _until(self, deadline: Deadline) -> None:
        self._resource.timeout = max(1, deadline.left_ms())


def _plain(error: Exception) -> Exception:
    """The libraries raise bare Exception, OSError and their own; only a time-out may still be answered."""
    if isinstance(error, pyvisa.VisaIOError) and error.error_code == pyvisa.constants.StatusCode.error_timeout:
        return TimeoutError(0)
    return EOFError(str(error) or type(error).__name__)
