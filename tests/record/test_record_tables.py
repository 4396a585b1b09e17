"""measurements.parquet has exactly the columns of the public contract, and a row says what the verdict says."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from rig.measure.decision.decide import Decision
from rig.measure.result import Mark, Measurement
from rig.measure.uncertainty.budget import Budget, Line
from rig.record import COLUMNS, BrokenRun, MeasurementTable, RecordError, row, verdict_entry
from rig.record.measurements import read_measurements

CONTRACT = [
    "clause",
    "case",
    "dut",
    "serial",
    "port",
    "attempt",
    "repetition",
    "measurand",
    "outcome",
    "value",
    "unit",
    "u",
    "U",
    "k",
    "dof",
    "limit_low",
    "limit_high",
    "limit_status",
    "limit_source",
    "rule",
    "p_conform",
    "verdict",
    "flags",
    "capture",
]
TRIPPED = Measurement(
    "operate_time", "Tripped", 4.15e-6, "s", "t0 to trip", Budget((Line("noise", 2e-8),), "s"),
    flags=("datasheet-only", "edge-within-one-sample"), inputs={"hold": 1},
    marks=(Mark("slow", "port_current", 0.1, "trip"),),
)  # fmt: skip
LIMIT = {
    "low": None, "high": 5e-4, "must_not": False, "window": None, "uncertainty_max": 5e-5,
    "status": "rig-default", "source": "t.b.d.", "rule": "guarded",
}  # fmt: skip


def entry(
    measurement: Measurement | None = TRIPPED, verdict: str = "PASS", captures: dict[str, str] | None = None
) -> dict:
    p = 1.0 if measurement is not None else None
    return verdict_entry(
        case="SC-01-short", title="short", why="because", clause="SC-01", port="grid", attempt=2,
        measurement=measurement, limit=LIMIT if measurement else {},
        decision=Decision(verdict, "within", p, None, 5e-4, "guarded"),
        captures={"fault": "captures/f.parquet", "slow": "captures/s.parquet"} if captures is None else captures,
    )  # fmt: skip


def test_columns_and_types_are_the_contract(tmp_path: Path):
    table = MeasurementTable(tmp_path / "m.parquet")
    table.append(row(entry(), dut="reference", serial="REF-0001"))
    table.append(row(entry(None, "NOT_TESTED", {}), dut="reference", serial="REF-0001"))
    table.flush()
    schema = pq.read_schema(tmp_path / "m.parquet")
    assert schema.names == list(COLUMNS) == CONTRACT
    assert {name: str(schema.field(name).type).replace("double", "float64") for name in schema.names} == COLUMNS
    assert schema.metadata[b"schema"] == b"1"
    frame = read_measurements(tmp_path / "m.parquet")
    assert list(frame.columns) == CONTRACT
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert kinds == {name: kind.replace("string", "str") for name, kind in COLUMNS.items()}


def test_a_row_is_its_verdict(tmp_path: Path):
    budget = TRIPPED.budget
    assert row(entry(), dut="reference", serial="REF-0001", repetition=3) == {
        "clause": "SC-01", "case": "SC-01-short", "dut": "reference", "serial": "REF-0001", "port": "grid",
        "attempt": 2, "repetition": 3, "measurand": "operate_time", "outcome": "Tripped", "value": 4.15e-6, "unit": "s",
        "u": budget.u, "U": budget.U, "k": budget.k, "dof": float("inf"), "limit_low": None, "limit_high": 5e-4,
        "limit_status": "rig-default", "limit_source": "t.b.d.", "rule": "guarded", "p_conform": 1.0, "verdict": "PASS",
        "flags": "datasheet-only, edge-within-one-sample", "capture": "captures/s.parquet",
    }  # fmt: skip


def test_a_missing_result_is_never_a_number(tmp_path: Path):
    table = MeasurementTable(tmp_path / "m.parquet")
    table.append(row(entry(None, "NOT_TESTED", {}), dut="d", serial=""))
    table.flush()
    found = read_measurements(tmp_path / "m.parquet").iloc[0]
    assert found[["value", "u", "U", "k", "dof", "limit_low", "limit_high", "p_conform"]].isna().all()
    assert (found["verdict"], found["outcome"], found["capture"]) == ("NOT_TESTED", "", "")


def test_the_file_is_whole_after_every_flush(tmp_path: Path):
    table = MeasurementTable(tmp_path / "m.parquet")
    table.flush()
    assert len(read_measurements(tmp_path / "m.parquet")) == 0
    for count in (1, 2):
        table.append(row(entry(), dut="d", serial="s"))
        table.flush()
        assert len(read_measurements(tmp_path / "m.parquet")) == count
    assert [file.name for file in tmp_path.iterdir()] == ["m.parquet"]


def test_wrong_rows_and_files_are_sentences(tmp_path: Path):
    table = MeasurementTable(tmp_path / "m.parquet")
    with pytest.raises(RecordError, match="missing or unknown columns: clause, extra"):
        table.append({**{name: None for name in CONTRACT if name != "clause"}, "extra": 1})
    table.append({**row(entry(), dut="d", serial="s"), "value": "fast"})
    with pytest.raises(RecordError, match="wrong type"):
        table.flush()
    (tmp_path / "m.parquet").write_bytes(b"nonsense")
    with pytest.raises(BrokenRun, match="is not a readable Parquet file"):
        read_measurements(tmp_path / "m.parquet")


def test_the_verdict_entry_is_plain_and_complete():
    data = entry()
    assert list(data) == [
        "case", "title", "why", "clause", "port", "attempt", "measurement", "u", "U", "k", "dof", "limit", "decision",
        "captures",
    ]  # fmt: skip
    assert data["dof"] == "inf"
    assert data["decision"] == {"verdict": "PASS", "reason": "within", "p_conform": 1.0}
    assert data["measurement"] == {
        "measurand": "operate_time", "outcome": "Tripped", "value": 4.15e-6, "unit": "s", "bound": None, "window": None,
        "flags": ["datasheet-only", "edge-within-one-sample"], "definition": "t0 to trip",
        "source": "",
        "marks": [{"record": "slow", "signal": "port_current", "t": 0.1, "label": "trip"}], "inputs": {"hold": 1},
        "method": "GUM", "interval": pytest.approx([-3.92e-8, 3.92e-8], rel=1e-3),
        "budget": [
            {
                "name": "noise", "u_input": 2e-8, "sensitivity": 1.0, "distribution": "normal", "divisor": 1.0,
                "half_width": 2e-8, "dof": "inf", "contribution": 2e-8, "share": 1.0, "kind": "B", "source": "",
            },
        ],
    }  # fmt: skip
    unknown = entry(Measurement("peak_current", "Measured", 9.0, "A", "largest"))
    assert [unknown[name] for name in ("u", "U", "k", "dof")] == [None] * 4
