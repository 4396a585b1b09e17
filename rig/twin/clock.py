"""Bench time: virtual while a rig holds it, at wall pace when nobody does.

Virtual time moves only by a command's latency and by sleeps, and by a sleep only when every owner sleeps: then nothing
is left that could still act earlier. This is a clock module, the only one of the twin that looks at the wall clock.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

PS_PER_NS = 1_000
PS_PER_S = 1_000_000_000_000

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
        advanced = time.perf_counter_ns()
        for follow in self.after_advance:
            follow()
        self.cost.engine_ns += advanced - begin
        self.cost.rendering_ns += time.perf_counter_ns() - advanced

    def spend(self, duration_ps: int) -> None:
        """Move virtual time by the latency of a command; at wall pace the wall clock has already moved it."""
        if self.rate is None:
            self.advance_to(self.now_ps + duration_ps)
        else:
            self.catch_up()

    def catch_up(self) -> None:
        """At wall pace: run to where the wall clock is. In virtual time: nothing."""
        if self.rate is not None:
            elapsed_ns = self._wall() - self._anchor_wall_ns
            self.advance_to(self._anchor_ps + int(elapsed_ns * PS_PER_NS * self.rate))

    def wall_seconds_of(self, duration_ps: int) -> float:
        """How long `duration_ps` of bench time takes on the wall clock; 0 in virtual time."""
        return 0.0 if self.rate is None else duration_ps / PS_PER_S / self.rate


@dataclass(slots=True, eq=False)
class Member:
    """One connection to the clock. An owner that is not asleep holds virtual time still; an observer never does.

    `owner` is None until the connection has said hello or slept.
    """

    order: int
    owner: bool | None = None
    until_ps: int | None = None


class Credits:
    """Who may hold virtual time. The answer depends on the requests alone, never on when they arrived by the wall."""

    def __init__(self) -> None:
        self._members: list[Member] = []
        self._joined = 0
        self._released = False

    def join(self) -> Member:
        """A new connection."""
        self._joined += 1
        member = Member(self._joined)
        self._members.append(member)
        return member

    def leave(self, member: Member) -> None:
        """EOF gives back what the member held."""
        self._members.remove(member)
        self._released |= member.owner is not None

    def declare(self, member: Member, *, owner: bool) -> None:
        """`member` takes part as an owner, or only watches."""
        self._released |= not owner
        member.owner = owner

    def revoke(self, by: Member) -> None:
        """All others become observers: how a guard takes time away from a rig that hangs."""
        for member in self._members:
            if member is not by:
                self.declare(member, owner=False)

    def sleep(self, member: Member, until_ps: int) -> None:
        """`member` sleeps until `until_ps`; who never said hello is an owner from now on."""
        if member.owner is None:
            member.owner = True
        member.until_ps = until_ps

    @property
    def connections(self) -> int:
        return len(self._members)

    @property
    def owners(self) -> int:
        return sum(member.owner is True for member in self._members)

    @property
    def free_running(self) -> bool:
        """Nobody owns time, though somebody did or somebody watches: it runs at wall pace."""
        return self._released and not self.owners

    def earliest(self) -> Member | None:
        """The sleeper to wake next if all owners sleep: by deadline, then by order of connection; else None."""
        if not self.owners or any(m.owner and m.until_ps is None for m in self._members):
            return None
        return self.sleepers()[0]

    def sleepers(self) -> list[Member]:
        """All who sleep, in the order of waking."""
        asleep = [(m.until_ps, m.order, m) for m in self._members if m.until_ps is not None]
        return [member for _, _, member in sorted(asleep, key=lambda entry: entry[:2])]
