"""Says who holds bench time when it has stood still for long. It never interferes."""

import asyncio
from collections.abc import Callable
from typing import Any

from rig.twin.clock import NS_PER_S, BenchTime
from rig.twin.participants import Participant, Participants

PATIENCE_S = 30.0  # wall time


class Watchdog:
    """Looks once in `after_s` of wall time while somebody owns virtual time, and never else."""

    def __init__(
        self,
        time: BenchTime,
        participants: Participants[Any],
        loop: asyncio.AbstractEventLoop,
        say: Callable[[str], object],
        after_s: float,
    ) -> None:
        self._time, self._participants, self._loop, self._say, self._after_s = time, participants, loop, say, after_s
        self._timer: asyncio.TimerHandle | None = None
        self._began_ns = 0
        self._said_ps = -1  # the bench time of the standstill that has been told

    def watch(self) -> None:
        """Somebody may own time now."""
        if self._timer is None and self._participants.owners and self._time.rate is None:
            self._began_ns = self._time.wall_ns()
            self._timer = self._loop.call_later(self._after_s, self._look)

    def still_s(self) -> float:
        """Wall seconds for which owners have held bench time where it is; 0 when nobody is watched."""
        if self._timer is None:
            return 0.0
        return min(self._time.stood_still_s(), (self._time.wall_ns() - self._began_ns) / NS_PER_S)

    def _look(self) -> None:
        still_s = self.still_s()
        self._timer = None
        if not self._participants.owners or self._time.rate is not None:
            return
        if still_s >= self._after_s and self._said_ps != self._time.now_ps:
            self._said_ps = self._time.now_ps
            self._say(sentence(self._time, self._participants, still_s))
        patience_s = self._after_s - still_s if still_s < self._after_s else self._after_s
        self._timer = self._loop.call_later(patience_s, self._look)


def sentence(time: BenchTime, participants: Participants[Any], still_s: float) -> str:
    """One sentence on a standstill: who holds bench time, who waits, and for what."""
    told = [_about(facts) for facts in standing(time, participants)]
    at_s = time.now_ns / NS_PER_S
    return f"bench time has stood still at {at_s:.9g} s for {still_s:.3g} s of wall time: {'; '.join(told)}"


def standing(time: BenchTime, participants: Participants[Any]) -> list[dict[str, object]]:
    """Facts of each participant, those first who hold time: name, pid, state, seconds of wall in it, last request."""
    holders = participants.holders()
    rest = [one for one in participants if one not in holders and one.owner is not None]
    return [_facts(time, one, holds=one in holders) for one in (*holders, *rest)]


def _facts(time: BenchTime, one: Participant[Any], *, holds: bool) -> dict[str, object]:
    state = "holds time" if holds else "waits" if one.owner else "observes"
    if holds and one.meets:
        state = f"holds time until {' and '.join(sorted(one.meets))} joins"
    since_s = (time.wall_ns() - one.since_wall_ns) / NS_PER_S
    return {"name": one.name, "pid": one.pid, "state": state, "since_s": round(since_s, 3), "last": _last(one)}


def _about(facts: dict[str, object]) -> str:
    who = facts["name"] or "a participant without a name"
    since = f"{facts['since_s']:.3g} s"
    return f"{who} (pid {facts['pid']}) {facts['state']} since {since}, its last request was {facts['last']}"


def _last(one: Participant[Any]) -> str:
    link, request = one.last
    if isinstance(request, bytes):
        return f"{readable(request)} on {link}"
    seconds = f" {request['ns'] / NS_PER_S:g} s" if request["op"] == "sleep" else ""
    return f"{request['op']}{seconds}"


def readable(request: bytes) -> str:
    """A request to an instrument as a person reads it: text, or hexadecimal; at most 80 characters."""
    text = request.decode("ascii", "replace").strip()
    return (text if text.isascii() and text.isprintable() else request.hex(" "))[:80]
