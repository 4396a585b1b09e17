"""The record of a run: journal, transcripts, captures, measurements, and the reader everything later stands on."""

from typing import TYPE_CHECKING

from rig.record.bench_log import BenchLog
from rig.record.captures import load_record, save_record
from rig.record.entries import decision_to_dict, measurement_to_dict, uncertainty_to_dict, verdict_entry
from rig.record.errors import BrokenRun, FolderRefused, RecordError
from rig.record.folder import RunFolder
from rig.record.journal import Entry, Journal, read_journal
from rig.record.measurements import COLUMNS, MeasurementTable, row
from rig.record.player import Deviation, LinkPlayer, Script
from rig.record.reader import Run, read_run
from rig.record.verify import Finding, verify
from rig.record.wire import WireEvent, WireLog, read_wire

if TYPE_CHECKING:  # what the reader hands out, for readers of it; loading rig.measure would cost everyone its 0.4 s
    from rig.measure.captures.capture import Record as Record
    from rig.measure.captures.capture import Trace as Trace

__all__ = [
    "COLUMNS",
    "BenchLog",
    "BrokenRun",
    "Deviation",
    "Entry",
    "Finding",
    "FolderRefused",
    "Journal",
    "LinkPlayer",
    "MeasurementTable",
    "RecordError",
    "Run",
    "RunFolder",
    "Script",
    "WireEvent",
    "WireLog",
    "decision_to_dict",
    "load_record",
    "measurement_to_dict",
    "read_journal",
    "read_run",
    "read_wire",
    "row",
    "save_record",
    "uncertainty_to_dict",
    "verdict_entry",
    "verify",
]
