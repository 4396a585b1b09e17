"""Transcripts: every byte comes back, large blocks leave their digest."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.record import BrokenRun, WireEvent, WireLog, read_wire


class Clock:
    """Bench time that counts calls."""

    def __init__(self) -> None:
        self.now = 0

    def now_ns(self) -> int:
        self.now += 1
        return self.now


@given(st.lists(st.tuples(st.sampled_from([">", "<", "note"]), st.binary(max_size=60), st.text(max_size=8))))
def test_events_come_back_byte_for_byte(tmp_path_factory: pytest.TempPathFactory, events):
    path = tmp_path_factory.mktemp("wire") / "scope.jsonl"
    log = WireLog(path, Clock())
    for direction, data, note in events:
        log(direction, data, note)
    log.close()
    expected = [
        WireEvent(number, direction, data, note, len(data), "")
        for number, (direction, data, note) in enumerate(events, 1)
    ]
    assert read_wire(path) == expected


@pytest.mark.parametrize(
    ("data", "note", "line"),
    [
        (b"MEAS:VOLT?\n", "", r'{"t_ns":1,"dir":">","data":"MEAS:VOLT?\n"}'),
        (b'"quoted"\\', "", r'{"t_ns":1,"dir":">","data":"\"quoted\"\\"}'),
        (bytes([0, 1, 0xFF]), "", '{"t_ns":1,"dir":">","hex":"0001ff"}'),
        (b"\x1b[31m", "", '{"t_ns":1,"dir":">","hex":"1b5b33316d"}'),
        (b"", "open", '{"t_ns":1,"dir":">","note":"open"}'),
    ],
)
def test_lines_are_as_documented(tmp_path: Path, data: bytes, note: str, line: str):
    log = WireLog(tmp_path / "w", Clock())
    log(">", data, note)
    log.close()
    assert (tmp_path / "w").read_text() == line + "\n"


def test_a_large_block_leaves_length_and_digest(tmp_path: Path):
    block = bytes(range(256)) * 17
    log = WireLog(tmp_path / "w", Clock())
    log("<", memoryview(block), "page 1")
    log("<", block[:4096])
    log.close()
    first, second = read_wire(tmp_path / "w")
    assert first == WireEvent(1, "<", None, "page 1", 4352, sha256(block).hexdigest())
    assert second.data == block[:4096]


def test_each_event_is_handed_over_at_once_and_close_is_harmless_twice(tmp_path: Path):
    log = WireLog(tmp_path / "w", Clock())
    log(">", b"*IDN?\n")
    assert json.loads((tmp_path / "w").read_text())["data"] == "*IDN?\n"
    log.close()
    log.close()


def test_a_torn_line_is_left_out_and_nonsense_refused(tmp_path: Path):
    path = tmp_path / "w"
    log = WireLog(path, Clock())
    log(">", b"A")
    log(">", b"B")
    log.close()
    path.write_bytes(path.read_bytes()[:-5])
    assert [event.data for event in read_wire(path)] == [b"A"]
    path.write_text('{"t_ns":1}\n')
    with pytest.raises(BrokenRun, match="w:1: is not an event of a transcript"):
        read_wire(path)
    with pytest.raises(BrokenRun, match="cannot be read"):
        read_wire(tmp_path / "absent")
