"""The bench is proved again after the last case: what went wrong in between takes the verdicts' ground away."""

from __future__ import annotations

import json

from rig.bench.proof import Finding, Proof, drifted
from tests.run.conftest import verdicts


def test_a_tap_that_changes_in_the_run_is_named_and_the_verdicts_stay_in_the_record(rig, tmp_path):
    (tmp_path / "scene.yaml").write_text(
        "schema: 1\nname: changing\nextends: healthy\n"
        "bench: {faults: [{fault: tap_value, part: tap_1, size: 25 ohm, at: 8 s}]}\n"
    )
    done = rig("run", "protection", "-k", "short", "--scene", "scene.yaml", "--out", "run")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "Bench proof: " in done.stdout
    assert "tap_1" in done.stdout
    run = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (run["exit"]["code"], run["safe_state"]) == (3, "verified")
    assert "tap_1" in run["exit"]["reason"]
    assert verdicts(tmp_path / "run"), "what was judged is not taken out of the record"


def test_both_proofs_are_in_the_record(whole_run):
    _, folder = whole_run
    sessions = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    told = [line["data"] for line in sessions if line["kind"] == "session"]
    before = next(data["bench_proof"] for data in told if "bench_proof" in data)
    after = next(data["bench_proof_after"] for data in told if "bench_proof_after" in data)
    assert len(before) == len(after) >= 100
    assert all(one["ok"] for one in (*before, *after))


def test_what_moves_inside_its_bounds_is_drift():
    def proof(found: float) -> Proof:
        return Proof((Finding("5 V through feed_line", "port_voltage", found, 4.0, 6.0, "V"),))

    assert drifted(proof(4.4), proof(5.39)) == ()
    (said,) = drifted(proof(4.4), proof(5.41))
    assert said == "port_voltage: 5.41 V after the run and 4.4 V before it (5 V through feed_line)"
