"""Transcripts of a contract: recorded between a driver and an instrument, kept as JSON lines, played back strictly.

A transcript is a file of the run folder's wire/*.jsonl (rig.record.wire). Its first line is a note that says what was
recorded; a note "case NAME" begins the conversation of one test, which may open several connections, each from a note
"open" to a note "close" (the driver's doing) or "cut" (the instrument's). A note "stream" is the beginning of the
second connection of an instrument that streams without being asked; data noted "stream" came over it.

The only field that is not compared when played is the transaction id of Modbus TCP, which counts the client's requests.
"""

import contextlib
import re
import select
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from rig.record.wire import LARGE, WireEvent, WireLog, read_wire
from tests.instruments.player import Close, ModbusPlayer, Player, Stream, StreamOpen

MBAP = 6  # bytes of a Modbus TCP header before what its length counts


def load_cases(path: Path) -> tuple[str, dict[str, list[WireEvent]]]:
    """What was recorded, and the events of each test by its name. ValueError for what is no transcript."""
    first, *events = read_wire(path)
    if first.direction != "note" or not first.note.startswith("recorded from "):
        raise ValueError(f"{path}: the first line does not say what was recorded")
    cases: dict[str, list[WireEvent]] = {}
    for event in events:
        if event.direction == "note" and event.note.startswith("case "):
            cases[event.note.removeprefix("case ")] = []
        elif not cases:
            raise ValueError(f"{path}: an event before the first case")
        else:
            cases[list(cases)[-1]].append(event)
    return first.note, cases


def play(events: list[WireEvent], *, modbus: bool) -> Player:
    """A started player of one case; `finish()` lists every departure."""
    scripts: list[list[object]] = []
    for event in events:
        match event.direction, event.note:
            case "note", "open":
                scripts.append([])
            case "note", "close":
                pass  # a script ends when the client has closed and nothing is left
            case "note", "cut":
                scripts[-1].append(Close())
            case "note", "stream":
                scripts[-1].append(StreamOpen())
            case "<", "stream":
                scripts[-1].append(Stream(_held(event)))
            case ">", "":
                scripts[-1].append((_held(event), b""))
            case "<", "":
                asked = max(n for n, step in enumerate(scripts[-1]) if isinstance(step, tuple))
                expected, reply = scripts[-1][asked]
                scripts[-1][asked] = (expected, reply + _held(event))
            case _:
                raise ValueError(f"{event} has no place in a transcript that can be played")
    if modbus:
        return ModbusPlayer([[_pdus(step) for step in script] for script in scripts])
    return Player(scripts)


def _held(event: WireEvent) -> bytes:
    if event.data is None:
        raise ValueError(f"a block of {event.length} bytes was left out of the transcript")
    return event.data


def _pdus(step: object) -> object:
    """The player of Modbus makes the headers itself."""
    return tuple(frame[MBAP:] for frame in step) if isinstance(step, tuple) else step


class Recorder:
    """Stands between a driver and an instrument on TCP and writes down what passes, one conversation at a time.

    `address` is where the driver finds it; `stream_address` likewise where the instrument has a stream.
    """

    def __init__(self, target: tuple[str, int], stream: tuple[str, int] | None = None) -> None:
        self.events: list[tuple[str, bytes, str]] = []
        self._targets = {socket.create_server(("127.0.0.1", 0)): (target, "")}
        if stream is not None:
            self._targets[socket.create_server(("127.0.0.1", 0))] = (stream, "stream")
        self.ports = [listener.getsockname()[1] for listener in self._targets]
        self._wake, self._woken = socket.socketpair()
        self._pairs: dict[socket.socket, tuple[socket.socket, str, str]] = {}
        self._thread = threading.Thread(target=self._relay, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop once the driver has closed, which is written down too."""
        self._wake.close()
        self._thread.join(5.0)
        for sock in (self._woken, *self._targets, *self._pairs):
            sock.close()

    def _relay(self) -> None:
        ending = False
        while self._pairs or not ending:
            ready, _, _ = select.select([*self._targets, *self._pairs, *([] if ending else [self._woken])], [], [])
            ending = ending or self._woken in ready
            for sock in ready:
                if sock in self._targets:
                    self._accept(sock)
                elif sock in self._pairs:
                    self._pass_on(sock)

    def _accept(self, listener: socket.socket) -> None:
        target, note = self._targets[listener]
        client, _ = listener.accept()
        server = socket.create_connection(target, 5.0)
        for sock in (client, server):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._pairs[client], self._pairs[server] = (server, ">", note), (client, "<", note)
        self.events.append(("note", b"", note or "open"))

    def _pass_on(self, sock: socket.socket) -> None:
        other, direction, note = self._pairs[sock]
        data = b""
        with contextlib.suppress(ConnectionError):
            data = sock.recv(1 << 16)
        if data:
            self.events.append((direction, data, note))
            other.sendall(data)
            return
        if not note:
            self.events.append(("note", b"", "close" if direction == ">" else "cut"))
        for end in (sock, other):
            del self._pairs[end]
            end.close()


def save(path: Path, source: str, cases: dict[str, list[tuple[str, bytes, str]]], *, modbus: bool) -> None:
    """Write a transcript; `source` is "recorded from ...". Times are left out: none is compared."""
    path.unlink(missing_ok=True)
    log = WireLog(path, _NoTime())
    log("note", b"", source)
    for name, events in cases.items():
        log("note", b"", f"case {name}")
        for direction, data, note in joined(events):
            for piece in _pieces(data, modbus=modbus) if data and not note else _cut(data):
                log(direction, piece, note)
    log.close()


class _NoTime:
    def now_ns(self) -> int:
        return 0


def joined(events: list[tuple[str, bytes, str]]) -> Iterator[tuple[str, bytes, str]]:
    """Consecutive data of one direction as one event: where TCP cuts is chance."""
    held: tuple[str, bytes, str] | None = None
    for event in events:
        if held is not None and held[0] == event[0] != "note" and held[2] == event[2]:
            held = (held[0], held[1] + event[1], held[2])
            continue
        if held is not None:
            yield held
        held = event
    if held is not None:
        yield held


def _pieces(data: bytes, *, modbus: bool) -> Iterator[bytes]:
    """The frames or lines of one direction's data, a binary block in one piece."""
    if modbus:
        while data:
            end = MBAP + int.from_bytes(data[4:6], "big")
            yield data[:end]
            data = data[end:]
    elif data.startswith(b"#"):
        yield from _cut(data)
    else:
        yield from re.findall(rb"[^\n]*\n|[^\n]+\Z", data)


def _cut(data: bytes) -> Iterator[bytes]:
    """A transcript keeps no content of more than LARGE bytes in one event."""
    yield from [data[start : start + LARGE] for start in range(0, len(data), LARGE)] or [b""]


def hashed(
    events: list[tuple[str, bytes, str]], serial: str, digest: Callable[[str], str]
) -> list[tuple[str, bytes, str]]:
    """The same events with an instrument's serial number replaced, where it has one that it spells out."""
    if not serial:
        return events
    return [
        (direction, data.replace(serial.encode(), digest(serial).encode()), note) for direction, data, note in events
    ]
