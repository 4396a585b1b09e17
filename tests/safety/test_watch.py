"""What the guard sees of a real process: its death, its standstill, its silence, and faults that are not ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack

import pytest

from rig.safety import watch as watch_module
from rig.safety.watch import Watch


class Time:
    """A clock that the test turns, a little with every look."""

    def __init__(self) -> None:
        self.now = 0
        self.step_s = 0.0

    def now_ns(self) -> int:
        self.now += round(self.step_s * 1e9)
        return self.now


class Watched:
    """A process that waits for its end, and the pipe on which it would speak."""

    def __init__(self, stack: ExitStack) -> None:
        self.process = stack.enter_context(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))
        stack.callback(self.process.kill)
        lines, self.pipe = os.pipe()
        stack.callback(os.close, lines)
        self.time = Time()
        self.watch = Watch(self.process.pid, lines, self.time, 5.0)

    def say(self, *lines: str) -> None:
        os.write(self.pipe, "".join(f"{line}\n" for line in lines).encode())


@pytest.fixture
def watched(monkeypatch):
    monkeypatch.setattr(watch_module, "LOOK_MS", 1)
    with ExitStack() as stack:
        one = Watched(stack)
        yield one
        if one.pipe is not None:
            os.close(one.pipe)


def test_dismissed_it_has_nothing_to_do(watched):
    watched.say("", '{"fault": 2.5}', '{"bye": true}')
    assert watched.watch.wait() is None
    assert watched.process.poll() is None


def test_a_death_is_seen(watched):
    watched.process.kill()
    assert watched.watch.wait() == "it ended without leaving the bench safe"
    assert watched.watch.kill() is True


def test_words_before_death_count(watched):
    watched.say('{"bye": true}')
    watched.process.kill()
    watched.process.wait()
    assert watched.watch.wait() is None


def test_a_stopped_process_is_seen_and_killed(watched):
    watched.process.send_signal(signal.SIGSTOP)
    assert watched.watch.wait() == "it was stopped"
    assert watched.watch.kill() is True
    assert watched.process.wait() == -signal.SIGKILL


def test_silence_is_a_hang_after_the_time_that_was_announced_last(watched):
    watched.say('{"within": 12.5}')
    watched.time.step_s = 1.0
    assert watched.watch.wait() == "it did nothing for 12.5 s"
    assert watched.time.now == pytest.approx(14e9, abs=1e9)


def test_signs_of_life_hold_it_off_but_end_no_fault(watched):
    watched.time.step_s = 1.0
    watched.say('{"fault": 3.0}', *[""] * 100)
    assert watched.watch.wait() == "a fault stayed on the device beyond its deadline of 3 s"


def test_a_fault_that_was_ended_is_none(watched):
    watched.time.step_s = 1.0
    watched.say('{"fault": 1.0}', '{"fault": null}')
    assert watched.watch.wait() == "it did nothing for 5 s"


def test_a_process_that_lets_go_of_its_guard_is_not_trusted(watched):
    watched.time.step_s = 0.3
    os.close(watched.pipe)
    watched.pipe = None
    assert watched.watch.wait() == "it let go of its guard"


def test_lines_may_come_in_pieces(watched):
    os.write(watched.pipe, b'{"wit')
    watched.watch._read()
    os.write(watched.pipe, b'hin": 7}\n{"bye"')
    watched.watch._read()
    watched.say(": true}")
    assert watched.watch.wait() is None
    assert watched.watch._within_ns == 7_000_000_000
