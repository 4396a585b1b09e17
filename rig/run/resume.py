"""Going on with a run that broke off: what of it stands, and which of its faults may have reached the device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rig.files.document import BadFile, Mistake
from rig.record import BrokenRun, read_run, verify
from rig.run.exit_code import BENCH_FAULT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rig.record import BenchLog, Run
    from rig.run.planned import Planned

__all__ = ["CARRIED", "Carried", "Earlier", "earlier_run"]

CARRIED = "carried over"
"""State of a case whose verdicts stand in the record of an earlier run."""
SAME = ("bench", "device", "limits", "clauses", "serial", "scene", "seed", "development")
"""What a run and the one that goes on with it have in common, as run.json names it."""
ENDED = ("finished", "broken")


@dataclass(frozen=True, slots=True)
class Carried:
    """A case that ended with `verdict`; the run whose record has it, and the last hash of that run's journal."""

    verdict: str
    run: str
    hash: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier run left.

    `attempts`: case -> how often it was begun; `doubtful`: cases without an end whose fault may have
    reached the device.
    """

    run: str
    started_utc: str
    folder: str
    anchor: Mapping[str, Any]
    carried: Mapping[str, Carried]
    attempts: Mapping[str, int]
    doubtful: frozenset[str]

    def told(self) -> dict[str, object]:
        """As the record of the new run names it."""
        return {
            "run": self.run, "started_utc": self.started_utc, "folder": self.folder, **self.anchor,
            "carried": self.carried, "attempts": self.attempts, "doubtful": sorted(self.doubtful),
        }  # fmt: skip

    def apply(self, planned: Planned, *, again: bool) -> None:
        """What this leaves of a planned case: nothing to do, a refusal to repeat it silently, or the next attempt."""
        planned.attempt = self.attempts.get(planned.key, 0)
        carried = self.carried.get(planned.key)
        if carried is not None:
            planned.state, planned.reason = CARRIED, f"carried over from {carried.run}"
            planned.verdict = carried.verdict  # type: ignore[assignment]  # the reader has checked that it is one
        elif planned.key in self.doubtful and not again:
            planned.reason = (
                f"the fault of attempt {planned.attempt} in {self.run} may have reached the device: --again repeats it"
            )


def earlier_run(
    path: Path, log: BenchLog, now: Mapping[str, Any], plan: Sequence[Planned], files: Mapping[str, str], *, again: bool
) -> Earlier:
    """The run in `path`, to go on with under what run.json is going to say `now`, the same plan and its files.

    Raises:
        BadFile: whatever keeps it from being gone on with, all at once.
    """
    try:
        run = read_run(path)
    except BrokenRun as broken:
        raise BadFile([_mistake(str(broken))]) from None
    found = [*_damage(run, log), *_ended(run), *_differences(run, now, plan, files)]
    after = log.resumed_by(str(run.run.get("id")), str(run.run.get("started_utc")))
    if after is not None:
        found.append(f"{path} was gone on with in {after} already: resume that one")
    earlier = _left(run)
    open_keys = [planned.key for planned in plan if planned.key not in earlier.carried]
    if not found and not open_keys:
        found.append(f"every case of {path} has ended with a verdict: there is nothing left to carry out")
    elif not found and not again and earlier.doubtful.issuperset(open_keys):
        text = f"all that is left of {path} are cases whose fault may have reached the device"
        found.append(f"{text}, {', '.join(open_keys)}: --again repeats them")
    if found:
        raise BadFile([_mistake(text) for text in found])
    return earlier


def _mistake(text: str) -> Mistake:
    return Mistake("command line", 0, 0, "--resume", text)


def _damage(run: Run, log: BenchLog) -> Iterator[str]:
    """A run that broke off states no digests and no end; what it does state has to hold."""
    for one in verify(run.folder.path, log):
        unfinished = one.what == "end" or (one.what == "files" and not run.digests)
        if one.ok is False and not unfinished:
            yield f"{run.folder.path} is not what its run wrote: {one.what}: {one.said}"


def _ended(run: Run) -> Iterator[str]:
    rejudged = run.run.get("rejudged")
    if rejudged:  # it judges the captures of another run and knows nothing of what was injected without an end
        yield f"{run.folder.path} is {rejudged.get('run')} judged again, and no run of a bench: resume that one"
    code = (run.run.get("exit") or {}).get("code")
    if code not in (None, BENCH_FAULT):
        yield f"{run.folder.path} ran to its end (exit {code}): begin a new run"
    if not run.entries("run"):
        yield f"{run.folder.path} broke off before its plan was written down: begin a new run"


def _differences(run: Run, now: Mapping[str, Any], plan: Sequence[Planned], files: Mapping[str, str]) -> Iterator[str]:
    for name in SAME:
        before, after = _compared(run.run.get(name)), _compared(now.get(name))
        if before != after:
            yield f"{name}: it was {_word(before)}, and now it is {_word(after)}"
    for entry in run.entries("run")[:1]:
        before_cases, after_cases = [str(case.get("case")) for case in entry["plan"]], [one.key for one in plan]
        if before_cases != after_cases:
            yield f"plan: its cases were {', '.join(before_cases)}, and now they are {', '.join(after_cases)}"
        elif sorted(entry.get("files", {}).values()) != sorted(files.values()):
            yield f"plan: the files {', '.join(entry.get('files', {}))} have changed since"


def _compared(value: Any) -> Any:
    """A file by its name and content, whatever path it was given by."""
    return {key: value[key] for key in value if key != "file"} if isinstance(value, Mapping) else value


def _word(value: Any) -> str:
    if isinstance(value, Mapping):
        digest = value.get("sha256")
        return f"{value.get('name')}{f' ({str(digest)[:12]})' if digest else ''}"
    return "not given" if value is None else str(value)


@dataclass
class _Account:
    """What becomes of the cases while the journal is read."""

    carried: dict[str, Carried] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    judged: set[str] = field(default_factory=set)


def _left(run: Run) -> Earlier:
    """The journal, line by line: an intent makes a case doubtful, an end with verdicts carries it over."""
    told, account = run.run, _Account()
    name, last = str(told.get("id")), run.journal[-1].hash if run.journal else ""
    for entry in run.journal:
        data, case = entry.data, str(entry.data.get("case"))
        if entry.kind == "run" and data.get("resumes"):
            before = data["resumes"]
            account.carried = {key: Carried(**one) for key, one in before["carried"].items()}
            account.attempts, account.doubtful = dict(before["attempts"]), set(before["doubtful"])
        elif entry.kind == "intent":
            account.attempts[case] = int(data.get("attempt") or 1)
            account.doubtful.add(case)
            account.judged.discard(case)
            account.carried.pop(case, None)
        elif entry.kind == "verdict":
            account.judged.add(case)
        elif entry.kind == "case":
            account.attempts[case] = max(account.attempts.get(case, 0), int(data.get("attempt") or 0))
            if data.get("state") in ENDED and case in account.judged:
                account.carried[case] = Carried(str(data.get("verdict")), name, last)
                account.doubtful.discard(case)
    return Earlier(
        name, str(told.get("started_utc")), str(run.folder.path), {"entries": len(run.journal), "hash": last},
        account.carried, account.attempts, frozenset(account.doubtful),
    )  # fmt: skip
