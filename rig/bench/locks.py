"""One run per bench: kernel-held locks, and a mark that stays when a bench was left unproved."""

from __future__ import annotations

import hashlib
import json
import os
import re
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from instruments.address import lock_key
from rig.bench.lock_file import LockFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rig.files.bench import Bench

__all__ = ["BenchBusy", "Locks", "kept_folder"]


class BenchBusy(Exception):
    """The bench cannot be had: another process holds it or one of its instruments, or the locks cannot be kept.

    `holder` says who has it; None where the locks cannot be kept.
    """

    def __init__(self, message: str, holder: str | None = None) -> None:
        super().__init__(message)
        self.holder = holder


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
        return cls(bench.name, kept_folder())

    @contextmanager
    def hold(self, addresses: Sequence[str]) -> Iterator[None]:
        """Hold the bench and each instrument address; the kernel frees them when the process ends, however it ends.

        Raises:
            BenchBusy: someone else holds one; the sentence names it and the holder's process.
        """
        bench = f"bench {self.bench}"
        with self._hold({bench: bench}), self.hold_addresses(addresses):
            yield

    @contextmanager
    def hold_addresses(self, addresses: Sequence[str]) -> Iterator[None]:
        """As hold(), without the bench."""
        with self._hold({lock_key(address): address for address in addresses}):
            yield

    @contextmanager
    def _hold(self, places: Mapping[str, str]) -> Iterator[None]:
        with ExitStack() as stack:
            for key, said in sorted(places.items()):
                lock = LockFile(self._file("lock", key))
                try:
                    stack.enter_context(lock.held())
                except BlockingIOError:
                    who = lock.holder() or "a process that has just ended"
                    message = f"{said} is in use by {who}: wait for it to end, or end it, then run again."
                    raise BenchBusy(message, who) from None
                except OSError as error:
                    raise self._unusable(error) from None
            yield

    def holder(self, address: str) -> str | None:
        """Who holds an instrument's address, in any spelling, or None; takes nothing and makes nothing.

        Raises:
            BenchBusy: the locks cannot be read.
        """
        try:
            return LockFile(self._path("lock", lock_key(address))).holder()
        except OSError as error:
            raise self._unusable(error) from None

    def mark_dirty(self, run: str, process: int | None = None) -> None:
        """Note that `run` energises the bench from this or another `process`; only a proved safe state clears that.

        Raises:
            BenchBusy: the mark cannot be kept.
        """
        try:
            with self._mark.open("w") as file:
                json.dump({"run": run, "process": process or os.getpid()}, file)
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


def kept_folder() -> Path:
    """Where this user's locks of real instruments and marks of real benches are."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "nanogrid-rig"
