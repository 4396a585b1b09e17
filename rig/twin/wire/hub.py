"""Listening sockets of the instruments: bytes in, requests executed in order at their latency, replies out.

Raw non-blocking sockets on the loop's readers, not asyncio transports, for two reasons: everything that clients have
already sent can be consumed at once before time moves, and a reply can be taken back while it is still in the queue.
"""

import asyncio
import contextlib
import select
import socket
import sys
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol

from rig.twin.clock import BenchTime

Buffer = bytes | memoryview
_MOST_ROUNDS = 1000  # of reading 256 KiB from each client: beyond it somebody floods, and must not stop the rest


class Session(Protocol):
    """One client's conversation with an instrument, in terms of complete requests."""

    def requests(self, data: bytes) -> list[bytes]:
        """The requests completed by `data`. Raises ValueError when the client is beyond help and must be cut off."""

    def answered(self, request: bytes) -> bool:
        """Whether the client will wait for a reply to `request`."""

    def execute(self, request: bytes) -> Buffer:
        """Do it at the present bench time; the reply, or nothing."""

    def interrupted(self) -> None:
        """A new request came before the reply to the last one had left the output queue; the rest of it is gone."""


class Connection:
    """One accepted client."""

    def __init__(self, hub: "Hub", port: "Port", sock: socket.socket, session: Session) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock, self.port, self.session = sock, port, session
        self.open = True
        self._hub = hub
        self._out: deque[memoryview] = deque()
        self._blocked = False  # the loop calls back when there is room again

    @property
    def queued(self) -> bool:
        """Whether a part of a reply is still in the output queue."""
        return bool(self._out)

    def read(self) -> None:
        """Take what has arrived and hand complete requests on; EOF and errors close the connection."""
        try:
            data = self.sock.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self.port.received += len(data)
        try:
            self.port.waiting.extend((self, request) for request in self.session.requests(data))
        except ValueError:
            self.close()
        self._hub.work(self.port)
        self._hub.progress()

    def send(self, data: Buffer) -> None:
        """Queue `data` without limit; what the kernel takes leaves at once."""
        if data and self.open:
            self._out.append(memoryview(data))
            self._flush()

    def drop_output(self) -> None:
        """Forget the part of a reply that has not left."""
        self._out.clear()

    def close(self) -> None:
        if self.open:
            self.open = False
            self._hub.forget(self)
            self.sock.close()

    def _flush(self) -> None:
        try:
            while self._out:
                sent = self.sock.send(self._out[0])
                if sent == len(self._out[0]):
                    self._out.popleft()
                else:
                    self._out[0] = self._out[0][sent:]
        except BlockingIOError:
            self._blocked = True
            self._hub.loop.add_writer(self.sock, self._flush)
            return
        except OSError:
            self.close()
            return
        if self._blocked:
            self._blocked = False
            self._hub.loop.remove_writer(self.sock)


class Port:
    """One instrument's listening socket on loopback. `counted` ports are links whose bytes a sleep may wait for."""

    def __init__(self, name: str, latency_ps: int, open_session: Callable[[], Session], *, counted: bool) -> None:
        self.name, self.latency_ps, self.open_session, self.counted = name, latency_ps, open_session, counted
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.listener.setblocking(False)
        self.number: int = self.listener.getsockname()[1]
        self.received = 0
        self.muted = False
        self.powered = True
        self.held_s = 0.0  # wall time by which replies are held back
        self.working = False
        self.timer: asyncio.TimerHandle | None = None
        self.clients: list[Connection] = []
        self.waiting: deque[tuple[Connection, bytes]] = deque()
        self.joined: Callable[[Connection], None] | None = None


class Hub:
    """All ports of the twin."""

    def __init__(self, time: BenchTime, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.ports: dict[str, Port] = {}
        self.on_progress: list[Callable[[], None]] = []
        self._time = time
        self._poll = select.poll()
        self._handlers: dict[int, Callable[[], None]] = {}
        self._draining = False
        self._executing = False

    def listen(self, name: str, latency_ps: int, open_session: Callable[[], Session], *, counted: bool = True) -> Port:
        """Open a port for instrument `name`; clients find it as soon as this returns."""
        port = Port(name, latency_ps, open_session, counted=counted)
        self.ports[name] = port
        self._watch(port.listener, lambda: self._accept(port))
        return port

    def received(self) -> dict[str, int]:
        """Bytes received per link since the twin started."""
        return {port.name: port.received for port in self.ports.values() if port.counted}

    def missing(self, sent: Mapping[str, int]) -> str | None:
        """A sentence on the first link that has not yet received as many bytes as `sent` says; None if all have.

        A link without a client cannot receive the rest any more, so nothing waits for it.
        """
        for name, total in sent.items():
            port = self.ports[name]
            if port.received < total and port.clients:
                return f"link {name!r} has received {port.received} of {total} bytes"
        return None

    def drain(self) -> None:
        """Accept and read until nothing that clients have sent is left in any socket."""
        if self._draining:
            return
        self._draining = True
        try:
            for _ in range(_MOST_ROUNDS):
                ready = self._poll.poll(0)
                if not ready:
                    break
                for fd, _ in ready:
                    if handler := self._handlers.get(fd):
                        handler()
        finally:
            self._draining = False

    def work(self, port: Port) -> None:
        """Execute what waits at `port`: now in virtual time, each after its latency at wall pace.

        A client that waits for a reply has sent everything else before, so what all others have sent is consumed
        first. Two set-writes on different links without a reply between them have no order that the twin could know.
        """
        if port.muted:
            port.waiting.clear()
        if port.working or not port.waiting:
            return
        port.working = True
        if self._time.rate is not None:
            delay_s = self._time.wall_seconds_of(port.latency_ps)
            port.timer = self.loop.call_later(delay_s, self._work_later, port)
            return
        try:
            while port.waiting:
                client, request = port.waiting[0]
                if client.session.answered(request):
                    self.drain()
                if port.waiting:  # the instrument may have died meanwhile
                    self._execute(*port.waiting.popleft())
        finally:
            port.working = False

    def progress(self) -> None:
        """Bytes have been consumed."""
        if not self._draining and not self._executing:
            for callback in self.on_progress:
                callback()

    def forget(self, client: Connection) -> None:
        """A connection ends."""
        self._unwatch(client.sock)
        client.port.clients.remove(client)
        self.progress()

    def refuse(self, name: str) -> None:
        """Close a port and cut its clients off: an instrument that has lost its power."""
        port = self.ports[name]
        if port.listener.fileno() in self._handlers:
            self._unwatch(port.listener)
        port.listener.close()
        for client in list(port.clients):
            client.close()

    def suspend(self, name: str) -> None:
        """As `refuse`, but the number is kept for `restore`: a bound socket that does not listen refuses too."""
        self.refuse(name)
        port = self.ports[name]
        port.powered = False
        port.waiting.clear()
        port.listener = socket.socket()
        port.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port.listener.bind(("127.0.0.1", port.number))

    def restore(self, name: str) -> None:
        """Listen again."""
        port = self.ports[name]
        port.powered = True
        port.listener.listen(128)
        port.listener.setblocking(False)
        self._watch(port.listener, lambda: self._accept(port))

    def close(self) -> None:
        """Close everything."""
        for name in self.ports:
            self.refuse(name)

    def _accept(self, port: Port) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            sock, _ = port.listener.accept()
            client = Connection(self, port, sock, port.open_session())
            port.clients.append(client)
            self._watch(sock, client.read)
            if port.joined is not None:
                port.joined(client)

    def hurry(self) -> None:
        """Time has become virtual: nothing waits for the wall any more."""
        for port in self.ports.values():
            if port.timer is not None:
                port.timer.cancel()
                port.timer, port.working = None, False
                self.work(port)

    def _work_later(self, port: Port) -> None:
        port.timer, port.working = None, False
        if port.waiting:
            self._execute(*port.waiting.popleft())
        self.work(port)

    def _execute(self, client: Connection, request: bytes) -> None:
        outermost = not self._executing
        self._executing = True
        try:
            self._time.spend(client.port.latency_ps)
            if not client.port.powered:  # died over it
                return
            if client.queued:
                client.drop_output()
                client.session.interrupted()
            reply = client.session.execute(request)
            if client.port.held_s:
                self.loop.call_later(client.port.held_s, client.send, reply)
            else:
                client.send(reply)
        except Exception:  # one instrument's mistake must not end the world: show it, cut the client off
            traceback.print_exc(file=sys.stderr)
            client.close()
        finally:
            self._executing = not outermost

    def _watch(self, sock: socket.socket, handler: Callable[[], None]) -> None:
        fd = sock.fileno()
        self._handlers[fd] = handler
        self._poll.register(fd, select.POLLIN)
        self.loop.add_reader(fd, handler)

    def _unwatch(self, sock: socket.socket) -> None:
        fd = sock.fileno()
        del self._handlers[fd]
        self._poll.unregister(fd)
        self.loop.remove_reader(fd)
        self.loop.remove_writer(fd)
