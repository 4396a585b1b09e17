"""Handles for what a simulation waits for: instants and crossings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rig.twin.engine.probe import Probe

ZENO_EVENTS = 1000
ZENO_PS = 1_000_000

Callback = Callable[[], object]


class ZenoError(RuntimeError):
    """Events follow each other without time moving on; the message names the watch."""


@dataclass(slots=True)
class Timer:
    """A callback at an instant; `cancel` forgets it."""

    at_ps: int
    priority: int
    order: int
    callback: Callback
    active: bool = True

    def cancel(self) -> None:
        """Do nothing at the instant; harmless when it has passed."""
        self.active = False

    def fire(self, now_ps: int) -> None:
        """Run the callback unless cancelled."""
        if self.active and now_ps >= self.at_ps:
            self.callback()


@dataclass(slots=True, eq=False)
class Watch:
    """A callback at each crossing of a threshold.

    Disarmed after it fired until the value has been on the other side. Enabling starts afresh: a value that is
    already past the threshold then counts as a crossing only with `level`.
    """

    probe: Probe
    threshold: float
    direction: int
    priority: int
    order: int
    callback: Callback
    level: bool
    name: str
    changed: Callable[[], None]
    armed: bool = False
    fresh: bool = True
    alive: bool = True
    _enabled: bool = True
    _fired: list[int] = field(default_factory=lambda: [0, 0])

    @property
    def enabled(self) -> bool:
        """Whether crossings count; setting it to its own value changes nothing."""
        return self._enabled

    @enabled.setter
    def enabled(self, on: bool) -> None:
        if on != self._enabled:
            self._enabled = on
            self.fresh = True
            self.changed()

    def cancel(self) -> None:
        """Forget this watch for good."""
        self.alive = self._enabled = False
        self.changed()

    def look(self, past: float, tolerance: float) -> bool:
        """Take note of how far the value is past the threshold, at rest or after a sudden change; is it due?"""
        if self.fresh:
            self.fresh, self.armed = False, self.level or past <= tolerance
        elif not self.level and past > 100.0 * tolerance:
            self.armed = False  # it jumped; a value that is merely touching the threshold may still cross
        if past < -tolerance:
            self.armed = True
        return self.level and self.armed and past > tolerance

    def fire(self, now_ps: int) -> None:
        """Run the callback, unless something else at this instant has disabled or renewed the watch.

        Raises ZenoError when this happens more than 1000 times in a microsecond.
        """
        if not self._enabled or self.fresh:
            return
        self.armed = False
        since, times = self._fired
        self._fired = [now_ps, 1] if now_ps - since > ZENO_PS else [since, times + 1]
        if self._fired[1] > ZENO_EVENTS:
            raise ZenoError(
                f"watch {self.name!r} fired more than {ZENO_EVENTS} times within 1 µs at {now_ps} ps: "
                "give the change it causes a hysteresis or a delay"
            )
        self.callback()
