"""The end of a record whose run could not write it: its guard does, as far as the disk lets it."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from typing import TYPE_CHECKING

from rig.bench.clock import utc_stamp
from rig.bench.locks import kept_folder
from rig.record import BenchLog, BrokenRun, Journal, RecordError, RunFolder
from rig.run.exit_code import BENCH_FAULT

if TYPE_CHECKING:
    from pathlib import Path

    from rig.safety.safe_state import SafeState

__all__ = ["BENCH_LOG", "end_record"]

log = logging.getLogger("rig.run")
BENCH_LOG = "bench-log.jsonl"
"""Where the ends of journals are kept, beside the locks of real benches."""


def end_record(path: Path, sentence: str, state: SafeState | None) -> None:
    """Journal and run.json of the run in `path` get their end; what cannot be written stays as it was."""
    folder = RunFolder(path)
    try:
        run = json.loads(folder.run_json.read_text(encoding="utf-8"))
        journal = Journal(folder.journal, utc_stamp)
        if state is not None:
            steps = [asdict(step) for step in state.steps]
            journal.write("safe state", {"verified": state.verified, "by": "guard", "steps": steps})
        verified = "verified" if state is None or state.verified else "ABORTED_UNSAFE"
        journal.write("files", folder.digests())
        end = {"exit": BENCH_FAULT, "problem": sentence, "safe_state": verified}
        journal.write("end", end, durable=True)
        reason = {"code": BENCH_FAULT, "reason": sentence}
        ended = {"ended_utc": utc_stamp(), "exit": reason, "safe_state": verified, "journal": journal.anchor}
        folder.write_run({**run, **ended})
        journal.close()
        BenchLog(kept_folder() / BENCH_LOG).note(folder.path.name, str(run["started_utc"]), journal.anchor)
    except (RecordError, BrokenRun, OSError, ValueError, KeyError) as error:
        log.warning("The record of %s has no end: %s", path, error)
