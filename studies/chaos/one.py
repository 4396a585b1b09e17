"""One end: a twin at a pace, a run that ends early, and what the twin's truth says of the bench from then on."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rig.record import read_journal
from rig.twin.launch import Twin, launch
from studies.command import RIG
from studies.truth import Truth

__all__ = ["Bounds", "End", "Observed", "carry_out", "last_off"]

LOOK_S = 0.01
PATIENCE_S = 100.0
GOES_ON_AFTER_S = 1.5
GUARD_LOOKS = 1000
CHANGE = re.compile(r"(?P<ps>\d+) (?P<part>contactor \S+|supply output|load input|injector) (?P<to>in|out|on|off)$")


@dataclass(frozen=True, slots=True)
class End:
    """What is to happen: how, at which event, and whether only events inside a fault count."""

    number: int
    kind: str
    event: int
    where: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is allowed: seconds of wall time after a death and after a hang's deadline, A²s through the injector."""

    death_s: float = 1.0
    hang_s: float = 3.0
    i2t: float = 1e6


@dataclass
class Observed:
    """What was seen of one end; `faults` are the promises that did not hold."""

    end: End
    reached: bool
    """The event came before the plan was over."""
    fault_on: bool
    injector_s: float
    """From the end to an injector that is open for good, s of wall time."""
    off_s: float
    """From the end to everything off for good, s of wall time: what a stopped process switches on later counts."""
    deadline_s: float
    """What the guard had allowed before it took the process for hung; 0 for other ends."""
    i2t: float
    lines: int
    """Journal lines that had been acknowledged."""
    faults: list[str]


def carry_out(end: End, folder: Path, *, pace: float, select: str, bounds: Bounds) -> Observed:
    """Serve a twin, run the protection plan on it until its end, look at the truth, then refuse and clear."""
    folder.mkdir(parents=True)
    with launch(scene="healthy", seed=end.number, pace=pace) as twin:
        truth = Truth(twin)
        try:
            return _observe(end, folder, twin, truth, select, bounds, pace)
        finally:
            truth.close()


def _observe(end: End, folder: Path, twin: Twin, truth: Truth, select: str, bounds: Bounds, pace: float) -> Observed:
    channel, run = folder / "channel", folder / "run"
    channel.touch()
    arguments = ["run", "protection", "--bench", str(twin.bench), "--out", str(run), "-k", select]
    command = [sys.executable, "-m", "studies.chaos.victim", end.kind, str(end.event), end.where, str(channel)]
    said = folder / "said"
    with said.open("wb") as out, subprocess.Popen([*command, *arguments], stdout=out, stderr=out) as process:
        ended_ns = _await_end(process, channel)
        if ended_ns is None:
            broken = [] if process.wait() == 0 else [f"the plan ended by itself, with exit code {process.returncode}"]
            return Observed(end, False, False, 0.0, 0.0, 0.0, 0.0, 0, broken)
        at = truth.ask("summary")
        end_ps = int(at["now_ps"]) - int((time.monotonic_ns() - ended_ns) * 1000 * pace)
        if end.kind == "SIGTERM":
            process.send_signal(signal.SIGTERM)
        if end.kind == "double SIGINT":
            process.send_signal(signal.SIGINT)
            time.sleep(0.05)
            process.send_signal(signal.SIGINT)
        if end.kind == "SIGSTOP":
            time.sleep(GOES_ON_AFTER_S)
            process.send_signal(signal.SIGCONT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE_S)
    _await_guard(run)
    injector_s, off_s = (
        (ps - end_ps) / 1e12 / pace if ps is not None else PATIENCE_S for ps in last_off(truth.ask("log")["lines"])
    )
    seen = Observed(end, True, bool(at["injector"]), max(injector_s, 0.0), max(off_s, 0.0), 0.0, 0.0, 0, [])
    return _judge(seen, folder, twin, truth, bounds)


def _await_end(process: subprocess.Popen[bytes], channel: Path) -> int | None:
    """Monotonic ns at which the run came to its end, or None when the plan was over before."""
    while True:
        over = process.poll() is not None
        for line in reversed(channel.read_bytes().splitlines()):
            if b'"end"' in line:
                return int(json.loads(line)["end"])
        if over:
            return None
        time.sleep(LOOK_S)


def last_off(lines: list[str]) -> tuple[int | None, int | None]:
    """When the injector and the last of all parts went off for good, ps; None for what is still on, 0 for never on."""
    on: dict[str, bool] = {}
    off_ps = {"injector": 0, "all": 0}
    for line in lines:
        change = CHANGE.match(line)
        if change is None:
            continue
        part = change["part"]
        on[part] = change["to"] in {"in", "on"}
        if not on[part]:
            off_ps["all"] = int(change["ps"])
            if part == "injector":
                off_ps["injector"] = int(change["ps"])
    injector = None if on.get("injector") else off_ps["injector"]
    return injector, None if any(on.values()) else off_ps["all"]


def _await_guard(run: Path) -> None:
    """Until the record has its end, which the guard may write after the process has gone; bounded."""
    for _ in range(GUARD_LOOKS):
        with (run / "journal.jsonl").open("rb") as journal:
            if b'"kind":"end"' in journal.read():
                return
        time.sleep(LOOK_S)


def _judge(seen: Observed, folder: Path, twin: Twin, truth: Truth, bounds: Bounds) -> Observed:
    faults, kind = seen.faults, seen.end.kind
    seen.i2t = float(truth.ask("i2t", probe="injector_current")["value"])
    entries, torn = read_journal(folder / "run" / "journal.jsonl")
    switched = any(entry.kind == "safe state" for entry in entries)
    ended = (
        entries[-1].data if entries and entries[-1].kind == "end" else {"exit": None, "problem": "", "safe_state": ""}
    )
    seen.deadline_s = _deadline(str(ended["problem"])) if kind == "deadlock" else 0.0
    allowed = bounds.hang_s + seen.deadline_s if kind == "deadlock" else bounds.death_s
    if seen.off_s > allowed:
        faults.append(f"off after {seen.off_s:.2f} s, allowed {allowed:.2f} s")
    if seen.i2t > bounds.i2t:
        faults.append(f"I2t {seen.i2t:.3g} A²s")
    acknowledged = [json.loads(line).get("hash") for line in (folder / "channel").read_bytes().splitlines()]
    hashes = [one for one in acknowledged if one]
    seen.lines = len(hashes)
    if not set(hashes) <= {entry.hash for entry in entries} or torn:
        faults.append("a journal line is lost")
    if ended["exit"] != 3:
        faults.append("the record has no end")
    elif ended["safe_state"] != ("verified" if switched else "not reached"):
        faults.append(f"not proved safe: {ended['problem']}")
    again_run = ["run", "protection", "--bench", str(twin.bench), "-k", "short", "--out", str(folder / "next")]
    killed = kind in {"SIGKILL", "SIGSTOP", "deadlock"}
    if killed and _rig(*again_run) != (3, True):
        faults.append("the next run was not refused")
    if killed and _rig("safe", "--bench", str(twin.bench))[0] != 0:
        faults.append("rig safe did not clear the bench")
    if Path(twin.bench).parent.joinpath("locks").exists() and list(twin.directory.glob("locks/*.dirty")):
        faults.append("the bench is still marked")
    return seen


def _deadline(said: str) -> float:
    """What the guard had allowed, in its own words."""
    found = re.search(r"(?:did nothing for|beyond its deadline of) ([0-9.]+) s", said)
    return 0.0 if found is None else float(found.group(1))


def _rig(*arguments: str) -> tuple[int, bool]:
    """Exit code, and whether the bench was said to be unsafe."""
    done = subprocess.run([*RIG, *arguments], capture_output=True, text=True, check=False, env={**os.environ})
    return done.returncode, "is not known to be safe" in done.stdout + done.stderr
