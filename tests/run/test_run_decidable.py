"""Whether a bench can decide a limit, from declared data; the promise is held against what a run then reached."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from rig.files.bench import Calibration
from rig.run import decidable
from rig.run.preview import preview
from rig.run.runner import collect
from rig.run.setup import Options, load_setup, plan_paths
from tests.run.conftest import verdicts
from tests.run.test_run_certificates import calibrated


@pytest.fixture(scope="module")
def plan():
    return collect(plan_paths(["protection"]), None)


def limits_of(rows) -> dict[tuple[str, str], dict]:
    """By case and measurand."""
    return {(row.case, one["measurand"]): one for row in rows for one in row.limits}


def test_every_limit_of_the_plan_can_be_decided_on_the_twin(plan):
    found = limits_of(preview(load_setup(Options()), plan))
    assert len(found) == 8 * 2 + 3 + 4 + 3, (
        "SELV-01 and REC-01 of each case, three of SC-01, one each of OC-01 and RP-01"
    )
    assert {one["decidable"] for one in found.values()} == {True}


def test_no_run_is_better_than_the_best(plan, whole_run, monkeypatch):
    """With every limit at the value that a run measured, the best U there is no larger than the U of the run."""
    judged = {key: entry for key, entry in verdicts(whole_run[1]).items() if isinstance(entry["U"], float)}
    usual, case = decidable.find_limit, {}

    def at_the_value(limits, clause, measurand, port, facts):
        limit = usual(limits, clause, measurand, port, facts)
        entry = judged.get((case["key"], measurand))
        return limit if entry is None else replace(limit, low=None, high=entry["measurement"]["value"])

    monkeypatch.setattr(decidable, "find_limit", at_the_value)
    setup, compared = load_setup(Options()), 0
    for planned in plan:
        case["key"] = planned.key
        for key, promised in limits_of(preview(setup, [planned])).items():
            if key in judged:
                compared += 1
                # the slope of a curve is steep, and the applied current is not quite the declared one
                room = 1.1 if key[0].startswith("OC-01") and key[1] == "operate_time" else 1.001
                if judged[key]["measurement"]["method"] == "JCGM 101":
                    room = max(room, 1.005)  # an interval of that many draws has an end of its own of some 0.2 %
                assert promised["U_best"] <= judged[key]["U"] * room, key
    assert compared >= 20


def changed(tmp_path, old: str, new: str) -> Options:
    from rig.files.document import resolve

    text = resolve("limits", "draft-48v").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "limits.yaml").write_text(text.replace(old, new))
    return Options(limits=str(tmp_path / "limits.yaml"))


@pytest.mark.parametrize(
    ("old", "new", "key", "helps"),
    [
        ("uncertainty_max: 60 A", "uncertainty_max: 1 A", ("SC-01-short-10-mohm", "peak_current"),
         "a certificate or a better instrument for port current"),
        ("uncertainty_max: 0.5 s", "uncertainty_max: 100 us", ("SC-01-short-10-mohm", "recovery_time"),
         "a faster record"),
        ("uncertainty_max: 0.5 A, status: borrowed", "uncertainty_max: 1 mA, status: borrowed",
         ("RP-01-reverse--48-V", "reverse_current"), "a certificate of port_shunt"),
    ],
)  # fmt: skip
def test_a_limit_that_this_bench_cannot_decide_says_what_would_help(plan, tmp_path, old, new, key, helps):
    found = limits_of(preview(load_setup(changed(tmp_path, old, new)), plan))[key]
    assert (found["decidable"], found["would_help"]) == (False, helps)
    assert found["U_best"] > found["U_needed"]


def test_certificates_count(plan, tmp_path):
    before = limits_of(preview(load_setup(Options()), plan))["SC-01-short-10-mohm", "port_voltage_peak"]
    after = limits_of(preview(load_setup(Options(bench=str(calibrated(tmp_path, 1)))), plan))
    assert after["SC-01-short-10-mohm", "port_voltage_peak"]["U_best"] < before["U_best"]


def test_an_instrument_that_the_bench_file_does_not_name_is_not_known(plan):
    setup = load_setup(Options())
    scope = setup.bench.instruments["scope"].model_copy(update={"identity": ".*"})
    bench = setup.bench.model_copy(
        update={"instruments": {**setup.bench.instruments, "scope": scope}, "calibration": Calibration()}
    )
    found = limits_of(preview(replace(setup, bench=bench), plan))
    short = {name: one["decidable"] for (case, name), one in found.items() if case == "SC-01-short-10-mohm"}
    assert short["peak_current"] is None
    assert short["recovery_time"] is True


def test_it_is_printed_and_in_the_document(rig):
    shown = rig("plan", "protection")
    assert shown.returncode == 0
    assert "decidable" in shown.stdout
    assert "a certificate of port_shunt" in shown.stdout
    told = json.loads(rig("plan", "protection", "-k", "short", "--json").stdout)
    assert {one["measurand"] for one in told["cases"][0]["limits"]} >= {"operate_time", "peak_current", "recovery_time"}


def test_two_limits_that_apply_are_told_before_the_run(plan, tmp_path):
    row = "{clause: SC-01, measurand: peak_current, when: {role: source}, high: 1 kA, status: rig-default,"
    row = f"  - {row} rule: guarded, source: house}}\n"
    rows = preview(load_setup(changed(tmp_path, "limits:\n", f"limits:\n{row}")), plan)
    told = [(one.clause, why) for one in rows for why in one.undecided]
    assert [clause for clause, _ in told] == ["SC-01"]
    assert told[0][1].startswith("more than one limit for SC-01 peak_current: limits ")
    assert told[0][1].endswith("apply; narrow their `when`")
    assert not [why for one in preview(load_setup(Options()), plan) for why in one.undecided]
