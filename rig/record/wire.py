r"""Transcripts: every byte between the rig and one instrument, one JSON line an event.

`{"t_ns": bench time, "dir": ">" sent | "<" received | "note", ...}` and then, by what was carried:
`"data"` printable text, `"hex"` binary, `"len"` and `"sha256"` for blocks above 4 KiB (their content is in a
capture), `"note"` what the link said about it ("open", "close", "lost", ...). Of a SCPI block the link hands over only
the header, with length and CRC-32 of its content in the note, and of a stream a note.

The content of these lies beside the transcript, in its order, in `<link>.blocks`: each as four bytes, most significant
first, that give the length of the zstd frame that follows. A transcript alone is what people read; with the blocks a
run can be played back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii as _quote
from pathlib import Path
from typing import BinaryIO, Protocol

from rig.record.errors import BrokenRun, RecordError

__all__ = ["BenchTime", "WireEvent", "WireLog", "read_blocks", "read_wire"]

BLOCKS = ".blocks"
LARGE = 4096  # bytes; above it a transcript keeps length and digest
_PRINTABLE = bytes(range(32, 127)) + b"\t\r\n"


class BenchTime(Protocol):
    """What stamps an event: bench time in nanoseconds. Called once an event, so it should be cheap."""

    def now_ns(self) -> int: ...


class WireLog:
    """A tap on one link. Each event is with the operating system when the call returns, and survives this process."""

    def __init__(self, path: Path, clock: BenchTime, *, blocks: bool = False) -> None:
        """`blocks`: the content of large events is kept beside the transcript, so that it can be played back."""
        try:
            self._file = path.open("ab", buffering=1 << 16)
        except OSError as error:
            raise RecordError(f"{path}: the transcript cannot be written ({error.strerror}).") from None
        self._path = path
        self._keep = blocks
        self._blocks: BinaryIO | None = None
        self._now_ns = clock.now_ns

    def __call__(self, direction: str, data: bytes | bytearray | memoryview, note: str = "") -> None:
        """Record one event; `direction` is '>' sent, '<' received or 'note'. Raises RecordError on a full disk."""
        carried = _carried(data) if len(data) else ""
        if len(data) > LARGE:
            self.content(data)
        said = f',"note":{_quote(note)}' if note else ""
        line = f'{{"t_ns":{self._now_ns()},"dir":{_quote(direction)}{carried}{said}}}\n'
        try:
            self._file.write(line.encode("ascii"))
            self._file.flush()
        except OSError as error:
            raise RecordError(f"{self._path}: the transcript cannot be written ({error.strerror}).") from None

    def content(self, data: bytes | bytearray | memoryview) -> None:
        """Keep what an event gives the length of alone. Raises RecordError on a full disk."""
        if not self._keep:
            return
        import pyarrow as pa

        frame = pa.compress(data, codec="zstd", asbytes=True)
        try:
            if self._blocks is None:
                self._blocks = self._path.with_suffix(BLOCKS).open("ab")
            self._blocks.write(len(frame).to_bytes(4, "big") + frame)
            self._blocks.flush()
        except OSError as error:
            raise RecordError(f"{self._path}: its blocks cannot be written ({error.strerror}).") from None

    def close(self) -> None:
        """Closing twice is harmless. Raises RecordError when the disk has not taken everything."""
        try:
            self._file.close()
            if self._blocks is not None:
                self._blocks.close()
        except OSError as error:
            raise RecordError(f"{self._path}: the transcript cannot be written ({error.strerror}).") from None


@dataclass(frozen=True, slots=True)
class WireEvent:
    """One event read back. `data` is None for a large block, of which `length` and `sha256` remain."""

    t_ns: int
    direction: str
    data: bytes | None
    note: str
    length: int
    sha256: str


def read_wire(path: Path) -> list[WireEvent]:
    """The events of a transcript; a last line cut off by a crash is left out. Raises BrokenRun."""
    try:
        *lines, _torn = path.read_bytes().split(b"\n")
    except OSError as error:
        raise BrokenRun(f"{path}: cannot be read ({error.strerror}).") from None
    events = []
    for number, line in enumerate(lines, 1):
        try:
            events.append(_event(json.loads(line)))
        except (ValueError, KeyError, TypeError):
            raise BrokenRun(f"{path}:{number}: is not an event of a transcript.") from None
    return events


def read_blocks(path: Path, lengths: Sequence[int]) -> list[bytes]:
    """The blocks beside the transcript at `path`, of these lengths; the last may be missing, of a run that was killed.

    Raises BrokenRun when there are others.
    """
    import pyarrow as pa

    try:
        beside = path.with_suffix(BLOCKS)
        raw = beside.read_bytes() if len(lengths) > 1 or beside.exists() else b""
        found, at = [], 0
        for number, length in enumerate(lengths, 1):
            if number == len(lengths) and at == len(raw):
                break
            end = at + 4 + int.from_bytes(raw[at : at + 4], "big")
            found.append(pa.decompress(raw[at + 4 : end], decompressed_size=length, codec="zstd", asbytes=True))
            at = end
    except (OSError, pa.ArrowException, ValueError) as error:
        raise BrokenRun(f"{path}: the blocks beside it cannot be read ({error}).") from None
    if at != len(raw):
        raise BrokenRun(f"{path}: the blocks beside it are not those that it gives the length of.")
    return found


def _carried(data: bytes | bytearray | memoryview) -> str:
    if len(data) > LARGE:
        return f',"len":{len(data)},"sha256":"{hashlib.sha256(data).hexdigest()}"'
    content = bytes(data)
    if content.translate(None, _PRINTABLE):  # something is left: binary
        return f',"hex":"{content.hex()}"'
    return f',"data":{_quote(content.decode("ascii"))}'


def _event(line: dict[str, object]) -> WireEvent:
    data: bytes | None = b""
    if "data" in line:
        data = str(line["data"]).encode("ascii")
    elif "hex" in line:
        data = bytes.fromhex(str(line["hex"]))
    elif "sha256" in line:
        data = None
    length = int(str(line["len"])) if data is None else len(data)
    note, digest = str(line.get("note", "")), str(line.get("sha256", ""))
    return WireEvent(int(str(line["t_ns"])), str(line["dir"]), data, note, length, digest)
