"""The solid-state fault injector: a fault exists only inside an injection, and an injection has a deadline."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from instruments.errors import LinkError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from instruments.clock import Clock
    from instruments.roles import DigitalOutput

__all__ = ["Injection", "Injector", "InjectorFault"]


def _nothing(_hold_s: float) -> None:
    """No dwell, and nobody to tell."""


class InjectorFault(Exception):
    """The injector's gate line did not follow; the bench is at fault, not the device."""


class Injection:
    """A fault that is on the device now, and the bench time at which it has to be gone."""

    def __init__(self, clock: Clock, hold_s: float) -> None:
        self._clock = clock
        self._deadline_ns = clock.now_ns() + round(hold_s * 1e9)

    def remaining(self) -> float:
        """Seconds of bench time until the deadline, never negative."""
        return max(0.0, (self._deadline_ns - self._clock.now_ns()) * 1e-9)


class Injector:
    """Back-to-back FETs at the device's terminals, driven by one digital line; the gate is pulled down."""

    def __init__(
        self, gate: str, lines: DigitalOutput, clock: Clock, *, before: Callable[[float], None] = _nothing,
        after: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """`before` is told how long a fault will be held, and may wait or refuse; `after`, that it has gone."""
        self._before, self._after = before, after
        self._gate = gate
        self._lines = lines
        self._clock = clock

    @contextmanager
    def injection(self, hold_s: float) -> Iterator[Injection]:
        """Fault on at entry (one command), off at exit, whatever happens inside; off is read back.

        When something went wrong inside, what went wrong is what is raised; a line that then refuses too is left to the
        safe state, which every caller makes next and which reopens links.
        """
        self._before(hold_s)
        try:
            self._lines.set_line(self._gate, True)
            yield Injection(self._clock, hold_s)
        except BaseException:
            with suppress(LinkError, InjectorFault):
                self.release()
            raise
        self.release()
        self._after()

    def release(self) -> None:
        """Gate low, read back.

        Raises:
            InjectorFault: the line still reads high.
        """
        self._lines.set_line(self._gate, False)
        if self._lines.line(self._gate):
            raise InjectorFault(
                f"Injector gate {self._gate} reads high after it was driven low: cut the bench's supply."
            )
