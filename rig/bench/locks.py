"""One run per bench: kernel-held locks, and a mark that stays when a bench was left unproved."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["BenchBusy", "clear_dirty", "dirty_reason", "hold", "lock_folder", "mark_dirty"]


class BenchBusy(Exception):
    """Another process holds the bench or one of its instruments."""


def lock_folder() -> Path:
    """Where locks and marks live: per user, on this host, outside every run folder."""
    base = os.environ.get("XDG_RUNTIME_DIR") or str(Path(tempfile.gettempdir()) / f"nanogrid-rig-{os.getuid()}")
    folder = Path(base) / "nanogrid-rig"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _file(kind: str, key: str) -> Path:
    readable = re.sub(r"[^A-Za-z0-9.-]+", "_", key)[:60]
    digest = hashlib.sha256(key.encode()).hexdigest()[:12]
    return lock_folder() / f"{readable}-{digest}.{kind}"


@contextmanager
def hold(bench: str, addresses: Sequence[str]) -> Iterator[None]:
    """Hold the bench and each instrument address; the kernel frees them when the process ends, however it ends.

    Raises:
        BenchBusy: someone else holds one; the sentence names it and the holder's process.
    """
    with ExitStack() as stack:
        for key in [f"bench {bench}", *sorted(addresses)]:
            path = _file("lock", key)
            try:
                stack.enter_context(FileLock(path, timeout=0))
            except Timeout:
                holder = _file("holder", key)
                who = holder.read_text() if holder.exists() else "an unknown process"
                message = f"{key} is in use by {who}: wait for it to end, or end it, then run again."
                raise BenchBusy(message) from None
            holder = _file("holder", key)
            holder.write_text(f"process {os.getpid()}")
            stack.callback(holder.unlink, missing_ok=True)
        yield


def mark_dirty(bench: str, run: str) -> None:
    """Note that `run` energises the bench; only a verified safe state takes the mark away."""
    path = _file("dirty", bench)
    with path.open("w") as file:
        json.dump({"run": run, "process": os.getpid()}, file)
        file.flush()
        os.fsync(file.fileno())


def dirty_reason(bench: str) -> str | None:
    """Why the bench must not be energised, or None when it was left proved safe."""
    path = _file("dirty", bench)
    if not path.exists():
        return None
    try:
        mark = json.loads(path.read_text())
        run, process = mark["run"], mark["process"]
    except (ValueError, KeyError):
        run, process = "an unknown run", "unknown"
    return f"run {run} (process {process}) ended without a proved safe state"


def clear_dirty(bench: str) -> None:
    """The safe state was read back: the bench may be used again."""
    _file("dirty", bench).unlink(missing_ok=True)
