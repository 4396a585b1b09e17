"""A bench of modest means decides what it can, as the full one does, and of the rest says why not."""

from __future__ import annotations

import json

import pytest

from rig.record import read_run
from tests.run.conftest import verdicts

SHORT, OVERLOAD = "SC-01-short-10-mohm", "OC-01-overload-1_5-x"
LATE_S = 0.16
"""What read-backs, 0.1 s old and 0.04 s apart, leave open of a time."""


def judged(folder, case: str) -> dict[str, str]:
    return {what: one["decision"]["verdict"] for (key, what), one in verdicts(folder).items() if key == case}


@pytest.fixture(scope="module")
def sound(rig_in, tmp_path_factory):
    folder = tmp_path_factory.mktemp("modest")
    chosen = "short or 1.5 or reverse"
    return rig_in(folder, "run", "protection", "--bench", "modest", "-k", chosen, "--out", "run"), folder / "run"


def test_a_sound_device_is_decided_where_the_digitizer_sees_it_all(sound):
    done, folder = sound
    assert done.returncode == 4, done.stdout + done.stderr
    assert judged(folder, SHORT) == {
        "operate_time": "PASS", "peak_current": "PASS", "let_through_i2t": "PASS", "recovery_time": "PASS",
        "port_voltage_peak": "INCONCLUSIVE", "lasting_change": "PASS", "changed_parameters": "PASS",
    }  # fmt: skip
    assert judged(folder, OVERLOAD) == {
        "operate_time": "PASS", "recovery_time": "PASS", "port_voltage_peak": "INCONCLUSIVE",
        "lasting_change": "PASS", "changed_parameters": "PASS",
    }  # fmt: skip
    assert read_run(folder).run["counts"] == {"INCONCLUSIVE": 2, "NOT_TESTED": 3}
    assert "the bench lacks a route 'reversed'" in done.stdout.lower()


def test_its_times_are_the_scene_s_own(sound):
    _, folder = sound
    found = {key: one["measurement"]["value"] for key, one in verdicts(folder).items()}
    assert found[SHORT, "recovery_time"] == pytest.approx(0.8 - 0.5, abs=0.01)  # 800 ms after the trip, held 500 ms
    assert found[OVERLOAD, "operate_time"] == pytest.approx(0.6, abs=0.001)
    assert found[OVERLOAD, "recovery_time"] == pytest.approx(0.6 + 0.8 - 0.95, abs=0.01)


def test_between_two_read_backs_nobody_has_looked_and_the_peak_is_a_bound(sound):
    _, folder = sound
    peak = verdicts(folder)[SHORT, "port_voltage_peak"]["measurement"]
    assert peak["bound"] == "lower"
    assert {"read-back", "unwatched-between-read-backs"} <= set(peak["flags"])
    assert peak["value"] == pytest.approx(54.0, abs=0.1)


def test_what_it_cannot_decide_is_said_beforehand(rig):
    told = json.loads(rig("plan", "protection", "--bench", "modest", "--json").stdout)["cases"]
    never = {
        limit["measurand"]: limit["would_help"]
        for one in told
        for limit in one["limits"]
        if limit["decidable"] is False
    }
    assert never["port_voltage_peak"] == "a recorder"
    assert [one["clause"] for one in told if "route 'reversed'" in one["problem"]] == ["RP-01"] * 3


def test_a_coarse_defect_fails_all_the_same(rig, tmp_path):
    done = rig("run", "protection", "--bench", "modest", "--scene", "no-trip", "-k", "short", "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    failed = {what for what, verdict in judged(tmp_path / "run", SHORT).items() if verdict == "FAIL"}
    assert failed == {"operate_time", "peak_current", "let_through_i2t"}


def test_a_device_fed_at_its_port_is_timed_within_what_read_backs_leave_open(rig, tmp_path):
    done = rig("run", "feeding", "--bench", "modest", "--device", "appliance", "-k", "any_depth and 30", "--out", "run")
    assert done.returncode == 4, done.stdout + done.stderr
    ((_, found),) = [(key, one) for key, one in verdicts(tmp_path / "run").items() if key[1] == "status_return"]
    assert found["decision"]["verdict"] == "PASS"
    assert found["measurement"]["value"] == pytest.approx(0.170, abs=LATE_S)  # by the stream of a recorder
    assert found["U"] == pytest.approx(LATE_S, abs=0.05)


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ("{fault: injector_stuck_closed, part: injector}", "injector"),
    ],
)
def test_its_proof_finds_a_wrong_bench(rig, tmp_path, fault, named):
    scene = f"schema: 1\nname: wrong\nextends: healthy\nbench: {{faults: [{fault}]}}\n"
    (tmp_path / "scene.yaml").write_text(scene, encoding="utf-8")
    done = rig("run", "protection", "--bench", "modest", "--scene", "scene.yaml", "-k", "short", "--out", "run")
    assert done.returncode == 3, done.stdout + done.stderr
    assert named in done.stdout + done.stderr
