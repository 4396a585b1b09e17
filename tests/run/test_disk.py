"""Disks that fill up and folders that take nothing: a safe bench, exit 3, and what was journaled stays readable."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack, suppress

import pytest

from rig.record import BenchLog, read_run, verify
from tests.run.conftest import environment

PACE = 2.5


RIG_BY_RIGHTS = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
os.execv(sys.executable, [sys.executable, "-c", "from rig.cli import main; main()", *sys.argv[1:]])
"""
"""The command `rig`, which may write only where the permissions let it, also where root runs the suite."""


@pytest.fixture
def start(tmp_path):
    """Start `rig ...` for whom permissions hold, whoever runs the suite."""
    with ExitStack() as stack:

        def started(*arguments: str) -> subprocess.Popen[str]:
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", RIG_BY_RIGHTS, *arguments], cwd=tmp_path, env=environment(), text=True,
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                )
            )  # fmt: skip
            stack.callback(process.kill)
            return process

        yield started


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 8 MiB; skipped where this user may not mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=0700", "none", str(place)], check=False)
    if done.returncode:
        pytest.skip("this user may not mount a file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def ended(process) -> str:
    """What a run whose disk refuses says, in sentences; it ends with exit 3."""
    text, _ = process.communicate(timeout=120)
    assert process.returncode == 3, text
    assert "Traceback" not in text
    assert "INTERNALERROR" not in text
    assert "The bench: " in text
    return text


def fill(disk) -> None:
    """Until not one byte more fits."""
    with (disk / "full").open("wb", buffering=0) as file:
        for size in (1 << 16, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))
    assert os.statvfs(disk).f_bavail == 0


def kinds(run) -> list[str]:
    """Of the journal's entries from the intent on."""
    found = [entry.kind for entry in read_run(run).journal]
    return found[found.index("intent") :]


def findings(run, tmp_path) -> list[tuple[str, bool | None]]:
    """What `rig verify` says of it."""
    return [(one.what, one.ok) for one in verify(run, BenchLog(tmp_path / "none"))]


def test_a_disk_that_fills_up_during_a_short(start, served, small_disk, tmp_path):
    twin = served(scene="healthy", seed=1, pace=PACE)
    run = small_disk / "run"
    process = start("run", "protection", "--bench", twin.bench, "-k", "short", "--out", str(run))
    twin.truth.until_in_a_fault(run)
    fill(small_disk)
    text = ended(process)
    assert "No space left on device" in text
    twin.truth.assert_safe()
    record = read_run(run)
    assert record.run["exit"] is None, "run.json cannot be replaced, and is still the one of the beginning"
    assert "The run did not end in order: run.json does not state the end of the journal." in record.problems
    assert set(kinds(run)) <= {"intent", "safe state", "case"}
    found = findings(run, tmp_path)
    assert found[0] == ("journal", True)
    assert ("end", False) in found


def test_a_folder_that_becomes_read_only_during_a_short(start, served, tmp_path):
    twin = served(scene="healthy", seed=1, pace=PACE)
    process = start("run", "protection", "--bench", twin.bench, "-k", "short", "--out", "run")
    twin.truth.until_in_a_fault(tmp_path / "run")
    run = tmp_path / "run"
    for folder in (run, *(path for path in run.iterdir() if path.is_dir())):
        folder.chmod(0o500)
    text = ended(process)
    assert "Permission denied" in text
    twin.truth.assert_safe()
    assert kinds(run) == ["intent", "safe state", "case", "safe state", "files", "end"], "open files go on taking lines"
    end = read_run(run).journal[-1].data
    assert (end["exit"], end["safe_state"]) == (3, "verified")
    assert "cannot be written" in end["problem"]
    assert findings(run, tmp_path)[:2] == [("journal", True), ("end", False)]


def test_a_folder_that_is_read_only_from_the_start_is_bad_input(start, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(0o500)
    process = start("run", "protection", "-k", "short", "--out", str(folder))
    text, _ = process.communicate(timeout=120)
    assert process.returncode == 2, text
    sentence = f"command line: --out: {folder}: cannot be made a run folder (Permission denied): choose another --out."
    assert text.strip() == sentence
    assert list(folder.iterdir()) == []
