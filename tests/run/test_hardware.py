"""A bench that the rig takes for real: no clock but the wall's, nothing but the instruments' sockets."""

from __future__ import annotations

import json
from pathlib import Path

from ruamel.yaml import YAML

from rig.record import read_run


def taken_for_hardware(bench: str, path: Path) -> None:
    """The twin's published bench file without what says that it is one."""
    yaml = YAML()
    data = yaml.load(Path(bench).read_text(encoding="utf-8"))
    data.update(kind="hardware", name="lab")
    del data["clock"], data["twin"]
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(data, file)


def test_a_case_on_wall_time(rig, served, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    twin = served(scene="healthy", seed=1, pace=1.0)
    taken_for_hardware(twin.bench, tmp_path / "lab.yaml")
    done = rig("run", "protection", "-k", "short", "--bench", "lab.yaml", "--out", "run", timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    twin.truth.assert_safe()
    record = read_run(tmp_path / "run")
    assert record.run["bench"]["kind"] == "hardware"
    assert record.run["event_log_sha256"] is None
    noted = (tmp_path / "state" / "nanogrid-rig" / "bench-log.jsonl").read_text()
    assert json.loads(noted)["hash"] == record.journal[-1].hash
    told = [entry.data for entry in record.journal if "bench_proof_after" in entry.data]
    assert len(told) == 1
    assert all(one["ok"] for one in told[0]["bench_proof_after"])
