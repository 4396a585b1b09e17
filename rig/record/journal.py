"""The journal: what was intended, done and found, one hash-chained JSON line each.

A line is `{"seq", "t_utc", "kind", "data", "prev", "hash"}`. `hash` is the SHA-256 of the line without its own
`,"hash":"..."`, and `prev` the hash of the line before (64 zeros at the start), so that any later change of any
byte is seen by whoever reads it; a shell and `sha256sum` are enough to check it.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rig.record.errors import BrokenRun, RecordError
from rig.record.plain import plain

__all__ = ["Entry", "Journal", "read_journal"]

START = "0" * 64
_MARK = b',"hash":"'
_KEYS = {"seq", "t_utc", "kind", "data", "prev"}
_SUFFIX_LENGTH = len(_MARK) + 64 + len(b'"}')


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a journal. `t_utc` is wall time for people; nothing is judged by it."""

    seq: int
    t_utc: str
    kind: str
    data: dict[str, Any]
    prev: str
    hash: str


class Journal:
    """Appends entries. A line is in the operating system's hands when `write` returns, on the disk after a commit.

    Losing the process therefore loses nothing; losing power loses at most what followed the last durable entry.
    An existing journal is continued: its chain is verified, and a last line that was cut off when a writer died
    is taken out of the chain and kept as text in an entry of kind "torn".
    """

    def __init__(self, path: Path, utc: Callable[[], str]) -> None:
        """`utc` gives the wall-clock stamp of an entry, ISO 8601 in UTC."""
        self._path = path
        self._utc = utc
        self._lock = threading.RLock()
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _not_written(path, error) from None
        self._seq, self._prev = 0, START
        self._unsure = False
        self._resume()

    def write(self, kind: str, data: dict[str, Any], durable: bool = False) -> Entry:
        """Append one entry; `durable` waits until it and all before it are on the disk.

        Raises RecordError if the disk does not take it. The journal stays usable: a part-written line is taken back.
        """
        with self._lock:
            if self._unsure:  # an exception hit between the disk and our count of it; the file knows better
                self._resume()
            self._unsure = True
            entry = self._append(kind, data)
            self._unsure = False
            if durable:
                self.commit()
        return entry

    def commit(self) -> None:
        """Wait until everything written so far is on the disk."""
        try:
            os.fsync(self._fd)
        except OSError as error:
            raise _not_written(self._path, error) from None

    @property
    def anchor(self) -> dict[str, Any]:
        """`{"entries": count, "hash": last hash}` for run.json: with it, lines missing at the end are noticed too."""
        return {"entries": self._seq, "hash": self._prev}

    def close(self) -> None:
        """Commit and close; closing twice is harmless."""
        with self._lock:
            if self._fd >= 0:
                self.commit()
                os.close(self._fd)
                self._fd = -1

    def _append(self, kind: str, data: dict[str, Any]) -> Entry:
        entry = {"seq": self._seq, "t_utc": self._utc(), "kind": kind, "data": plain(data), "prev": self._prev}
        body = json.dumps(entry, separators=(",", ":"), allow_nan=False).encode()
        digest = hashlib.sha256(body).hexdigest()
        line = body[:-1] + _MARK + digest.encode() + b'"}\n'
        try:
            written = os.write(self._fd, line)
        except OSError as error:
            raise _not_written(self._path, error) from None
        if written != len(line):
            raise RecordError(f"{self._path}: the disk took only part of an entry: free space before the next run.")
        self._seq, self._prev = self._seq + 1, digest
        return Entry(**entry, hash=digest)

    def _resume(self) -> None:
        raw = self._path.read_bytes()
        entries, good, torn = _scan(raw, self._path)
        self._seq, self._prev = (len(entries), entries[-1].hash) if entries else (0, START)
        os.ftruncate(self._fd, good)
        if good and raw[good - 1 : good] != b"\n":
            os.write(self._fd, b"\n")
        self._unsure = False
        if torn:
            self._append("torn", {"bytes": len(torn), "text": torn.decode("utf-8", "replace")})


def read_journal(path: Path) -> tuple[list[Entry], bytes]:
    """All entries, and the bytes of a last line that was cut off (empty when the journal ends whole).

    Raises BrokenRun when the chain does not hold or the file cannot be read.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BrokenRun(f"{path}: cannot be read ({error.strerror}): is this a run folder?") from None
    entries, _, torn = _scan(raw, path)
    return entries, torn


def _scan(raw: bytes, path: Path) -> tuple[list[Entry], int, bytes]:
    """Entries, length of the verified part, torn rest."""
    *whole, rest = raw.split(b"\n")
    entries: list[Entry] = []
    prev = START
    for index, line in enumerate(whole):
        try:
            entries.append(_verify(line, index, prev))
        except ValueError as error:
            raise BrokenRun(
                f"{path}:{index + 1}: {error}; the journal was changed after it was written, or the disk is failing: "
                "restore the folder from a copy."
            ) from None
        prev = entries[-1].hash
    if not rest:
        return entries, len(raw), b""
    try:
        entries.append(_verify(rest, len(whole), prev))
    except ValueError:
        return entries, len(raw) - len(rest), rest
    return entries, len(raw), b""  # whole but for its newline


def _verify(line: bytes, seq: int, prev: str) -> Entry:
    body, suffix = line[:-_SUFFIX_LENGTH] + b"}", line[-_SUFFIX_LENGTH:]
    digest = hashlib.sha256(body).hexdigest()
    if suffix != _MARK + digest.encode() + b'"}':
        raise ValueError("the content of this line does not match its hash")
    entry = json.loads(body)
    if not isinstance(entry, dict) or entry.keys() != _KEYS or not isinstance(entry["data"], dict):
        raise ValueError("this line is not an entry of a journal")
    if entry["prev"] != prev:
        raise ValueError("this line does not follow the one before it")
    if entry["seq"] != seq:
        raise ValueError(f"this line is number {entry['seq']} where {seq} belongs")
    return Entry(**entry, hash=digest)


def _not_written(path: Path, error: OSError) -> RecordError:
    return RecordError(f"{path}: the journal cannot be written ({error.strerror}): free the disk or check its rights.")
