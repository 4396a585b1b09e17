"""How long a counter has to be watched until its steps tell the energy well enough."""

import math
from dataclasses import dataclass

from rig.faults.stimuli import Metered
from rig.files.device import Port

__all__ = ["Metering", "metering"]

SHORTEST_POLL_S = 0.02
POLLS_A_STEP = 500.0
ENDS = 0.001
"""Share of the energy that the placing of the two ends may make doubtful (k = 2), a tenth of class 1."""
EXPANDED = 2.0 * math.sqrt(2.0 / 3.0)
"""k = 2 of two ends that lie anywhere within a half-width."""
AROUND_A_CUT = 2
"""Steps that are counted before the energy is cut, and after."""
START_S = 5.0
"""What the device may take to work, before it is watched; and that much more for its energy to be told otherwise."""
SLOWER = 1.2
"""Of the declared power, by which a load may fall short."""


@dataclass(frozen=True, slots=True)
class Metering:
    """How a counter is watched: `poll`, s between two readings, from one step to another at least `apart`, s, later.

    `steps`: between them at least; `step_time`: what one lasts at most, s.
    """

    poll: float
    apart: float
    steps: int
    step_time: float

    @property
    def longest(self) -> float:
        """Seconds that this takes at most, with the wait for the first step."""
        step = SLOWER * self.step_time
        return START_S + step + max(self.apart + step, self.steps * step)


def metering(fault: Metered, port: Port) -> Metering:
    """How the counter of `port` is watched under this load. Raises ValueError for a port that declares none."""
    counter = port.counter
    if counter is None:
        raise ValueError("the port declares no energy counter")
    step_time = counter.step / watts(fault, port)
    poll = max(SHORTEST_POLL_S, step_time / POLLS_A_STEP)
    if fault.cut is not None:  # here a step counts, and no percent
        return Metering(poll, 0.0, 2 * AROUND_A_CUT, step_time)
    return Metering(poll, EXPANDED * (poll / 2.0 + counter.update) / ENDS, 2, step_time)


def watts(fault: Metered, port: Port) -> float:
    """Power of the port, W: the load's share of what it is rated for, or what a consumer takes at least."""
    if fault.load is not None:
        return fault.load * port.voltage * port.rated_current
    return port.voltage * (port.consumption.working if port.consumption is not None else port.rated_current)
