"""The guard as the rig sees it: it gets ready, hears everything, and its end is noticed at once."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from rig.safety.guard import Guard, GuardLost, Patience
from rig.safety.interrupts import Interrupts

ECHO = """
import sys
order = sys.stdin.readline()
print("armed", flush=True)
with open(sys.argv[1], "w") as heard:
    heard.write(order)
    for line in sys.stdin:
        heard.write(line)
"""


@pytest.fixture
def interrupts():
    found = Interrupts()
    with found.installed():
        yield found


@pytest.fixture
def start(tmp_path):
    guards = []

    def start(program: str = ECHO) -> Guard:
        guards.append(Guard([sys.executable, "-c", program, str(tmp_path / "heard")]))
        return guards[-1]

    yield start
    for guard in guards:
        guard._process.kill()
        guard.close()


def test_it_hears_what_it_is_told(start, interrupts, tmp_path):
    before = signal.getsignal(signal.SIGCHLD)
    guard = start()
    guard.arm({"bench": "b.yaml"}, interrupts)
    guard.patience = Patience(1.0)
    guard.beat()
    guard.slept(0.5)
    guard.fault_on(0.5)
    guard.fault_off()
    guard.rest()
    guard.beat()
    guard.beat()
    guard.dismiss()
    order, *lines = (tmp_path / "heard").read_text().splitlines()
    assert order == f'{{"bench": "b.yaml", "pid": {os.getpid()}, "within": 30.0}}'
    assert lines == [
        "", '{"within": 5.5}', '{"fault": 5.5}', '{"fault": null}', '{"fault": null, "within": 120}',
        '{"within": 5}', "", '{"bye": true}',
    ]  # fmt: skip
    assert signal.getsignal(signal.SIGCHLD) is before


@pytest.mark.parametrize(
    ("pace", "slept", "fault"), [(None, 31.0, 630.0), (1.0, 6.0, 6.0), (5.0, 5.2, 5.2)], ids=["virtual", "1", "5"]
)
def test_deadlines_are_of_the_wall(pace, slept, fault):
    patience = Patience(pace)
    assert (patience.sleep_s(1.0), patience.fault_s(1.0)) == (slept, fault)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_its_end_is_raised_where_the_run_stands(start, interrupts, number):
    guard = start()
    guard.arm({}, interrupts)

    def run_on() -> None:
        os.kill(guard._process.pid, number)
        signal.sigtimedwait([signal.SIGUSR1], 10)  # anything that waits; the end of the guard breaks it off

    with pytest.raises(GuardLost, match="has ended"):
        run_on()
    with pytest.raises(GuardLost):
        guard.dismiss()


def test_inside_what_must_not_be_cut_its_end_waits(start, interrupts):
    guard = start()
    guard.arm({}, interrupts)
    steps = []

    def make_safe() -> None:
        with interrupts.deferred():
            guard._process.kill()
            os.waitid(os.P_PID, guard._process.pid, os.WEXITED | os.WNOWAIT)
            guard.beat()
            steps.append("safe")

    with pytest.raises(GuardLost):
        make_safe()
    assert steps == ["safe"]


def test_after_the_dismissal_its_end_is_nobodys_concern(start, interrupts):
    guard = start()
    guard.arm({}, interrupts)
    guard.dismiss()
    assert guard._process.returncode == 0


@pytest.mark.parametrize("program", ["", "print('no such bench')"])
def test_one_that_does_not_get_ready_is_no_guard(start, interrupts, program):
    before, guard = signal.getsignal(signal.SIGCHLD), start(program)
    with pytest.raises(GuardLost):
        guard.arm({}, interrupts)
    assert signal.getsignal(signal.SIGCHLD) == before
    assert guard._process.returncode is not None
