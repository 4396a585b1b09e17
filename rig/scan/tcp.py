"""One TCP connection asked who it is in SCPI."""

from __future__ import annotations

import socket

from instruments.clock import Deadline

__all__ = ["ask_idn", "connected"]

LONGEST_REPLY = 512
"""Bytes; IEEE 488.2 allows 72 for an identity."""


def connected(host: str, port: int, timeout_s: float) -> socket.socket:
    """A connection; OSError. IPv4 alone."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout_s)
        sock.connect((host, port))
    except BaseException:
        sock.close()
        raise
    return sock


def ask_idn(sock: socket.socket, timeout_s: float) -> bytes:
    """The reply to one `*IDN?`, at most LONGEST_REPLY bytes of it; empty when nothing came in time."""
    deadline, data = Deadline(timeout_s), b""
    try:
        sock.sendall(b"*IDN?\n")
        while b"\n" not in data and len(data) < LONGEST_REPLY:
            left_ms = deadline.left_ms()
            if not left_ms:
                break
            sock.settimeout(left_ms / 1000)
            chunk = sock.recv(LONGEST_REPLY - len(data))
            if not chunk:
                break
            data += chunk
    except OSError:  # reset, or silence until the end
        pass
    return data
