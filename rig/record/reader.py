"""A run folder, read and verified. Reports, re-judging and history stand on this and on nothing else."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rig.record.captures import load_record
from rig.record.entries import shape_problem
from rig.record.errors import BrokenRun
from rig.record.folder import SCHEMA, RunFolder
from rig.record.journal import START, Entry, read_journal
from rig.record.measurements import frame_of, read_measurements, row

if TYPE_CHECKING:
    import pandas as pd

    from rig.measure.captures.capture import Record

__all__ = ["NO_TABLE", "Run", "read_run"]

NO_TABLE = "measurements.parquet was not written; its rows are read from the journal."


@dataclass(frozen=True)
class Run:
    """One run. `problems` are sentences about what is incomplete; a reader of the run must be told them."""

    folder: RunFolder
    run: dict[str, Any]
    journal: list[Entry]
    problems: tuple[str, ...]

    def entries(self, kind: str) -> list[dict[str, Any]]:
        """Data of all journal entries of one kind, in order."""
        return [entry.data for entry in self.journal if entry.kind == kind]

    @cached_property
    def measurements(self) -> pd.DataFrame:
        """The judged measurements (columns: rig.record.measurements.COLUMNS); from the journal if the run ended
        before the table was written. Raises BrokenRun when the table is damaged."""
        if self.folder.measurements.exists():
            return read_measurements(self.folder.measurements)
        device = self.run.get("device") or {}
        dut, serial = str(device.get("name", "")), str(self.run.get("serial") or "")
        return frame_of([row(verdict, dut=dut, serial=serial) for verdict in self.entries("verdict")])

    @cached_property
    def digests(self) -> dict[str, str]:
        """{relative path: SHA-256} of the evidence, as far as the journal states them."""
        return {name: digest for files in self.entries("files") for name, digest in files.items()}

    def capture(self, relative: str) -> Record:
        """The record at a path that a verdict names. Raises BrokenRun if it is missing, changed or elsewhere."""
        path = self.folder.captures if "\0" in relative else (self.folder.path / relative).resolve()
        if path == self.folder.captures or not path.is_relative_to(self.folder.captures.resolve()):
            raise BrokenRun(f"{relative!r} in the journal points outside the captures of {self.folder.path}.")
        if not path.is_file():
            raise BrokenRun(f"{path}: the journal names this capture, but it is not there.")
        stated = self.digests.get(relative)
        if stated is not None and hashlib.sha256(path.read_bytes()).hexdigest() != stated:
            raise BrokenRun(f"{path}: was changed after the run (its SHA-256 is not the one in the journal).")
        return load_record(path)


def read_run(path: Path) -> Run:
    """Read run.json and the journal and verify the chain; tables and captures are read when asked for.

    Raises BrokenRun, one sentence, when the folder is no run, of another schema, or was changed after the run.
    """
    if not path.is_dir():
        raise BrokenRun(f"{path}: is not a folder: give the folder that `rig run --out` wrote.")
    folder = RunFolder(path.resolve())
    run = _run_json(folder.run_json)
    journal, torn = read_journal(folder.journal)
    _check_shapes(journal, folder.journal)
    problems = []
    if torn:
        problems.append(
            f"The last line of the journal was cut off ({len(torn)} bytes): the rig ended while writing it."
        )
    if run.get("journal") is None:
        problems.append("The run did not end in order: run.json does not state the end of the journal.")
    else:
        _compare(run["journal"], journal, folder.journal)
    if not folder.measurements.exists():
        problems.append(NO_TABLE)
    return Run(folder, run, journal, tuple(problems))


def _run_json(path: Path) -> dict[str, Any]:
    try:
        run = json.loads(path.read_bytes())
    except OSError as error:
        raise BrokenRun(f"{path}: cannot be read ({error.strerror}): is this a run folder?") from None
    except (ValueError, RecursionError) as error:
        raise BrokenRun(f"{path}: is not JSON ({error}).") from None
    if not isinstance(run, dict) or run.get("schema") != SCHEMA:
        found = run.get("schema") if isinstance(run, dict) else None
        raise BrokenRun(f"{path}: has schema {found!r}; this rig reads schema {SCHEMA}.")
    return run


def _check_shapes(journal: list[Entry], path: Path) -> None:
    for entry in journal:
        problem = shape_problem(entry.kind, entry.data)
        if problem:
            raise BrokenRun(f"{path}:{entry.seq + 1}: {problem}; was it written by another version?")


def _compare(anchor: Any, journal: list[Entry], path: Path) -> None:
    """run.json states where the journal ended; entries after it (a report, a later safe state) do no harm."""
    count = anchor.get("entries") if isinstance(anchor, dict) else None
    if not isinstance(count, int) or count < 0:
        raise BrokenRun(f"{path.with_name('run.json')}: `journal` is not the anchor of a journal.")
    last = journal[count - 1].hash if 0 < count <= len(journal) else START
    if count > len(journal) or last != anchor.get("hash"):
        raise BrokenRun(
            f"{path}: is not the journal that run.json closes ({count} entries): lines are missing or were replaced."
        )
