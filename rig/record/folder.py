"""The run folder: everything that is known about one run, and where it lies.

run.json               what was run on what, with what, and how it ended (keys: see `RunFolder.write_run`)
journal.jsonl          rig.record.journal
wire/<link>.jsonl      rig.record.wire, with the content of blocks in <link>.blocks
clock.jsonl            what the bench's clock was asked, and its answers, as a transcript
log.txt                the standard library's logging
measurements.parquet   rig.record.measurements
captures/*.parquet     rig.record.captures
inputs/                the files the run rests on, as they were read: bench, device, limits, plans
allure-results/  junit.xml  report.html
"""

from __future__ import annotations

import hashlib
import json
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rig.record.errors import FolderRefused, RecordError
from rig.record.files import write_whole
from rig.record.plain import plain

__all__ = ["SCHEMA", "RunFolder"]

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths of one run folder; `create` makes it."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> RunFolder:
        """Make the folder, readable by its owner alone (it holds serial numbers and customers' data).

        Raises FolderRefused when `path` holds something already, is not a folder, or lets anyone write.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.mkdir(mode=0o700, exist_ok=True)
            occupied = next(path.iterdir(), None)
            mode = path.stat().st_mode
        except (FileExistsError, NotADirectoryError):
            raise FolderRefused(f"{path}: is or lies below a file: give --out a new or empty folder.") from None
        except OSError as error:
            raise _unusable(path, error) from None
        if occupied is not None:
            raise FolderRefused(
                f"{path}: holds {occupied.name!r} already, and a run never writes over another: "
                "give --out a new or empty folder."
            )
        if mode & stat.S_IWOTH:
            raise FolderRefused(f"{path}: anyone may write there, so its record would prove nothing: chmod o-w it.")
        folder = cls(path.resolve())
        try:
            for part in (folder.wire, folder.captures, folder.allure_results):
                part.mkdir(mode=0o700)
        except OSError as error:
            raise _unusable(path, error) from None
        return folder

    @property
    def run_json(self) -> Path:
        return self.path / "run.json"

    @property
    def journal(self) -> Path:
        return self.path / "journal.jsonl"

    @property
    def wire(self) -> Path:
        return self.path / "wire"

    @property
    def clock(self) -> Path:
        return self.path / "clock.jsonl"

    @property
    def captures(self) -> Path:
        return self.path / "captures"

    @property
    def inputs(self) -> Path:
        return self.path / "inputs"

    @property
    def measurements(self) -> Path:
        return self.path / "measurements.parquet"

    @property
    def allure_results(self) -> Path:
        return self.path / "allure-results"

    @property
    def junit(self) -> Path:
        return self.path / "junit.xml"

    @property
    def log(self) -> Path:
        return self.path / "log.txt"

    @property
    def report(self) -> Path:
        return self.path / "report.html"

    def write_run(self, run: dict[str, Any]) -> None:
        """Replace run.json whole, with `schema: 1` in front. What a reader looks for, all optional but `id`:

        `id`, `title`, `started_utc`, `ended_utc`, `development` (bool: not for a customer), `development_reasons`
        [why], `seed`, `versions` {name: version, commit, clean: "yes" or why not}, `bench` {name, kind: twin |
        hardware, file}, `device` {name, maker, model, file}, `serial`, `limits` {name, revision, file}, `scene` {name}
        on a twin, `plan` [names], `plan_files` {path: SHA-256}, `plan_files_changed` [paths] while the run went on,
        `resumes` {run, started_utc, folder, entries, hash, carried, attempts, doubtful} where it goes on with another,
        `selection` {by: [words], left_out: [node ids]} where a part of the plan was selected, `operator`,
        `counts` {verdict: n}, `exit` {code, reason}, `safe_state` ("verified" | "ABORTED_UNSAFE"),
        `inputs` {kind: {file, sha256}}, `rejudged` {run, folder, journal, ...} where the captures are another run's,
        `event_log_sha256` on a twin whose run an equal one would repeat, `deterministic` (bool on a twin),
        `not_deterministic` [why it would not], `journal` (its anchor, once the run has ended).
        """
        whole = {"schema": SCHEMA, **plain(run)}
        if whole["schema"] != SCHEMA:
            raise RecordError(f"{self.run_json}: this rig writes schema {SCHEMA}, not {whole['schema']}.")
        write_whole(self.run_json, json.dumps(whole, indent=2, allow_nan=False, ensure_ascii=False).encode())

    def digests(self) -> dict[str, str]:
        """SHA-256 of the evidence: {relative path: hex} of captures, transcripts, inputs and measurements, sorted.

        Written as journal entry of kind "files" it ties them to the chain; `Run.capture` then checks them.
        """
        transcripts, inputs = self.wire.iterdir(), self.inputs.rglob("*")
        evidence = [*self.captures.glob("*.parquet"), *transcripts, *inputs, self.clock, self.measurements]
        return {
            file.relative_to(self.path).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(evidence)
            if file.is_file()
        }


def _unusable(path: Path, error: OSError) -> FolderRefused:
    return FolderRefused(f"{path}: cannot be made a run folder ({error.strerror}): choose another --out.")
