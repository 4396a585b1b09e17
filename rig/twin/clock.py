"""Bench time: virtual while a rig holds it, at wall pace when nobody does.

Virtual time moves only to where the next request of a participant is due (rig.twin.participants has the rules). This is
a clock module, the only one of the twin that looks at the wall clock.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

PS_PER_NS = 1_000
PS_PER_S = 1_000_000_000_000
NS_PER_S = 1_000_000_000

Samples = TypeVar("Samples")


class Engine(Protocol):
    """What bench time needs of the simulation. Times are integer picoseconds."""

    @property
    def now_ps(self) -> int: ...

    def run_until(self, t_ps: int) -> None: ...


@dataclass(slots=True)
class Cost:
    """Wall time that the twin itself has used since it started, ns; benchmarks ask for it, no result depends on it."""

    engine_ns: int = 0
    """Advancing the circuit."""
    rendering_ns: int = 0
    """Producing samples: the stream's as time moves, a digitizer's record as it is read."""

    def rendered(self, samples: Callable[[], Samples]) -> Samples:
        """Count the production of samples."""
        begin = time.perf_counter_ns()
        try:
            return samples()
        finally:
            self.rendering_ns += time.perf_counter_ns() - begin


def monotonic_ns() -> int:
    """Wall time in ns from an arbitrary origin."""
    return time.monotonic_ns()


class BenchTime:
    """Moves the simulation. `rate` is None for virtual time, else seconds of bench time per second of wall time."""

    def __init__(self, engine: Engine, rate: float | None = None, wall: Callable[[], int] = monotonic_ns) -> None:
        self._engine = engine
        self._wall = wall
        self._anchor_ps = 0
        self._anchor_wall_ns = 0
        self._moved_wall_ns = wall()
        self.after_advance: list[Callable[[], None]] = []
        self.cost = Cost()
        self.rate: float | None = None
        self.set_rate(rate)

    @property
    def now_ps(self) -> int:
        """Bench time in ps since the twin started."""
        return self._engine.now_ps

    @property
    def now_ns(self) -> int:
        """Bench time in whole ns."""
        return self.now_ps // PS_PER_NS

    def set_rate(self, rate: float | None) -> None:
        """From now on virtual (None) or at `rate` times wall time."""
        self.rate = rate
        self._anchor_ps, self._anchor_wall_ns = self.now_ps, self._wall()

    def advance_to(self, t_ps: int) -> None:
        """Run the simulation until `t_ps`, then everything that follows time, such as a stream of samples."""
        begin = time.perf_counter_ns()
        if t_ps > self.now_ps:
            self._engine.run_until(t_ps)
            self._moved_wall_ns = self._wall()
        advanced = time.perf_counter_ns()
        for follow in self.after_advance:
            follow()
        self.cost.engine_ns += advanced - begin
        self.cost.rendering_ns += time.perf_counter_ns() - advanced

    def catch_up(self) -> None:
        """At wall pace: run to where the wall clock is. In virtual time: nothing."""
        if self.rate is not None:
            elapsed_ns = self._wall() - self._anchor_wall_ns
            self.advance_to(self._anchor_ps + int(elapsed_ns * PS_PER_NS * self.rate))

    def wall_ns(self) -> int:
        """The wall clock, ns from an arbitrary origin: who waits for how long, never what happens on the bench."""
        return self._wall()

    def stood_still_s(self) -> float:
        """Seconds of wall time since bench time moved last."""
        return (self._wall() - self._moved_wall_ns) / NS_PER_S

    def wall_seconds_of(self, duration_ps: int) -> float:
        """How long `duration_ps` of bench time takes on the wall clock; 0 in virtual time."""
        return 0.0 if self.rate is None else duration_ps / PS_PER_S / self.rate
