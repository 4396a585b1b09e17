"""Copies of the files that a run rests on, kept in its folder as they were read."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from rig.record import RecordError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rig.record import RunFolder

__all__ = ["NAMES", "digest", "keep_files", "keep_plans"]

NAMES = {"benches": "bench", "devices": "device", "limits": "limits", "clauses": "clauses"}
"""Kind of file -> its name in the run folder."""
Kept = dict[str, dict[str, str]]


def keep_files(folder: RunFolder, sources: Mapping[str, str]) -> Kept:
    """Copy bench, device and limits; {name: {file, sha256}}, files relative to the run folder. Raises RecordError."""
    return {
        NAMES[kind]: _keep(folder, Path(source), f"{NAMES[kind]}.yaml")
        for kind, source in sources.items()
        if kind in NAMES
    }


def keep_plans(folder: RunFolder, files: Iterable[str]) -> Kept:
    """Copy the plan's files, numbered in their order; {absolute path: {file, sha256}}. Raises RecordError."""
    listed = [Path(name).absolute() for name in files]
    return {str(path): _keep(folder, path, f"plan/{number}-{path.name}") for number, path in enumerate(listed, 1)}


def digest(path: Path) -> str | None:
    """SHA-256 of a file, hex; None where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _keep(folder: RunFolder, source: Path, name: str) -> dict[str, str]:
    copy = folder.inputs / name
    try:
        content = source.read_bytes()
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy.write_bytes(content)
    except OSError as error:
        raise RecordError(f"{source}: cannot be copied into the run folder ({error.strerror or error}).") from None
    sha256 = hashlib.sha256(content).hexdigest()
    return {"file": copy.relative_to(folder.path).as_posix(), "sha256": sha256}
