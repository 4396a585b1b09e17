"""Small servers on loopback that answer as they are told, and remember every byte they were sent."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

import pytest


@dataclass
class Server:
    """`answer(data)` is what is sent back to the first bytes of each connection; None closes it, b"" says nothing."""

    answer: object
    port: int = 0
    seen: list[bytes] = field(default_factory=list)
    client: socket.socket | None = None

    def serve(self, listener: socket.socket) -> None:
        """One client after another, as a scan comes."""
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.client = client
            with client, suppress(OSError):
                self.talk(client)

    def hang_up(self) -> None:
        """Whoever is still there, which may be a stranger's process that was given this port's number."""
        if self.client is not None:
            with suppress(OSError):
                self.client.shutdown(socket.SHUT_RDWR)

    def talk(self, client: socket.socket) -> None:
        while data := client.recv(4096):
            self.seen.append(data)
            reply = self.answer(data)
            if reply is None:
                return
            client.sendall(reply)


@pytest.fixture
def server():
    with ExitStack() as stack:

        def start(answer) -> Server:
            listener = stack.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            made = Server(answer, listener.getsockname()[1])
            thread = threading.Thread(target=made.serve, args=(listener,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(made.hang_up)
            stack.callback(listener.shutdown, socket.SHUT_RDWR)
            return made

        yield start


@pytest.fixture(autouse=True)
def state_folder(tmp_path, monkeypatch):
    """Locks of the test, and no twin of another one."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path / "state" / "nanogrid-rig"


def scpi(identity: bytes):
    """A server's answer: the identity to `*IDN?`, silence to anything else."""
    return lambda data: identity + b"\n" if data == b"*IDN?\n" else b""


def modbus(registers: dict[int, int]):
    """A Modbus TCP device that has these holding registers, and closes on what is no frame."""

    def answer(data: bytes) -> bytes | None:
        if len(data) < 12 or data[2:4] != b"\0\0":
            return None
        function, start, count = data[7], int.from_bytes(data[8:10], "big"), int.from_bytes(data[10:12], "big")
        words = [registers.get(start + n) for n in range(count)]
        if function != 3 or None in words:
            pdu = bytes((function | 0x80, 2))
        else:
            pdu = bytes((3, 2 * count)) + b"".join(word.to_bytes(2, "big") for word in words)
        return data[:4] + (1 + len(pdu)).to_bytes(2, "big") + data[6:7] + pdu

    return answer


T7 = {60000: 0x40E0, 60001: 0, 60004: 0x3F84, 60005: 0x3958, 60028: 0x1C03, 60029: 0x9DF9}
