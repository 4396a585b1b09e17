"""A plan through pytest, in this process: `rig run` and `rig plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rig.files.document import BadFile, Mistake
from rig.record import RecordError
from rig.run.exit_code import BAD_INPUT, BENCH_FAULT
from rig.run.allure_notes import write_static
from rig.run.hooks import Hooks, planned_cases
from rig.run.planned import Planned
from rig.run.run import Run

if TYPE_CHECKING:
    from rig.run.progress import Progress
    from rig.run.setup import Setup
    from rig.safety.interrupts import Interrupts

__all__ = ["collect", "run_plan"]

HOOKS = "rig.run.hooks"
_QUIET = ["-p", "no:terminal"]
_COMMON = [
    "-p",
    "no:cacheprovider",
    "--import-mode=importlib",
    "-p",
    "rig.plugin",
    "-o",
    "addopts=",
    "-o",
    "filterwarnings=",
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
]


class _Collected:
    """Listens to collection: what was found, and what could not be read."""

    def __init__(self, hooks: Hooks | None = None) -> None:
        self.hooks = hooks
        self.items: list[pytest.Item] = []
        self.errors: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        if self.hooks is not None:
            config.pluginmanager.register(self.hooks, HOOKS)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            last = str(report.longrepr).strip().splitlines()[-1:]
            self.errors.append(f"{report.nodeid}: {' '.join(last)}")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = list(session.items)


def collect(paths: list[str], expression: str | None) -> list[Planned]:
    """The cases of a plan, without any input or output but reading the plan.

    Raises:
        BadFile: a plan that cannot be read, or holds no case.
    """
    found = _Collected()
    chosen = ["-k", expression] if expression else []
    pytest.main([*_QUIET, *_COMMON, "--collect-only", *chosen, *paths], plugins=[found])
    if found.errors:
        raise BadFile([Mistake("plan", 0, 0, "", error) for error in found.errors])
    plan = planned_cases(found.items)
    if not plan:
        raise BadFile(
            [
                Mistake(
                    "plan",
                    0,
                    0,
                    "",
                    f"no case was found in {', '.join(paths)}" + (f" for -k {expression!r}" if expression else ""),
                )
            ]
        )
    return plan


def run_plan(
    setup: Setup, paths: list[str], expression: str | None, extra: list[str], progress: Progress, interrupts: Interrupts
) -> tuple[int, Run]:
    """Run a plan; returns the exit code of the contract and the run."""
    collect(paths, expression)
    run = Run(setup, progress, interrupts)
    listening = _Collected(Hooks(run))
    run.reach_bench()
    try:
        folder = run.create_record()
    except RecordError as error:
        raise BadFile([Mistake("command line", 0, 0, "--out", str(error))]) from None
    write_static(folder.allure_results, setup, setup.bench.kind)
    chosen = ["-k", expression] if expression else []
    outputs = [f"--alluredir={folder.allure_results}", f"--junitxml={folder.junit}"]
    quiet = [] if extra else _QUIET
    with interrupts.installed():
        try:
            code = pytest.main([*quiet, *_COMMON, *outputs, *chosen, *extra, *paths], plugins=[listening])
        finally:
            run.close()
    if listening.errors or code == pytest.ExitCode.USAGE_ERROR:
        return BAD_INPUT, run
    return (BENCH_FAULT if run.problem else run.exit_code), run
