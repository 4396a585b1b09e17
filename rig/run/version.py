"""Which rig this is: the release it was installed from, or the commit of its source tree; and whether that is clean."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from packaging.version import Version

from rig.ownership import DISTRIBUTION

__all__ = ["Build", "build"]

HOME = Path(__file__).resolve().parents[2]
NAMED = 3
"""Changed files that are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class Build:
    """`unclean` says in one sentence why nobody can get this rig again; empty when it is clean."""

    version: str
    commit: str | None
    unclean: str


def build(home: Path = HOME) -> Build:
    """The rig in `home`: a source tree under git is its commit and whether `git status` lists anything, else it is the
    installed distribution, whose files are not compared with the release.
    """
    found = distribution(DISTRIBUTION)
    if (home / ".git").exists():
        return _checkout(home, found.version)
    return _installed(found.version, found.read_text("direct_url.json"))


def _checkout(home: Path, version: str) -> Build:
    try:
        commit, changed = _git(home, "rev-parse", "HEAD").strip(), _git(home, "status", "--porcelain").splitlines()
    except (OSError, subprocess.SubprocessError):
        return Build(version, None, f"git cannot say whether the rig in {home} was changed since its last commit")
    if not changed:
        return Build(version, commit, "")
    more = f" and {len(changed) - NAMED} more" if len(changed) > NAMED else ""
    names = ", ".join(line[3:] for line in changed[:NAMED])
    return Build(version, commit, f"the rig in {home} has changes that are not committed: {names}{more}")


def _installed(version: str, origin: str | None) -> Build:
    """`origin` is direct_url.json of pip: absent when the rig came from a package index (PEP 610)."""
    told = json.loads(origin) if origin else {}
    commit = told.get("vcs_info", {}).get("commit_id")
    if "dir_info" in told:
        return Build(version, None, "the rig was installed from a folder, and which state that had is not known")
    if commit is None and (Version(version).is_devrelease or Version(version).local):
        return Build(version, None, f"the installed rig {version} is no release")
    return Build(version, commit, "")


def _git(home: Path, *arguments: str) -> str:
    """What git says of `home`, whatever repository the caller's environment points to."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(  # noqa: S603  nothing here is anyone's input
        ["git", "--no-optional-locks", "-C", str(home), *arguments],  # noqa: S607  the user's own git
        env=environment, capture_output=True, text=True, timeout=20, check=True,
    )  # fmt: skip
    return done.stdout
