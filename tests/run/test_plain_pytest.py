"""The same cases through plain pytest: its own exit codes, and nothing opened by collecting."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import testplans
from rig.record import read_run
from tests.run.conftest import environment, hardware_bench

PROTECTION = str(Path(testplans.__file__).parent / "protection")
SPY = """
import json, os, sys
seen = []
sys.addaudithook(lambda event, arguments: seen.append(event) if event.startswith(("socket.", "subprocess.")) else None)
import pytest
code = pytest.main(sys.argv[1:])
with open(os.environ["SPY_OUT"], "w") as file:
    json.dump(seen, file)
sys.exit(code)
"""


def pytest_in(folder, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SPY, "-p", "no:cacheprovider", *arguments],
        cwd=folder, env={**environment(), "SPY_OUT": str(folder / "seen.json")}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip


def test_collecting_opens_nothing(tmp_path):
    done = pytest_in(tmp_path, PROTECTION, "--collect-only", "-q", "--rig-bench", "no-such-bench")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 tests collected" in done.stdout
    seen = json.loads((tmp_path / "seen.json").read_text())
    assert [event for event in seen if event in {"socket.connect", "socket.bind", "subprocess.Popen"}] == []
    assert [path.name for path in tmp_path.iterdir()] == ["seen.json"]


def test_a_plan_is_not_shared_out_and_a_recorded_run_is_refused_as_a_whole(tmp_path):
    done = pytest_in(tmp_path, PROTECTION, "-k", "short", "-n", "1")
    assert done.returncode == 1
    assert "Not carried out: two processes cannot own one bench" in done.stdout
    assert "INTERNALERROR" not in done.stdout + done.stderr
    done = pytest_in(tmp_path, PROTECTION, "--rig-recorded", "--rig-operator", "A. Person")
    assert done.returncode == 4
    assert "--recorded: no serial number of the device is given" in done.stderr
    assert "--recorded: scope, the digitizer, has no certificate" in done.stderr
    assert "operator" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["seen.json"]


def test_a_device_that_fails_is_a_failed_test(tmp_path):
    done = pytest_in(tmp_path, PROTECTION, "-k", "short", "--rig-scene", "slow-trip", "--rig-out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed" in done.stdout
    assert read_run(tmp_path / "run").run["exit"]["code"] == 1
    assert read_run(tmp_path / "run").run["safe_state"] == "verified"


def test_bad_input_is_a_usage_error_and_a_refused_bench_an_interruption(tmp_path):
    done = pytest_in(tmp_path, PROTECTION, "--rig-bench", "twni")
    assert done.returncode == 4
    assert "twni" in done.stderr
    (tmp_path / "scene.yaml").write_text("schema: 1\nname: x\nextends: healthy\nnonsense: 1\n")
    done = pytest_in(tmp_path, PROTECTION, "--rig-scene", "scene.yaml")
    assert done.returncode == 4
    assert "scene.yaml:4" in done.stderr
    (tmp_path / "bench.yaml").write_text(hardware_bench())
    done = pytest_in(tmp_path, PROTECTION, "--rig-bench", "bench.yaml")
    assert done.returncode == 2
    assert "real hardware" in done.stdout
    assert "INTERNALERROR" not in done.stdout + done.stderr
