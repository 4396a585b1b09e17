"""Run folders that a test looks at whole, or changes so that they still hold in themselves."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from rig.record import Journal, RunFolder, read_run


def tree(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


def rewritten(run: Path, change) -> Path:
    """The run with a journal written anew: what `change` makes of each entry's kind and data, None leaves it out."""
    old = read_run(run)
    (run / "journal.jsonl").unlink()
    journal = Journal(run / "journal.jsonl", lambda: "2026-01-01T00:00:00.000000Z")
    for entry in old.journal:
        data = change(entry.kind, entry.data)
        if data is not None:
            journal.write(entry.kind, data)
    told = {**old.run, "journal": journal.anchor, "id": "rewritten"}
    (run / "run.json").write_text(json.dumps(told))
    journal.close()
    return run


def redigested(run: Path) -> Path:
    """The run with a journal that states its files as they are now: a change that nobody can see."""
    return rewritten(run, lambda kind, data: RunFolder(run).digests() if kind == "files" else data)
