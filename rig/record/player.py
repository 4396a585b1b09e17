"""One link of a run played back from its transcript: a server on 127.0.0.1 that is led by what the link itself taps.

Everything happens in the thread of whoever uses the link, inside its tap: when the link has tapped what it sent, that
is read from the connection and compared, and the recorded reply is put on the connection before the link looks for it.
So nothing depends on time. A stream (a second connection) gets exactly what its next look had found.
"""

from __future__ import annotations

import fcntl
import re
import socket
import struct
import termios
import threading
from contextlib import suppress
from pathlib import Path

from rig.record.errors import BrokenRun
from rig.record.wire import WireEvent, read_blocks, read_wire

__all__ = ["Deviation", "LinkPlayer", "Script"]

UNIT_AT = 6
"""Where a frame of Modbus TCP has its unit."""
PATIENCE_S = 2.0
"""Of the wall, for bytes that are in the kernel already."""
LOOKS = 1_000_000
"""At what the kernel has not handed over yet; a second or so."""
_BLOCK = re.compile(r"block of (\d+) bytes, crc32 \w+(?:, (\d+) line feeds)?$")
_STREAM = re.compile(r"stream: (?:scans .*, (\d+) bytes|nothing yet)$")
STREAM_OPEN = "stream: open"


class Deviation(Exception):
    """The first thing that went otherwise than in the record: link, line of its transcript, expected, found."""


class Script:
    """What is to be tapped next, line by line."""

    def __init__(self, name: str, path: Path) -> None:
        """A transcript that is not there has no lines. Raises BrokenRun for what is no transcript."""
        self.name, self.path = name, path
        self.events = read_wire(path) if path.exists() else []
        self.next = 0
        self._deviation: Deviation | None = None

    def expect(self, found: tuple[str, bytes | None, str]) -> WireEvent:
        """The recorded event, which must be this one: direction, data, note. Raises Deviation, the first for good."""
        if self._deviation is not None:
            raise self._deviation
        try:
            return self._expect(found)
        except Deviation as first:
            self._deviation = first
            raise

    def _expect(self, found: tuple[str, bytes | None, str]) -> WireEvent:
        line = self.next + 1
        if self.next >= len(self.events):
            raise Deviation(f"{self.name}, line {line}: the transcript ends before it; the rig did {_words(*found)}")
        event = self.events[self.next]
        recorded = (event.direction, event.data if event.data is not None else found[1], event.note)
        if (*recorded[:2], _plain(recorded[2])) != (*found[:2], _plain(found[2])):
            raise Deviation(f"{self.name}, line {line}: expected {_words(*recorded)}, found {_words(*found)}")
        self.next += 1
        return event

    def rest(self) -> str:
        """What was recorded and did not come again, as a sentence; empty when all did."""
        left = self.events[self.next :]
        if not left:
            return ""
        told = _words(left[0].direction, left[0].data, left[0].note)
        return f"{self.name}, line {self.next + 1}: expected {told}, and nothing came; {len(left)} lines are left"


class LinkPlayer:
    """A server for one link, and a tap on it; a context manager."""

    def __init__(self, name: str, path: Path) -> None:
        """A link without a single line was never open: nobody is let in.

        Raises BrokenRun for what is no transcript, or one without its blocks.
        """
        self._script = Script(name, path)
        self._contents = _contents(self._script, path)
        self._listener, self._streams = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
        self.port, self.stream_port = (one.getsockname()[1] for one in (self._listener, self._streams))
        self._connection: socket.socket | None = None
        self._stream: socket.socket | None = None
        self._sending: threading.Thread | None = None
        self._given = 0
        """Events before this one have been put on the connection, as far as they are replies."""
        events = self._script.events
        self._listen(bool(events) and not events[0].note.startswith("refused"))
        self._looked = 0
        """Looks at the stream before this event have been given what they find."""
        self.sent = 0
        """Bytes that were the recorded ones."""
        asked = next((one.data for one in events if one.direction == ">" and one.data), b"")
        self.unit = asked[UNIT_AT] if len(asked) > UNIT_AT else None
        """Which unit a link of Modbus TCP asked."""

    def __call__(self, direction: str, data: bytes | bytearray | memoryview, note: str = "") -> None:
        """What the link taps. Raises Deviation when it is not what it tapped then."""
        whole = bytes(data)
        self._script.expect((direction, whole, note))
        if direction == ">":
            self._received(whole)
        elif note == "open":
            self._connection = self._accept(self._listener, self._connection)
        elif note == STREAM_OPEN:
            self._stream = self._accept(self._streams, self._stream)
        self._give_replies()
        self._give_stream()

    def rest(self) -> str:
        """What was recorded and did not come again; empty when all did."""
        return self._script.rest()

    def close(self) -> None:
        """End every connection."""
        for one in (self._listener, self._streams, self._connection, self._stream):
            if one is not None:
                one.close()

    def _received(self, whole: bytes) -> None:
        """What really came, which must be what the link says it sent."""
        assert self._connection is not None, "an open link has tapped that it is"
        came = b""
        while len(came) < len(whole):
            piece = self._connection.recv(len(whole) - len(came))
            if not piece:
                break
            came += piece
        if came != whole:
            where = f"{self._script.name}, line {self._script.next}"
            raise Deviation(f"{where}: the link says it sent {whole!r}, and {came!r} came")
        self.sent += len(whole)

    def _give_replies(self) -> None:
        """Every reply up to what the rig does next; a lost link loses its connection."""
        at = max(self._given, self._script.next)
        events = self._script.events
        while at < len(events) and events[at].direction == "<":
            event = events[at]
            self._reply((event.data or b"") + self._contents.get(at, b""))
            at += 1
        self._given = at
        coming = events[self._script.next].note if self._script.next < len(events) else ""
        if coming.startswith("lost") and self._connection is not None:
            self._connection.close()
        self._listen(not coming.startswith("refused"))

    def _reply(self, data: bytes) -> None:
        """On its way when this returns; a long one goes while the link reads."""
        if self._sending is not None:
            self._sending.join()
        if self._connection is not None:
            self._sending = threading.Thread(target=_send, args=(self._connection, data), daemon=True)
            self._sending.start()

    def _listen(self, wanted: bool) -> None:
        """Whether whoever connects now is let in."""
        if not wanted:
            self._listener.close()
        elif self._listener.fileno() < 0:
            self._listener = socket.create_server(("127.0.0.1", self.port))

    def _give_stream(self) -> None:
        """What the next look at the stream finds, before it looks."""
        events, at = self._script.events, max(self._looked, self._script.next)
        if self._stream is None or at < self._looked or self._looked > self._script.next:
            return
        while at < len(events) and not events[at].note.startswith("stream"):
            at += 1
        if at == len(events) or events[at].note == STREAM_OPEN:
            return
        if _STREAM.match(events[at].note):
            _put(self._stream, self._contents.get(at, b""))
        else:
            self._stream.close()
        self._looked = at + 1

    def _accept(self, listener: socket.socket, old: socket.socket | None) -> socket.socket:
        if old is not None:
            old.close()
        listener.settimeout(PATIENCE_S)
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(PATIENCE_S)
        return connection


def _contents(script: Script, path: Path) -> dict[int, bytes]:
    """What each event that tells only a length was about, by its number; where that is missing the script ends."""
    lengths: dict[int, int] = {}
    ends: dict[int, bytes] = {}
    for number, event in enumerate(script.events):
        block, stream = _BLOCK.match(event.note), _STREAM.match(event.note)
        if event.data is None:
            lengths[number] = event.length
        if block is not None and event.direction == "<":
            lengths[number] = int(block[1])
            ends[number] = b"\n" * int(block[2] or 1)
        elif stream is not None and stream[1] is not None:
            lengths[number] = int(stream[1])
    blocks = read_blocks(path, list(lengths.values()))
    if len(blocks) < len(lengths):
        del script.events[list(lengths)[-1] :]
    return {number: block + ends.get(number, b"") for number, block in zip(lengths, blocks, strict=False)}


def _send(connection: socket.socket, data: bytes) -> None:
    with suppress(OSError):  # a link that was closed meanwhile has said so itself
        connection.sendall(data)


def _put(connection: socket.socket, data: bytes) -> None:
    """Send, and come back when the kernel has it for the other side, which looks without waiting."""
    with suppress(TimeoutError):
        connection.sendall(data)
        for _ in range(LOOKS):
            if not struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)))[0]:
                return
    raise BrokenRun(
        f"The kernel does not hold {len(data)} bytes of a stream for who reads it; raise net.core.rmem_max."
    )


def _plain(note: str) -> str:
    """Why a connection was refused or lost is the network's own wording."""
    word = note.partition(":")[0]
    return word if word in ("refused", "lost", "stream lost") else note


def _words(direction: str, data: bytes | None, note: str) -> str:
    said = f"{note!r}" if note else ""
    if direction == "note":
        return f"the note {said}"
    content = "a large block" if data is None else f"{data[:80]!r}{' ...' if len(data) > 80 else ''}"
    return f"{direction} {content}{f' ({note})' if note else ''}"
