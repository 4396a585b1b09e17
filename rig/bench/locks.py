"""One run per bench: kernel-held locks, and a mark that stays when a bench was left unproved."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from instruments.address import lock_key
from rig.bench.lock_file import LockFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from rig.files.bench import Bench

__all__ = ["BenchBusy", "Locks", "holder"]


class BenchBusy(Exception):
    """The bench cannot be had: another process holds it or one of its instruments, or the locks cannot be kept."""


@dataclass(frozen=True, slots=True)
class Locks:
    """Locks and mark of one bench, in `folder`."""

    bench: str
    folder: Path

    @classmethod
    def of(cls, bench: Bench) -> Locks:
        """A twin's lie beside its clock and end with it; those of real instruments outlast a restart of the computer,
        which makes no bench safe, and are the same in a terminal and in a nightly job of one user.
        """
        if bench.clock is not None:
            return cls(bench.name, Path(bench.clock).parent / "locks")
        return cls(bench.name, lock_folder())

    def hold(self, addresses: Sequence[str]) -> AbstractContextManager[None]:
        """Hold the bench and each instrument address; see hold_keys()."""
        return self.hold_keys([f"bench {self.bench}", *sorted(addresses, key=lock_key)])

    @contextmanager
    def hold_keys(self, keys: Sequence[str]) -> Iterator[None]:
        """Hold each of `keys`, addresses in any spelling; the kernel frees them when the process ends, however it ends.

        Raises:
            BenchBusy: someone else holds one; the sentence names it and the holder's process.
        """
        places = {lock_key(key): key for key in keys}
        with ExitStack() as stack:
            for place, said in places.items():
                lock = LockFile(self._file("lock", place))
                try:
                    stack.enter_context(lock.held())
                except BlockingIOError:
                    who = lock.holder() or "a process that has just ended"
                    message = f"{said} is in use by {who}: wait for it to end, or end it, then run again."
                    raise BenchBusy(message) from None
                except OSError as error:
                    raise self._unusable(error) from None
            yield

    def mark_dirty(self, run: str) -> None:
        """Note that `run` energises the bench; only a verified safe state takes the mark away.

        Raises:
            BenchBusy: the mark cannot be kept.
        """
        try:
            with self._mark.open("w") as file:
                json.dump({"run": run, "process": os.getpid()}, file)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise self._unusable(error) from None

    def dirty_reason(self) -> str | None:
        """Why the bench must not be energised, or None when it was left proved safe."""
        path = self._mark
        if not path.exists():
            return None
        try:
            mark = json.loads(path.read_text())
            run, process = mark["run"], mark["process"]
        except (ValueError, KeyError, TypeError):
            run, process = "an unknown run", "unknown"
        return f"run {run} (process {process}) ended without a proved safe state"

    def clear_dirty(self) -> None:
        """The safe state was read back: the bench may be used again."""
        self._mark.unlink(missing_ok=True)

    @property
    def _mark(self) -> Path:
        return self._file("dirty", self.bench)

    def _file(self, kind: str, key: str) -> Path:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from None
        return self._path(kind, key)

    def _path(self, kind: str, key: str) -> Path:
        readable = re.sub(r"[^A-Za-z0-9.-]+", "_", key)[:60]
        digest = hashlib.sha256(key.encode()).hexdigest()[:12]
        return self.folder / f"{readable}-{digest}.{kind}"

    def _unusable(self, error: OSError) -> BenchBusy:
        return BenchBusy(
            f"Bench {self.bench} cannot be locked in {self.folder} ({error.strerror or error}): "
            "make that folder writable for you, and if it is a twin's, see that the twin is running."
        )


def lock_folder() -> Path:
    """Where the locks of real instruments are, for each user."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "nanogrid-rig"


def holder(spellings: Sequence[str]) -> str | None:
    """Which process of this user holds an address, written in one of these ways; None when nobody does.

    Looks at the locks of real instruments and at those of every twin on this computer; takes nothing, makes no file.
    """
    places = sorted({lock_key(spelling) for spelling in spellings})
    for folder in (lock_folder(), *sorted(Path(tempfile.gettempdir()).glob("rig-twin-*/locks"))):
        for place in places:
            try:
                who = LockFile(Locks("", folder)._path("lock", place)).holder()
            except OSError:  # not ours to read
                continue
            if who is not None:
                return who
    return None
