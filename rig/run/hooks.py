"""pytest's side of a run: which item is which case, when the bench opens and closes, what becomes of each item."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rig.files.document import BadFile, Mistake
from rig.record import RecordError
from rig.run.allure_notes import describe_case
from rig.run.judge import NOTHING_JUDGED, Judge, NotDecided
from rig.run.plan_facts import LEFT_OUT, UNFIT, file_digests, plan_files, selection
from rig.run.planned import Planned, new_planned
from rig.run.profiles import how_selected, selected
from rig.run.progress import printable
from rig.run.pytest_options import refused_markers, refused_options
from rig.run.recorded import lacking
from rig.run.run import BenchFault, Run
from rig.run.setup import Options, load_setup

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from rig.run.case import Case
    from rig.run.rejudge import Rejudging
    from rig.run.setup import Setup
    from rig.run.shot import Shot

__all__ = ["Hooks", "asks_for_a_case", "is_case", "left_out", "needs_of_recorded", "planned_cases", "refusals"]

HOUR_S = 3600.0
_JUDGE = pytest.StashKey[Judge]()


def planned_cases(items: list[pytest.Item]) -> list[Planned]:
    """Cases among collected items, in the order they will run."""
    plan: list[Planned] = []
    for item in items:
        if is_case(item):
            case: Case = item.callspec.params["rig_case"]  # type: ignore[attr-defined]  # _is_case looked
            taken = {one.key for one in plan}
            plan.append(new_planned(item.nodeid, case, _title(item), _why(item), taken, str(item.path)))
    return plan


def is_case(item: pytest.Item) -> bool:
    """Whether an item is a declared case."""
    return "rig_case" in getattr(getattr(item, "callspec", None), "params", {})


def running_order(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Cases as the plan has them; then what takes hours; then those in another climate, the coldest first, for each
    change of it takes an hour; then those that take consent: what they destroy is not missed.
    """

    def place(item: pytest.Item) -> tuple[bool, bool, float, bool]:
        case: Case = item.callspec.params["rig_case"]  # type: ignore[attr-defined]  # the caller looked
        return bool(case.consent), case.degc is not None, case.degc or 0.0, case.hold_s > HOUR_S

    return sorted(items, key=place)


def asks_for_a_case(item: pytest.Item) -> bool:
    """Whether a test uses the fixtures of a case, declared or not."""
    return "rig_case" in getattr(item, "fixturenames", ())


def left_out(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Cases that were collected and deselected are kept for the record."""
    config.stash.setdefault(LEFT_OUT, []).extend(item.nodeid for item in items)


def needs_of_recorded(setup: Setup) -> list[Mistake]:
    """What a recorded run needs and this one has not; nothing for a development run."""
    found = lacking(setup) if setup.options.recorded else []
    return [Mistake("command line", 0, 0, "--recorded", text) for text in found]


def refusals(config: pytest.Config, items: Sequence[pytest.Item], *, recorded: bool) -> list[Mistake]:
    """What pytest was told that a run does not do, on each line the reason."""
    found = refused_options(config.option, (), recorded=recorded)
    found += refused_markers(items) if recorded else []
    return [Mistake("pytest", 0, 0, name, why) for name, why in found]


class Hooks:
    """Joins one pytest session to one run, or to one that is judged again."""

    def __init__(self, run: Run | Rejudging) -> None:
        self.run = run

    @classmethod
    def from_session(cls, session: pytest.Session, cases: Sequence[pytest.Item]) -> Hooks:
        """The run that plain pytest's `--rig-...` options ask for.

        Raises:
            pytest.UsageError: bad input, all mistakes at once.
        """
        given = session.config.option
        options = Options(
            bench=given.rig_bench,
            device=given.rig_device,
            limits=given.rig_limits,
            scene=given.rig_scene,
            serial=given.rig_serial,
            out=given.rig_out,
            seed=given.rig_seed,
            ambient=given.rig_ambient,
            case_temperature=given.rig_case_temperature,
            recorded=given.rig_recorded,
            operator=given.rig_operator,
        )
        try:
            setup = load_setup(options)
        except BadFile as bad:
            raise pytest.UsageError(str(bad)) from None
        mistakes = [*needs_of_recorded(setup), *refusals(session.config, cases, recorded=options.recorded)]
        if mistakes:
            raise pytest.UsageError(str(BadFile(mistakes)))
        return cls(Run(setup))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """The bench is open exactly while cases run; it is closed whatever ends the loop."""
        plan = self._fitting(session)
        given = session.config.option
        unread = session.testsfailed and not given.continue_on_collection_errors
        if given.collectonly or unread or not plan:
            return (yield)
        files = file_digests(plan_files(item for item in session.items if is_case(item)))
        self.run.plan(plan, files, selection(session.config))
        # What an earlier run has done stands in its record, and is none of pytest's business.
        session.items[:] = [item for item in session.items if not is_case(item) or self.run.planned[item.nodeid].due]
        with self.run.interrupts.installed():
            try:
                self.run.open()
                return (yield)
            except BadFile as bad:
                raise pytest.UsageError(str(bad)) from None
            except BenchFault as fault:
                self.run.fault(fault)
                pytest.exit(printable(str(fault)))
            except (session.Failed, session.Interrupted):
                raise  # -x, or a fault of the bench that is known already
            except KeyboardInterrupt:
                self.run.abort()
                raise
            except Exception as error:
                self.run.fault(error)
                raise
            finally:
                self.run.close()

    def _fitting(self, session: pytest.Session) -> list[Planned]:
        """The cases of the plan; what is not about such a device is left out of it, and said to be."""
        plan = planned_cases(session.items)
        fit = selected(plan, self.run.setup)
        if len(fit) < len(plan):
            kept = {one.nodeid for one in fit}
            out = [item for item in session.items if is_case(item) and item.nodeid not in kept]
            session.items[:] = [item for item in session.items if item not in out]
            left_out(session.config, out)
            session.config.stash[UNFIT] = tuple(how_selected(self.run.setup.options))
        return fit

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        """After the body: the port voltage is judged in every case, then everything raises at once."""
        if not is_case(pyfuncitem):
            return (yield)
        judge = pyfuncitem.stash.get(_JUDGE, None)
        try:
            result = yield
        except Exception:
            if judge is not None:
                self.run.judge_always(judge)
                describe_case(self.run.planned[pyfuncitem.nodeid], self.run.setup)
            raise
        if judge is None:
            raise NotDecided(NOTHING_JUDGED)
        by_body = len(judge.judged)
        self.run.judge_always(judge)
        describe_case(self.run.planned[pyfuncitem.nodeid], self.run.setup)
        judge.finish(by_body)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """A case that broke is recorded as broken; a fault of the bench, or the operator, ends the plan."""
        report = yield
        if not is_case(item):
            return report
        error = call.excinfo.value if call.excinfo is not None else None
        if isinstance(error, KeyboardInterrupt):
            return report
        try:
            if error is not None and call.when == "setup":
                self.run.broken(item.nodeid, error)
            if call.when == "call":
                self.run.finished(item.nodeid, item.stash.get(_JUDGE, None), error)
            if error is not None and call.when == "teardown":
                self.run.spoiled(item.nodeid, error)
            if call.when == "teardown" and _JUDGE in item.stash:
                del item.stash[_JUDGE]  # and with it the captures of the case
        except RecordError as refused:
            self.run.fault(refused)
        if self.run.interrupts.count:  # also where something swallowed the KeyboardInterrupt
            self.run.abort()
        if self.run.problem:
            item.session.shouldstop = printable(self.run.problem)
        return report

    def fire(self, case: Case, item: pytest.Item) -> Shot:
        """Carry out the case of `item`."""
        return self.run.execute(item.nodeid, case)

    def judge_for(self, shot: Shot, item: pytest.Item) -> Judge:
        """The judge of `item`; every verdict is journaled as it falls."""
        refused = self.run.setup.refused_flags
        judge = Judge(shot, lambda judged: self.run.record_verdict(item.nodeid, shot, judged), refused)
        item.stash[_JUDGE] = judge
        return judge


def _title(item: pytest.Item) -> str:
    return str(getattr(item, "originalname", item.name)).removeprefix("test_").replace("_", " ")


def _why(item: pytest.Item) -> str:
    return " ".join((getattr(item, "function", item).__doc__ or "").split())
