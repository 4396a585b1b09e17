"""Listening sockets of the instruments: bytes in, requests executed in order, replies out.

In virtual time the requests of a claimed connection wait until its participant's turn comes, those of a foreign one
are executed at once and move nothing. At wall pace each port executes one after another, each after its latency.

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
from collections.abc import Callable
from typing import Protocol

from rig.twin.clock import BenchTime
from rig.twin.participants import Participant

Buffer = bytes | memoryview
_MOST_ROUNDS = 1000  # of reading 256 KiB from each client: beyond it somebody floods, and must not stop the rest


class Session(Protocol):
    """One client's conversation with an instrument, in terms of complete requests."""

    def requests(self, data: bytes) -> list[bytes]:
        """The requests completed by `data`. Raises ValueError when the client is beyond help and must be cut off."""

    def answered(self, request: bytes) -> bool:
        """Whether the client will wait for a reply to `request`."""

    def sets(self, request: bytes) -> bool:
        """Whether `request` is meant to change something at the instrument."""

    def execute(self, request: bytes) -> Buffer:
        """Do it at the present bench time; the reply, or nothing."""

    def interrupted(self) -> None:
        """A new request came before the reply to the last one had left the output queue; the rest of it is gone."""


class Connection:
    """One accepted client."""

    def __init__(self, hub: "Hub", port: "Port", sock: socket.socket, number: int, session: Session) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock, self.port, self.session = sock, port, session
        self.open = True
        self.number = number
        """The client's own port, by which it is claimed."""
        self.participant: Participant[Connection] | None = None
        """The owner that has claimed it."""
        self.noticed = False
        """Written down as foreign."""
        self.waiting: deque[tuple[bytes, bool]] = deque()
        self._hub = hub
        self._out: deque[memoryview] = deque()
        self._blocked = False  # the loop calls back when there is room again

    @property
    def asking(self) -> bool:
        """Whether the client waits for the reply to a request that has not been executed."""
        return self.open and any(answered for _, answered in self.waiting)

    @property
    def latency_ps(self) -> int:
        return self.port.latency_ps

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
        if self.participant is not None:
            self.participant.received[self.port.name] += len(data)
        try:
            requests = self.session.requests(data)
        except ValueError:
            self.close()
        else:
            self._hub.take(self, requests)
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
    """One instrument's listening socket on loopback, number `rank` of the bench. `counted` ports are links whose bytes
    a sleep may wait for."""

    def __init__(
        self, name: str, rank: int, latency_ps: int, open_session: Callable[[], Session], *, counted: bool
    ) -> None:
        self.name, self.rank, self.open_session, self.counted = name, rank, open_session, counted
        self.latency_ps = latency_ps
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.listener.setblocking(False)
        self.number: int = self.listener.getsockname()[1]
        self.muted = False
        self.held_s = 0.0  # wall time by which replies are held back
        self.timer: asyncio.TimerHandle | None = None
        self.clients: list[Connection] = []
        self.waiting: deque[tuple[Connection, bytes]] = deque()
        self.joined: Callable[[Connection], None] | None = None


class Hub:
    """All ports of the twin."""

    def __init__(self, time: BenchTime, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.ports: dict[str, Port] = {}
        self.links: list[str] = []
        """Names of the links whose bytes are counted, sorted."""
        self.gone: set[tuple[str, int]] = set()
        """Links and clients' ports whose connection has ended; one that connects again is here no more."""
        self.on_progress: list[Callable[[], None]] = []
        self.on_foreign: Callable[[Connection, bytes], None] = lambda _client, _request: None
        """Called in virtual time before a request of a connection that nobody has claimed; may change the pace."""
        self._time = time
        self._poll = select.poll()
        self._handlers: dict[int, Callable[[], None]] = {}
        self._draining = False
        self._executing = False

    def listen(self, name: str, latency_ps: int, open_session: Callable[[], Session], *, counted: bool = True) -> Port:
        """Open a port for instrument `name`; clients find it as soon as this returns."""
        port = Port(name, len(self.ports), latency_ps, open_session, counted=counted)
        self.ports[name] = port
        if counted:
            self.links = sorted([*self.links, name])
        self._watch(port.listener, lambda: self._accept(port))
        return port

    def claim(self, number: int, participant: Participant[Connection], link: str | None = None) -> bool:
        """The connection from the client's port `number` speaks for `participant`; False if there is none to be had.

        Two connections to two instruments may have the same number at the client: the kernel tells them apart by both
        ends. `link` says to which instrument this one leads.
        """
        client = next((c for port in self._led_to(link) for c in port.clients if c.number == number), None)
        if client is None or client.participant not in (None, participant):
            return False
        client.participant = participant
        others = [link for link in participant.links if link is not client and (link.open or link.waiting)]
        participant.links = [*others, client]
        participant.links.sort(key=lambda link: link.port.rank)
        participant.received[client.port.name] = 0
        return True

    def known(self, number: int, link: str | None = None) -> bool:
        """Whether a connection from the client's port `number` is, or was, here.

        The kernel may tell a client that it is connected before it shows the connection to the listener.
        """
        ports = self._led_to(link)
        return any((port.name, number) in self.gone or any(c.number == number for c in port.clients) for port in ports)

    def _led_to(self, link: str | None) -> list["Port"]:
        """The port that a link leads to; all of them where its name says nothing."""
        return [self.ports[link]] if link in self.ports else list(self.ports.values())

    def release(self, participant: Participant[Connection]) -> None:
        """Its connections are foreign from now on; what it has sent acts at once."""
        while (client := participant.next_link()) is not None:
            self.perform(client)
        for client in participant.links:
            client.participant = None
        participant.links.clear()

    def drain(self) -> None:
        """Accept and read until nothing that clients have sent is left in any socket.

        Whoever waits for what was read is told once the caller is done.
        """
        if self._draining:
            return
        self._draining = True
        try:
            for round_ in range(_MOST_ROUNDS):
                ready = self._poll.poll(0)
                if not ready:
                    break
                if not round_:
                    self.loop.call_soon(self.progress)
                for fd, _ in ready:
                    if handler := self._handlers.get(fd):
                        handler()
        finally:
            self._draining = False

    def take(self, client: Connection, requests: list[bytes]) -> None:
        """Complete requests have come."""
        if client.port.muted:
            return
        for request in requests:
            if client.participant is None and self._time.rate is None:
                self.on_foreign(client, request)
            if self._time.rate is not None:
                client.port.waiting.append((client, request))
                self._work(client.port)
            elif client.participant is not None:
                client.waiting.append((request, client.session.answered(request)))
                client.participant.last = (client.port.name, request)
            else:
                self._execute(client, request)

    def perform(self, client: Connection) -> None:
        """Execute the oldest request of a claimed connection at the present bench time."""
        if client.waiting:  # else the instrument has died over it
            request, _ = client.waiting.popleft()
            self._execute(client, request)

    def _work(self, port: Port) -> None:
        """At wall pace: execute what waits at `port`, each after its latency."""
        if port.timer is None and port.waiting:
            delay_s = self._time.wall_seconds_of(port.latency_ps)
            port.timer = self.loop.call_later(delay_s, self._work_later, port)

    def progress(self) -> None:
        """Bytes have been consumed."""
        if not self._draining and not self._executing:
            for callback in self.on_progress:
                callback()

    def forget(self, client: Connection) -> None:
        """A connection ends; it may do so in the middle of an event of the simulation."""
        self._unwatch(client.sock)
        client.port.clients.remove(client)
        self.gone.add((client.port.name, client.number))
        self.loop.call_soon(self.progress)

    def refuse(self, name: str) -> None:
        """Close a port and cut its clients off: an instrument that has lost its power."""
        port = self.ports[name]
        if port.listener.fileno() in self._handlers:
            self._unwatch(port.listener)
        port.listener.close()
        port.waiting.clear()
        for client in list(port.clients):
            client.waiting.clear()
            client.close()

    def suspend(self, name: str) -> None:
        """As `refuse`, but the number is kept for `restore`: a bound socket that does not listen refuses too."""
        self.refuse(name)
        port = self.ports[name]
        port.waiting.clear()
        port.listener = socket.socket()
        port.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port.listener.bind(("127.0.0.1", port.number))

    def restore(self, name: str) -> None:
        """Listen again."""
        port = self.ports[name]
        port.listener.listen(128)
        port.listener.setblocking(False)
        self._watch(port.listener, lambda: self._accept(port))

    def close(self) -> None:
        """Close everything."""
        for name in self.ports:
            self.refuse(name)

    def _accept(self, port: Port) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            sock, peer = port.listener.accept()
            client = Connection(self, port, sock, peer[1], port.open_session())
            port.clients.append(client)
            self.gone.discard((port.name, client.number))
            self._watch(sock, client.read)
            if port.joined is not None:
                port.joined(client)
            self.progress()

    def hurry(self) -> None:
        """Time has become virtual: nothing waits for the wall any more."""
        for port in self.ports.values():
            if port.timer is not None:
                port.timer.cancel()
                port.timer = None
            while port.waiting:
                self._execute(*port.waiting.popleft())

    def _work_later(self, port: Port) -> None:
        port.timer = None
        self._time.catch_up()
        if port.waiting:
            self._execute(*port.waiting.popleft())
        self._work(port)
        self.progress()

    def _execute(self, client: Connection, request: bytes) -> None:
        if client.port.muted:
            return
        outermost = not self._executing
        self._executing = True
        try:
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
