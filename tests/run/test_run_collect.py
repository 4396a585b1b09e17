"""Plans that cannot be read or select nothing: sentences with file and line, before anything is opened."""

from __future__ import annotations

import pytest

from rig.files.document import BadFile
from rig.run.runner import collect

IMPORTS = "from rig.faults import Short\nfrom rig.run import Case, Judge, Shot, Window, cases\n"


@pytest.fixture
def sentences(tmp_path, monkeypatch):
    """Every sentence about a plan of these files."""
    monkeypatch.chdir(tmp_path)

    def read(expression: str | None = None, extra: tuple[str, ...] = (), **files: str) -> list[str]:
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        with pytest.raises(BadFile) as bad:
            collect([str(tmp_path)], expression, extra)
        return [str(mistake) for mistake in bad.value.mistakes]

    return read


def test_all_files_that_cannot_be_read_at_once_by_line(sentences, capfd):
    found = sentences(
        test_1="import pytest\n\ndef test_x(:\n    pass\n",
        test_2="import json\nimport no_such_module_anywhere\n",
        test_3=IMPORTS + '\n\nSHORT = [\n    Case("SC-01", Short("10 V")),\n]\n',
        test_4=IMPORTS + '\n@cases([Case("SC-01", Short("10 mohm"))])\ndef test_x() -> None:\n    pass\n',
        test_5="def helper():\n    raise ValueError('two\\nlines')\n\n\nhelper()\n",
    )
    assert found[0] == "test_1.py:3: invalid syntax"
    assert found[1] == "test_2.py:2: ModuleNotFoundError: No module named 'no_such_module_anywhere'"
    assert found[2].startswith("test_3.py:6: ValueError: Short: resistance: expected a resistance in ohm")
    assert found[3].startswith("test_4.py: ")
    assert "function uses no argument 'rig_case'" in found[3]
    assert found[4] == "test_5.py:2: ValueError: two lines"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ('hold="500"', "Case: hold: write a quantity with a unit"),
        ('hold="0 s"', 'Case: hold must be above 0, found "0 s"'),
        ('watch="12 V"', "Case: watch: expected a time in s"),
        ('needs=frozenset({"digitizer >= 1 V"})', "Case: needs digitizer >= : expected a frequency in Hz"),
        ('window=Window("2 A")', "Window: span: expected a time in s"),
        ('window=Window("2 s", before=1.0)', "Window: points must be 1 or more and before from 0 to below 1"),
        ("hodl=1", "unexpected keyword argument 'hodl'"),
    ],
)
def test_a_wrong_declaration_is_found_where_it_stands(sentences, declared, said):
    (found,) = sentences(test_plan=IMPORTS + f'SHORT = Case("SC-01", Short("10 mohm"), {declared})\n')
    assert found.startswith("test_plan.py:3: ")
    assert said in found


PLAN = (
    IMPORTS + '\n@cases([Case("SC-01", Short("10 mohm"))])\ndef test_a(shot: Shot, judge: Judge) -> None:\n    pass\n'
)


def test_a_plan_is_read_without_a_word(tmp_path, capfd):
    (tmp_path / "test_plan.py").write_text("print('hello')\n" + PLAN, encoding="utf-8")
    (planned,) = collect([str(tmp_path)], None, ["-v"])
    assert (planned.key, planned.title, planned.state) == ("SC-01-short-10-mohm", "a: short 10 mΩ", "not run")
    assert capfd.readouterr() == ("", "")


def test_a_forgotten_decorator_is_bad_input(sentences):
    (found,) = sentences(test_plan=PLAN + "\n\ndef test_b(shot: Shot, judge: Judge) -> None:\n    pass\n")
    assert found == (
        "test_plan.py:9: test_b asks for `shot` or `judge` but declares no case: "
        "put the decorator `case` or `cases` above it"
    )


def test_an_expression_that_selects_nothing_is_bad_input(sentences, tmp_path):
    (found,) = sentences("nothing_like_it", test_plan=PLAN)
    assert found == f"plan: no case was found in {tmp_path} for -k 'nothing_like_it'"


def test_a_folder_without_cases_is_bad_input(sentences):
    (found,) = sentences(test_plan="def test_plain():\n    pass\n")
    assert "no case was found" in found


def test_an_expression_that_is_none_is_bad_input(sentences):
    (found,) = sentences("short or", test_plan=PLAN)
    assert found.startswith("plan: Wrong expression passed to '-k'")


def test_arguments_that_pytest_does_not_know_are_bad_input(sentences):
    (found,) = sentences(None, ("--no-such-thing",), test_plan=PLAN)
    assert found == "plan: unrecognized arguments: --no-such-thing"


def test_an_interrupt_while_reading_ends_the_reading(tmp_path):
    (tmp_path / "test_plan.py").write_text("raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        collect([str(tmp_path)], None)
