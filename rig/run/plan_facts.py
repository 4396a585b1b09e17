"""What the record says of a plan beside its cases: its files, and what of it was left out."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rig.files.document import display

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["LEFT_OUT", "UNFIT", "changed_files", "file_digests", "plan_files", "selection"]

LEFT_OUT = pytest.StashKey[list[str]]()
"""Node ids of cases that were collected and then deselected."""
UNFIT = pytest.StashKey[tuple[str, ...]]()
"""What a plan was held to (`--only`, profile, budget), where that or the device's declaration left cases out."""


def plan_files(items: Iterable[pytest.Item]) -> list[Path]:
    """The files that hold the cases, and the conftest.py beside each."""
    files = {item.path for item in items}
    return sorted(files | {beside for file in files if (beside := file.with_name("conftest.py")).is_file()})


def file_digests(files: Iterable[Path]) -> dict[str, str]:
    """{path: SHA-256}; of a file that cannot be read, the reason."""
    return {display(file): _digest(file) for file in files}


def changed_files(before: Mapping[str, str]) -> list[str]:
    """The paths whose content is no longer what it was."""
    return [name for name, digest in before.items() if _digest(Path(name)) != digest]


def selection(config: pytest.Config) -> dict[str, object] | None:
    """How a part of the plan was selected, and the cases left out; None when all of it is to be carried out."""
    given = config.option
    by = [f"-k {given.keyword}"] if given.keyword else []
    by += [f"-m {given.markexpr}"] if given.markexpr else []
    by += [f"--deselect {prefix}" for prefix in given.deselect or ()]
    by += [f"only {argument}" for argument in map(str, config.args) if "::" in argument]
    unfit = config.stash.get(UNFIT, None)
    if unfit is not None:
        by += [*unfit] or ["what the device declares"]
    left_out = config.stash.get(LEFT_OUT, [])
    return {"by": by, "left_out": left_out} if by or left_out else None


def _digest(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        return f"cannot be read: {error.strerror}"
