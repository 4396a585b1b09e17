"""Time and transcript as the links need them: two protocols, the wall clock, and I/O deadlines.

Bench time belongs to whoever owns the bench (the twin's virtual clock, or the wall). I/O time-outs stay on wall time:
a reply that does not come is a fault of the wire, however slowly the bench's time runs.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock(Protocol):
    """Bench time."""

    def now_ns(self) -> int:
        """Bench time in nanoseconds; the zero is the clock's own."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return when `seconds` of bench time have passed."""
        ...

    def opened(self, link: str, local_port: int) -> None:
        """The link called `link` has connected from the TCP port `local_port`; nothing has been sent on it yet.

        A virtual clock has to know whose commands are whose.
        """
        ...

    def sent(self, link: str, nbytes: int) -> None:
        """`nbytes` more have been sent on the link called `link`.

        A write has no reply, so a virtual clock's sleep carries the running totals and the far side
        consumes them before it lets time pass.
        """
        ...


class Tap(Protocol):
    """Listens on a link: the transcript."""

    def __call__(self, direction: str, data: bytes, note: str = "") -> None:
        """`direction` is '>' (sent), '<' (received) or 'note' (an event: 'open', 'close', 'lost', ...)."""
        ...


def keep_content(tap: Tap, data: bytes | bytearray | memoryview) -> None:
    """Hand the content of what was just tapped by length alone to a tap that keeps it: one with a method `content`."""
    keep = getattr(tap, "content", None)
    if keep is not None:
        keep(data)


def nobody(_seconds: float) -> None:
    """Nobody is told of a sleep."""


class WallClock:
    """Bench time is the wall's: benches of real instruments. `before_sleep` is told of each sleep, in seconds."""

    def __init__(self, before_sleep: Callable[[float], None] = nobody) -> None:
        self._before_sleep = before_sleep

    def now_ns(self) -> int:
        return time.monotonic_ns()

    def sleep(self, seconds: float) -> None:
        self._before_sleep(seconds)
        time.sleep(seconds)

    def opened(self, link: str, local_port: int) -> None:
        """Real instruments do not ask who shares their bench."""

    def sent(self, link: str, nbytes: int) -> None:
        """Real instruments see their bytes without being told."""


class Deadline:
    """The wall time at which one exchange must be over."""

    __slots__ = ("_end",)

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left_ms(self) -> int:
        """Milliseconds left, rounded up, 0 when over: what poll() takes."""
        left = self._end - time.monotonic()
        return int(left * 1000) + 1 if left > 0 else 0


class Silence:
    """A least pause between what was last on a serial line and what is sent next, in wall time: the wire's own."""

    __slots__ = ("_end", "_seconds")

    def __init__(self, seconds: float) -> None:
        self._seconds, self._end = seconds, 0.0

    def begin(self) -> None:
        """The line has just been used."""
        self._end = time.monotonic() + self._seconds

    def wait(self) -> None:
        """Return when the pause is over."""
        left = self._end - time.monotonic()
        if left > 0:
            time.sleep(left)
