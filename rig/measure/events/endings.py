"""Looking for the end of a fault current, or for its being held at a limit, in the fast record and then in the slow
one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rig.measure.captures.capture import Capture, Span, Trace
from rig.measure.captures.noise import Noise, noise
from rig.measure.events.edge import Edge, Threshold
from rig.measure.events.injection import injection_edge
from rig.measure.events.points import Points, points
from rig.measure.events.settle import LEAVE, Stay, entry_edge, mean_inside, stays
from rig.measure.uncertainty.budget import SQRT12
from rig.measure.uncertainty.interval import Placed

FLOOR_SIGMAS = 5.0
HOLD_SAMPLES = 3
"""A hold is never shorter than this many sample intervals: one sample below the floor proves nothing."""


DIES_AWAY = 1.2
"""Allowance for a decay that is read off noisy samples: an end exactly where it leads must not lie at the very edge."""


@dataclass(frozen=True, slots=True)
class Question:
    """What operate_time was asked; currents in A, times in s. See `operate_time`."""

    signal: str
    rated_current: float
    hold: float
    floor_fraction: float
    limit: float | None
    window: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """The port current of one record from t0 on, as far as the question reaches.

    covered: s from t0 to the end of the window or of the record; floor in A; zero_u: expanded uncertainty of zero in A.
    """

    record: str
    inception: Placed
    trace: Trace
    pts: Points
    noise: Noise
    hold: float
    covered: float
    floor: float
    zero_u: float

    def still(self, stay: Stay, high: float) -> bool:
        """True when the stay's mean agrees that the current is at or below `high`."""
        averaged = 3.0 * self.noise.sigma / math.sqrt(max(self.hold / self.trace.dt / 2.0, 1.0))
        return mean_inside(self.pts, stay, hold=self.hold, low=0.0, high=high + averaged)


@dataclass(frozen=True, slots=True)
class Ending:
    """Where the current fell to its floor or limit."""

    stretch: Stretch
    edge: Edge
    current: float
    flags: tuple[str, ...] = ()

    @property
    def after(self) -> float:
        """Time from t0, s."""
        return self.edge.t - self.stretch.inception.edge.t


def stretch(
    capture: Capture, record: str, inceptions: Sequence[Threshold], ask: Question, span: Span | None = None
) -> Stretch | None:
    """The port current of `record` from its own t0, sought in `span`; None when the record, the signal or every edge is
    missing."""
    trace = capture.trace(record, ask.signal)
    found = (injection_edge(capture, threshold, record=record, span=span) for threshold in inceptions)
    inception = next((placed for placed in found if placed is not None), None)
    if trace is None or inception is None:
        return None
    begin, of = inception.edge.t, noise(trace)
    pts = points(trace, (begin - 1.5 * trace.dt, begin + ask.window), absolute=True)
    if pts.size < 2:
        return None
    zero_u = 2.0 * trace.accuracy.offset_u if trace.accuracy is not None else 0.0
    floor = max(ask.floor_fraction * ask.rated_current, FLOOR_SIGMAS * of.sigma)
    if zero_u + 3.0 * of.sigma > floor:
        floor = zero_u + FLOOR_SIGMAS * of.sigma
    covered = min(ask.window, trace.stop - begin)
    hold = max(ask.hold, HOLD_SAMPLES * trace.dt)
    return Stretch(record, inception, trace, pts, of, hold, covered, floor, zero_u)


def find_trip(fast: Stretch, slow: Stretch | None, ask: Question) -> tuple[Ending | None, tuple[str, ...]]:
    """The end of the fault current, in the fast record if it can be seen there, else in the slow one.

    Without one the second item says why nothing may be concluded; it is empty when the current was seen to go on.
    """
    none = ask.floor_fraction * ask.rated_current
    candidates = (s for s in stays(fast.pts, 0.0, fast.floor, fast.noise) if s.open or s.held >= fast.hold)
    stay = next((s for s in candidates if fast.still(s, none + _doubt(fast))), None)
    if stay is not None:
        confirmed = stay.held >= fast.hold
        if stay.before < 0:
            return None, ("no-fault-current",)
        if not confirmed and (slow is None or not _slow_agrees(fast, stay, slow)):
            return None, ("hold-unconfirmed",)
        return _ending(fast, stay, fast.floor, () if confirmed else ("hold-confirmed-on-slow-record",)), ()
    if slow is not None and slow.covered > fast.covered:
        for late in stays(slow.pts, 0.0, slow.floor, slow.noise):
            enough = late.held >= slow.hold
            if late.before >= 0 and (enough or late.open) and slow.still(late, none + _doubt(slow)):
                found = _ending(slow, late, slow.floor, ("timed-on-slow-record",))
                return (found, ()) if enough else (None, ("hold-unconfirmed",))
    return None, ()


def find_limit(fast: Stretch, slow: Stretch | None, limit: float) -> Ending | None:
    """Where the current came to stay at or below `limit` until the end of what was recorded; None when it did not."""
    last, longer = _last(fast, limit), slow is not None and slow.covered > fast.covered
    if not longer or slow is None:
        return _limited(fast, last, limit) if last is not None and last.held >= fast.hold else None
    last_slow = _last(slow, limit)
    if last_slow is None or last_slow.held < slow.hold:
        return None
    entered = slow.pts.t[last_slow.entry] - slow.inception.edge.t
    if entered <= fast.covered + slow.trace.dt and last is not None:
        return _limited(fast, last, limit)
    return _limited(slow, last_slow, limit, ("timed-on-slow-record",))


def ending_tail(ending: Ending, asked: float) -> float:
    """How much longer than to the raised floor the current may have flowed above the declared one, `asked` A; in s.

    The envelope before the end, from the last sample above three times the floor to the floor, is taken to die away
    exponentially and to go on so. 0 where the floor was not raised.
    """
    at = ending.stretch
    if at.floor <= asked * (1.0 + 1e-9) or asked <= 0.0:
        return 0.0
    before = at.pts.t <= ending.edge.t
    high = np.flatnonzero(before & (at.pts.v >= 3.0 * at.floor))
    fall = ending.edge.t - float(at.pts.t[high[-1]]) if high.size else 0.0
    return DIES_AWAY * fall / math.log(3.0) * math.log(at.floor / asked)


def rose(at: Stretch) -> bool:
    """True when the current went up after t0: the injection reached the port."""
    return bool(at.pts.v.max() > at.pts.v[0] + FLOOR_SIGMAS * at.noise.sigma)


def gap(at: Stretch) -> tuple[str, ...]:
    """('missing-samples',) when an event as long as the hold could hide where samples were lost."""
    t = at.pts.t
    longest = max(float(np.diff(t).max()), at.inception.edge.t + at.covered - float(t[-1]))
    return ("missing-samples",) if longest > max(1.5 * at.trace.dt, at.hold) else ()


def _doubt(at: Stretch) -> float:
    """How far from zero the mean may read while no current flows, in A."""
    return at.zero_u + at.noise.quantum / 2.0


def _ending(at: Stretch, stay: Stay, level: float, flags: tuple[str, ...] = ()) -> Ending | None:
    edge = entry_edge(at.pts, stay, 0.0, level, at.noise)
    signed = at.pts.v if at.pts.sign is None else at.pts.sign
    current = float(signed[stay.entry : stay.end].mean())
    return Ending(at, edge, current, flags) if edge is not None else None


def _slow_agrees(fast: Stretch, pending: Stay, slow: Stretch) -> bool:
    """True when the slow record saw no current for the part of the hold that the fast one no longer covers."""
    until = float(fast.pts.t[pending.entry]) - fast.inception.edge.t + fast.hold
    since = slow.pts.t - slow.inception.edge.t
    rest = slow.pts.v[(since > fast.covered) & (since <= until)]
    enough = rest.size >= HOLD_SAMPLES and slow.covered >= until
    return enough and bool(rest.max() <= slow.floor + LEAVE * slow.noise.sigma)


def _last(at: Stretch, limit: float) -> Stay | None:
    """The stay at or below `limit` that lasts to the end, when the mean over each hold in it agrees."""
    found = None
    for stay in stays(at.pts, 0.0, limit, at.noise):
        found = stay if stay.open else None
    if found is None or found.held < at.hold:
        return None
    signed = (at.pts.v if at.pts.sign is None else at.pts.sign)[found.entry : found.end]
    size = max(round(at.hold / at.trace.dt), 1)
    blocks = signed[: signed.size - signed.size % size].reshape(-1, size)
    means = (
        np.abs(blocks[1:].mean(axis=1))
        if blocks.shape[0] > 1
        else np.abs(signed[signed.size // 2 :].mean(keepdims=True))
    )
    return found if bool(means.max() <= limit + 4.0 * at.noise.sigma / math.sqrt(size)) else None


def _limited(at: Stretch, stay: Stay, limit: float, flags: tuple[str, ...] = ()) -> Ending:
    ending = _ending(at, stay, limit, flags)
    if ending is not None:
        return ending
    begin = at.inception.edge.t
    never = Edge(
        begin, limit, -math.inf, 1, resolved=False, u_noise=0.0, u_quantisation=0.0,
        u_sampling=at.trace.dt / SQRT12, u_curvature=0.0, noise_dof=at.noise.dof,
    )  # fmt: skip
    return Ending(at, never, float(at.pts.v[stay.entry : stay.end].mean()), (*flags, "never-above-limit"))
