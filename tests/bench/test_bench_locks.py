"""Locks between real processes, and the mark that a dead run leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from rig.bench.locks import BenchBusy, Locks

HOLDER = """
import sys
from pathlib import Path
from rig.bench.locks import Locks
with Locks(sys.argv[1], Path(sys.argv[2])).hold(sys.argv[3:]):
    print("held", flush=True)
    sys.stdin.read()
"""


FORKER = """
import os, signal, sys
from pathlib import Path
from rig.bench.locks import Locks
with Locks("forker", Path(sys.argv[1])).hold(["h:1"]):
    child = os.fork()
    if not child:
        signal.pause()
print(child, flush=True)
sys.stdin.read()
os.waitpid(child, 0)
"""


@pytest.fixture
def locks(tmp_path):
    return Locks("bench one", tmp_path / "locks")


@pytest.fixture
def other(tmp_path):
    """Another process that holds a bench until it is told to end."""
    started = []

    def hold(bench: str, *addresses: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, bench, str(tmp_path / "locks"), *addresses],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield hold
    for process in started:
        process.kill()
        process.communicate()


def test_a_second_process_is_refused_and_told_who_has_it(locks, other):
    process = other("bench one", "10.0.0.1:502")
    with pytest.raises(BenchBusy, match=f"bench bench one is in use by process {process.pid}"), locks.hold([]):
        raise AssertionError("never held")
    process.kill()
    process.wait()
    with locks.hold(["10.0.0.1:502"]):  # the kernel has freed them
        pass


def test_another_bench_that_shares_an_instrument_is_refused_too(tmp_path, other):
    process = other("bench one", "10.0.0.1:502", "10.0.0.2:502")
    two = Locks("bench two", tmp_path / "locks")
    refused = pytest.raises(BenchBusy, match=rf"10\.0\.0\.2:502 is in use by process {process.pid}")
    with refused, two.hold(["10.0.0.1:503", "10.0.0.2:502"]):
        raise AssertionError("never held")
    with two.hold(["10.0.0.1:503"]):  # what had been taken before the refusal is free again
        pass


def test_two_instruments_behind_one_address_are_no_conflict(locks):
    with locks.hold(["10.0.0.1:502", "10.0.0.1:502"]):
        pass


def test_spellings_of_one_address_meet(tmp_path, other):
    process = other("bench one", "TCPIP::h::5025::SOCKET")
    two = Locks("bench two", tmp_path / "locks")
    for spelling in ("TCPIP0::H::5025::socket", "rtu+tcp://h:5025"):
        refused = pytest.raises(BenchBusy, match=f"{spelling.replace('+', '.')} is in use by process {process.pid}")
        with refused, two.hold([spelling]):
            raise AssertionError("never held")


def test_asking_who_holds_an_address_takes_nothing(tmp_path, other):
    asking = Locks("no bench", tmp_path / "locks")
    assert asking.holder("10.0.0.1:502") is None
    assert not asking.folder.exists()
    process = other("bench one", "10.0.0.1:502")
    assert asking.holder("tcp://10.0.0.1").startswith(f"process {process.pid} (")
    assert asking.holder("10.0.0.2:502") is None
    process.kill()
    process.wait()
    assert asking.holder("10.0.0.1:502") is None  # what the dead one wrote is still in the file
    other("bench one", "10.0.0.1:502")


def test_a_process_excludes_itself_and_is_told_so(locks):
    again = Locks("bench two", locks.folder)
    with locks.hold(["h:1"]):
        assert locks.holder("h:1").startswith(f"process {os.getpid()} (")
        with pytest.raises(BenchBusy, match="h:1 is in use"), again.hold(["h:1"]):
            raise AssertionError("never held")
    with again.hold(["h:1"]):
        pass


def test_a_child_that_outlives_the_holder_does_not_keep_the_lock(locks):
    with subprocess.Popen(
        [sys.executable, "-c", FORKER, str(locks.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        child = int(process.stdout.readline())
        try:
            with locks.hold(["h:1"]):
                pass
        finally:
            os.kill(child, signal.SIGKILL)
            process.stdin.close()


def test_the_mark_stays_until_it_is_cleared(locks):
    assert locks.dirty_reason() is None
    locks.mark_dirty("runs/x")
    assert locks.dirty_reason() == f"run runs/x (process {os.getpid()}) ended without a proved safe state"
    assert Locks("another", locks.folder).dirty_reason() is None
    locks.clear_dirty()
    locks.clear_dirty()
    assert locks.dirty_reason() is None


@pytest.mark.parametrize("torn", ["", "{", "[]", '{"run": "x"}'])
def test_a_torn_mark_is_still_a_mark(locks, torn):
    locks.mark_dirty("runs/x")
    (mark,) = locks.folder.glob("*.dirty")
    mark.write_text(torn)
    assert "an unknown run" in locks.dirty_reason()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    locks = Locks("b", tmp_path / "file" / "locks")
    with pytest.raises(BenchBusy, match=r"Bench b cannot be locked in .*locks \(Not a directory\)"), locks.hold([]):
        raise AssertionError("never held")
    with pytest.raises(BenchBusy):
        locks.mark_dirty("runs/x")


def test_a_twins_locks_end_with_the_twin_and_real_ones_outlast_a_session(twin_bench, monkeypatch, tmp_path):
    served = twin_bench.model_copy(update={"clock": str(tmp_path / "clock.sock")})
    assert Locks.of(served) == Locks("twin", tmp_path / "locks")
    real = twin_bench.model_copy(update={"kind": "hardware"})
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    assert Locks.of(real) == Locks("twin", tmp_path / "state" / "nanogrid-rig")
