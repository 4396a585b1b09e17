"""The command line: exit codes, sentences instead of tracebacks, one JSON document on stdout."""

from __future__ import annotations

import json

import pytest

from instruments.errors import LinkTimeout
from rig import cli, commands
from rig.files.document import BadFile, Mistake
from rig.record import BrokenRun
from rig.run.stage import UnsafeBench


@pytest.fixture
def typed(monkeypatch, capsys, tmp_path):
    """Run `rig ...` in this process and an empty folder: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["rig", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
        return (left.value.code or 0, *capsys.readouterr())

    return run


@pytest.mark.parametrize(
    ("trouble", "code", "said"),
    [
        (BadFile([Mistake("a.yaml", 3, 1, "x", "is wrong"), Mistake("b.yaml", 0, 0, "", "is missing")]), 2,
         ["a.yaml:3: x: is wrong", "b.yaml: is missing"]),
        (BrokenRun("runs/x: is not a folder."), 2, ["runs/x: is not a folder."]),
        (LinkTimeout("load", "*IDN?", "no reply", "look"), 3, ["load: no reply (on '*IDN?'); look"]),
        (UnsafeBench("The bench\x1b[31m is not safe."), 3, ["The bench\N{REPLACEMENT CHARACTER}[31m is not safe."]),
        (KeyboardInterrupt(), 3, ["Aborted by the operator."]),
        (KeyError("x"), 3, ["An error inside the rig: KeyError: 'x'; RIG_TRACEBACK=1 shows where, please report it."]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("as_json", [False, True])
def test_whatever_goes_wrong_is_said_in_sentences(typed, monkeypatch, trouble, code, said, as_json):
    def raising(*_arguments, **_named):
        raise trouble

    monkeypatch.setattr(commands, "run", raising)
    found, out, err = typed("run", *(["--json"] if as_json else []))
    assert (found, err.splitlines()) == (code, said)
    if not as_json:
        assert out == ""
    elif isinstance(trouble, UnsafeBench):
        assert json.loads(out) == {"exit": 3, "errors": ["The bench\x1b[31m is not safe."]}
        assert "\x1b" not in out
    else:
        assert json.loads(out) == {"exit": code, "errors": said}


def test_the_traceback_of_our_own_mistakes_on_demand(typed, monkeypatch):
    def raising(*_arguments, **_named):
        raise KeyError("x")

    monkeypatch.setattr(commands, "run", raising)
    monkeypatch.setenv("RIG_TRACEBACK", "1")
    monkeypatch.setattr("sys.argv", ["rig", "run"])
    with pytest.raises(KeyError):
        cli.main()


@pytest.mark.parametrize("word", ["run", "plan"])
@pytest.mark.parametrize("as_json", [False, True])
def test_a_plan_that_cannot_be_read_is_bad_input(typed, tmp_path, word, as_json):
    (tmp_path / "test_broken_plan.py").write_text("import json\n\ndef test_x(:\n")
    code, out, err = typed(word, "test_broken_plan.py", *(["--json"] if as_json else []))
    assert (code, err) == (2, "test_broken_plan.py:3: invalid syntax\n")
    if as_json:
        assert json.loads(out) == {"exit": 2, "errors": ["test_broken_plan.py:3: invalid syntax"]}
    assert [path.name for path in tmp_path.iterdir() if path.name != "__pycache__"] == ["test_broken_plan.py"]


def test_an_expression_that_selects_nothing_is_bad_input(typed, tmp_path):
    code, out, err = typed("run", "protection", "-k", "nothing_like_it")
    assert (code, out) == (2, "")
    assert err.endswith("for -k 'nothing_like_it'\n")
    assert list(tmp_path.iterdir()) == []


def test_pytest_arguments_are_checked_before_anything_is_opened(typed, tmp_path):
    assert typed("run", "protection", "--", "-x", "--no-such-thing") == (
        2, "", "plan: unrecognized arguments: --no-such-thing\n",
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_the_plan_as_one_document(typed, tmp_path):
    code, out, err = typed("plan", "protection", "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert (document["bench"], document["device"]) == ("twin", "reference")
    assert [case["clause"] for case in document["cases"]] == ["SC-01", *["OC-01"] * 4, *["RP-01"] * 3]
    assert list(tmp_path.iterdir()) == [], "nothing was written"


def test_the_plan_for_people_is_plain(typed):
    code, out, err = typed("plan", "protection")
    assert (code, err) == (0, "")
    assert "\x1b" not in out
    assert "8 cases, " in out


@pytest.mark.parametrize("kind", ["bench", "device", "scene", "limits"])
def test_schemas(typed, kind):
    code, out, _ = typed("schema", kind)
    assert code == 0
    assert json.loads(out)["type"] == "object"


def test_a_schema_that_is_none(typed):
    code, out, err = typed("schema", "plan")
    assert (code, out) == (2, "")
    assert (
        err
        == "command line: KIND: there is no schema 'plan': write bench, device, scene, limits, certificate or request\n"
    )


def test_safe_needs_a_bench_that_is_served(typed, tmp_path):
    code, out, err = typed("safe", "--bench", "twin")
    assert (code, out) == (2, "")
    assert "nobody serves this twin" in err


def test_a_report_of_nothing(typed):
    code, out, err = typed("report", "nowhere")
    assert (code, out) == (2, "")
    assert err == "nowhere: is not a folder: give the folder that `rig run --out` wrote.\n"


def test_the_starter_is_a_plan_that_can_be_planned(typed, tmp_path):
    code, out, _ = typed("init", "my lab")
    assert code == 0
    assert "rig plan 'my lab/protection'" in out
    device, limits = (str(tmp_path / "my lab" / name) for name in ("devices/reference.yaml", "limits/draft-48v.yaml"))
    code, out, err = typed("plan", "my lab/protection", "--device", device, "--limits", limits, "--json")
    assert (code, err) == (0, "")
    assert len(json.loads(out)["cases"]) == 8


def test_a_starter_is_never_written_over_something(typed, tmp_path):
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "mine").write_text("x")
    code, _, err = typed("init", "lab")
    assert (code, err) == (2, "command line: DIR: lab exists and is not an empty folder; name a new one\n")
    code, _, err = typed("init", "lab/mine/deeper")
    assert code == 2
    assert err.startswith("command line: DIR: lab/mine/deeper cannot be filled (")
