"""What happened, as lines of text stamped in picoseconds: equal runs have equal logs, and equal hashes."""

from __future__ import annotations

from hashlib import sha256


class EventLog:
    """An append-only list of lines `ps kind text` with a running SHA-256 over the lines and their newlines."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._digest = sha256()

    def add(self, at_ps: int, kind: str, text: str) -> None:
        """Append one entry; line breaks in it are written as spaces."""
        line = " ".join(f"{at_ps} {kind} {text}".split("\n"))
        self.lines.append(line)
        self._digest.update(line.encode() + b"\n")

    def sha256(self) -> str:
        """Hash of everything so far, hexadecimal."""
        return self._digest.hexdigest()
