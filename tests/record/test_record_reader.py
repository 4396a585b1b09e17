"""A run folder is made safely, read whole, and refused in one sentence when it cannot be believed."""

import itertools
import json
import stat
from pathlib import Path

import numpy as np
import pytest

from rig.measure.captures.capture import Record, Trace
from rig.measure.decision.decide import Decision
from rig.measure.result import Measurement
from rig.record import (
    BrokenRun,
    FolderRefused,
    Journal,
    MeasurementTable,
    RecordError,
    RunFolder,
    read_run,
    row,
    save_record,
    verdict_entry,
)
from rig.record.plain import number, plain

CODES = Trace("port_voltage", "V", np.arange(50, dtype=np.uint16), 0.1, 0.0, 1e-6, 0.0, 0, 4095)


def build(path: Path, *, end: bool = True, table: bool = True) -> RunFolder:
    folder = RunFolder.create(path)
    ticks = itertools.count()
    journal = Journal(folder.journal, lambda: f"t{next(ticks)}")
    relative = save_record(folder, "SC-01", Record("fault", {"port_voltage": CODES}, True))
    journal.write("case", {"case": "SC-01", "state": "started"})
    data = verdict_entry(
        case="SC-01", title="short", why="", clause="SC-01", port="grid", attempt=1,
        measurement=Measurement("operate_time", "NotArmed", None, "s", "t0 to trip"), limit={"high": 5e-4},
        decision=Decision("INCONCLUSIVE", "not armed", None, None, 5e-4, "guarded"), captures={"fault": relative},
    )  # fmt: skip
    journal.write("verdict", data, durable=True)
    rows = MeasurementTable(folder.measurements)
    rows.append(row(data, dut="reference", serial="REF-0001"))
    if table:
        rows.flush()
    journal.write("files", folder.digests())
    run = {"id": "r1", "device": {"name": "reference"}, "serial": "REF-0001"}
    folder.write_run({**run, "journal": journal.anchor if end else None})
    journal.close()
    return folder


def append(folder: RunFolder, kind: str, data: dict) -> None:
    journal = Journal(folder.journal, lambda: "later")
    journal.write(kind, data)
    journal.close()


def test_a_run_reads_back(tmp_path: Path):
    folder = build(tmp_path / "run")
    run = read_run(tmp_path / "run")
    assert run.run["schema"] == 1
    assert run.run["id"] == "r1"
    assert [entry.kind for entry in run.journal] == ["case", "verdict", "files"]
    assert run.problems == ()
    assert run.entries("case") == [{"case": "SC-01", "state": "started"}]
    assert run.measurements["verdict"].tolist() == ["INCONCLUSIVE"]
    assert run.capture("captures/SC-01-fault.parquet").traces["port_voltage"].codes.tolist() == list(range(50))
    assert sorted(run.digests) == ["captures/SC-01-fault.parquet", "measurements.parquet"]
    assert run.folder == RunFolder(folder.path)


def test_a_run_that_did_not_end_is_read_with_its_problems(tmp_path: Path):
    folder = build(tmp_path / "run", end=False, table=False)
    cut = folder.journal.read_bytes()[:-7]
    folder.journal.write_bytes(cut)
    torn = len(cut.splitlines()[-1])
    run = read_run(folder.path)
    assert [problem.split(":")[0] for problem in run.problems] == [
        f"The last line of the journal was cut off ({torn} bytes)",
        "The run did not end in order",
        "measurements.parquet was not written; its rows are read from the journal.",
    ]
    rebuilt = run.measurements
    assert rebuilt[["case", "dut", "serial", "verdict"]].values.tolist() == [
        ["SC-01", "reference", "REF-0001", "INCONCLUSIVE"]
    ]


def test_rows_from_the_journal_equal_the_table(tmp_path: Path):
    whole, bare = build(tmp_path / "a"), build(tmp_path / "b", table=False)
    assert read_run(whole.path).measurements.equals(read_run(bare.path).measurements)


def test_entries_after_the_end_do_no_harm_and_missing_ones_do(tmp_path: Path):
    folder = build(tmp_path / "run")
    append(folder, "safe state", {"verified": True})
    assert len(read_run(folder.path).journal) == 4
    lines = folder.journal.read_bytes().splitlines(keepends=True)
    folder.journal.write_bytes(b"".join(lines[:2]))
    with pytest.raises(BrokenRun, match=r"is not the journal that run\.json closes \(3 entries\)"):
        read_run(folder.path)


def test_a_journal_put_in_place_of_another_is_seen(tmp_path: Path):
    folder = build(tmp_path / "a")
    other = RunFolder.create(tmp_path / "b")
    journal = Journal(other.journal, lambda: "t")
    for kind in ("x", "y", "z"):
        journal.write(kind, {})
    journal.close()
    folder.journal.write_bytes(other.journal.read_bytes())
    with pytest.raises(BrokenRun, match=r"is not the journal that run\.json closes"):
        read_run(folder.path)


def test_a_changed_capture_is_refused(tmp_path: Path):
    folder = build(tmp_path / "run")
    path = folder.captures / "SC-01-fault.parquet"
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(BrokenRun, match=r"was changed after the run"):
        read_run(folder.path).capture("captures/SC-01-fault.parquet")
    path.unlink()
    with pytest.raises(BrokenRun, match=r"the journal names this capture, but it is not there"):
        read_run(folder.path).capture("captures/SC-01-fault.parquet")


@pytest.mark.parametrize(
    "relative", ["../other.parquet", "/etc/passwd", "run.json", "captures/../run.json", "captures\0"]
)
def test_a_capture_outside_the_folder_is_refused(tmp_path: Path, relative: str):
    folder = build(tmp_path / "run")
    with pytest.raises(BrokenRun, match="points outside the captures"):
        read_run(folder.path).capture(relative)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[]", "has schema None; this rig reads schema 1"),
        (b'{"schema": 2}', "has schema 2; this rig reads schema 1"),
        (b'{"schema": 1, "journal": {"entries": "x"}}', "`journal` is not the anchor of a journal"),
        (b'{"schema": 1, "journal": {"entries": -1}}', "`journal` is not the anchor of a journal"),
        (b"[" * 100_000, "is not JSON"),
    ],
)
def test_a_broken_run_json_is_a_sentence(tmp_path: Path, content: bytes, says: str):
    folder = build(tmp_path / "run")
    folder.run_json.write_bytes(content)
    with pytest.raises(BrokenRun, match=says):
        read_run(folder.path)


@pytest.mark.parametrize(
    ("kind", "data", "says"),
    [
        ("verdict", {}, "a verdict entry without `case`"),
        ("verdict", {"case": "a", "clause": "b"}, "without one of the known verdicts"),
        (
            "verdict",
            {"case": "a", "clause": "b", "decision": {"verdict": "GREAT"}},
            "without one of the known verdicts",
        ),
        ("verdict", {"case": "a", "clause": "b", "decision": {"verdict": "PASS"}, "u": "0.1"}, "'0.1' is not a number"),
        (
            "verdict",
            {"case": "a", "clause": "b", "decision": {"verdict": "PASS"}, "limit": [1]},
            "`limit` is not a mapping",
        ),
        (
            "verdict",
            {"case": "a", "clause": "b", "decision": {"verdict": "PASS"}, "measurement": {"marks": [3]}},
            "measurement's `marks` are not mappings",
        ),
        (
            "verdict",
            {"case": "a", "clause": "b", "decision": {"verdict": "PASS"}, "measurement": {"budget": [{"dof": "x"}]}},
            "'x' is not a number",
        ),
        ("case", {"case": 3}, "a case entry without `case`"),
        ("case", {"case": "a", "state": "lost"}, "unknown state 'lost'"),
        ("files", {"a": 1}, "a files entry that is not"),
    ],
)
def test_an_entry_of_the_wrong_shape_is_a_sentence(tmp_path: Path, kind: str, data: dict, says: str):
    folder = build(tmp_path / "run")
    append(folder, kind, data)
    with pytest.raises(BrokenRun, match=rf"journal\.jsonl:4: .*{says}"):
        read_run(folder.path)


def test_what_is_no_run_folder_is_a_sentence(tmp_path: Path):
    with pytest.raises(BrokenRun, match="is not a folder"):
        read_run(tmp_path / "absent")
    with pytest.raises(BrokenRun, match=r"run\.json: cannot be read"):
        read_run(tmp_path)


def test_a_new_folder_is_private_and_complete(tmp_path: Path):
    folder = RunFolder.create(tmp_path / "deep" / "run")
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert sorted(part.name for part in folder.path.iterdir()) == ["allure-results", "captures", "wire"]
    assert {part.parent for part in (folder.run_json, folder.journal, folder.log, folder.junit, folder.report)} == {
        folder.path
    }


def test_an_empty_folder_is_taken_and_others_are_refused(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    assert RunFolder.create(tmp_path / "empty").wire.is_dir()
    with pytest.raises(FolderRefused, match="a run never writes over another"):
        RunFolder.create(tmp_path / "empty")
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderRefused, match="is or lies below a file"):
        RunFolder.create(tmp_path / "file")
    with pytest.raises(FolderRefused, match="is or lies below a file"):
        RunFolder.create(tmp_path / "file" / "run")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(FolderRefused, match="anyone may write there"):
        RunFolder.create(tmp_path / "open")
    assert list((tmp_path / "open").iterdir()) == []


def test_run_json_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = RunFolder.create(tmp_path / "run")
    folder.write_run({"id": "r1", "note": "µ", "dof": float("inf")})
    assert json.loads(folder.run_json.read_text(encoding="utf-8")) == {
        "schema": 1,
        "id": "r1",
        "note": "µ",
        "dof": "inf",
    }
    with pytest.raises(RecordError, match="writes schema 1, not 2"):
        folder.write_run({"schema": 2})
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(RecordError, match=r"run\.json: cannot be written \(No space left on device\)"):
        folder.write_run({"id": "r2"})
    assert json.loads(folder.run_json.read_text())["id"] == "r1"
    assert not list(folder.path.glob(".*"))


def test_plain_values_say_what_json_cannot():
    assert plain({"a": (1, np.float64(0.5), np.int16(3), float("nan")), 2: Path("x")}) == {
        "a": [1, 0.5, 3, "nan"],
        "2": "x",
    }
    assert [number(value) for value in (None, 2, 0.5, "inf", "-inf")] == [None, 2.0, 0.5, float("inf"), float("-inf")]
    for wrong in ("1", True, [], "infinity"):
        with pytest.raises(ValueError, match="is not a number"):
            number(wrong)
