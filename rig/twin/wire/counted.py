"""A digitizer whose rendering is counted as such."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rig.twin.clock import Cost
from rig.twin.wire.acquisition import Digitizer


@dataclass(frozen=True, slots=True)
class CountedDigitizer:
    """Passes all on; the time that records take goes into `cost`."""

    digitizer: Digitizer
    cost: Cost

    def arm(
        self, channel: int, level_volts: float, slope: int, callback: Callable[[int], None], *, limited: bool
    ) -> None:
        self.digitizer.arm(channel, level_volts, slope, callback, limited=limited)

    def disarm(self) -> None:
        self.digitizer.disarm()

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
    ) -> NDArray[np.uint16]:
        return self.cost.rendered(
            lambda: self.digitizer.codes(channel, volts_per_div, offset_volts, start_ps, dt_ps, n, limited=limited)
        )
