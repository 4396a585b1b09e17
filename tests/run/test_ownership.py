"""Other published packages use our import names; the culprit is named before anything is driven."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from rig import ownership
from rig.ownership import PACKAGES, ownership_problem


@pytest.fixture
def installed(monkeypatch):
    """Who claims which import name, and where each name resolves to."""
    owners = {name: ["nanogrid-rig"] for name in PACKAGES}
    monkeypatch.setattr(ownership, "_owners", lambda: owners)
    return owners


def test_this_installation_is_ours():
    assert ownership_problem() is None


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("top_level.txt", "reports\n"),
        ("RECORD", "other/__init__.py,,\nreports/page.py,,\n"),
        ("RECORD", "reports.py,,\n"),
    ],
)
def test_whoever_has_installed_files_of_a_name_claims_it(tmp_path, monkeypatch, file, text):
    folder = tmp_path / "some_reports-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: some-reports\nVersion: 1.0\n")
    (folder / file).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    assert ownership_problem().startswith("The import name 'reports' is also claimed by some-reports: install")


def test_a_name_that_another_distribution_claims(installed):
    installed["instruments"] = ["nanogrid-rig", "some-instruments"]
    assert ownership_problem().startswith("The import name 'instruments' is also claimed by some-instruments: install")


def test_our_files_that_the_removal_of_another_distribution_took_along(installed, monkeypatch):
    find, folder = ownership.find_spec, SimpleNamespace(origin=None)
    monkeypatch.setattr(ownership, "find_spec", lambda name: folder if name == "reports" else find(name))
    assert ownership_problem().startswith("Our files of the package 'reports' are gone")


@pytest.mark.parametrize("spec", [None, SimpleNamespace(origin="/elsewhere/reports/__init__.py")])
def test_a_name_that_is_shadowed(installed, monkeypatch, spec):
    find = ownership.find_spec
    monkeypatch.setattr(ownership, "find_spec", lambda name: spec if name == "reports" else find(name))
    found = "nowhere" if spec is None else spec.origin
    assert ownership_problem().startswith(f"The import name 'reports' resolves to {found}, not to nanogrid-rig")


def test_an_installation_without_records_of_its_names_is_judged_by_its_files(installed):
    installed.clear()
    assert ownership_problem() is None
