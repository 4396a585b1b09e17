"""A server on 127.0.0.1 that plays a byte transcript and accepts nothing else.

A script is a list of steps for one connection: (expected bytes, reply bytes), or one of the other steps, to misbehave.
finish() reports an unexpected byte, a missing byte, a step never reached, a reply the client never read, and
connections beyond the scripts.
"""

import contextlib
import select
import socket
import struct
import threading
from dataclasses import dataclass

GRACE = 1.0  # s that a client has to close after the test
PATIENCE = 5.0  # s of silence after which a missing byte is a fault; never reached when all is well


@dataclass(frozen=True)
class Close:
    """Close the connection now (end of the script)."""


@dataclass(frozen=True)
class Hostile:
    """End of a script whose bytes the client is not meant to have read."""


@dataclass(frozen=True)
class WaitFor:
    """Go on when the test sets the event."""

    event: threading.Event


@dataclass(frozen=True)
class Say:
    """Send without being asked."""

    data: bytes


@dataclass(frozen=True)
class StreamOpen:
    """The client opens a second connection, for a stream."""


@dataclass(frozen=True)
class Stream:
    """Send on the second connection; whether it is read is not checked."""

    data: bytes


class Player:
    def __init__(self, scripts):
        self._scripts = list(scripts)
        self._faults = []
        self._streams = socket.create_server(("127.0.0.1", 0)) if self._streaming() else None
        self.stream_port = self._streams.getsockname()[1] if self._streams else None
        self.waiting = threading.Event()
        """Set while nothing is left to send before the client says more."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.address = f"TCPIP::127.0.0.1::{self.port}::SOCKET"
        self._connections = []
        self._stop, self._stopped = socket.socketpair()  # closing one end makes the other readable
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def finish(self):
        self._stop.close()
        self._thread.join(PATIENCE + 1)
        if self._thread.is_alive():
            self._faults.append("the player did not come to its end")
        for sock in (self._stopped, self._listener, self._streams, *self._connections):
            if sock is not None:
                sock.close()
        return self._faults

    def _streaming(self):
        return any(isinstance(step, StreamOpen) for script in self._scripts for step in script)

    def _serve(self):
        for number, script in enumerate(self._scripts, 1):
            connection = self._accept()
            if connection is None:
                if script:
                    self._faults.append(f"connection {number} never came")
                return
            try:
                self._play(connection, script)
            except (AssertionError, OSError) as fault:
                self._faults.append(f"connection {number}: {fault}")
                return
        connection = self._accept()
        if connection is not None:
            self._faults.append("a connection beyond the scripts")

    def _accept(self):
        self.waiting.set()
        if self._listener not in select.select([self._listener, self._stopped], [], [])[0]:
            return None
        connection, _ = self._listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(PATIENCE)
        self._connections.append(connection)
        return connection

    def _play(self, connection, script):
        stream = None
        for step in script:
            if isinstance(step, Close):
                connection.close()
                return
            if isinstance(step, Hostile):
                return
            if isinstance(step, WaitFor):
                assert step.event.wait(PATIENCE), "the test never set its event"
                continue
            if isinstance(step, Say):
                connection.sendall(step.data)
                continue
            if isinstance(step, StreamOpen):
                stream = self._stream()
                continue
            if isinstance(step, Stream):
                with contextlib.suppress(ConnectionError):
                    stream.sendall(step.data)
                continue
            expected, reply = step
            self._expect(connection, expected)
            if reply:
                connection.sendall(self.reply(reply))
        self._until_closed(connection)

    def _stream(self):
        self._streams.settimeout(PATIENCE)
        stream, _ = self._streams.accept()
        self._connections.append(stream)
        return stream

    def _expect(self, connection, expected):
        got = b""
        self.waiting.set()
        while len(got) < len(expected):
            try:
                data = connection.recv(len(expected) - len(got))
            except TimeoutError:
                data = b""
            assert data, f"missing bytes: expected {expected!r}, got {got!r}"
            got += data
            assert self.same(expected, got), f"expected {expected!r}, got {got!r}"
        self.waiting.clear()

    def same(self, expected, got):
        return expected.startswith(got)

    def reply(self, reply):
        return reply

    def _until_closed(self, connection):
        """Nothing more may come, and everything sent must be read before the client closes."""
        self.waiting.set()
        if connection not in select.select([connection, self._stopped], [], [])[0]:
            ready, _, _ = select.select([connection], [], [], GRACE)
            assert ready, "the client left its connection open"
        try:
            data = connection.recv(64)
        except ConnectionResetError:  # closed with bytes unread: the kernel answers with a reset
            raise AssertionError("the client left a reply unread") from None
        assert not data, f"unexpected bytes {data!r}"


class ModbusPlayer(Player):
    """Steps hold PDUs with the unit in front; frames are built here. The transaction id is the client's."""

    def __init__(self, scripts):
        self._transaction = b""
        super().__init__([[self._framed(step) for step in script] for script in scripts])
        self.address = f"127.0.0.1:{self.port}"

    @staticmethod
    def _framed(step):
        if not isinstance(step, tuple):
            return step
        expected, reply = step
        return ModbusPlayer.frame(expected), ModbusPlayer.frame(reply) if isinstance(reply, bytes) and reply else reply

    @staticmethod
    def frame(pdu, transaction=b"\0\0"):
        return transaction + b"\0\0" + struct.pack(">H", len(pdu)) + pdu

    def same(self, expected, got):
        self._transaction = got[:2]
        return expected[2:].startswith(got[2:])

    def reply(self, reply):
        """Bytes get the client's transaction id; a Raw reply goes out as it is."""
        if isinstance(reply, Raw):
            return reply.data(self._transaction)
        return self._transaction + reply[2:]


@dataclass(frozen=True)
class Raw:
    """A reply made from the transaction id (two bytes) of the request."""

    data: object  # Callable[[bytes], bytes]
