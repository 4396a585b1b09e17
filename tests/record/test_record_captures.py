"""Captures come back code for code and with everything that turns codes into volts."""

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from rig.measure.captures.accuracy import TraceAccuracy
from rig.measure.captures.capture import Record, Trace
from rig.record import BrokenRun, RunFolder, load_record, save_record


def trace(signal: str, codes: np.ndarray, **more) -> Trace:
    return Trace(
        signal,
        "V",
        codes,
        **{"scale": 0.1 / 3, "offset": -2.1, "dt": 2e-8, "start": -4e-4, "code_min": 0, "code_max": 65520, **more},
    )


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "run")


def same(left: Trace, right: Trace) -> None:
    assert left.codes.dtype == right.codes.dtype
    assert left.codes.tobytes() == right.codes.tobytes()
    for field in fields(left):
        if field.init and field.name != "codes":
            assert getattr(left, field.name) == getattr(right, field.name), field.name


@pytest.mark.parametrize("dtype", ["u1", "<i2", "<u2", "<i4", "<u4", "<i8"])
def test_integer_codes_are_bit_exact(folder: RunFolder, dtype: str):
    info = np.iinfo(dtype)
    codes = np.random.default_rng(3).integers(info.min, info.max, 5000, dtype=dtype, endpoint=True)
    codes[:2] = info.min, info.max
    record = Record("fault", {"a": trace("a", codes), "b": trace("b", codes[::-1].copy())}, True, "RIGOL DHO804")
    relative = save_record(folder, "SC-01", record)
    assert relative == "captures/SC-01-fault.parquet"
    found = load_record(folder.path / relative)
    assert (found.name, found.triggered, found.source, list(found.traces)) == (
        "fault",
        True,
        "RIGOL DHO804",
        ["a", "b"],
    )
    for signal, original in record.traces.items():
        same(found.traces[signal], original)


def test_lost_samples_and_unequal_lengths_survive(folder: RunFolder):
    lost = np.array([1.0, np.nan, 3.0, -0.0])
    record = Record(
        "slow",
        {
            "x": trace("x", lost),
            "y": trace("y", np.arange(2, dtype=np.uint16)),
            "z": trace("z", np.array([], dtype=np.int16)),
        },
        False,
    )
    found = load_record(folder.path / save_record(folder, "k", record))
    assert found.triggered is False
    for signal, original in record.traces.items():
        same(found.traces[signal], original)


def test_all_of_a_trace_is_in_the_metadata(folder: RunFolder):
    accuracy = TraceAccuracy(1e-3 / 3, 0.02, 2e-9, 1e-5, None, True, "transfer: é")
    full = trace("v", np.arange(3, dtype=np.uint16), bandwidth=float("inf"), lead_time=1e-7, accuracy=accuracy)
    none = trace("w", np.arange(3, dtype=np.uint16), bandwidth=None, accuracy=None)
    path = folder.path / save_record(folder, "k", Record("fault", {"v": full, "w": none}, True))
    same(load_record(path).traces["v"], full)
    same(load_record(path).traces["w"], none)
    meta = json.loads(pq.read_metadata(path).metadata[b"nanogrid-rig"])
    assert meta["schema"] == 1
    assert meta["case"] == "k"
    assert set(meta["traces"]["v"]) == {field.name for field in fields(Trace) if field.init}


def test_encoding_is_delta_and_zstd(folder: RunFolder):
    record = Record("fault", {"v": trace("v", np.arange(300_000, dtype=np.uint16))}, True)
    meta = pq.read_metadata(folder.path / save_record(folder, "k", record))
    column = meta.row_group(0).column(0)
    assert column.compression == "ZSTD"
    assert "DELTA_BINARY_PACKED" in column.encodings
    assert meta.num_row_groups == 3


def test_evidence_is_never_overwritten_and_names_are_safe(folder: RunFolder):
    record = Record("fault", {"v": trace("v", np.arange(3, dtype=np.uint16))}, True)
    names = [save_record(folder, key, record) for key in ("a/../../b", "a b", "a b", "", "ä" * 300)]
    assert names == [
        "captures/a-b-fault.parquet",
        "captures/a-b-fault-2.parquet",
        "captures/a-b-fault-3.parquet",
        "captures/case-fault.parquet",
        "captures/case-fault-2.parquet",
    ]
    assert sorted(file.name for file in folder.captures.iterdir()) == sorted(name.split("/")[1] for name in names)


def test_what_is_no_capture_is_a_sentence(folder: RunFolder):
    path = folder.captures / "x.parquet"
    path.write_bytes(b"PAR1 nonsense")
    with pytest.raises(BrokenRun, match=r"x\.parquet: is not a readable capture"):
        load_record(path)
    pq.write_table(pq.read_table(_one(folder)).replace_schema_metadata({}), path)
    with pytest.raises(BrokenRun, match=r"x\.parquet: is no capture of this rig"):
        load_record(path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"schema": 2}, "is a capture of schema 2; this rig reads schema 1"),
        ({"traces": {"gone": {"codes": {"dtype": "<u2", "count": 1}}}}, "is no capture of this rig"),
        ({"traces": 3}, "is no capture of this rig"),
    ],
)
def test_metadata_that_does_not_fit_is_a_sentence(folder: RunFolder, change: dict, says: str):
    table = pq.read_table(_one(folder))
    meta = json.loads(table.schema.metadata[b"nanogrid-rig"]) | change
    path = folder.captures / "x.parquet"
    pq.write_table(table.replace_schema_metadata({b"nanogrid-rig": json.dumps(meta)}), path)
    with pytest.raises(BrokenRun, match=says):
        load_record(path)


def _one(folder: RunFolder) -> Path:
    record = Record("fault", {"v": trace("v", np.arange(3, dtype=np.uint16))}, True)
    return folder.path / save_record(folder, "k", record)
