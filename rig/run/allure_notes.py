"""What Allure is told beside pytest's own outcome: parameters, verdicts, environment, categories."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import allure

if TYPE_CHECKING:
    from pathlib import Path

    from rig.run.planned import Planned
    from rig.run.setup import Setup

__all__ = ["describe_case", "write_static"]

CATEGORIES = [
    {"name": "The device violates a limit", "matchedStatuses": ["failed"]},
    {"name": "The bench could not decide, or failed", "matchedStatuses": ["broken"]},
]


def describe_case(planned: Planned, setup: Setup) -> None:
    """Bench and serial are parameters: without them the same case on two benches would count as a retry."""
    allure.dynamic.title(planned.title)  # type: ignore[no-untyped-call]  # allure types only some
    allure.dynamic.feature(planned.case.clause)  # type: ignore[no-untyped-call]  # as above
    allure.dynamic.parameter("rig_case", planned.case.label)
    allure.dynamic.parameter("bench", setup.bench.name)
    allure.dynamic.parameter("device", setup.device.name)
    allure.dynamic.parameter("serial", setup.options.serial or "not recorded")
    lines = [judged.sentence for judged in planned.judged]
    if lines:
        allure.attach("\n".join(lines), "verdicts", allure.attachment_type.TEXT)


def write_static(folder: Path, setup: Setup, kind: str) -> None:
    """environment.properties and categories.json, which Allure reads beside the results."""
    facts = {"bench": setup.bench.name, "bench_kind": kind, "device": setup.device.name, "limits": setup.limits.name}
    lines = [f"{name}={''.join(c for c in value if c.isprintable())}" for name, value in facts.items()]
    (folder / "environment.properties").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "categories.json").write_text(json.dumps(CATEGORIES, indent=2), encoding="utf-8")
