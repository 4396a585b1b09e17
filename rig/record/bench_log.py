"""The bench's own log: where each run's journal ended, kept outside the run's folder.

A journal whose chain holds may still have been written anew, whole. Its last hash in a place that the folder's keeper
does not hold tells: one line a run, appended and never changed, readable by its owner alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rig.record.errors import RecordError

__all__ = ["BenchLog"]

SCHEMA = 1


class BenchLog:
    """The log in a file; the folder is made when the first line is written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def note(self, run: str, started_utc: str, anchor: Mapping[str, Any]) -> None:
        """Append where the journal of a run ended; on the disk when this returns. Raises RecordError."""
        self._append({"run": run, "started_utc": started_utc, **anchor})

    def note_resumed(self, run: str, started_utc: str, by: str) -> None:
        """Append that the run `by` goes on with another one; on the disk when this returns. Raises RecordError."""
        self._append({"run": run, "started_utc": started_utc, "resumed_by": by})

    def _append(self, entry: Mapping[str, Any]) -> None:
        line = json.dumps({"schema": SCHEMA, **entry}, sort_keys=True)
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                os.write(descriptor, line.encode() + b"\n")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            why = error.strerror or str(error)
            raise RecordError(f"{self.path}: the bench log cannot be written ({why}): check its rights.") from None

    def ends(self, run: str, started_utc: str) -> list[dict[str, Any]]:
        """Where a run's journal ended, in order; empty when nothing is known."""
        return [entry for entry in self._noted(run, started_utc) if "resumed_by" not in entry]

    def resumed_by(self, run: str, started_utc: str) -> str | None:
        """The run that went on with this one, None when none is known to have."""
        found = [str(entry["resumed_by"]) for entry in self._noted(run, started_utc) if "resumed_by" in entry]
        return found[-1] if found else None

    def _noted(self, run: str, started_utc: str) -> list[dict[str, Any]]:
        """Lines that are no entries are passed over."""
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []
        found = []
        for line in lines:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict) and (entry.get("run"), entry.get("started_utc")) == (run, started_utc):
                found.append(entry)
        return found
