"""What every test may rely on."""

from __future__ import annotations

import os
import signal
from itertools import islice

import pytest
from hypothesis import settings

settings.register_profile("rig", deadline=None)  # a busy machine is no failure
settings.load_profile("rig")


def pytest_addoption(parser):
    """Read by tests/instruments/contract; here, because only the first conftest of a run may add options."""
    group = parser.getgroup("contract", "contract suites of instruments")
    group.addoption(
        "--instrument",
        metavar="ROLE=RESOURCE,driver=NAME[,OPTION=VALUE]",
        action="append",
        help="prove a real instrument with nothing connected: supply=TCPIP::10.0.0.5::5025::SOCKET,driver=ea_psb9000",
    )
    group.addoption(
        "--record-transcripts", action="store_true", help="write transcripts of the families whose whole suite is run"
    )


def pytest_collection_modifyitems(items):
    """Where several processes share the suite, each has long tests first: what is left in the end is short.

    A process takes from the front of its part, and others that have nothing left to do take from its end.
    """
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if count == 1:
        return
    long = [item for item in items if {"run", "studies"} & set(item.path.parts)]
    files = list(dict.fromkeys(item.path for item in long))
    part_of = {path: number * count // len(files) for number, path in enumerate(files)}
    chosen = set(map(id, long))
    short = iter([item for item in items if id(item) not in chosen])
    ordered = []
    for number in range(count):
        ordered += [item for item in long if part_of[item.path] == number]
        room = len(items) * (number + 1) // count - len(ordered)
        ordered += islice(short, max(room, 0))
    items[:] = [*ordered, *short]


@pytest.fixture(scope="session", autouse=True)
def _state_of_its_own(tmp_path_factory):
    """What outlasts a run, the bench log and the locks of real benches, is not the user's while the suite runs."""
    before = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    yield
    if before is None:
        del os.environ["XDG_STATE_HOME"]
    else:
        os.environ["XDG_STATE_HOME"] = before


@pytest.fixture(scope="session", autouse=True)
def _signals_as_in_a_terminal():
    """A suite started in the background of a script inherits ignored signals, and hands them on to every process it
    starts; tests about Ctrl-C need them as a person's terminal has them."""
    standard = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL,
        signal.SIGHUP: signal.SIG_DFL,
    }
    before = {number: signal.getsignal(number) for number in standard}
    for number, handler in standard.items():
        if before[number] == signal.SIG_IGN:
            signal.signal(number, handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
