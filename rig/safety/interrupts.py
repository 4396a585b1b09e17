"""Ctrl-C ends a run once; while the bench is being made safe nothing may cut in."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["Interrupts"]

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, being asked to end, and a terminal or connection that went away."""


class Interrupts:
    """First SIGINT, SIGTERM or SIGHUP raises KeyboardInterrupt where the run stands; later ones only count.

    Inside `deferred()` the first one waits until the block has ended.
    """

    def __init__(self) -> None:
        self.count = 0
        self._raised = False
        self._depth = 0
        self._ending: Exception | None = None

    @contextmanager
    def installed(self) -> Iterator[Interrupts]:
        """Take over the signals that end a run; the former handlers come back at the end. Main thread only.

        One that is ignored stays so: `nohup` and shells in the background rely on it.
        """
        before = {number: signal.getsignal(number) for number in ENDING}
        taken = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
        try:
            for number in taken:
                signal.signal(number, self._on_signal)
            yield self
        finally:
            for number, handler in taken.items():
                signal.signal(number, handler)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Hold interrupts back for the block, then raise the one that came, once."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
        self._raise_if_due()

    def end_with(self, error: Exception) -> None:
        """Raise `error` where the run stands, or as soon as it may be interrupted; only the first one counts."""
        if self._ending is None:
            self._ending = error
            self._raise_if_due()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        self._raise_if_due()

    def _raise_if_due(self) -> None:
        if self._ending is not None and not self._raised and self._depth == 0:
            self._raised = True
            raise self._ending
        if self.count and not self._raised and self._depth == 0:
            self._raised = True
            raise KeyboardInterrupt
