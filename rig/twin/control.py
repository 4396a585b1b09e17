"""The clock socket: how a rig reads bench time and lets it pass.

    {"op": "hello", "owner": true}      -> {"now": ns, "owner": true, "links": [...]}
    {"op": "now"}                       -> {"now": ns}
    {"op": "sleep", "ns": 5000000}      -> {"now": ns}             when bench time has come that far
    {"op": "log"}                       -> {"sha256": ..., "events": n}
    {"op": "cost"}                      -> {"engine_ns": n, "rendering_ns": n}   wall time used by the twin so far
    {"op": "revoke"}                    -> {"now": ns}             all other connections own time no more

Every request may carry "sent": {link: total bytes since hello, or since the twin started without one}; the twin
consumes them before it acts, and everything that has reached any of its sockets besides. Replies of now and sleep
carry "streamed": {link: total bytes put on its stream socket}, all written before the reply. An error is
{"error": sentence}. Owners hold virtual time still until all of them sleep; an observer (owner: false) never holds it.
When the last owner is gone, time runs at wall pace.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeGuard

from rig.twin.clock import PS_PER_NS, BenchTime, Credits, Member
from rig.twin.json_lines import Client
from rig.twin.wire.hub import Hub

TICK_S = 0.005  # wall time between looks at the wall clock when time runs by itself
PATIENCE_S = 5.0  # wall time that announced bytes may take to arrive
OPERATIONS = ("hello", "now", "sleep", "log", "cost", "revoke")
LONGEST_SLEEP_NS = 10**15  # 11.6 days: beyond it a request is a mistake of units


@dataclass(slots=True, eq=False)
class _Seat:
    """A client's state: its membership, what it has counted before, and the request that waits for bytes."""

    member: Member
    base: Mapping[str, int] = field(default_factory=dict)
    request: dict[str, Any] | None = None
    timer: asyncio.TimerHandle | None = None


class ClockServer:
    """Serves the clock socket. `pace` fixes the rate of bench time; None lets the clients decide."""

    def __init__(
        self,
        time: BenchTime,
        hub: Hub,
        *,
        log: Callable[[], tuple[str, int]],
        streamed: Callable[[], dict[str, int]],
        pace: float | None = None,
    ) -> None:
        self.credits = Credits()
        self.on_leave: Callable[[], None] = lambda: None
        self._time, self._hub, self._log, self._streamed, self._pace = time, hub, log, streamed, pace
        self._seats: dict[Client, _Seat] = {}
        hub.on_progress.append(self._bytes_came)
        time.set_rate(pace)
        if pace is not None:
            self._tick()

    def joined(self, client: Client) -> None:
        self._seats[client] = _Seat(self.credits.join())

    def left(self, client: Client) -> None:
        seat = self._seats.pop(client)
        if seat.timer is not None:
            seat.timer.cancel()
        self._hub.drain()  # what the client has sent before it went is still obeyed at the time when it was sent
        self.credits.leave(seat.member)
        self._settle()
        self.on_leave()

    def asked(self, client: Client, message: dict[str, Any]) -> None:
        seat = self._seats[client]
        if seat.request is not None or seat.member.until_ps is not None:
            client.refuse("the last request has not been answered yet; send one at a time")
        elif (mistake := _mistake(message, self._hub.received())) is not None:
            client.refuse(mistake)
        else:
            self._hub.drain()
            if (missing := self._missing(seat, message)) is None:
                self._perform(client, seat, message)
            else:
                seat.request = message
                seat.timer = self._hub.loop.call_later(PATIENCE_S, self._give_up, client, missing)

    def _missing(self, seat: _Seat, message: Mapping[str, Any]) -> str | None:
        sent = message.get("sent") or {}
        return self._hub.missing({link: total + seat.base.get(link, 0) for link, total in sent.items()})

    def _bytes_came(self) -> None:
        for client, seat in list(self._seats.items()):
            if seat.request is not None and self._missing(seat, seat.request) is None:
                message, seat.request = seat.request, None
                if seat.timer is not None:
                    seat.timer.cancel()
                self._perform(client, seat, message)

    def _give_up(self, client: Client, missing: str) -> None:
        seat = self._seats[client]
        seat.request = None
        client.refuse(f"{missing}, and no more came within {PATIENCE_S:g} s")

    def _perform(self, client: Client, seat: _Seat, message: Mapping[str, Any]) -> None:
        self._time.catch_up()
        match message["op"]:
            case "hello":
                seat.base = self._hub.received()
                self.credits.declare(seat.member, owner=message.get("owner") is not False)
                self._settle()
                client.reply(now=self._time.now_ns, owner=seat.member.owner, links=sorted(seat.base))
            case "now":
                client.reply(now=self._time.now_ns, streamed=self._streamed())
            case "sleep":
                self.credits.sleep(seat.member, self._time.now_ps + message["ns"] * PS_PER_NS)
                self._settle()
            case "log":
                sha256, events = self._log()
                client.reply(sha256=sha256, events=events)
            case "cost":
                client.reply(**asdict(self._time.cost))
            case "revoke":
                self.credits.revoke(seat.member)
                self._settle()
                client.reply(now=self._time.now_ns)

    def _settle(self) -> None:
        """Choose between virtual time and wall pace after a change of who takes part, then let time pass."""
        if self._pace is None:
            rate = 1.0 if self.credits.free_running else None
            if rate != self._time.rate:
                self._time.set_rate(rate)
                if rate is None:
                    self._hub.hurry()
                else:
                    self._tick()
        self._pass_time()

    def _pass_time(self) -> None:
        """Wake who is due; in virtual time jump to the next deadline as long as every owner sleeps."""
        while True:
            now_ps = self._time.now_ps
            due = [m for m in self.credits.sleepers() if m.until_ps is not None and m.until_ps <= now_ps]
            if due:
                self._wake(due[0])
                continue
            following = self.credits.earliest() if self._time.rate is None else None
            if following is None or following.until_ps is None:
                return
            self._time.advance_to(following.until_ps)

    def _wake(self, member: Member) -> None:
        member.until_ps = None
        client = next(client for client, seat in self._seats.items() if seat.member is member)
        client.reply(now=self._time.now_ns, streamed=self._streamed())

    def _tick(self) -> None:
        if self._time.rate is not None:
            self._time.catch_up()
            self._pass_time()
            self._hub.loop.call_later(TICK_S, self._tick)


def _mistake(message: Mapping[str, Any], links: Mapping[str, int]) -> str | None:
    """A sentence on what is wrong with a request, or None."""
    operation, ns, owner = (message.get(key) for key in ("op", "ns", "owner"))
    if operation not in OPERATIONS:
        return f"unknown op {operation!r}; write one of {', '.join(OPERATIONS)}"
    if operation == "sleep" and not (_is_count(ns) and ns <= LONGEST_SLEEP_NS):
        return f'"ns" must be a whole number from 0 to {LONGEST_SLEEP_NS}, not {ns!r}'
    if owner is not None and not isinstance(owner, bool):
        return f'"owner" must be true or false, not {owner!r}'
    return _mistake_in_counts(message.get("sent") or {}, links)


def _mistake_in_counts(sent: object, links: Mapping[str, int]) -> str | None:
    if not isinstance(sent, dict):
        return '"sent" must be an object of byte counts by link'
    for link, total in sent.items():
        if link not in links:
            return f'unknown link {link!r} in "sent"; the twin serves {", ".join(sorted(links))}'
        if not _is_count(total):
            return f"the byte count of link {link!r} must be a whole number, not {total!r}"
    return None


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
