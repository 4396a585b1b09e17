"""What is told of a run folder that somebody has changed, cut or written anew."""

from __future__ import annotations

import json
import shutil

import pytest

from rig.record import BenchLog, Journal, RecordError, RunFolder, verify


@pytest.fixture
def log(tmp_path):
    return BenchLog(tmp_path / "state" / "bench-log.jsonl")


def write(path, log, *, verdict="FAIL", note=True) -> RunFolder:
    """A small run: a journal of five lines, one capture, run.json with the anchor."""
    folder = RunFolder.create(path)
    (folder.captures / "a-fault.parquet").write_bytes(b"samples")
    journal = Journal(folder.journal, lambda: "2026-11-26T16:00:00Z")
    journal.write("run", {"plan": []})
    for n in range(2):
        journal.write("note", {"n": n, "verdict": verdict})
    journal.write("files", folder.digests())
    journal.write("end", {"exit": 0})
    about = {"id": "r-1", "started_utc": "2026-11-26T15:59:00Z", "journal": journal.anchor}
    folder.write_run(about)
    if note:
        log.note("r-1", "2026-11-26T15:59:00Z", journal.anchor)
    journal.close()
    folder.measurements.write_bytes(b"")
    return folder


def told(folder, log, kept=None) -> dict[str, tuple[bool | None, str]]:
    return {one.what: (one.ok, one.said) for one in verify(folder.path, log, kept)}


def test_a_run_as_it_was_written(tmp_path, log):
    folder = write(tmp_path / "run", log)
    found = told(folder, log)
    assert {what: ok for what, (ok, _) in found.items()} == {"journal": True, "files": True, "kept hash": True}
    assert found["kept hash"][1] == "the bench log has the same end"


@pytest.mark.parametrize("at", [10, 150, -200])
def test_any_bit_that_was_turned(tmp_path, log, at):
    folder = write(tmp_path / "run", log)
    raw = bytearray(folder.journal.read_bytes())
    raw[at] ^= 1
    folder.journal.write_bytes(raw)
    assert told(folder, log)["journal"][0] is False


def test_lines_cut_off_at_the_end(tmp_path, log):
    folder = write(tmp_path / "run", log)
    lines = folder.journal.read_bytes().splitlines(keepends=True)
    folder.journal.write_bytes(b"".join(lines[:-1]))
    assert told(folder, log)["journal"][0] is False
    run = json.loads(folder.run_json.read_text())
    run["journal"] = {"entries": len(lines) - 1, "hash": json.loads(lines[-2])["hash"]}  # and run.json made to fit
    folder.run_json.write_text(json.dumps(run))
    found = told(folder, log)
    assert found["journal"][0] is True, "the chain holds in itself"
    assert found["kept hash"][0] is False
    assert "the bench log has another end (5 entries" in found["kept hash"][1]


def test_a_chain_written_anew_with_a_better_verdict(tmp_path, log):
    first = write(tmp_path / "run", log)
    kept = json.loads(first.journal.read_bytes().splitlines()[-1])["hash"]
    shutil.rmtree(first.path)
    again = write(tmp_path / "run", log, verdict="PASS", note=False)
    assert told(again, log)["kept hash"][0] is False
    assert told(again, log, kept)["kept hash"] == (
        False, "the hash given is not in the journal: it was written anew",
    )  # fmt: skip


def test_a_file_that_was_changed_removed_or_added(tmp_path, log):
    folder = write(tmp_path / "run", log)
    capture = folder.captures / "a-fault.parquet"
    capture.write_bytes(b"Samples")
    assert told(folder, log)["files"] == (False, "captures/a-fault.parquet was changed")
    capture.unlink()
    assert told(folder, log)["files"] == (False, "captures/a-fault.parquet is missing")
    write(tmp_path / "other", log)
    (tmp_path / "other" / "captures" / "b.parquet").write_bytes(b"x")
    assert told(RunFolder(tmp_path / "other"), log)["files"] == (
        False, "captures/b.parquet is not named in the journal",
    )  # fmt: skip


def test_a_run_that_nobody_has_noted(tmp_path, log):
    folder = write(tmp_path / "run", log, note=False)
    ok, said = told(folder, log)["kept hash"]
    assert ok is None
    assert "give the one of its printed report with --hash" in said
    kept = json.loads(folder.journal.read_bytes().splitlines()[-1])["hash"]
    assert told(folder, log, kept)["kept hash"] == (True, "the hash given is in the journal")


def test_no_run_at_all(tmp_path, log):
    (one,) = verify(tmp_path, log)
    assert (one.what, one.ok) == ("journal", False)


def test_the_log_is_the_owners_alone_and_passes_over_what_is_no_entry(tmp_path, log):
    log.note("r", "t", {"entries": 1, "hash": "a"})
    with log.path.open("a") as file:
        file.write("torn {\n[]\n")
    log.note("r", "t", {"entries": 2, "hash": "b"})
    assert [one["hash"] for one in log.ends("r", "t")] == ["a", "b"]
    assert log.ends("other", "t") == []
    assert log.path.stat().st_mode & 0o777 == 0o600
    assert log.path.parent.stat().st_mode & 0o777 == 0o700


def test_a_log_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(RecordError, match="the bench log cannot be written"):
        BenchLog(tmp_path / "file" / "log.jsonl").note("r", "t", {})
