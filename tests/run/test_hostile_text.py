"""Text from outside is data: never a path, markup, a terminal escape or a formula."""

from __future__ import annotations

import json
import stat
import xml.etree.ElementTree as ET
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

import testplans
from rig.files.document import BadFile
from rig.run.setup import Options, load_setup

SCRIPT = "<script>alert(1)</script>"
MARKUP = "[bold red]{link}[/bold red] &amp; </td>"
FORMULA = '=HYPERLINK("x";1)'
PATH = "../../etc/passwd"
SCENE = f"""
schema: 1
name: hostile
extends: healthy
bench:
  faults:
    - {{fault: wrong_identity, part: scope, text: 'RIGOL TECHNOLOGIES,DHO804,{SCRIPT}{FORMULA},{MARKUP}'}}
    - {{fault: wrong_identity, part: load, text: 'Siglent Technologies,SDL1030X,{PATH},{MARKUP}'}}
"""


@pytest.fixture
def hostile(rig, tmp_path):
    """A run in which everything that has a name has a hostile one: (finished process, run folder)."""
    home = Path(testplans.__file__).parent
    device = (home / "devices" / "reference.yaml").read_text()
    for key, text in (("name", PATH), ("maker", FORMULA), ("model", f"{SCRIPT} {MARKUP}")):
        old = next(line for line in device.splitlines() if line.startswith(f"{key}:"))
        device = device.replace(old, f"{key}: {json.dumps(text)}")
    pattern = next(line for line in device.splitlines() if line.startswith("serial_pattern:"))
    device = device.replace(pattern, 'serial_pattern: ".*"')
    (tmp_path / "device.yaml").write_text(device)
    (tmp_path / "scene.yaml").write_text(SCENE)
    arguments = ["--device", "device.yaml", "--scene", "scene.yaml", "--serial", f"{FORMULA}{SCRIPT}", "-k", "short"]
    done = rig("run", "protection", *arguments, report=True)
    (folder,) = (tmp_path / "runs").iterdir()
    return done, folder


def test_a_run_with_hostile_names(hostile, tmp_path):
    done, folder = hostile
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert folder.parent == tmp_path / "runs", "a name is no path"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["device.yaml", "runs", "scene.yaml"]

    report = (folder / "report.html").read_text(encoding="utf-8")
    assert SCRIPT not in report
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in report
    assert "[bold red]{link}[/bold red] &amp;amp; &lt;/td&gt;" in report

    cases = ET.parse(folder / "junit.xml").getroot().iter("testcase")
    assert len(list(cases)) == 1
    lines = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    session = next(line["data"] for line in lines if "identities" in line["data"])
    assert session["identities"]["scope"]["identity"].startswith(f"RIGOL TECHNOLOGIES,DHO804,{SCRIPT}{FORMULA}")
    assert not any(SCRIPT in path.read_text() for path in (folder / "allure-results").glob("*.html"))


def test_who_may_read_a_run(hostile):
    _, folder = hostile
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("wire", "captures", "allure-results"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "journal.jsonl").stat().st_mode) == 0o600


def test_tables_hold_no_pickled_objects(hostile):
    _, folder = hostile
    for file in (folder / "measurements.parquet", *(folder / "captures").glob("*.parquet")):
        table = parquet.read_table(file)
        assert not any("object" in str(field.type) or "extension" in str(field.type) for field in table.schema)


def test_nothing_of_ours_pickles():
    home = Path(testplans.__file__).parent.parent
    for room in ("rig", "instruments", "reports", "testplans", "studies"):
        for path in (home / room).rglob("*.py"):
            words = path.read_text(encoding="utf-8")
            assert not any(
                f"{verb} {name}" in words for verb in ("import", "from") for name in ("pickle", "marshal", "shelve")
            ), path
            assert "allow_pickle=True" not in words, path


@pytest.mark.parametrize("option", ["serial", "operator"])
def test_options_that_cannot_be_printed_are_refused(option):
    with pytest.raises(BadFile, match=rf"--{option}: holds the character U\+001B"):
        load_setup(Options(**{option: "A\x1b[31m"}))


@pytest.mark.parametrize("name", ["../../evil", "a b", "", "1st", "x" * 41, "a/b", "=a"])
def test_a_part_cannot_be_named_like_a_path(name, tmp_path):
    text = (Path(testplans.__file__).parent / "benches" / "twin.yaml").read_text()
    text = text.replace("  scope: {driver", f"  {json.dumps(name)}: {{driver").replace(
        "digitizer: scope", f"digitizer: {json.dumps(name)}"
    )
    (tmp_path / "bench.yaml").write_text(text)
    with pytest.raises(BadFile, match="a name is up to 40 letters"):
        load_setup(Options(bench=str(tmp_path / "bench.yaml")))
