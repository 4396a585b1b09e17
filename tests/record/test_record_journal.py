"""The journal: whatever was written reads back, and nothing that was changed passes unnoticed."""

import itertools
import json
import os
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.record import BrokenRun, Journal, RecordError, read_journal

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
DATA = st.dictionaries(st.text(), PLAIN, max_size=4)


def stamps():
    ticks = itertools.count()
    return lambda: f"2027-01-14T09:15:{next(ticks):02d}.000000Z"


def written(path: Path, count: int = 4) -> bytes:
    journal = Journal(path, stamps())
    for number in range(count):
        journal.write("step", {"number": number, "unit": "µs"})
    journal.close()
    return path.read_bytes()


def test_a_line_has_the_documented_keys_and_hash(tmp_path: Path):
    raw = written(tmp_path / "j", 2)
    first, second = (json.loads(line) for line in raw.splitlines())
    assert list(first) == ["seq", "t_utc", "kind", "data", "prev", "hash"]
    assert first["prev"] == "0" * 64
    assert second["prev"] == first["hash"]
    line = raw.splitlines()[0]
    assert first["hash"] == sha256(line[: line.index(b',"hash":')] + b"}").hexdigest()
    assert (first["seq"], second["seq"]) == (0, 1)
    assert first["t_utc"] == "2027-01-14T09:15:00.000000Z"


@given(st.lists(st.tuples(st.text(), DATA, st.booleans()), max_size=5))
def test_what_was_written_reads_back(tmp_path_factory: pytest.TempPathFactory, entries):
    path = tmp_path_factory.mktemp("journal") / "j"
    journal = Journal(path, stamps())
    for kind, data, durable in entries:
        journal.write(kind, data, durable=durable)
    anchor = journal.anchor
    journal.close()
    found, torn = read_journal(path)
    assert [(entry.kind, entry.data) for entry in found] == [(kind, data) for kind, data, _ in entries]
    assert torn == b""
    assert anchor == {"entries": len(entries), "hash": found[-1].hash if found else "0" * 64}


@given(st.data())
def test_a_changed_byte_is_seen(tmp_path_factory: pytest.TempPathFactory, data):
    path = tmp_path_factory.mktemp("journal") / "j"
    raw = bytearray(written(path))
    untouched, _ = read_journal(path)
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(raw)
    if place < len(raw) - 1:
        with pytest.raises(BrokenRun, match=r"j:\d: this line|j:\d: the content"):
            read_journal(path)
    else:  # the last newline is no content; without it the line counts as cut off
        found, torn = read_journal(path)
        assert torn
        assert found == untouched[:-1]


@given(st.integers(0, 10_000))
def test_a_cut_loses_at_most_the_line_it_hits(tmp_path_factory: pytest.TempPathFactory, cut):
    path = tmp_path_factory.mktemp("journal") / "j"
    raw = written(path)
    whole, _ = read_journal(path)
    kept = raw[: cut % (len(raw) + 1)]
    path.write_bytes(kept)
    found, torn = read_journal(path)
    assert found == whole[: len(found)]
    assert kept.endswith(torn)
    assert len(found) >= kept.count(b"\n")


@pytest.mark.parametrize("drop", [0, 1, 2])
def test_a_missing_line_is_seen(tmp_path: Path, drop: int):
    path = tmp_path / "j"
    lines = written(path).splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:drop] + lines[drop + 1 :]))
    with pytest.raises(BrokenRun, match=rf"j:{drop + 1}: this line does not follow the one before it"):
        read_journal(path)


def test_lines_that_are_hashed_but_are_no_entries_are_refused(tmp_path: Path):
    path = tmp_path / "j"
    for body in (b"[1]", b'{"seq":0}', b'{"seq":0,"t_utc":"","kind":"x","data":[],"prev":"' + b"0" * 64 + b'"}'):
        path.write_bytes(body[:-1] + b',"hash":"' + sha256(body).hexdigest().encode() + b'"}\n')
        with pytest.raises(BrokenRun, match=r"not an entry|does not match"):
            read_journal(path)


def test_a_torn_last_line_is_kept_as_text_when_the_journal_goes_on(tmp_path: Path):
    path = tmp_path / "j"
    raw = written(path)
    path.write_bytes(raw[:-10])
    journal = Journal(path, stamps())
    journal.write("safe state", {"verified": True}, durable=True)
    journal.close()
    found, torn = read_journal(path)
    assert torn == b""
    assert [entry.kind for entry in found] == ["step", "step", "step", "torn", "safe state"]
    assert found[3].data["bytes"] == len(raw.splitlines()[3]) - 9
    assert '"number":3' in found[3].data["text"]


def test_a_last_line_without_its_newline_is_whole(tmp_path: Path):
    path = tmp_path / "j"
    path.write_bytes(written(path)[:-1])
    assert len(read_journal(path)[0]) == 4
    journal = Journal(path, stamps())
    journal.write("step", {})
    journal.close()
    assert len(read_journal(path)[0]) == 5


def test_a_broken_journal_is_not_continued(tmp_path: Path):
    path = tmp_path / "j"
    path.write_bytes(written(path).replace(b'"number":1', b'"number":7'))
    with pytest.raises(BrokenRun, match="j:2: the content of this line does not match its hash"):
        Journal(path, stamps())


def test_numbers_that_json_lacks_become_words(tmp_path: Path):
    journal = Journal(tmp_path / "j", stamps())
    entry = journal.write("budget", {"dof": float("inf"), "low": float("-inf"), "none": None})
    journal.close()
    assert read_journal(tmp_path / "j")[0][0].data == {"dof": "inf", "low": "-inf", "none": None}
    assert entry.kind == "budget"


def test_durable_entries_reach_the_disk_and_others_only_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    synced: list[int] = []
    journal = Journal(tmp_path / "j", stamps())
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append((tmp_path / "j").read_bytes().count(b"\n")))
    journal.write("note", {})
    journal.write("note", {})
    assert synced == []
    assert (tmp_path / "j").read_bytes().count(b"\n") == 2  # already outside the process
    journal.write("verdict", {}, durable=True)
    assert synced == [3]
    journal.close()
    journal.close()


def test_a_disk_that_refuses_is_a_sentence_and_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    journal = Journal(tmp_path / "j", stamps())
    journal.write("first", {})
    real = os.write

    def full(fd: int, data: bytes) -> int:
        real(fd, data[:20])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(RecordError, match=r"j: the journal cannot be written \(No space left on device\)"):
        journal.write("second", {})
    monkeypatch.setattr(os, "write", real)
    journal.write("third", {})
    journal.close()
    found, torn = read_journal(tmp_path / "j")
    assert [entry.kind for entry in found] == ["first", "torn", "third"]
    assert torn == b""


def test_an_exception_between_disk_and_count_does_not_break_the_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    journal = Journal(tmp_path / "j", stamps())
    real = os.write

    def interrupted(fd: int, data: bytes) -> int:
        real(fd, data)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        journal.write("short", {})
    monkeypatch.setattr(os, "write", real)
    journal.write("safe state", {})
    journal.close()
    assert [(entry.seq, entry.kind) for entry in read_journal(tmp_path / "j")[0]] == [(0, "short"), (1, "safe state")]


def test_what_cannot_be_plain_is_refused_and_leaves_the_journal_usable(tmp_path: Path):
    journal = Journal(tmp_path / "j", stamps())
    with pytest.raises(TypeError, match="a record cannot hold"):
        journal.write("bad", {"object": object()})
    journal.write("good", {})
    journal.close()
    assert [entry.kind for entry in read_journal(tmp_path / "j")[0]] == ["good"]


def test_unwritable_and_missing_paths_are_sentences(tmp_path: Path):
    with pytest.raises(RecordError, match="the journal cannot be written"):
        Journal(tmp_path / "absent" / "j", stamps())
    with pytest.raises(BrokenRun, match=r"cannot be read \(No such file or directory\): is this a run folder\?"):
        read_journal(tmp_path / "j")
