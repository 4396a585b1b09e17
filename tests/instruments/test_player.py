"""The transcript player is strict on both sides; else the driver tests would prove nothing."""

import socket

import pytest
from instrument_player import Player


def play(script, talk):
    server = Player([script])
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        talk(client)
    return server.finish()


def ask(client):
    client.sendall(b"X?\n")
    assert client.recv(16) == b"1\n"


SCRIPT = [(b"X?\n", b"1\n")]


def test_a_talk_that_follows_the_script_has_no_fault():
    assert play(SCRIPT, ask) == []


@pytest.mark.parametrize(
    ("talk", "fault"),
    [
        (lambda client: client.sendall(b"Y?\n"), "expected b'X?\\n', got b'Y?\\n'"),
        (lambda client: client.sendall(b"X"), "missing bytes: expected b'X?\\n', got b'X'"),
        (lambda client: None, "missing bytes: expected b'X?\\n', got b''"),
        (lambda client: (ask(client), client.sendall(b"Z\n")), "unexpected bytes b'Z\\n'"),
        (lambda client: (client.sendall(b"X?\n"), client.recv(1)), "the client left a reply unread"),
    ],
)
def test_every_departure_is_a_fault(talk, fault):
    assert play(SCRIPT, talk) == [f"connection 1: {fault}"]


def test_connections_are_counted():
    assert Player([SCRIPT]).finish() == ["connection 1 never came"]
    server = Player([])
    with socket.create_connection(("127.0.0.1", server.port)):
        assert server.finish() == ["a connection beyond the scripts"]


def test_a_connection_left_open_is_a_fault():
    server = Player([[]])
    with socket.create_connection(("127.0.0.1", server.port)):
        assert server.finish() == ["connection 1: the client left its connection open"]
