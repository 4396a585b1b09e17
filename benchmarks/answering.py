"""A server on loopback that answers every message, on the core it is told: the other side of the benchmarks."""

from __future__ import annotations

import multiprocessing
import os
import selectors
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answer = Callable[[bytes], bytes]


@contextmanager
def answering(answer: Answer, core: int) -> Iterator[int]:
    """The port of a server process on `core`; `answer` gets the bytes of one read and returns those to send back."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = multiprocessing.get_context("fork").Process(target=_serve, args=(listener, answer, core), daemon=True)
    server.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.terminate()
        server.join()
        listener.close()


def _serve(listener: socket.socket, answer: Answer, core: int) -> None:
    os.sched_setaffinity(0, {core})
    ready = selectors.DefaultSelector()
    ready.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in ready.select():
            peer: socket.socket = key.fileobj  # type: ignore[assignment]  # only sockets are registered
            if peer is listener:
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                ready.register(connection, selectors.EVENT_READ)
            elif data := peer.recv(4096):
                peer.sendall(answer(data))
            else:
                ready.unregister(peer)
                peer.close()
