"""The clock socket: how a rig reads bench time and lets it pass.

    {"op": "hello", "owner": true, "name": "rig", "with": ["guard"]}
                                        -> {"now": ns, "owner": true, "links": [...], "pace": null}
    {"op": "claim", "ports": [40112]}   -> {"now": ns, "claimed": [40112]}   instrument connections that are mine;
                                           "links": ["load"] says to which instruments, one a port
    {"op": "now"}                       -> {"now": ns}
    {"op": "sleep", "ns": 5000000}      -> {"now": ns}             when bench time has come that far
    {"op": "log"}                       -> {"sha256": ..., "events": n, "deterministic": true, "reasons": []}
    {"op": "cost"}                      -> {"engine_ns": n, "rendering_ns": n}   wall time used by the twin so far
    {"op": "holders"}                   -> {"now": ns, "still_s": x, "participants": [{name, pid, state, ...}, ...]}
    {"op": "revoke"}                    -> {"now": ns}             all other connections own time no more

Who holds time and who is next: rig.twin.participants. With "with", hello is answered when owners of these names take
part. A link is claimed by the client's own TCP port of it, before anything is sent on it; the reply waits a moment for
a connection that has not arrived. Every request may carry "sent": {link: total bytes since it was claimed}; the twin
consumes them before it acts, and everything that has reached any of its sockets besides. Replies of now and sleep carry
"streamed": {link: total bytes put on its stream socket}, all written before the reply. An error is {"error": sentence}.

The log's hash is the same for equal requests as long as it is "deterministic"; "reasons" say what else had a part.
"""

import asyncio
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rig.twin.clock import PS_PER_NS, PS_PER_S, BenchTime
from rig.twin.clock_requests import mistake
from rig.twin.json_lines import Client
from rig.twin.participants import Participant, Participants
from rig.twin.watchdog import PATIENCE_S as WATCHDOG_S
from rig.twin.watchdog import Watchdog, readable, standing
from rig.twin.wire.hub import Connection, Hub

TICK_S = 0.005  # wall time between packets of a stream when time runs by itself
IDLE_S = 2.0  # wall time between looks at the wall clock when nothing is due: keeps the steps of the engine short
PATIENCE_S = 5.0  # wall time that announced bytes may take to arrive
ARRIVAL_S = 1.0  # wall time that a claimed connection may take to arrive


def _to_stderr(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


@dataclass(slots=True, eq=False)
class _Seat:
    """A client's state: its part in bench time, and the request that waits for bytes or for its turn."""

    client: Client
    participant: Participant[Connection]
    request: Mapping[str, Any] | None = None
    timer: asyncio.TimerHandle | None = None


class ClockServer:
    """Serves the clock socket. `pace` fixes the rate of bench time; None lets the clients decide.

    `log` is the event log's hash and length, `note` writes into it; `streamed` counts bytes put on stream sockets,
    `flowing` tells whether there will be more as time goes by.
    """

    def __init__(
        self,
        time: BenchTime,
        hub: Hub,
        *,
        log: Callable[[], tuple[str, int]],
        note: Callable[[str, str], None],
        streamed: Callable[[], dict[str, int]],
        flowing: Callable[[], bool],
        pace: float | None = None,
        watchdog_s: float = WATCHDOG_S,
        say: Callable[[str], object] = _to_stderr,
    ) -> None:
        self.participants: Participants[Connection] = Participants()
        self.on_leave: Callable[[], None] = lambda: None
        self._time, self._hub, self._pace = time, hub, pace
        self._log, self._note, self._streamed, self._flowing = log, note, streamed, flowing
        self._watchdog = Watchdog(time, self.participants, hub.loop, say, watchdog_s)
        self._seats: dict[Client, _Seat] = {}
        self._doubts: dict[str, str] = {}  # why an equal run might differ: subject and the first sentence about it
        self._unexpected: dict[str, str] = {}  # who joined since time was last passed, and nobody has met yet
        self._passing = False
        self._timer: asyncio.TimerHandle | None = None
        hub.on_progress.append(self._bytes_came)
        hub.on_foreign = self._foreign
        time.set_rate(pace)
        if pace is not None:
            self._doubts["pace"] = f"time is tied to the wall clock, {pace:g} bench seconds per second"
            self._look_at_wall()

    def joined(self, client: Client) -> None:
        self._seats[client] = _Seat(client, self.participants.join(client.pid))

    def left(self, client: Client) -> None:
        seat = self._seats.pop(client)
        if seat.timer is not None:
            seat.timer.cancel()
        self._hub.drain()  # what the client has sent before it went is still obeyed at the time when it was sent
        if seat.participant.owner and seat.participant.waits:
            self._doubt(f"left {seat.participant.name}", f"{_who(seat.participant)} went away while it waited")
        self._hub.release(seat.participant)
        self.participants.leave(seat.participant)
        self._settle()
        self.on_leave()

    def asked(self, client: Client, message: dict[str, Any]) -> None:
        seat = self._seats[client]
        if seat.request is not None:
            client.refuse("the last request has not been answered yet; send one at a time")
        elif (sentence := mistake(message, self._hub.links, seat.participant.received)) is not None:
            client.refuse(sentence)
        else:
            seat.participant.last = ("", message)
            self._hub.drain()
            if (missing := self._missing(seat, message)) is not None:
                seat.request = message
                seat.timer = self._hub.loop.call_later(PATIENCE_S, self._give_up, seat, missing)
            elif self._to_come(message):
                seat.request = message
                seat.timer = self._hub.loop.call_later(ARRIVAL_S, self._resume, seat)
            else:
                self._perform(seat, message)

    def _missing(self, seat: _Seat, message: Mapping[str, Any]) -> str | None:
        """A sentence on the first link that has not received what was sent; one without a connection never will."""
        for link, total in (message.get("sent") or {}).items():
            received = seat.participant.received[link]
            if received < total and any(one.open and one.port.name == link for one in seat.participant.links):
                return f"link {link!r} has received {received} of {total} bytes"
        return None

    def _to_come(self, message: Mapping[str, Any]) -> bool:
        """Whether a claimed connection has not been seen yet."""
        return message["op"] == "claim" and not all(self._hub.known(*one) for one in _claimed(message))

    def _bytes_came(self) -> None:
        for seat in list(self._seats.values()):
            message = seat.request if seat.timer is not None else None
            if message is not None and self._missing(seat, message) is None and not self._to_come(message):
                self._resume(seat)
        self._pass_time()

    def _resume(self, seat: _Seat) -> None:
        """What the request waited for has come, or can be done without."""
        message, seat.request = seat.request, None
        assert message is not None
        assert seat.timer is not None
        seat.timer.cancel()
        seat.timer = None
        self._perform(seat, message)

    def _give_up(self, seat: _Seat, missing: str) -> None:
        seat.request = seat.timer = None
        seat.client.refuse(f"{missing}, and no more came within {PATIENCE_S:g} s")

    def _perform(self, seat: _Seat, message: Mapping[str, Any]) -> None:
        self._time.catch_up()
        client, one = seat.client, seat.participant
        match message["op"]:
            case "hello":
                self._hello(seat, message)
            case "claim" if one.owner is False:
                client.refuse('an observer has no links of its own; say hello with "owner": true first')
            case "claim":
                self._own(one)
                claimed = [port for port, link in _claimed(message) if self._hub.claim(port, one, link)]
                client.reply(now=self._time.now_ns, claimed=claimed)
                self._settle()
            case "sleep":
                if one.owner is None:
                    self._own(one)
                    self._settle()
                self._in_turn(seat, message, message["ns"] * PS_PER_NS)
            case "now" | "log":
                self._in_turn(seat, message, 0)
            case "cost":
                client.reply(**asdict(self._time.cost))
            case "holders":
                told = standing(self._time, self.participants)
                still_s = round(self._watchdog.still_s(), 3)
                client.reply(now=self._time.now_ns, still_s=still_s, participants=told)
            case "revoke":
                self._revoke(one)
                client.reply(now=self._time.now_ns)

    def _hello(self, seat: _Seat, message: Mapping[str, Any]) -> None:
        one = seat.participant
        one.name = message.get("name", one.name)
        if message.get("owner") is False:
            self._hub.release(one)
            self.participants.declare(one, owner=False, now_ps=self._time.now_ps)
        else:
            self._own(one)
        self._settle()
        if "with" in message:
            for name in message["with"]:
                self._unexpected.pop(name, None)  # came before it was asked for, but nothing has happened in between
            self.participants.meet(one, message["with"])
            self._in_turn(seat, message, 0)
        else:
            seat.request = message
            self._answer(seat)

    def _own(self, one: Participant[Connection]) -> None:
        """It owns time from now on; whoever was not expected has joined when the wall pleased."""
        if not one.owner:
            if not self.participants.expected(one.name):
                now_s = self._time.now_ps / PS_PER_S
                self._unexpected[one.name] = f"{_who(one)} joined at {now_s:.9g} s and nobody waited for it"
            self.participants.declare(one, owner=True, now_ps=self._time.now_ps)
            one.since_wall_ns = self._time.wall_ns()

    def _revoke(self, by: Participant[Connection]) -> None:
        for one in self.participants.revoke(by, self._time.now_ps):
            self._doubt(f"revoked {one.name}", f"time was taken away from {_who(one)}")
            self._hub.release(one)
        self._settle()

    def _in_turn(self, seat: _Seat, message: Mapping[str, Any], pause_ps: int) -> None:
        """Answer an owner when it is next, anybody else when the pause is over."""
        seat.request = message
        one = seat.participant
        if not one.owner and not pause_ps:
            self._answer(seat)
            return
        if not one.owner or self._time.rate is not None:
            one.at_ps = self._time.now_ps
        one.pause_ps = pause_ps
        self._pass_time()

    def _answer(self, seat: _Seat) -> None:
        message, seat.request, seat.participant.pause_ps = seat.request, None, None
        assert message is not None
        now, client = self._time.now_ns, seat.client
        match message["op"]:
            case "hello":
                client.reply(now=now, owner=seat.participant.owner, links=self._hub.links, pace=self._pace)
            case "log":
                sha256, events = self._log()
                reasons = list(self._doubts.values())
                client.reply(sha256=sha256, events=events, deterministic=not reasons, reasons=reasons)
            case _:
                client.reply(now=now, streamed=self._streamed())

    def _settle(self) -> None:
        """Choose between virtual time and wall pace after a change of who takes part, then let time pass."""
        if self._pace is None:
            rate = 1.0 if self.participants.free_running else None
            if rate != self._time.rate:
                self._time.set_rate(rate)
                if rate is None:
                    self._hub.hurry()
                else:
                    now_s = self._time.now_ps / PS_PER_S
                    self._doubt("wall", f"time ran with the wall clock from {now_s:.9g} s on, when nobody owned it")
        self._pass_time()
        self._watchdog.watch()

    def _pass_time(self) -> None:
        """Serve who is next until somebody is awake again; at wall pace wake who is due."""
        if self._passing:
            return
        self._passing = True
        try:
            if self._next() is not None:
                self._hub.drain()  # what an owner sent before it began to wait comes before what it waits for
                while (one := self._next()) is not None:
                    self._serve(one)
        finally:
            self._passing = False
        self._look_at_wall()

    def _next(self) -> Participant[Connection] | None:
        if self._time.rate is not None:
            return self.participants.overdue(self._time.now_ps)
        return self.participants.following()

    def _serve(self, one: Participant[Connection]) -> None:
        link, due_ps = one.next_link(), one.due_ps()
        for name, sentence in self._unexpected.items():
            self._doubt(f"joined {name}", sentence)
        self._unexpected.clear()
        if self._time.rate is None:
            if due_ps > self._time.now_ps:
                self._time.advance_to(due_ps)
            one.at_ps = due_ps
        one.since_wall_ns = self._time.wall_ns()
        if link is not None:
            self._hub.perform(link)
        else:
            self._answer(next(seat for seat in self._seats.values() if seat.participant is one))

    def _look_at_wall(self) -> None:
        """At wall pace: come back when something is due, soon while a stream has to be fed, else rarely."""
        rate = self._time.rate
        if rate is None:
            return
        wait_s = TICK_S if self._flowing() else IDLE_S
        end_ps = self.participants.next_end_ps()
        if end_ps is not None:
            wait_s = min(wait_s, max(0.0, self._time.wall_seconds_of(end_ps - self._time.now_ps)))
        if self._timer is not None:
            if self._timer.when() <= self._hub.loop.time() + wait_s:
                return
            self._timer.cancel()
        self._timer = self._hub.loop.call_later(wait_s, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._time.catch_up()
        self._pass_time()

    def _foreign(self, client: Connection, request: bytes) -> None:
        """A connection that nobody has claimed speaks in virtual time: written down, or time runs if nobody owns it."""
        if not self.participants.owners:
            self.participants.released = True
            self._settle()
            return
        name = client.port.name
        if not client.noticed:
            client.noticed = True
            self._note("foreign", f"{name} has a client that no participant has claimed")
            self._doubt(f"foreign {name}", f"a client that no participant has claimed spoke to {name}")
        if client.session.sets(request):
            text = readable(request)
            self._note("foreign", f"{name} is told {text}")
            self._doubt(f"set {name}", f"a client that no participant has claimed told {name} {text}")

    def _doubt(self, subject: str, sentence: str) -> None:
        self._doubts.setdefault(subject, sentence)


def _who(one: Participant[Connection]) -> str:
    return f"participant {one.name or one.order}"


def _claimed(message: Mapping[str, Any]) -> list[tuple[int, str | None]]:
    """Port by port, with the link that it is said to be."""
    ports = message["ports"]
    return list(zip(ports, message.get("links") or [None] * len(ports), strict=True))
