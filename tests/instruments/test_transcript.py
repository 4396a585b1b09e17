"""What is recorded is played, and whoever departs from it is caught; else a transcript would prove nothing."""

import hashlib
import json
import socket
import threading

import pytest

from rig.record.wire import read_wire
from tests.instruments import transcript
from tests.instruments.contract.conftest import TRANSCRIPTS

LINES = [
    {"t_ns": 0, "dir": "note", "note": "recorded from a thought"},
    {"t_ns": 0, "dir": "note", "note": "case one"},
    {"t_ns": 0, "dir": "note", "note": "open"},
    {"t_ns": 0, "dir": ">", "data": "SET 1\n"},
    {"t_ns": 0, "dir": ">", "data": "X?\n"},
    {"t_ns": 0, "dir": "<", "data": "1"},
    {"t_ns": 0, "dir": "<", "hex": "ff0a"},
    {"t_ns": 0, "dir": "note", "note": "close"},
    {"t_ns": 0, "dir": "note", "note": "case two"},
    {"t_ns": 0, "dir": "note", "note": "open"},
    {"t_ns": 0, "dir": "note", "note": "cut"},
    {"t_ns": 0, "dir": "note", "note": "open"},
    {"t_ns": 0, "dir": "note", "note": "close"},
]


@pytest.fixture
def cases(tmp_path):
    def written(lines):
        path = tmp_path / "wire.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return transcript.load_cases(path)

    return written


def connected(server):
    return socket.create_connection(("127.0.0.1", server.port), 5.0)


def ask(client):
    client.sendall(b"SET 1\nX?\n")
    assert client.recv(16) == b"1\xff\n"


def test_a_case_is_played_to_whoever_follows_it(cases):
    source, found = cases(LINES)
    assert source == "recorded from a thought"
    server = transcript.play(found["one"], modbus=False)
    with connected(server) as client:
        ask(client)
    assert server.finish() == []


@pytest.mark.parametrize(
    ("talk", "fault"),
    [
        (lambda client: client.sendall(b"SET 2\n"), "connection 1: expected b'SET 1\\n', got b'SET 2\\n'"),
        (lambda client: (ask(client), client.sendall(b"Y\n")), "connection 1: unexpected bytes b'Y\\n'"),
        (lambda client: client.sendall(b"SET 1\nX"), "connection 1: missing bytes: expected b'X?\\n', got b'X'"),
        (
            lambda client: (client.sendall(b"SET 1\nX?\n"), client.recv(2)),
            "connection 1: the client left a reply unread",
        ),
    ],
)
def test_every_departure_from_a_case_is_a_fault(cases, talk, fault):
    server = transcript.play(cases(LINES)[1]["one"], modbus=False)
    with connected(server) as client:
        talk(client)
    assert server.finish() == [fault]


def test_connections_are_as_many_as_in_the_case(cases):
    _, found = cases(LINES)
    assert transcript.play(found["one"], modbus=False).finish() == ["connection 1 never came"]
    server = transcript.play(found["one"], modbus=False)
    with connected(server) as client:
        ask(client)
    with connected(server):
        assert server.finish() == ["a connection beyond the scripts"]


def test_a_cut_is_the_instrument_s_and_another_connection_follows(cases):
    server = transcript.play(cases(LINES)[1]["two"], modbus=False)
    with connected(server) as client:
        assert client.recv(1) == b""
    with connected(server):
        pass
    assert server.finish() == []


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (LINES[1:], "does not say what was recorded"),
        ([LINES[0], LINES[2]], "an event before the first case"),
    ],
)
def test_what_is_no_transcript_is_refused(cases, lines, error):
    with pytest.raises(ValueError, match=error):
        cases(lines)


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ({"t_ns": 0, "dir": "<", "len": 5000, "sha256": "00"}, "a block of 5000 bytes was left out"),
        ({"t_ns": 0, "dir": "note", "note": "lost: end of file"}, "has no place in a transcript"),
    ],
)
def test_what_cannot_be_played_is_refused(cases, event, error):
    with pytest.raises(ValueError, match=error):
        transcript.play(cases([*LINES[:5], event])[1]["one"], modbus=False)


def test_of_a_modbus_frame_the_transaction_alone_is_the_client_s_own(cases):
    request, reply = "0001 0000 0006 01 03 8000 0001", "0001 0000 0005 01 03 02 00c8"
    events = [
        {"t_ns": 0, "dir": ">", "hex": request.replace(" ", "")},
        {"t_ns": 0, "dir": "<", "hex": reply.replace(" ", "")},
    ]
    server = transcript.play(cases([*LINES[:3], *events])[1]["one"], modbus=True)
    with connected(server) as client:
        client.sendall(bytes.fromhex(request.replace("0001 0000", "1234 0000", 1)))
        assert client.recv(64) == bytes.fromhex(reply.replace("0001 0000", "1234 0000", 1))
    assert server.finish() == []
    server = transcript.play(cases([*LINES[:3], *events])[1]["one"], modbus=True)
    with connected(server) as client:
        client.sendall(bytes.fromhex(request.replace("8000", "8001")))
    assert len(server.finish()) == 1


class Echo:
    """An instrument that answers each line that ends with a question mark, and has a stream."""

    def __init__(self):
        self.main, self.stream = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def address(self, which):
        return which.getsockname()[:2]

    def _serve(self):
        client, _ = self.main.accept()
        stream, _ = self.stream.accept()
        with client, stream, client.makefile("rb") as lines:
            stream.sendall(b"unasked")
            for line in lines:
                if line.endswith(b"?\n"):
                    client.sendall(b"#15ab\ncd\n" if line == b"BLOCK?\n" else b"SN123\n")

    def close(self):
        self._thread.join(5.0)
        self.main.close()
        self.stream.close()


def test_a_recording_is_cut_into_lines_saved_and_played(tmp_path):
    echo = Echo()
    recorder = transcript.Recorder(echo.address(echo.main), echo.address(echo.stream))
    client = socket.create_connection(("127.0.0.1", recorder.ports[0]), 5.0)
    stream = socket.create_connection(("127.0.0.1", recorder.ports[1]), 5.0)
    assert stream.recv(64) == b"unasked"
    client.sendall(b"ONE\nTWO?\n")
    assert client.recv(64) == b"SN123\n"
    client.sendall(b"BLOCK?\n")
    assert client.recv(64) == b"#15ab\ncd\n"
    client.close()
    stream.close()
    recorder.close()
    echo.close()
    assert transcript.hashed(recorder.events, "", str) == recorder.events
    path = tmp_path / "echo.jsonl"
    events = transcript.hashed(recorder.events, "SN123", lambda serial: hashlib.sha256(serial.encode()).hexdigest()[:4])
    transcript.save(path, "recorded from an echo", {"it": events}, modbus=False)
    kept = [(event.direction, event.data or event.note) for event in read_wire(path) if event.note != "stream"]
    digest = hashlib.sha256(b"SN123").hexdigest()[:4].encode()
    assert kept == [
        ("note", "recorded from an echo"),
        ("note", "case it"),
        ("note", "open"),
        (">", b"ONE\n"),
        (">", b"TWO?\n"),
        ("<", digest + b"\n"),
        (">", b"BLOCK?\n"),
        ("<", b"#15ab\ncd\n"),
        ("note", "close"),
    ]
    assert transcript.load_cases(path)[1].keys() == {"it"}


@pytest.mark.parametrize("path", sorted(TRANSCRIPTS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_every_transcript_can_be_played_and_is_small(path):
    source, cases = transcript.load_cases(path)
    assert source.startswith("recorded from ")
    assert path.stat().st_size < 100_000
    assert all(event.data is not None for events in cases.values() for event in events)
