"""pytest plugin: options, the fixtures `shot` and `judge`, and the hooks that hand a plan to rig.run; thin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rig.run.case import Case
    from rig.run.hooks import Hooks
    from rig.run.judge import Judge
    from rig.run.shot import Shot

HOOKS = "rig.run.hooks"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options that `rig run` sets; usable with plain pytest as well."""
    group = parser.getgroup("rig", "hardware-in-the-loop bench")
    group.addoption("--rig-bench", metavar="NAME|FILE", default="twin", help="bench file (default: the twin)")
    group.addoption("--rig-device", metavar="NAME|FILE", default="reference", help="the maker's declaration")
    group.addoption("--rig-scene", metavar="NAME|FILE", default=None, help="simulated world for the twin")
    group.addoption("--rig-limits", metavar="NAME|FILE", default="draft-48v", help="limits to judge by")
    group.addoption("--rig-serial", metavar="S", default=None, help="serial number of the device under test")
    group.addoption("--rig-out", metavar="DIR", default=None, help="run folder, new or empty (default: below runs/)")
    group.addoption("--rig-ambient", metavar="T", default=None, help='temperature of the room, such as "24 degC"')
    group.addoption("--rig-case-temperature", metavar="T", default=None, help="temperature of the device's case")
    group.addoption("--rig-recorded", action="store_true", help="a recorded run: what it needs is checked first")
    group.addoption("--rig-operator", metavar="NAME", default=None, help="who carries out the run")
    group.addoption("--rig-seed", metavar="N", type=int, default=1, help="seed of the twin's instrument errors")


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is opened or read before a case is about to run."""
    config.addinivalue_line("markers", "rig: a case on a bench")


def pytest_itemcollected(item: pytest.Item) -> None:
    """A case may be selected by its clause too, and by its label in one word: `-k SC-01`, `-k overload-2-x`."""
    case = getattr(getattr(item, "callspec", None), "params", {}).get("rig_case")
    if case is not None:
        from rig.run.planned import stem_of

        item.extra_keyword_matches.add(stem_of(case))


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Which cases were left out is for the record."""
    cases = [item for item in items if "rig_case" in getattr(item, "fixturenames", ())]
    if cases:
        from rig.run.hooks import left_out

        left_out(cases[0].config, cases)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """A collected plan gets its run; a suite without cases never hears of us."""
    cases = [item for item in session.items if "rig_case" in getattr(item, "fixturenames", ())]
    if hasattr(session.config, "workerinput"):
        return  # of pytest-xdist, whose workers must not raise here; every case then says why it is not carried out
    if not cases or session.config.option.collectonly or session.config.pluginmanager.has_plugin(HOOKS):
        return
    from rig.run.hooks import Hooks

    session.config.pluginmanager.register(Hooks.from_session(session, cases), HOOKS)


@pytest.fixture
def rig_case() -> Case:
    """The declaration of the case; comes from the decorator `cases`."""
    raise pytest.UsageError("A body that asks for `shot` or `judge` needs the decorator `case` or `cases` of rig.run.")


@pytest.fixture
def shot(rig_case: Case, request: pytest.FixtureRequest) -> Shot:
    """The case, carried out: captures taken, device cleared, bench read back safe."""
    return _hooks(request).fire(rig_case, request.node)


@pytest.fixture
def judge(shot: Shot, request: pytest.FixtureRequest) -> Judge:
    """Judges measurements against the limits of the run; soft, one raise at the end of the body."""
    return _hooks(request).judge_for(shot, request.node)


def _hooks(request: pytest.FixtureRequest) -> Hooks:
    hooks: Hooks | None = request.config.pluginmanager.get_plugin(HOOKS)
    if hasattr(request.config, "workerinput"):
        from rig.run.pytest_options import PARALLEL

        pytest.fail(f"Not carried out: {PARALLEL}; leave out -n.", pytrace=False)
    assert hooks is not None, "collection has registered the hooks of the run"
    return hooks
