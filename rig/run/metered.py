"""Carrying out a case that watches the device's own energy counter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.device.registers import DeviceSilent
from rig.faults import Base, metering
from rig.run.counted import Reading
from rig.run.stage import DeviceNotReady

if TYPE_CHECKING:
    from collections.abc import Callable

    from rig.faults import Metered, Metering
    from rig.run.case import Case
    from rig.run.perform import Taken
    from rig.run.stage import Stage

__all__ = ["metered"]

STEADY_LOAD_S = 0.3
"""After the base load has been set: what flows through the meter then stays what it is."""
SURE_SHARE = 0.8
"""Of the time between the last two steps, in which the next is not looked for: the load is steady. One that comes all
the same is known no better than by the two looks around it, and counts so."""


def metered(case: Case, fault: Metered, stage: Stage, taken: Taken, announce: Callable[[], None]) -> None:
    """The load, and the counter until enough of its steps are seen or the hold is over.

    Raises:
        DeviceNotReady: the device does not say what it has counted.
    """
    stage.check_interlock()
    stage.energise()
    stage.await_port()
    if fault.load is not None:
        stage.base_load(Base(fault.load))
    stage.monitor.wait(STEADY_LOAD_S)
    announce()
    begin = taken.now(stage)
    plan = metering(fault, stage.port)
    watch = _Watch(stage, taken, plan, begin + case.hold_s)
    if fault.cut is None:
        watch.steps(1)
        watch.steps(plan.steps, plan.apart)
    else:
        watch.steps(1 + plan.steps // 2)
        with stage.held(fault.cut):
            stage.equipment.supply.output(False)
            stage.monitor.wait(fault.cut)
            stage.feed()
        stage.await_port()
        watch.forget_pace()
        watch.steps(plan.steps // 2)
    taken.spans["metered"] = (begin, watch.last)
    if fault.cut is None:
        taken.spans["fed"] = (begin, watch.last)


class _Watch:
    """Reads the counter again and again; every change is kept."""

    def __init__(self, stage: Stage, taken: Taken, plan: Metering, deadline: float) -> None:
        self._stage, self._taken, self._plan, self._deadline = stage, taken, plan, deadline
        self.last = taken.now(stage)
        self._stepped: tuple[float | None, float | None] = (None, None)
        """When the counter changed last, and how long after the time before, s."""
        self._shown = self._read()
        taken.readings.append(Reading(self.last, self.last, self._shown))

    def steps(self, count: int, apart: float = 0.0) -> None:
        """Until the counter has changed so often, and once more than `apart` s from now on; or the hold is over."""
        begin = self.last
        while count > 0 and self.last < self._deadline:
            self._stage.monitor.wait(max(self._plan.poll, self._early()))
            shown, before, self.last = self._read(), self.last, self._taken.now(self._stage)
            if shown != self._shown:
                self._taken.readings.append(Reading(before, self.last, shown))
                self._shown = shown
                at, _ = self._stepped
                self._stepped = self.last, None if at is None else self.last - at
                count = max(count - 1, 1 if self.last - begin < apart else 0)

    def forget_pace(self) -> None:
        """The steps did not go on as they came."""
        self._stepped = None, None

    def _early(self) -> float:
        """Bench time that may pass before the next step can be there, s."""
        at, period = self._stepped
        return 0.0 if at is None or period is None else at + SURE_SHARE * period - self.last

    def _read(self) -> float:
        registers, counter = self._stage.registers, self._stage.port.counter
        assert counter is not None, "a device without a counter is not metered"
        register = counter.imported if self._stage.port.role == "sink" else counter.exported
        if registers is None or register is None:
            raise DeviceNotReady("The bench has no link to the device's registers, or the device none for this way.")
        try:
            return registers.energy(counter, register)
        except DeviceSilent as silent:
            raise DeviceNotReady(f"{silent}.") from silent
