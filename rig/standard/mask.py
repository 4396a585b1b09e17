"""Time-current masks: i(t) = peak * exp(-t / T) + steady, in multiples of the rated current, solved for t.

Form of the GOGLA Connect overload curve (14 June 2022, p. 10 and 15).
"""

import math

from rig.files.limits import Mask


def crossing_time(mask: Mask, multiple: float) -> float:
    """Time at which the mask falls to `multiple`, s: 0 when it starts below, infinite when it never falls so far."""
    above_steady = multiple - mask.steady
    if above_steady <= 0:
        return math.inf
    return max(0.0, mask.time_constant * math.log(mask.peak / above_steady))


def crossing_slope(mask: Mask, multiple: float) -> float:
    """|dt/dm| of crossing_time, s per multiple; 0 where the time is 0 or infinite and so does not depend on m."""
    above_steady = multiple - mask.steady
    if above_steady <= 0 or above_steady >= mask.peak:
        return 0.0
    return mask.time_constant / above_steady
