"""A day of a household at a port: what it draws hour by hour. (Requirement text, Power demands: 250 W peak, 50 W on
average per household.)
"""

from dataclasses import dataclass

from rig.faults.told import positive
from rig.files.quantity import format_quantity

HOURS = (5, 2, 2, 8, 5, 2)
SHARES = (0.4, 0.8, 1.0, 0.9, 1.7, 0.6)
"""Night, morning, forenoon, working day, evening, late evening: what is drawn beside the peaks."""
PEAKS = (5, 9, 17)
"""Hours at which a peak comes: breakfast, a machine in the morning, cooking."""
PEAK_S, HOUR_S = 300.0, 3600.0


@dataclass(frozen=True, slots=True, init=False)
class Day:
    """24 hours of `mean` W on average, with three peaks of `peak` W for five minutes each."""

    mean: float
    peak: float

    def __init__(self, mean: str, peak: str) -> None:
        object.__setattr__(self, "mean", positive("Day", "mean", mean, "W"))
        object.__setattr__(self, "peak", positive("Day", "peak", peak, "W"))
        if self.peak <= self.mean:
            raise ValueError(f"Day: the peak of {peak} is not above the mean of {mean}: write Day(mean, peak)")
        if self.peak * len(PEAKS) * PEAK_S >= self.mean * self.duration:
            raise ValueError(f"Day: the peaks of {peak} are all of the day's energy at {mean} on average")

    @property
    def label(self) -> str:
        """For example "day of 50 W on average"."""
        return f"day of {format_quantity(self.mean, 'W')} on average"

    @property
    def duration(self) -> float:
        """s."""
        return sum(HOURS) * HOUR_S

    @property
    def profile(self) -> tuple[tuple[float, float], ...]:
        """(s, W), one after the other."""
        begins = [sum(HOURS[:k]) for k in range(len(HOURS))]
        lasts = [hours * HOUR_S - PEAK_S * (begin in PEAKS) for hours, begin in zip(HOURS, begins, strict=True)]
        rest = self.mean * self.duration - self.peak * PEAK_S * len(PEAKS)
        unit = rest / sum(seconds * share for seconds, share in zip(lasts, SHARES, strict=True))
        found = []
        for begin, seconds, share in zip(begins, lasts, SHARES, strict=True):
            found += [(PEAK_S, self.peak)] if begin in PEAKS else []
            found.append((seconds, unit * share))
        return tuple(found)
