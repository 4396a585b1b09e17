"""A file that one process at a time holds, and that says who: an open-file-description lock of Linux.

The kernel frees it when the holder ends, however it ends. Unlike flock it can be asked about without being taken, and
unlike a POSIX record lock two holders within one process exclude each other too (fcntl(2), F_OFD_SETLK).
"""

from __future__ import annotations

import fcntl
import os
import shlex
import struct
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LockFile"]

_FLOCK = struct.Struct("hhqqi0q")  # type, whence, start, length (0: to the end), process
_COMMAND = 80  # characters of the holder's command line that are told


class LockFile:
    """The lock that lives in the file `path`."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it. BlockingIOError if someone else does; OSError if the file cannot be used."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _ask(file, fcntl.F_OFD_SETLK, fcntl.F_WRLCK)
            os.ftruncate(file, 0)
            os.pwrite(file, _this_process().encode(), 0)
            try:
                yield
            finally:
                # a forked child may have the file too; the lock is over all the same
                _ask(file, fcntl.F_OFD_SETLK, fcntl.F_UNLCK)
        finally:
            os.close(file)

    def holder(self) -> str | None:
        """Who holds it, or None if nobody does; takes nothing. OSError if the file cannot be read."""
        try:
            file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            if _ask(file, fcntl.F_OFD_GETLK, fcntl.F_WRLCK) == fcntl.F_UNLCK:
                return None
            return os.read(file, 4096).decode(errors="replace") or "an unknown process"
        finally:
            os.close(file)


def _ask(file: int, operation: int, kind: int) -> int:
    """The kind of lock in the kernel's answer."""
    answer = fcntl.fcntl(file, operation, _FLOCK.pack(kind, os.SEEK_SET, 0, 0, 0))
    return int(_FLOCK.unpack(answer)[0])


def _this_process() -> str:
    command = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
    return f"process {os.getpid()} ({command[:_COMMAND]})"
