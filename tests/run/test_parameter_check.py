"""The parameter check: what a device has borne leaves nothing behind, by what its port has and by what it says."""

from __future__ import annotations

import pytest

from rig.faults import Interruption, Overload, Reverse, Ripple, Short, SourceLoss, Steps
from rig.run.parameters import changed_parameters, checked
from rig.standard import load_clauses
from tests.run.conftest import verdicts
from tests.run.test_feeding import judged, with_defect

AT_THE_LOAD = 21.6 / (21.6 + 0.055)
"""Of a change of the converter, what its port has with half its load on: 40 and 10 mohm and the shunt lie before it."""
SAID = {"serial": "REF-0001", "restarts": "1", "exported": "120", "imported": "0"}


def test_a_device_that_a_short_has_changed_for_good_fails(rig, tmp_path):
    with_defect(tmp_path, "healthy", "tired-reference: default")
    done = rig("run", "protection", "-k", "hard_short", "--scene", "scene.yaml", "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    failed = {key for key, entry in verdicts(tmp_path / "run").items() if entry["decision"]["verdict"] == "FAIL"}
    (change,) = judged(tmp_path / "run", "PAR-01", "lasting_change")
    assert [measurand for _, measurand in failed] == ["lasting_change"]
    assert change["measurement"]["value"] == pytest.approx(-AT_THE_LOAD / 54.0, abs=5e-5)
    assert change["U"] < 1e-4
    (said,) = judged(tmp_path / "run", "PAR-01", "changed_parameters")
    assert said["decision"]["verdict"] == "PASS"
    again = rig("rejudge", "run", "--out", "again")
    assert again.returncode == 1, again.stdout + again.stderr
    assert verdicts(tmp_path / "again").keys() == verdicts(tmp_path / "run").keys()


def test_the_first_of_ten_shorts_is_what_the_last_is_compared_with(rig, tmp_path):
    with_defect(tmp_path, "healthy", "tired-reference: 100 mV")
    done = rig("run", "source_port", "--only", "SC-06", "--scene", "scene.yaml", "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    (change,) = judged(tmp_path / "run", "PAR-01", "lasting_change")
    assert change["measurement"]["value"] == pytest.approx(-10 * 0.1 * AT_THE_LOAD / 54.0, abs=5e-5)


def test_a_controller_that_starts_anew_is_told_by_its_registers(rig, tmp_path):
    with_defect(tmp_path, "healthy", "reboots-instead: 2 s")
    done = rig("run", "protection", "-k", "hard_short", "--scene", "scene.yaml", "--out", "run")
    (said,) = judged(tmp_path / "run", "PAR-01", "changed_parameters")
    assert (said["decision"]["verdict"], said["measurement"]["value"]) == ("FAIL", 1.0), done.stdout


@pytest.mark.parametrize(
    ("after", "restarts", "count"),
    [
        ({}, False, 0.0),
        ({"serial": "REF-0002"}, False, 1.0),
        ({"restarts": "2"}, False, 1.0),
        ({"restarts": "2"}, True, 0.0),
        ({"exported": "119"}, False, 1.0),
        ({"exported": "121", "imported": "1"}, False, 0.0),
        ({"serial": "?", "restarts": "0", "exported": "0"}, False, 3.0),
    ],
)
def test_what_a_device_says_of_itself(after, restarts, count):
    found = changed_parameters(SAID, {**SAID, **after}, restarts=restarts)
    assert (found.outcome, found.value) == ("Counted", count)


def test_what_it_no_longer_says_is_not_known():
    found = changed_parameters(SAID, {"serial": "REF-0001"}, restarts=False)
    assert found.value is None
    assert found.flags == ("device-silent",)


def test_which_cases_have_one():
    assert all(checked(one) for one in (Short("10 mohm"), Overload(1.5), Interruption("1 ms"), Ripple("1 V")))
    for other in (Overload(1.5, beside=True), Reverse("48 V", "1 A"), SourceLoss(0.5), Steps((0.5,))):
        assert not checked(other)
    assert load_clauses().find("PAR-01").evidence == ("lasting_change",)
