"""The two clocks of a run: bench time, which a simulated bench may bend, and wall time for stamps."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from instruments.clock import WallClock, nobody

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

    from instruments.clock import Clock

__all__ = [
    "ClockLost",
    "EventLog",
    "ReplayClock",
    "Stamp",
    "TwinClock",
    "attended",
    "open_clock",
    "utc_stamp",
    "utc_today",
]

PIECE_NS, PIECES = 500_000_000, 20
"""Of a long sleep in virtual time: the shortest piece, and how many there are at most."""


class ClockLost(Exception):
    """The simulated bench no longer answers on its clock; nothing on it can be trusted to move."""


@dataclass(frozen=True, slots=True)
class EventLog:
    """What a twin says about everything that happened on it so far.

    `sha256` is repeated by an equal run, unless `reasons` say what else than the requests had a part in it.
    """

    sha256: str
    reasons: tuple[str, ...] = ()

    @property
    def deterministic(self) -> bool:
        return not self.reasons


def utc_stamp() -> str:
    """Wall time now, UTC, ISO 8601 with microseconds; for records and never for judging."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def utc_today() -> date:
    """The date now, UTC; whether a certificate is due does not change at an operator's midnight."""
    return datetime.now(UTC).date()


class TwinClock:
    """Bench time of a twin: a sleep hands this participant's credit to the simulation and waits for it.

    A set-write has no reply, so every sleep carries how many bytes each link has sent; the twin consumes
    those first (DESIGN section 7). `name` tells participants apart and orders those who are due at one instant;
    `partners` are the names of others without whom time must not begin.
    """

    def __init__(
        self, path: str, timeout_s: float = 60.0, *, name: str = "rig", partners: Sequence[str] = (),
        before_sleep: Callable[[float], None] = nobody,
    ) -> None:  # fmt: skip
        self.heard: Callable[[str], None] | None = None
        """Told of each "now" and "sleep <seconds>" when it is over, `last_ns` being the answer."""
        self.last_ns = 0
        """Bench time at the last contact; costs nothing to read, which is what a transcript needs."""
        self._sent: dict[str, int] = {}
        self._ports: dict[str, int] = {}
        self._path, self._name, self._partners = path, name, partners
        self._timeout_s = timeout_s
        self._before_sleep = before_sleep
        self.pace: float | None = None
        """Bench seconds per wall second where the twin holds to the wall; None in virtual time."""
        self._connect()

    def now_ns(self) -> int:
        """Bench time in nanoseconds since the twin started."""
        now = int(str(self._ask({"op": "now"})["now"]))
        if self.heard is not None:
            self.heard("now")
        return now

    def sleep(self, seconds: float) -> None:
        """Let `seconds` of bench time pass; virtual time in pieces, between which the rig shows that it is alive,
        however much the twin has to compute.
        """
        left = round(seconds * 1e9)
        at_once = left if self.pace is not None else max(left // PIECES, PIECE_NS)
        while True:
            piece = min(left, at_once)
            self._before_sleep(piece * 1e-9)
            self._ask({"op": "sleep", "ns": piece}, patience_s=piece * 1e-9)
            left -= piece
            if left <= 0:
                break
        if self.heard is not None:
            self.heard(f"sleep {seconds!r}")

    def meet(self, *partners: str) -> None:
        """Hold time still until owners of these names take part: how one lets another in at a moment of its own."""
        self._ask({"op": "hello", "owner": True, "name": self._name, "with": list(partners)})

    def opened(self, link: str, local_port: int) -> None:
        """`link` has connected from `local_port`: its commands are this participant's, its bytes count from here."""
        self._sent.pop(link, None)
        self._ports[link] = local_port
        claimed = self._ask({"op": "claim", "ports": [local_port], "links": [link]}).get("claimed")
        if claimed != [local_port]:  # it closed at once: its bytes are not for the twin to wait for
            del self._ports[link]

    def sent(self, link: str, nbytes: int) -> None:
        """Count bytes that `link` has put on the wire."""
        if link in self._ports:
            self._sent[link] = self._sent.get(link, 0) + nbytes

    def event_log(self) -> EventLog:
        """The hash of everything that happened on the twin so far, and whether an equal run would give it again."""
        reply = self._ask({"op": "log"})
        reasons = reply.get("reasons")
        return EventLog(str(reply["sha256"]), tuple(map(str, reasons)) if isinstance(reasons, list) else ())

    def take_over(self) -> None:
        """Take bench time from all others: from one that hangs, so that the bench can be made safe without it."""
        self._ask({"op": "revoke"})

    def close(self) -> None:
        """Give the credit back; the twin then runs on at wall pace."""
        self._reader.close()
        self._socket.close()

    def __enter__(self) -> TwinClock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connect(self) -> None:
        self._whole = False
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(self._timeout_s)
        try:
            self._socket.connect(self._path)
        except OSError as error:
            self._socket.close()
            message = (
                f"The twin's clock at {self._path} does not answer ({error.strerror or error}): is its process running?"
            )
            raise ClockLost(message) from None
        self._reader = self._socket.makefile("rb")
        self._sent.clear()  # the twin counts from the claim
        hello: dict[str, object] = {"op": "hello", "owner": True, "name": self._name}
        told = self._exchange(hello | {"with": list(self._partners)} if self._partners else hello)
        self.pace = None if told.get("pace") is None else float(str(told["pace"]))
        self._partners = ()  # they are there; who connects again does not wait for them again
        if self._ports:
            self._exchange({"op": "claim", "ports": list(self._ports.values()), "links": list(self._ports)})
        self._whole = True

    def _ask(self, message: dict[str, object], patience_s: float = 0.0) -> dict[str, object]:
        if not self._whole:
            # An exchange was broken off, by Ctrl-C for example: its reply must not be taken for that of this question.
            self.close()
            self._connect()
        self._whole = False
        self._socket.settimeout(self._timeout_s + patience_s)
        reply = self._exchange({**message, "sent": self._sent})
        self._whole = True
        return reply

    def _exchange(self, message: dict[str, object]) -> dict[str, object]:
        try:
            self._socket.sendall(json.dumps(message).encode() + b"\n")
            line = self._reader.readline()
        except OSError as error:
            raise ClockLost(f"The twin's clock at {self._path} stopped answering ({error}).") from None
        if not line.endswith(b"\n"):
            raise ClockLost(f"The twin behind {self._path} has gone away.")
        try:
            reply: dict[str, object] = json.loads(line)
        except ValueError:
            raise ClockLost(f"What answers at {self._path} is no twin's clock: it said {line[:40]!r}.") from None
        if "error" in reply:
            raise ClockLost(f"The twin's clock refuses {message['op']}: {reply['error']}")
        self.last_ns = int(str(reply.get("now", self.last_ns)))
        return reply


class ReplayClock:
    """Bench time of a recorded run, played back: each question must be the recorded one, and gets its answer.

    `next_ns` is given the question and returns the answer, or raises.
    """

    def __init__(self, next_ns: Callable[[str], int]) -> None:
        self.last_ns = 0
        self._next_ns = next_ns

    def now_ns(self) -> int:
        """Bench time in nanoseconds, as recorded."""
        self.last_ns = self._next_ns("now")
        return self.last_ns

    def sleep(self, seconds: float) -> None:
        """Bench time passes at once."""
        self.last_ns = self._next_ns(f"sleep {seconds!r}")

    def opened(self, link: str, local_port: int) -> None:
        """Nobody asks who shares a bench that is not there."""

    def sent(self, link: str, nbytes: int) -> None:
        """The transcript sees the bytes."""


class Stamp:
    """Bench time for transcripts: free of cost, and never a message of its own on a simulated bench."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now_ns(self) -> int:
        """Bench time in nanoseconds; on a twin that of the last contact with its clock."""
        return self._clock.last_ns if isinstance(self._clock, TwinClock | ReplayClock) else self._clock.now_ns()


def open_clock(path: str | None, before_sleep: Callable[[float], None] = nobody) -> Clock:
    """The bench's clock: the twin's socket when its bench file names one, else wall time."""
    return WallClock(before_sleep) if path is None else TwinClock(path, before_sleep=before_sleep)


@contextmanager
def attended(path: str | None) -> Iterator[None]:
    """A twin stays while somebody is connected to its clock, also one who says nothing and owns no time.

    Raises:
        ClockLost: nobody serves there.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        if path is not None:
            try:
                connection.connect(path)
            except OSError as error:
                raise ClockLost(f"The twin's clock at {path} does not answer ({error.strerror or error}).") from None
        yield
