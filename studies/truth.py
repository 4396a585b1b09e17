"""The twin's truth socket, for studies."""

from __future__ import annotations

import json
import socket
from typing import Any

from rig.twin.launch import Twin

__all__ = ["Truth"]


class Truth:
    """Answers what really is; see rig.twin.truth_socket."""

    def __init__(self, twin: Twin) -> None:
        self.path = str(twin.directory / "truth" / "truth.sock")
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(60)
        self._socket.connect(self.path)
        self._reader = self._socket.makefile("rb")

    def ask(self, op: str, **arguments: object) -> dict[str, Any]:
        """One request, one reply."""
        self._socket.sendall(json.dumps({"op": op, **arguments}).encode() + b"\n")
        reply: dict[str, Any] = json.loads(self._reader.readline())
        return reply

    def close(self) -> None:
        """Nothing else is held."""
        self._reader.close()
        self._socket.close()
