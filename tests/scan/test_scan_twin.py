"""From `rig scan` to a run: a served twin is found by its ports, and with its wiring pasted in the file is a bench."""

from __future__ import annotations

import json

import pytest
from ruamel.yaml import YAML

from instruments.catalogue import FAMILIES
from rig.bench.file import load_bench
from rig.files.document import BadFile
from tests.run.conftest import ready, rig, rig_in, served  # noqa: F401  fixtures

LEFT_TO_THE_SCAN = ("schema", "name", "instruments", "roles", "twin")
SAME = ("address", "stream_port")


def test_a_scanned_twin_with_its_wiring_pasted_in_runs_the_plan(served, rig, tmp_path):  # noqa: F811
    twin = served(pace=4.0)
    published = YAML(typ="safe").load(twin.twin.bench)
    entries = published["instruments"]
    ports = [entry["address"].replace("::SOCKET", "").rpartition(":")[2] for entry in entries.values()]
    ports.append(str(entries["daq"]["stream_port"]))

    where = ("--host", "127.0.0.1", "--ports", ",".join(ports))
    found = rig("scan", *where, "--timeout", "0.3", "--out", "b.yaml", "--json")
    assert (found.returncode, json.loads(found.stdout)["bench_file"]) == (0, "b.yaml"), found.stderr
    twin.truth.assert_safe()
    scanned = YAML(typ="safe").load(tmp_path / "b.yaml")
    for name, entry in entries.items():
        seen = scanned["instruments"][name]
        assert {key: seen.get(key) for key in SAME} == {key: entry.get(key) for key in SAME}
        assert FAMILIES[seen["driver"]].driver == FAMILIES[entry["driver"]].driver  # some have two names
    assert scanned["roles"] == published["roles"]
    with pytest.raises(BadFile, match="contactors: missing key"):
        load_bench(tmp_path / "b.yaml")

    wiring = {key: value for key, value in published.items() if key not in LEFT_TO_THE_SCAN}
    with (tmp_path / "b.yaml").open("a") as file:
        YAML().dump(wiring, file)
    done = rig("run", "protection", "-k", "hard_short", "--bench", "b.yaml", "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SC-01   │ short 10 mΩ" in done.stdout
    twin.truth.assert_safe()
