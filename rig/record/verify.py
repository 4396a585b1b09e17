"""Whether a run folder is what the run wrote: chain, files, and its end against a hash kept elsewhere."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rig.record.errors import BrokenRun
from rig.record.reader import Run, read_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rig.record.bench_log import BenchLog

__all__ = ["Finding", "verify"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `ok` None: it could not be compared with anything."""

    what: str
    ok: bool | None
    said: str


def verify(path: Path, log: BenchLog, kept_hash: str | None = None) -> list[Finding]:
    """Everything that can be told of a run folder; `kept_hash` is the journal's last hash as somebody wrote it down."""
    try:
        run = read_run(path)
    except BrokenRun as broken:
        return [Finding("journal", ok=False, said=str(broken))]
    last = run.journal[-1].hash if run.journal else ""
    found = [Finding("journal", ok=True, said=f"{len(run.journal)} entries, the chain holds; it ends with {last}")]
    found += [Finding("end", ok=False, said=problem) for problem in run.problems]
    return [*found, *_files(run), _head(run, log, kept_hash)]


def _files(run: Run) -> Iterator[Finding]:
    """Every file that the journal names, and captures that it does not."""
    stated = run.digests
    root = run.folder.path
    wrong = []
    for name, digest in stated.items():
        place = root / name
        if not place.resolve().is_relative_to(root) or not place.is_file():
            wrong.append(f"{name} is missing")
        elif hashlib.sha256(place.read_bytes()).hexdigest() != digest:
            wrong.append(f"{name} was changed")
    wrong += [
        f"{name} is not named in the journal"
        for file in sorted(run.folder.captures.glob("*"))
        if (name := file.relative_to(root).as_posix()) not in stated and stated
    ]
    if not stated:
        yield Finding("files", ok=False, said="the journal states no digests: the run did not end in order")
    elif wrong:
        yield from (Finding("files", ok=False, said=one) for one in wrong)
    else:
        yield Finding("files", ok=True, said=f"{len(stated)} files are as the journal states")


def _head(run: Run, log: BenchLog, kept_hash: str | None) -> Finding:
    """Truncated and rebuilt chains hold in themselves: only a hash from elsewhere tells."""
    hashes = [entry.hash for entry in run.journal]
    if kept_hash is not None:
        ok = kept_hash in hashes
        said = "the hash given is in the journal" if ok else "the hash given is not in the journal: it was written anew"
        return Finding("kept hash", ok=ok, said=said)
    noted = log.ends(str(run.run.get("id")), str(run.run.get("started_utc")))
    if not noted:
        said = f"no hash of this run is kept in {log.path}; give the one of its printed report with --hash"
        return Finding("kept hash", ok=None, said=said)
    last = noted[-1]
    count, hash_ = last.get("entries"), last.get("hash")
    ok = isinstance(count, int) and 0 < count <= len(hashes) and hashes[count - 1] == hash_
    said = "the bench log has the same end" if ok else f"the bench log has another end ({count} entries, {hash_})"
    return Finding("kept hash", ok=ok, said=said)
