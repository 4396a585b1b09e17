"""Who takes part in bench time and who is next: the rules of virtual time with several participants.

1. A participant is a connection to the clock. An owner holds virtual time still while it is awake; an observer never.
2. An owner is awake unless it waits for the twin: for a reply on a link it has claimed, or for the clock.
3. Nothing is acted on while an owner is awake. Then the one whose next request is due first is served, alone: among
   equals by name, then by order of joining. So one owner at a time is awake, and replies depend on requests alone.
4. A command is due its link's latency after its owner's last one, a sleep at its end; time jumps there and acts.
5. A command without a reply waits until its owner waits. Then the links' commands act in the order of the bench, each
   link's in the order they were sent, the one that is waited for last.
6. Owners that must begin together, or let one in later, name each other at hello ("with"): time stands still until all
   are there. Who joins otherwise while others own time has joined when the wall pleased.
7. EOF gives back what a participant held; what it had sent acts at once. `revoke` makes all others observers.
8. A connection that no owner has claimed is foreign: answered at once, at no cost of bench time, and written down.
9. When nobody owns time and somebody did, watches or is foreign, it runs at wall pace.
10. Waiting for another participant by anything but the bench (a pipe, a lock) while awake stops time for good: sleep on
    the clock and look. The watchdog then says who holds it.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar


class Link(Protocol):
    """A connection to an instrument: requests that wait, oldest first, each with whether its client waits for it."""

    @property
    def waiting(self) -> deque[tuple[bytes, bool]]: ...

    @property
    def asking(self) -> bool: ...

    @property
    def latency_ps(self) -> int: ...


L = TypeVar("L", bound=Link)


@dataclass(slots=True, eq=False)
class Participant(Generic[L]):
    """One connection to the clock.

    `owner` is None until the connection has said hello, claimed a link or slept.
    """

    order: int
    pid: int = 0
    name: str = ""
    owner: bool | None = None
    at_ps: int = 0
    """Bench time up to which its requests have been acted on."""
    pause_ps: int | None = None
    """It waits for the clock this long after `at_ps`; None when it does not wait for the clock."""
    meets: frozenset[str] = frozenset()
    """Names of owners who have yet to join before it goes on."""
    links: list[L] = field(default_factory=list)
    """What it has claimed, in the order of the bench."""
    received: dict[str, int] = field(default_factory=dict)
    """Bytes received per link since it was claimed last."""
    since_wall_ns: int = 0
    """When it was last answered, for the watchdog."""
    last: tuple[str, bytes | Mapping[str, Any]] = ("", {"op": "nothing"})
    """Its last request: to which link, and what; the link is "" for the clock."""

    @property
    def waits(self) -> bool:
        """Whether it can do nothing before the twin answers."""
        return self.pause_ps is not None or any(link.waiting and link.asking for link in self.links)

    def next_link(self) -> L | None:
        """The link whose first request is next; None when only the clock is asked."""
        asking = None
        for link in self.links:
            if link.waiting:
                if not link.waiting[0][1]:
                    return link
                asking = asking or link
        return asking

    def due_ps(self) -> int:
        """When its next request acts; only for one that waits."""
        link = self.next_link()
        return self.at_ps + (link.latency_ps if link is not None else self.pause_ps or 0)


class Participants(Generic[L]):
    """All of them. Which comes next depends on their requests alone, never on when these arrived by the wall."""

    def __init__(self) -> None:
        self._all: list[Participant[L]] = []
        self._joined = 0
        self.released = False
        """Time was owned and given back, or is watched or used by somebody who does not own it."""

    def __iter__(self) -> Iterator[Participant[L]]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def join(self, pid: int = 0) -> Participant[L]:
        """A new connection from process `pid`; 0 is not known."""
        self._joined += 1
        participant: Participant[L] = Participant(self._joined, pid)
        self._all.append(participant)
        return participant

    def leave(self, participant: Participant[L]) -> None:
        """EOF gives back what it held."""
        self._all.remove(participant)
        self.released |= participant.owner is not None

    def declare(self, participant: Participant[L], *, owner: bool, now_ps: int) -> None:
        """It takes part as an owner from `now_ps` on, or only watches."""
        self.released |= not owner
        if owner and not participant.owner:
            participant.at_ps = now_ps
            for one in self._all:
                one.meets -= {participant.name}
        participant.owner = owner

    def revoke(self, by: Participant[L], now_ps: int) -> list[Participant[L]]:
        """All others become observers; returns those who were owners. How a guard takes time from a rig that hangs."""
        revoked = [one for one in self._all if one is not by and one.owner]
        for one in self._all:
            if one is not by:
                self.declare(one, owner=False, now_ps=now_ps)
        return revoked

    @property
    def owners(self) -> list[Participant[L]]:
        return [one for one in self._all if one.owner]

    @property
    def free_running(self) -> bool:
        """Whether time runs at wall pace."""
        return self.released and not self.owners

    def expected(self, name: str) -> bool:
        """Whether somebody who joins under `name` as an owner joins at a moment that requests have settled."""
        owners = self.owners
        return not owners or any(name in one.meets for one in owners)

    def meet(self, participant: Participant[L], names: Iterable[str]) -> None:
        """It does not go on until owners of these names take part."""
        participant.meets = frozenset(names) - {one.name for one in self._all if one.owner}

    def holders(self) -> list[Participant[L]]:
        """The owners because of whom time stands still."""
        return [one for one in self._all if one.owner and (one.meets or not one.waits)]

    def following(self) -> Participant[L] | None:
        """Whose request is acted on next in virtual time; None as long as somebody holds it or nobody owns it.

        An observer that sleeps is woken in passing.
        """
        owned, waiting = False, []
        for one in self._all:
            if one.owner:
                if one.meets or not one.waits:
                    return None
                owned = True
                waiting.append(one)
            elif one.pause_ps is not None:
                waiting.append(one)
        if not owned:
            return None
        if len(waiting) == 1:
            return waiting[0]
        return min(waiting, key=lambda one: (one.due_ps(), one.name, one.order))

    def overdue(self, now_ps: int) -> Participant[L] | None:
        """At wall pace: one whose pause is over, the earliest first."""
        pausing = [one for one in self._all if one.pause_ps is not None and not one.meets]
        due = [one for one in pausing if one.at_ps + (one.pause_ps or 0) <= now_ps]
        return min(due, key=lambda one: (one.at_ps + (one.pause_ps or 0), one.name, one.order), default=None)

    def next_end_ps(self) -> int | None:
        """When the first pause ends, for wall pace."""
        pausing = [one for one in self._all if one.pause_ps is not None and not one.meets]
        return min((one.at_ps + (one.pause_ps or 0) for one in pausing), default=None)
