"""Acquisition of an oscilloscope: single and free running, its window in bench time, and the memory that is read out.

The screen spans [-5 scale + offset, +5 scale + offset] around the trigger and the memory is what the depth holds around
the screen's middle, which is the screen itself unless the sample rate is at its top. Samples lie on the grid of the
converter's own clock (Rigol), so the first one is up to one interval away from the nominal start, as xorigin says
exactly; or the record is placed around the trigger (Siglent).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rig.twin.clock import PS_PER_S
from rig.twin.wire.roles import Calendar, Scheduled

SCREEN_POINTS = 1000
HORIZONTAL_DIVISIONS = 10


class Digitizer(Protocol):
    """What the wire needs of the scope's physics; volts at the instrument's input, slope +1 or -1."""

    def arm(
        self, channel: int, level_volts: float, slope: int, callback: Callable[[int], None], *, limited: bool
    ) -> None: ...

    def disarm(self) -> None: ...

    def codes(
        self,
        channel: int,
        volts_per_div: float,
        offset_volts: float,
        start_ps: int,
        dt_ps: float,
        n: int,
        *,
        limited: bool,
    ) -> NDArray[np.uint16]: ...


@dataclass(frozen=True, slots=True)
class Vertical:
    """A channel's setting when the acquisition began, in displayed volts; `probe` is displayed over actual."""

    scale: float
    offset: float
    probe: float
    limited: bool = False  # to 20 MHz


OFF = Vertical(1.0, 0.0, 1.0)  # a channel that is not shown still triggers, by its input's volts


@dataclass(frozen=True, slots=True)
class Plan:
    """What one acquisition is to be: trigger, time base, depth and the channels that are on. Seconds and points."""

    channels: dict[int, Vertical]
    source: int
    level: float
    slope: int
    scale: float
    offset: float
    rate: float
    points: int
    holdoff: float = 0.0

    @property
    def dt_ps(self) -> float:
        return PS_PER_S / self.rate

    @property
    def lead_ps(self) -> int:
        """From the start of the memory to the trigger; negative when the window lies wholly behind it."""
        return round(self.points * self.dt_ps / 2 - self.offset * PS_PER_S)

    @property
    def screen_lead_ps(self) -> int:
        """From the left edge of the screen to the trigger."""
        return round((HORIZONTAL_DIVISIONS / 2 * self.scale - self.offset) * PS_PER_S)


@dataclass(slots=True)
class Memory:
    """A finished acquisition: first sample of the memory in bench time, and codes that have been read already."""

    plan: Plan
    trigger_ps: int
    start_ps: int
    codes: dict[tuple[int, bool], NDArray[np.uint16]] = field(default_factory=dict)

    @property
    def end_ps(self) -> int:
        """When the last sample has been taken."""
        return round(self.start_ps + (self.plan.points - 1) * self.plan.dt_ps)


class Acquisition:
    """States as :TRIGger:STATus? names them: STOP, RUN (filling up before the trigger), WAIT, TD, AUTO."""

    def __init__(self, digitizer: Digitizer, calendar: Calendar, *, on_grid: bool = True) -> None:
        self.memory: Memory | None = None
        self._on_grid = on_grid
        self._digitizer, self._calendar = digitizer, calendar
        self._plan: Plan | None = None
        self._sweep = "SING"
        self._armed_ps = 0
        self._ready_ps = 0
        self._pending: Memory | None = None
        self._timer: Scheduled | None = None

    @property
    def state(self) -> str:
        now = self._calendar.now_ps
        if self._plan is None:
            return "STOP"
        if self._pending is not None:
            return "TD"
        if self._sweep == "AUTO":
            return "AUTO"
        return "WAIT" if now >= self._ready_ps else "RUN"

    def start(self, plan: Plan, sweep: str, held_ps: int = 0) -> None:
        """Begin; what the memory held is gone. The trigger is ignored until the time before it has been filled.

        So no sample before a trigger is ever missing: an edge that comes while the state is RUN is not seen. Nor is one
        before `held_ps`, where the hold-off since the last trigger ends.
        """
        self._cancel()
        self.memory = self._pending = None
        self._plan, self._sweep = plan, sweep
        self._armed_ps = self._calendar.now_ps
        self._ready_ps = max(self._armed_ps + max(plan.lead_ps, 0), held_ps)
        if sweep != "AUTO":
            self._timer = self._calendar.at(self._ready_ps, self._wait)

    def stop(self) -> None:
        """Free running: what the screen shows now stays. Otherwise a window that is not finished is lost."""
        if self._plan is not None and self._sweep == "AUTO":
            plan = self._plan
            after = max(round(plan.points * plan.dt_ps) - plan.lead_ps, 0)
            self.memory = self._placed(plan, max(self._calendar.now_ps - after, 0))
        self._cancel()
        self._plan = self._pending = None

    def force(self) -> None:
        """:TFORce: a trigger now, or as soon as the time before it has been filled."""
        if self._plan is None or self._pending is not None or self._sweep == "AUTO":
            return
        self._cancel()
        when = max(self._calendar.now_ps, self._ready_ps)
        self._timer = self._calendar.at(when, lambda: self._triggered(when))

    def read(self, channel: int, *, screen: bool) -> NDArray[np.uint16]:
        """Codes of the memory, shape (points,), or of the screen, shape (1000,)."""
        memory = self.memory
        assert memory is not None
        key = (channel, screen)
        if key not in memory.codes:
            plan, setting = memory.plan, memory.plan.channels[channel]
            start, dt, n = memory.start_ps, plan.dt_ps, plan.points
            if screen:
                start = memory.trigger_ps - plan.screen_lead_ps
                dt, n = HORIZONTAL_DIVISIONS * plan.scale * PS_PER_S / SCREEN_POINTS, SCREEN_POINTS
            volts_per_div, offset = setting.scale / setting.probe, setting.offset / setting.probe
            memory.codes[key] = self._digitizer.codes(
                channel, volts_per_div, offset, start, dt, n, limited=setting.limited
            )
        return memory.codes[key]

    def _wait(self) -> None:
        plan = self._plan
        assert plan is not None
        setting = plan.channels.get(plan.source, OFF)
        level = plan.level / setting.probe
        self._digitizer.arm(plan.source, level, plan.slope, self._triggered, limited=setting.limited)

    def _triggered(self, trigger_ps: int) -> None:
        plan = self._plan
        if plan is None or self._pending is not None:
            return
        self._digitizer.disarm()
        self._pending = self._placed(plan, trigger_ps)
        self._timer = self._calendar.at(max(self._pending.end_ps + 1, self._calendar.now_ps), self._finish)

    def _finish(self) -> None:
        self.memory, self._pending = self._pending, None
        plan, self._plan = self._plan, None
        if self._sweep == "NORM" and plan is not None:
            finished = self.memory
            held = finished.trigger_ps + round(plan.holdoff * PS_PER_S) if finished is not None else 0
            self.start(plan, "NORM", held)
            self.memory = finished

    def _placed(self, plan: Plan, trigger_ps: int) -> Memory:
        wanted = trigger_ps - plan.lead_ps - self._armed_ps
        if not self._on_grid:
            return Memory(plan, trigger_ps, self._armed_ps + wanted)
        start = self._armed_ps + round(np.ceil(wanted / plan.dt_ps) * plan.dt_ps)
        return Memory(plan, trigger_ps, start)

    def _cancel(self) -> None:
        self._digitizer.disarm()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
