"""What is checked before anything is opened: all mistakes of files, command line and installation at once."""

from __future__ import annotations

from pathlib import Path

import pytest

import testplans
from rig.files.document import BadFile
from rig.run import setup as checked
from rig.run.provenance import default_folder
from rig.run.setup import Options, load_setup, plan_paths

HOME = Path(testplans.__file__).parent


def mistakes(**options) -> list[str]:
    with pytest.raises(BadFile) as bad:
        load_setup(Options(**options))
    return [str(mistake) for mistake in bad.value.mistakes]


def test_the_defaults_are_sound():
    setup = load_setup(Options())
    assert setup.launches_twin
    assert set(setup.sources) == {"benches", "devices", "limits", "clauses"}


def test_every_file_and_the_folder_are_reported_together(tmp_path):
    (tmp_path / "kept").write_text("x")
    found = mistakes(bench="twni", device="nobody", limits="none", out=str(tmp_path))
    assert len(found) == 4
    for said in ("twni", "nobody", "none", "is not empty"):
        assert sum(said in line for line in found) == 1, said


def test_a_run_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("x")
    assert mistakes(out=str(tmp_path / "file")) == [
        f"command line: --out: {tmp_path / 'file'} is a file; name a new or empty folder"
    ]


def test_a_serial_number_that_the_maker_never_gave():
    assert mistakes(serial="REF-12") == [
        "command line: --serial: 'REF-12' does not match REF-[0-9]{4}, the pattern of device reference"
    ]
    assert load_setup(Options(serial="REF-0012")).options.serial == "REF-0012"


TWIN = (HOME / "benches" / "twin.yaml").read_text(encoding="utf-8")
PROOF = TWIN[TWIN.index("proof:\n") : TWIN.index("ambient:")]
"""The section of the bench proof, which has needs of its own."""


@pytest.fixture
def bench_file(tmp_path):
    def write(*changes: tuple[str, str]) -> str:
        text = (HOME / "benches" / "twin.yaml").read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (tmp_path / "bench.yaml").write_text(text, encoding="utf-8")
        return str(tmp_path / "bench.yaml")

    return write


def test_a_scene_belongs_to_a_twin_that_the_run_starts(bench_file):
    served = bench_file(("kind: twin", "kind: twin\nclock: /nowhere/clock.sock"))
    assert "give it to `rig twin serve` instead" in mistakes(bench=served, scene="healthy")[0]
    assert not load_setup(Options(bench=served)).launches_twin


def test_a_bench_without_what_every_case_needs(bench_file):
    bench = bench_file(
        ("  forward: [energy_input, load_line]\n", ""),
        ("    fast: {channel: 3, transducer: injector_shunt}\n", ""),
        (PROOF, ""),
    )
    assert mistakes(bench=bench) == [
        "command line: --bench: bench twin has no route 'forward', by which every device is fed and loaded",
        "command line: --bench: bench twin has no fast record of 'injector_current', which every case needs",
    ]


def test_a_shadowed_installation_is_a_mistake_like_any_other(monkeypatch):
    monkeypatch.setattr(checked, "ownership_problem", lambda: "The import name 'rig' is also claimed by rigging.")
    assert mistakes() == ["installation: The import name 'rig' is also claimed by rigging."]


def test_plans_by_name_file_folder_and_node(tmp_path):
    (tmp_path / "test_x.py").write_text("")
    protection = str(HOME / "protection")
    folders = [str(HOME / name) for name in ("climate", "feeding", "grounds", "metering", "protection", "source_port")]
    assert plan_paths([]) == folders
    assert plan_paths(["protection"]) == [protection]
    assert plan_paths([str(tmp_path), f"{tmp_path}/test_x.py::test_y"]) == [
        str(tmp_path),
        f"{tmp_path}/test_x.py::test_y",
    ]
    with pytest.raises(BadFile) as bad:
        plan_paths(["protction", "nowhere.py"])
    assert [str(mistake).partition(": write")[0] for mistake in bad.value.mistakes] == [
        "command line: PLAN: there is no plan 'protction'",
        "command line: PLAN: there is no plan 'nowhere.py'",
    ]


def test_two_runs_of_the_same_second_have_folders_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    setup = load_setup(Options())
    names = [str(default_folder(None, "2027-01-14T09:15:00.125000Z", setup)) for _ in range(3)]
    stem = "runs/20270114T091500Z-reference-twin"
    assert names == [stem, f"{stem}-2", f"{stem}-3"]
    assert default_folder("here", "2027-01-14T09:15:00.125000Z", setup) == Path("here")
