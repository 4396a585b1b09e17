"""A request and reply protocol on a Unix socket: one JSON object a line, answered by one JSON object a line."""

import asyncio
import json
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

LONGEST_LINE = 1 << 16
LONGEST_PATH = 107  # sun_path without its terminator


class Handler(Protocol):
    """Serves the clients of one socket."""

    def joined(self, client: "Client") -> None: ...

    def asked(self, client: "Client", message: dict[str, Any]) -> None: ...

    def left(self, client: "Client") -> None: ...


class Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._partial = b""
        self._transport: asyncio.Transport | None = None
        self.pid = 0
        """The process that has connected, as the kernel says; 0 when it does not know."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.pid = _peer(transport.get_extra_info("socket"))
        self._handler.joined(self)

    def data_received(self, data: bytes) -> None:
        *lines, self._partial = (self._partial + data).split(b"\n")
        for line in lines:
            self._take(line)
        if len(self._partial) > LONGEST_LINE and self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._handler.left(self)

    def reply(self, **fields: Any) -> None:
        """Send one object; a client that has gone misses it."""
        if self._transport is not None:
            self._transport.write(json.dumps(fields).encode() + b"\n")

    def refuse(self, sentence: str) -> None:
        """Send an error."""
        self.reply(error=sentence)

    def _take(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            self.refuse('not JSON; write one object a line, for example {"op": "now"}')
            return
        if not isinstance(message, dict):
            self.refuse('not an object; write for example {"op": "now"}')
            return
        self._handler.asked(self, message)


def _peer(sock: socket.socket) -> int:
    """Process number of the other end of a Unix socket (SO_PEERCRED: pid, uid, gid)."""
    pid, _, _ = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return int(pid)


async def listen(path: Path, handler: Handler) -> asyncio.Server:
    """Serve `handler` at `path`. Raises ValueError for a path that is too long for a Unix socket."""
    if len(str(path).encode()) > LONGEST_PATH:
        raise ValueError(
            f"{path}: a socket's path may have {LONGEST_PATH} bytes at most; set TMPDIR to a shorter directory"
        )
    make: Callable[[], Client] = lambda: Client(handler)  # noqa: E731  a factory that asyncio calls per connection
    return await asyncio.get_running_loop().create_unix_server(make, str(path))
