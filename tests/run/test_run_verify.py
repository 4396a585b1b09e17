"""`rig verify` on a run of the twin."""

from __future__ import annotations

import json


def test_a_run_and_a_run_that_was_changed(rig, tmp_path):
    done = rig("run", "protection", "-k", "short", "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    good = rig("verify", "run")
    assert good.returncode == 0, good.stdout
    assert "the chain holds" in good.stdout
    assert "the bench log has the same end" in good.stdout
    table = tmp_path / "run" / "measurements.parquet"
    table.write_bytes(table.read_bytes() + b"\0")
    bad = rig("verify", "run", "--json")
    assert bad.returncode == 1
    told = json.loads(bad.stdout)
    assert [one["said"] for one in told["findings"] if one["ok"] is False] == ["measurements.parquet was changed"]
    assert rig("verify", "nowhere").returncode == 1
