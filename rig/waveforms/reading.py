"""Which reader a file needs, by its suffix."""

from pathlib import Path

from rig.measure import Record
from rig.record import BrokenRun, load_record
from rig.waveforms.errors import BadWaveform
from rig.waveforms.scopes import SUFFIXES, read_scope_file
from rig.waveforms.table import read_table

TABLES = (".csv", ".txt", ".tsv")


def read_waveform(path: Path) -> Record:
    """The record in a capture of this rig (.parquet), a table (.csv, .txt, .tsv) or a scope's own file.

    Raises BadWaveform with one sentence.
    """
    if not path.is_file():
        raise BadWaveform(f"{path}: no such file.")
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        try:
            return load_record(path)
        except BrokenRun as broken:
            raise BadWaveform(str(broken)) from None
    if suffix in TABLES:
        return read_table(path)
    if suffix in SUFFIXES:
        return read_scope_file(path)
    known = ", ".join((".parquet", *TABLES, *SUFFIXES))
    raise BadWaveform(f"{path}: files ending in {suffix or 'nothing'!r} are not known; known are {known}.")
