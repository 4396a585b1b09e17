"""Files of the package with one thing changed, read again."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel

from rig.files.document import BadFile, load, resolve

Mistakes = Callable[[str, type[BaseModel], list[tuple[str, str]]], list[str]]


@pytest.fixture
def mistakes_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mistakes:
    """What is reported for "kind/name" of the package after replacing texts where they first stand."""
    monkeypatch.chdir(tmp_path)

    def read(name: str, model: type[BaseModel], changes: list[tuple[str, str]]) -> list[str]:
        text = resolve(*name.split("/")).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, f"{old!r} must stand in {name}"
            text = text.replace(old, new, 1)
        Path("x.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(BadFile) as bad:
            load("x.yaml", model)
        # Lines shift when the sample files grow, so they are compared as the text that stands there.
        lines = text.splitlines()
        return [f"{lines[m.line - 1].strip()[:24].strip()}| {m.path}: {m.message}" for m in bad.value.mistakes]

    return read
