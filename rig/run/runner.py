"""A plan through pytest, in this process: `rig run` and `rig plan`."""

from __future__ import annotations

import io
import re
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rig.bench.locks import kept_folder
from rig.files.document import BadFile, Mistake, display
from rig.files.explain import choices
from rig.record import BenchLog, RecordError
from rig.record.plain import plain
from rig.run.allure_notes import write_static
from rig.run.ending import BENCH_LOG
from rig.run.exit_code import BAD_INPUT, BENCH_FAULT
from rig.run.hooks import (
    Hooks,
    asks_for_a_case,
    is_case,
    needs_of_recorded,
    planned_cases,
    refusals,
    running_order,
)
from rig.run.needs import unfit
from rig.run.plan_facts import file_digests, plan_files
from rig.run.profiles import selected
from rig.run.provenance import identity
from rig.run.pytest_options import refused_options
from rig.run.resume import earlier_run
from rig.run.run import Run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rig.record import RunFolder
    from rig.run.opening import Reach
    from rig.run.planned import Planned
    from rig.run.progress import Progress
    from rig.run.resume import Earlier
    from rig.run.setup import Setup
    from rig.safety.interrupts import Interrupts

__all__ = ["Listener", "arguments", "chosen", "collect", "run_plan"]

HOOKS = "rig.run.hooks"
NO_CASE = "a case is a function test_... below @cases or @case"
_QUIET = ["-p", "no:terminal"]
_COMMON = [
    *("-p", "no:cacheprovider"),
    *("-p", "no:unraisableexception"),  # collects all garbage five times at the end, for warnings that nobody asked for
    "--import-mode=importlib",
    *("-p", "rig.plugin"),
    *("-o", "addopts="),
    *("-o", "filterwarnings="),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
]


class Listener:
    """Hears of what pytest found, of what it could not read, and of its own failures."""

    def __init__(self, hooks: Hooks | None = None, setup: Setup | None = None) -> None:
        """`setup` where the plan is going to be run, and what a run refuses is to be found."""
        self.hooks, self._setup = hooks, setup
        self.items: list[pytest.Item] = []
        self.mistakes: list[Mistake] = needs_of_recorded(setup) if setup is not None else []

    def pytest_configure(self, config: pytest.Config) -> None:
        if self.hooks is not None:
            config.pluginmanager.register(self.hooks, HOOKS)

    def pytest_exception_interact(
        self, node: pytest.Item | pytest.Collector, call: pytest.CallInfo[object], report: object
    ) -> None:
        if isinstance(report, pytest.CollectReport) and call.excinfo is not None:
            self.mistakes.append(_unreadable(node.path, call.excinfo.value))

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """One sentence for a person; the traceback is in log.txt."""
        if self.hooks is not None:
            self.hooks.run.fault(excinfo.value)
        return True

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """A plan is its cases: plain tests beside them are plain pytest's, a forgotten decorator is a mistake."""
        self.mistakes += [_undeclared(item) for item in items if asks_for_a_case(item) and not is_case(item)]
        self.items = running_order([item for item in items if is_case(item)])
        if self._setup is not None:
            self.mistakes += refusals(config, self.items, recorded=self._setup.options.recorded)
        config.hook.pytest_deselected(items=[item for item in items if not is_case(item)])
        items[:] = self.items


def collect(paths: list[str], expression: str | None, extra: Sequence[str] = ()) -> list[Planned]:
    """The cases of a plan, without any input or output but reading the plan.

    Raises:
        BadFile: a plan that cannot be read, or in which nothing is selected; arguments that pytest does not know.
    """
    return planned_cases(_collected(paths, expression, extra, None))


def chosen(plan: list[Planned], setup: Setup) -> list[Planned]:
    """The cases that this device, `--only`, profile and budget leave of a plan.

    Raises:
        BadFile: there is none, or one is of a clause that neither the standard nor the limits know.
    """
    unknown = _unknown_clauses(plan, setup)
    if unknown:
        raise BadFile(unknown)
    only = setup.options.only
    found = selected(plan, setup)
    if not found:
        about = f" that judges {' or '.join(only)}" if only else ""
        about += f" within {setup.options.budget}" if setup.options.budget is not None else ""
        whys = [f"of its case '{one.case.label}': {why}" for one in plan if (why := unfit(one.case, setup.device))]
        why = whys[0] if len(whys) == len(plan) else "see `rig coverage` with the same plan"
        text = f"the plan has no case{about} for a port like that of {setup.device.name}: {why}"
        raise BadFile([Mistake("plan", 0, 0, "--only" if only else "--device", text)])
    return found


def _unknown_clauses(plan: Sequence[Planned], setup: Setup) -> list[Mistake]:
    known = [*setup.clauses.clauses, *(row.clause for row in setup.limits.limits)]
    named = [(clause, one) for one in plan for clause in (one.case.clause, *one.case.also)]
    odd = {clause: one for clause, one in named if clause not in known}
    return [
        Mistake(
            display(Path(one.file)), 0, 0, one.test,
            f"'{clause}' is no clause of {setup.clauses.name}, and {setup.limits.name} has no limits for it "
            f"({choices(clause, list(dict.fromkeys(known)))})",
        )
        for clause, one in odd.items()
    ]  # fmt: skip


def _collected(
    paths: list[str], expression: str | None, extra: Sequence[str], setup: Setup | None
) -> list[pytest.Item]:
    """The items that are cases; with `setup`, also whatever a run of them would be refused for is raised."""
    found, said = Listener(setup=setup), io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = pytest.main([*arguments(expression, extra), "--collect-only", *paths], plugins=[found])
    if code == pytest.ExitCode.INTERRUPTED and not found.mistakes:
        raise KeyboardInterrupt
    mistakes = found.mistakes
    if code == pytest.ExitCode.USAGE_ERROR:
        unknown = refused_options(None, extra, recorded=True) if setup is not None else []
        told = [Mistake("pytest", 0, 0, flag, why) for flag, why in unknown]
        mistakes += told or [Mistake("plan", 0, 0, "", _usage(said.getvalue()))]
    if mistakes:
        raise BadFile(mistakes)
    if not found.items:
        chosen = f" for -k {expression!r}" if expression else f"; {NO_CASE}"
        raise BadFile([Mistake("plan", 0, 0, "", f"no case was found in {', '.join(paths)}{chosen}")])
    return found.items


def run_plan(
    setup: Setup, paths: list[str], expression: str | None, extra: list[str], progress: Progress,
    interrupts: Interrupts, reach: Reach | None = None,
) -> tuple[int, Run]:  # fmt: skip
    """Run a plan; returns the exit code of the contract and the run, which is closed whatever happened.

    Raises:
        BadFile: bad input; no instrument was opened.
        TwinFailed, Refused: there is no bench to record anything about.
    """
    with interrupts.installed():
        items = _collected(paths, expression, extra, setup)
        files = file_digests(plan_files(items))
        run = Run(setup, progress, interrupts, _earlier(setup, chosen(planned_cases(items), setup), files), reach)
        run.plan_files = files
        listener = Listener(Hooks(run))
        try:
            run.reach_bench()
            folder = _record(run)
            outputs = [f"--alluredir={folder.allure_results}", f"--junitxml={folder.junit}"]
            code = pytest.main([*arguments(expression, extra), *outputs, *paths], plugins=[listener])
        except KeyboardInterrupt:
            run.abort()
            raise
        except OSError as error:  # pytest writes junit.xml after everything else
            run.fault(RecordError(f"The results could not be written ({error})."))
            code = pytest.ExitCode.INTERNAL_ERROR
        else:
            if code == pytest.ExitCode.INTERRUPTED:
                run.abort()
        finally:
            run.close()
    if listener.mistakes or code == pytest.ExitCode.USAGE_ERROR:
        return BAD_INPUT, run
    return (BENCH_FAULT if run.problem else run.exit_code), run


def _earlier(setup: Setup, plan: list[Planned], files: Mapping[str, str]) -> Earlier | None:
    """The run to go on with, when one is named."""
    options = setup.options
    if options.resume is None:
        return None
    log = BenchLog(kept_folder() / BENCH_LOG)
    return earlier_run(Path(options.resume), log, plain(identity(setup)), plan, files, again=options.again)


def arguments(expression: str | None, extra: Sequence[str]) -> list[str]:
    """What every plan is given to pytest with."""
    chosen = ["-k", expression] if expression else []
    return [*([] if extra else _QUIET), *_COMMON, *chosen, *extra]


def _record(run: Run) -> RunFolder:
    """The run folder. A folder that cannot be used is bad input: nothing has been opened yet."""
    try:
        folder = run.create_record()
        write_static(folder.allure_results, run.setup, run.setup.bench.kind)
    except (RecordError, OSError) as error:
        raise BadFile([Mistake("command line", 0, 0, "--out", str(error))]) from None
    return folder


def _unreadable(path: Path, error: BaseException) -> Mistake:
    """Why a plan cannot be read: the line of the plan's own file, and what went wrong there."""
    cause = error.__cause__ or error
    if isinstance(cause, SyntaxError):
        return Mistake(display(Path(cause.filename or path)), cause.lineno or 0, cause.offset or 0, "", cause.msg)
    own = [frame for frame in traceback.extract_tb(cause.__traceback__) if Path(frame.filename) == path]
    text = " ".join(str(cause).split()) or "it cannot be read"
    if not isinstance(cause, pytest.Collector.CollectError | pytest.fail.Exception):
        text = f"{type(cause).__name__}: {text}"
    return Mistake(display(path), (own[-1].lineno or 0) if own else 0, 0, "", text)


def _undeclared(item: pytest.Item) -> Mistake:
    line = item.location[1]
    text = f"{item.name} asks for `shot` or `judge` but declares no case: put the decorator `case` or `cases` above it"
    return Mistake(display(item.path), 0 if line is None else line + 1, 0, "", text)


def _usage(said: str) -> str:
    """The one line of pytest's complaint that says what is wrong."""
    lines = [line for line in said.splitlines() if re.search(r"\berror\b", line, re.IGNORECASE)]
    return re.sub(r"^.*?error: *", "", lines[-1], flags=re.IGNORECASE) if lines else "pytest refuses these arguments"
