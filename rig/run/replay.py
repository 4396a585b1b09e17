"""A run played back without a bench: its plan and its drivers against the recorded bytes and bench time."""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from instruments.catalogue import FAMILIES
from rig.bench.equipment import DEVICE
from rig.files.bench import DeviceLink
from rig.record import BrokenRun, Deviation, LinkPlayer, Script, read_run
from rig.run.compare import compared
from rig.run.old_run import OldRun, read_old
from rig.run.opening import Running
from rig.run.runner import run_plan
from rig.safety.interrupts import Interrupts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rig.files.bench import Bench, InstrumentEntry
    from rig.record import Run
    from rig.run.compare import Compared
    from rig.run.progress import Progress
    from rig.run.setup import Setup

__all__ = ["Played", "Replay", "replay"]

_SCPI = re.compile(r"(TCPIP\d*::)[^:]+::\d+(::SOCKET)", re.IGNORECASE)
_MODBUS = re.compile(r"((?:tcp://|rtu\+tcp://)?)(?:\[[^]]+\]|[^:/\s]+)(?::\d+)?")
CLOCK = "the bench's clock"


class Replay:
    """Stands for wires and clock of a bench; after the first deviation nothing works any more."""

    def __init__(self, players: Mapping[str, LinkPlayer], questions: Script) -> None:
        self._players, self._questions = players, questions
        self.deviation = ""
        """The first, as a sentence; empty while everything goes as it went."""

    def clock(self, question: str) -> int:
        """The recorded answer in ns. Raises Deviation."""
        with self._noted():
            return self._questions.expect(("note", b"", question)).t_ns

    def tap(self, name: str, transcript: Any) -> _Both:
        """What listens on a link: its player, then its new transcript."""
        return _Both(partial(self._play, self._players[name]), transcript)

    def rests(self) -> list[str]:
        """What was recorded and never came."""
        return [rest for rest in (*(one.rest() for one in self._players.values()), self._questions.rest()) if rest]

    def _play(self, player: LinkPlayer, direction: str, data: bytes, note: str = "") -> None:
        with self._noted():
            player(direction, data, note)

    @contextmanager
    def _noted(self) -> Iterator[None]:
        if self.deviation:
            raise Deviation(self.deviation)
        try:
            yield
        except (Deviation, BrokenRun) as other:
            self.deviation = str(other)
            raise


class _Both:
    """One tap that feeds two."""

    def __init__(self, player: Callable[..., None], transcript: Any) -> None:
        self._player, self._transcript = player, transcript

    def __call__(self, direction: str, data: bytes, note: str = "") -> None:
        self._transcript(direction, data, note)
        self._player(direction, data, note)

    def content(self, data: bytes | bytearray | memoryview) -> None:
        self._transcript.content(data)


class _Nobody:
    """No guard: nothing is energised."""

    patience: Any = None

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_told: None


@dataclass(frozen=True)
class Played:
    """How a replay went."""

    deviation: str
    rests: list[str]
    sent: dict[str, int]
    """Bytes sent on each link, all of them the recorded ones."""
    rows: list[Compared]
    cases: list[str]
    """Cases that ended otherwise than then, a sentence each."""
    remarks: list[str]
    problem: str
    """What ended the replayed run; that may be how the run itself ended."""

    @property
    def same(self) -> bool:
        """Whether every byte and every verdict was the recorded one."""
        return not (self.deviation or self.rests or self.cases) and all(row.identical for row in self.rows)

    @property
    def lines(self) -> list[str]:
        """For a person."""
        found = [f"{name}: {count} bytes sent as recorded" for name, count in self.sent.items()]
        alike = sum(row.identical for row in self.rows)
        verdicts = f"{alike} of {len(self.rows)} verdicts are the same, digit for digit"
        found.append(verdicts if self.rows else "there was no verdict to compare")
        found += [f"{one}." for one in self.cases]
        if self.deviation:
            found.append(f"First deviation: {self.deviation}.")
        elif self.rests:
            found += [f"Not played to its end: {rest}." for rest in self.rests]
        if self.problem and not self.deviation:
            found.append(f"The run ended early, as played back: {self.problem}")
        return [*found, *(f"{remark}." for remark in self.remarks)]

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "deviation": self.deviation or None, "not_played": self.rests, "bytes_sent": self.sent,
            "verdicts": [row.as_json() for row in self.rows], "cases": self.cases, "remarks": self.remarks,
            "problem": self.problem,
        }  # fmt: skip


def replay(path: Path, out: str | None, progress: Progress) -> Played:
    """Play the run in a folder back. `out`: where the record of the replay is kept; nowhere without.

    Raises:
        BrokenRun: the run is not what was written, or did not keep enough.
        BadFile: its plan cannot be read any more.
    """
    old = read_old(path)
    if not old.run.folder.clock.is_file():
        raise BrokenRun(f"{path} cannot be played back: bench time was not recorded.")
    if old.run.run.get("resumes"):
        raise BrokenRun(
            f"{path} cannot be played back: it goes on with another run, and a replay begins at the beginning."
        )
    with ExitStack() as stack:
        home = Path(stack.enter_context(TemporaryDirectory(prefix="rig-replay-")))
        setup = old.setup(None, out or str(home / "run"))
        setup = replace(setup, options=replace(setup.options, recorded=False))
        spoken = [DEVICE] if _said(old.run.folder.wire / f"{DEVICE}.jsonl") else []
        players = {name: stack.enter_context(_player(old, name)) for name in (*setup.bench.instruments, *spoken)}
        playing = Replay(players, Script(CLOCK, old.run.folder.clock))
        asked = [f"{case['file']}::{case['test']}" for case in old.plan]
        bench = _bench(setup.bench, players, home)

        @contextmanager
        def reach(_setup: Setup) -> Iterator[Running]:
            yield Running(bench, "", _Nobody(), playing)  # type: ignore[arg-type]  # a guard that does nothing

        _, run = run_plan(setup, asked, None, [], progress, Interrupts(), reach)
        assert run.folder is not None, "a run that was reached has its record"
        new = read_run(run.folder.path)
        sent = {name: player.sent for name, player in players.items()}
        rests, rows = playing.rests(), compared(old.run, new)
        return Played(playing.deviation, rests, sent, rows, _otherwise(old, new), _remarks(old), run.problem)


def _said(transcript: Path) -> bool:
    """Whether anything went over a link."""
    return transcript.is_file() and transcript.stat().st_size > 0


def _otherwise(old: OldRun, new: Run) -> list[str]:
    """Cases that ended otherwise, in words; why they did has ports in it and may differ."""
    found = []
    ended = {case["case"]: case for case in new.entries("case")}
    for key, was in old.ended.items():
        before, now = (f"{one.get('state')}, {one.get('verdict')}" for one in (was, ended.get(key, {})))
        if before != now:
            found.append(f"{key} ended as {now}; in the run it was {before}")
    return found


def _remarks(old: OldRun) -> list[str]:
    numbers = old.run.run["calibration"]["certificates"]
    more = f"Certificates are not kept in the run folder and are not applied: {', '.join(numbers)}"
    return [*old.remarks(), *([more] if numbers else [])]


@contextmanager
def _player(old: OldRun, name: str) -> Iterator[LinkPlayer]:
    player = LinkPlayer(name, old.run.folder.wire / f"{name}.jsonl")
    try:
        yield player
    finally:
        player.close()


def _bench(bench: Bench, players: Mapping[str, LinkPlayer], home: Path) -> Bench:
    """The bench of the run with each instrument at its player; locks and mark lie in `home`."""
    entries = {}
    for name, entry in bench.instruments.items():
        player = players[name]
        place = _played(entry, player.port)
        if place is None:
            text = f"{name} was reached at {entry.address}, and only links by plain TCP can be played back."
            raise BrokenRun(text)
        entries[name] = entry.model_copy(update={"address": place, "stream_port": player.stream_port})
    link = None
    if (device := players.get(DEVICE)) is not None:
        link = DeviceLink(modbus=f"127.0.0.1:{device.port}", unit=device.unit or 1)
    return bench.model_copy(update={"instruments": entries, "clock": str(home / "clock"), "device_link": link})


def _played(entry: InstrumentEntry, port: int) -> str | None:
    """The address of a player instead of the instrument's; None where there is none that speaks alike."""
    address = entry.address
    if address == "twin":
        address = "TCPIP::twin::1::SOCKET" if FAMILIES[entry.driver].speaks == "SCPI" else "twin:1"
    for form, player in ((_SCPI, rf"\g<1>127.0.0.1::{port}\g<2>"), (_MODBUS, rf"\g<1>127.0.0.1:{port}")):
        if form.fullmatch(address):
            return form.sub(player, address)
    return None
