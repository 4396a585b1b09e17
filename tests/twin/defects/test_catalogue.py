"""`rig twin devices`: everything there is, one line each."""

import json
from typing import get_args

import pytest
from typer.testing import CliRunner

from rig import commands
from rig.cli import app
from rig.files.document import names
from rig.twin.catalogue import KINDS, catalogue
from rig.twin.scene.defects.table import DEFECTS
from rig.twin.scene.device import Kind
from tests.twin.defects.scenarios import SCENARIOS


def test_every_kind_scene_and_defect_has_its_line():
    tables = catalogue()
    assert set(KINDS) == set(get_args(Kind))
    assert [row.name for row in tables["Ready devices (scenes)"]] == names("scenes")
    assert [row.name for row in tables["Defects"]] == [defect.name for defect in DEFECTS]
    for rows in tables.values():
        for row in rows:
            assert row.line.endswith("."), row.name
            assert "\n" not in row.line


def test_without_a_terminal_it_fits_80_columns(capsys):
    assert commands.devices(as_json=False) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert "\n  late-trip                 The fast trip acts late, after the given time.\n" in out
    assert "[SC-01, 900 us]\n" in out


def test_json_tells_the_limit_and_its_source(capsys):
    assert commands.devices(as_json=True) == 0
    document = json.loads(capsys.readouterr().out)
    assert sorted(document) == ["bench_faults", "defects", "kept_aside", "kinds", "scenes", "schema"]
    late = next(one for one in document["defects"] if one["name"] == "late-trip")
    assert (late["default"], late["clause"], late["limit"]["high"]) == ("900 us", "SC-01", 500e-6)
    assert late["limit"]["status"] == "rig-default"


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_defect_names_a_scenario_and_one_side_of_a_limit(defect):
    assert defect.scenario in SCENARIOS
    assert (defect.limit.high is None) != (defect.limit.low is None)
    assert defect.limit.source


def test_the_command_line_knows_it():
    done = CliRunner().invoke(app, ["twin", "devices", "--json"])
    assert done.exit_code == 0
    assert len(json.loads(done.stdout)["defects"]) == len(DEFECTS)
