"""The plan of a source port: a sound device passes all of it, and each defect fails on its clause."""

from __future__ import annotations

import json

import pytest

from rig.record import read_run
from tests.run.conftest import verdicts

ONE_OF_EACH = (
    "start_into or there_when or droop or peak or lifts or (whenever and 700) or (any_load and 90) "
    "or (end_of_a_line and 1.5)"
)
"""Of the plan, which takes a minute; `python -m studies.catch` carries out all of it on every sound device."""
TESTED = {"SC-02", "SC-03", "OC-05", "REC-01", "REC-02", "DRP-01", "PWR-01", "SELV-01", "SELV-02", "PAR-01"}


def rows(folder) -> dict[str, dict]:
    return {row["clause"]: row for row in read_run(folder).run["coverage"]}


def defective(defect: str) -> str:
    return f"schema: 1\nname: defective\nextends: healthy\ndevice: {{defects: {{{defect}}}}}\n"


@pytest.fixture(scope="module")
def sound(rig_in, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    return rig_in(folder, "run", "source_port", "-k", ONE_OF_EACH, "--out", "run", "--json"), folder / "run"


def test_a_sound_device_passes_one_case_of_each_kind(sound):
    done, folder = sound
    assert done.returncode == 0, done.stdout + done.stderr
    assert read_run(folder).run["counts"] == {"PASS": 8}
    assert {name for name, row in rows(folder).items() if row["verdict"] == "PASS"} == TESTED
    assert rows(folder)["PNP-01"]["reason"] == "not judged: inrush_current"


def test_it_is_judged_again_alike_from_its_folder(sound, rig):
    _, folder = sound
    done = rig("rejudge", str(folder), "--out", "again", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not [one for one in json.loads(done.stdout)["verdicts"] if not one["identical"]]


def test_the_tenth_fault_is_judged_and_the_nine_before_are_in_the_record(rig, tmp_path):
    (tmp_path / "scene.yaml").write_text(defective("trips-only: 1"), encoding="utf-8")
    done = rig("run", "--only", "SC-06", "--scene", "scene.yaml", "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    assert rows(tmp_path / "run")["SC-06"]["verdict"] == "FAIL"
    record = read_run(tmp_path / "run")
    (shot,) = [entry.data for entry in record.journal if entry.kind == "shot"]
    assert set(shot["records"]) == {"fault", "recovery", "before", "slow"}
    (first, *_) = record.entries("verdict")
    assert first["measurement"]["value"] == pytest.approx(0.2, abs=0.01)


def test_a_limiter_that_gives_up_during_an_inrush_fails(rig, tmp_path):
    early = (
        "schema: 1\nname: early\nextends: poe-like\ndevice: {ports: {grid: {protection: {limit: {timeout: 10 ms}}}}}\n"
    )
    (tmp_path / "scene.yaml").write_text(early, encoding="utf-8")
    asked = ("--device", "poe-like", "--scene", "scene.yaml", "-k", "inrush_that_is_limited", "--out", "run")
    done = rig("run", "source_port", *asked)
    assert done.returncode == 1, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")
    assert found["OC-02-overload-1_75-x-limited", "recovery_time"]["decision"]["verdict"] == "FAIL"
    assert found["OC-02-overload-1_75-x-limited", "recovery_time"]["measurement"]["value"] > 0.5


def test_a_protection_that_now_and_then_misses_a_short_is_caught_by_the_nine_before(rig, served, tmp_path):
    (tmp_path / "scene.yaml").write_text(defective("sometimes-blind: 20 %"), encoding="utf-8")
    twin = served(scene=str(tmp_path / "scene.yaml"), seed=3)
    done = rig("run", "--only", "SC-06", "--bench", twin.bench, "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")
    assert found["SC-06-short-10-mohm-the-tenth", "operate_time"]["decision"]["verdict"] == "PASS"
    missed = found["SC-06-short-10-mohm-the-tenth", "missed_trips"]
    late = [line for line in twin.truth.ask("log")["lines"] if "trip by stage" in line]
    assert missed["measurement"]["value"] == len(late) > 0
    assert missed["decision"]["verdict"] == "FAIL"


@pytest.mark.parametrize(("text", "code"), [("name: sound\n", 0), ("device: {defects: {adds-up-peaks: 3}}\n", 1)])
def test_starts_in_a_row_are_counted_as_the_twin_counts_them(rig, served, tmp_path, text, code):
    (tmp_path / "scene.yaml").write_text(f"schema: 1\nextends: healthy\n{text}", encoding="utf-8")
    twin = served(scene=str(tmp_path / "scene.yaml"), seed=1)
    done = rig("run", "source_port", "-k", "twentieth", "--bench", twin.bench, "--out", "run")
    assert done.returncode == code, done.stdout + done.stderr
    (found,) = (one for (_, name), one in verdicts(tmp_path / "run").items() if name == "nuisance_trips")
    tripped = [line for line in twin.truth.ask("log")["lines"] if "trip by stage" in line]
    assert found["measurement"]["value"] == len(tripped) == (2 if code else 0), "the eleventh start, and it adds on"


def test_a_supply_at_its_limit_hides_what_a_reversed_port_takes(rig, tmp_path):
    (tmp_path / "scene.yaml").write_text(defective("breaks-down-reversed: 40 V"), encoding="utf-8")
    done = rig("run", "-k", "reversed and 54", "--scene", "scene.yaml", "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    judged = [
        one for one in read_run(tmp_path / "run").entries("verdict")
        if one["measurement"]["measurand"] == "reverse_current"
    ]  # fmt: skip
    assert [(one["decision"]["verdict"], one["measurement"]["bound"]) for one in judged] == [
        ("INCONCLUSIVE", "lower"), ("FAIL", "lower"),
    ]  # fmt: skip
    assert all("supply-at-its-limit" in one["measurement"]["flags"] for one in judged)


def test_a_limiter_has_the_cases_that_are_about_limiters(rig):
    done = rig("plan", "source_port", "--device", "limiter", "--json")
    cases = {one["case"] for one in json.loads(done.stdout)["cases"]}
    assert not any("OC-02-overload-2_5" in one or "1_35" in one for one in cases)
    assert any("OC-02-overload-1_75" in one for one in cases)
    assert any("SC-02" in one for one in cases)


@pytest.mark.parametrize("command", ["run", "plan"])
def test_only_a_clause_that_a_case_judges(rig, command):
    done = rig(command, "--only", "SC-05")
    assert done.returncode == 2
    assert "the plan has no case that judges SC-05" in done.stderr
    done = rig(command, "--only", "SC-66")
    assert done.returncode == 2
    assert "there is no clause 'SC-66' (did you mean 'SC-06'?" in done.stderr


@pytest.mark.parametrize(("defect", "code"), [("", 0), ("device: {defects: {foldback-trap: 20 %}}\n", 1)])
def test_a_limiter_that_folds_back_never_gets_up_under_a_constant_current(rig, tmp_path, defect, code):
    (tmp_path / "scene.yaml").write_text(f"schema: 1\nname: one\nextends: poe-like\n{defect}", encoding="utf-8")
    done = rig(
        "run", "source_port", "-k", "constant_current", "--device", "poe-like", "--scene", "scene.yaml", "--out", "run"
    )
    assert done.returncode == code, done.stdout + done.stderr
    (found,) = [
        one for one in read_run(tmp_path / "run").entries("verdict") if one["clause"] == "DUMB-01"
    ]  # fmt: skip
    assert found["measurement"]["outcome"] == ("NotRecovered" if code else "Measured")


def test_a_battery_that_is_worn_gives_way_under_a_motor(rig, tmp_path):
    """40 times 90 mohm at 4.05 A take 14.6 V from the cells."""
    (tmp_path / "scene.yaml").write_text(
        "schema: 1\nname: one\nextends: small-battery\ndevice: {defects: {worn-battery: 4000 %}}\n", encoding="utf-8"
    )
    done = rig("run", "--only", "PWR-04", "--device", "small-battery", "--scene", "scene.yaml", "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    found = {one["measurement"]["measurand"]: one for one in read_run(tmp_path / "run").entries("verdict")}
    assert found["voltage_floor"]["decision"]["verdict"] == "FAIL"
    assert found["voltage_floor"]["measurement"]["value"] == pytest.approx(47.4 - 4.05 * 3.6, abs=0.4)
    assert found["inrush_current"]["measurement"]["value"] == pytest.approx(4.05, abs=0.05)


def test_a_port_that_leaks_more_than_declared_fails_though_the_borrowed_limit_is_far(rig, tmp_path):
    (tmp_path / "scene.yaml").write_text(
        "schema: 1\nname: one\nextends: healthy\ndevice: {defects: {reverse-leakage: 150 mA}}\n", encoding="utf-8"
    )
    done = rig("run", "source_port", "-k", "RP-01 and 54", "--scene", "scene.yaml", "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    found = {one["measurement"]["measurand"]: one for one in read_run(tmp_path / "run").entries("verdict")}
    assert found["reverse_current"]["decision"]["verdict"] == "PASS"
    assert found["reverse_leakage"]["decision"]["verdict"] == "FAIL"
    assert found["reverse_leakage"]["measurement"]["value"] == pytest.approx(0.15, abs=found["reverse_leakage"]["U"])


def test_a_port_that_is_live_and_outside_its_band_is_judged_by_what_it_has(rig, tmp_path):
    """4 V too high, and 58 V is no band of anybody: a case that injects something is not for it, one that looks is."""
    (tmp_path / "scene.yaml").write_text(defective("high-set-point: 4 V"), encoding="utf-8")
    done = rig("run", "--only", "DRP-01", "--only", "REC-04", "--scene", "scene.yaml", "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    found = rows(tmp_path / "run")
    assert (found["DRP-01"]["verdict"], found["REC-04"]["verdict"]) == ("FAIL", "NOT_TESTED")
    intercept = verdicts(tmp_path / "run")["DRP-01-7-loads-to-90-%", "droop_intercept"]
    assert intercept["measurement"]["value"] == pytest.approx(58.0, abs=0.05)


def test_a_dead_port_is_not_judged_by_what_it_has(rig, tmp_path):
    (tmp_path / "scene.yaml").write_text(defective("slow-start: 40 s"), encoding="utf-8")
    done = rig("run", "--only", "DRP-01", "--scene", "scene.yaml", "--out", "run")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "NOT_TESTED" in done.stdout
