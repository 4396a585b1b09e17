"""The page "Writing a case", followed to the letter, and what a plan is told when it asks for what there is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rig.faults import Base, Level, Metered, Motor, Overload, Sharing, Short, SourceLoss, Steps
from rig.files.limits_checks import MEASURANDS
from rig.record import read_run
from rig.run import Case, Judge, cases

PAGE = (Path(__file__).parents[2] / "docs" / "writing-a-case.md").read_text(encoding="utf-8")
HEAD = """from rig.faults import Base, Level, Short
from rig.run import Case, Judge, Shot, cases
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_first_example_ends_as_the_page_says(rig, tmp_path):
    (example,) = blocks("python")
    (tmp_path / "test_mine.py").write_text(example, encoding="utf-8")
    done = rig("run", "test_mine.py", "-k", "OC-01-overload-2-x", "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    found = [one["measurement"] for one in read_run(tmp_path / "run").entries("verdict")]
    values = {one["measurand"]: one["value"] for one in found}
    assert values["operate_time"] == pytest.approx(0.400, abs=0.002)
    assert values["recovery_time"] == pytest.approx(0.252, abs=0.002)


def test_the_row_of_the_page_is_one_that_can_be_added(rig, tmp_path):
    assert rig("init", "mine").returncode == 0
    limits = tmp_path / "mine" / "limits" / "draft-48v.yaml"
    text = limits.read_text(encoding="utf-8").replace("limits:\n", "limits:\n" + blocks("yaml")[0], 1)
    limits.write_text(text.replace("name: draft-48v", "name: mine"), encoding="utf-8")
    body = '''
@cases([Case("SC-01", Short("10 mohm"), hold="300 ms")])
def test_energy(shot: Shot, judge: Judge) -> None:
    """It heats the cable."""
    judge(shot.let_through_energy())
'''
    (tmp_path / "test_mine.py").write_text(HEAD + body, encoding="utf-8")
    done = rig("run", "test_mine.py", "--limits", str(limits), "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert read_run(tmp_path / "run").run["limits"]["name"] == "mine"
    done = rig("run", "test_mine.py", "--out", "without")
    assert done.returncode == 4
    assert "no limit for SC-01 let_through_energy" in done.stdout


def test_what_has_no_limit_keeps_nothing_from_being_judged(rig, tmp_path):
    body = '''
@cases([Case("SC-01", Short("10 mohm"), hold="300 ms")])
def test_both(shot: Shot, judge: Judge) -> None:
    """The first has no row under this clause."""
    judge(shot.retries())
    judge(shot.operate_time())


@cases([Case("SC-01", Short("10 mohm"), hold="300 ms", note="other")])
def test_of_another_stimulus(shot: Shot, judge: Judge) -> None:
    """Nothing was fed otherwise."""
    judge(shot.status_floor())


@cases([Case("SC-01", Short("10 mohm"), hold="300 ms", note="misspelt")])
def test_misspelt(shot: Shot, judge: Judge) -> None:
    """There is no such measurement."""
    judge(shot.peak_curent())
'''
    (tmp_path / "test_mine.py").write_text(HEAD + body, encoding="utf-8")
    done = rig("run", "test_mine.py", "--out", "run")
    assert done.returncode == 4, done.stdout + done.stderr
    run = read_run(tmp_path / "run")
    assert run.run["counts"] == {"INCONCLUSIVE": 3}
    judged = [(one["case"], one["measurement"]["measurand"]) for one in run.entries("verdict")]
    assert ("SC-01-short-10-mohm", "operate_time") in judged
    both, other, misspelt = {case["case"]: case["reason"] for case in run.entries("case")}.values()
    assert both.endswith("let_through_i2t, wrong_reports; judge it under SC-02, ARC-03, where it has rows, or add one")
    told = "status_floor is measured after Level, Ramp, Interruption, Ripple, Chopper, Day or SecondReturn"
    assert other == f"{told}, and short 10 mΩ, other is a Short."
    assert "test_mine.py:20: AttributeError: 'Shot' object has no attribute 'peak_curent' " in misspelt
    assert "(did you mean 'peak_current'?)" in misspelt


def test_one_case_alone_is_no_list():
    with pytest.raises(ValueError, match=r"cases takes a list: write @cases\(\[Case\(\.\.\.\)\]\)"):
        cases(Case("SC-01", Short("10 mohm")))


@pytest.mark.parametrize("word", ["plan", "run"])
def test_a_clause_that_nobody_knows_is_refused(rig, tmp_path, word):
    body = '''
@cases([Case("SC-99", Short("10 mohm"))])
def test_it(shot: Shot, judge: Judge) -> None:
    """There is no such clause."""
    judge(shot.operate_time())
'''
    (tmp_path / "test_mine.py").write_text(HEAD + body, encoding="utf-8")
    done = rig(word, "test_mine.py")
    assert done.returncode == 2
    assert "test_mine.py: test_it[short 10 mohm]: 'SC-99' is no clause of draft" in done.stderr
    assert "(did you mean 'SC-08'?" in done.stderr


def test_what_the_page_calls_otherwise_in_a_row_can_be_limited():
    otherwise = dict(re.findall(r"`([\w.]+)\(\)`\s+is\s+`(\w+)`", PAGE))
    table = PAGE.partition("## What can be measured")[2].partition("\n\nAfter another")[0]
    asked = re.findall(r"`([\w.]+)\(\)`", table)
    assert "interruption" in otherwise
    assert {otherwise.get(name, name).rpartition(".")[2] for name in asked} <= set(MEASURANDS)


@pytest.mark.parametrize(
    ("declare", "sentence"),
    [
        (lambda: Overload("2 A"), "Overload: multiple takes a plain number, without a unit, found '2 A'"),
        (lambda: Base(load="50 %"), "Base: load takes a plain number, without a unit, found '50 %'"),
        (lambda: Metered("10 %"), "Metered: load takes a plain number"),
        (lambda: Motor("90 %"), "Motor: peak takes a plain number"),
        (lambda: SourceLoss("50 %"), "SourceLoss: share takes a plain number"),
        (lambda: Steps(0.5), r"Steps: loads takes several, such as \(0.5,\), found 0.5"),
        (lambda: Sharing(("15 %",)), "Sharing: loads takes a plain number"),
        (lambda: Case("SC-06", Short("10 mohm"), before="9"), "a whole number of them, found '9'"),
        (
            lambda: Case("UV-01", Level("31 V"), before=9),
            "before counts shorts or overloads, and the stimulus is Level",
        ),
        (lambda: Case("SC-01", Short("10 mohm"), role="sauce"), r"role: there is no 'sauce' \(did you mean 'source'"),
        (lambda: Case("SC-01", Short("10 mohm"), also="REC-01"), r'write also=\("REC-01",\), found \'REC-01\''),
    ],
)
def test_what_is_declared_wrongly_is_named_with_what_to_write(declare, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence):
        declare()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            '@cases([Case("TMPR-01", Short("10 mohm"), ambient="95 degC")])\ndef test_it',
            "of its case 'short 10 mΩ at 95 degC'",
        ),
        ('@cases([Case("SC-01", Short("10 mohm"), also=("REC-99",))])\ndef test_it', "'REC-99' is no clause of draft"),
        (
            '@cases([Case("SC-01", Short("10 mohm"))])\ndef it',
            "no case was found in test_mine.py; a case is a function test_",
        ),
    ],
)
def test_a_plan_without_a_case_for_this_device_says_why(rig, tmp_path, body, sentence):
    text = body + '(shot: Shot, judge: Judge) -> None:\n    """Why."""\n    judge(shot.operate_time())\n'
    (tmp_path / "test_mine.py").write_text(HEAD + text, encoding="utf-8")
    done = rig("plan", "test_mine.py")
    assert done.returncode == 2
    assert sentence in done.stderr


def test_a_measurement_without_its_parentheses_is_none():
    with pytest.raises(TypeError, match=r"such as judge\(shot.operate_time\(\)\), and was given a function"):
        Judge(None, print)(lambda: 1)
