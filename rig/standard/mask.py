"""Time-current masks in multiples of the rated current, solved for t: i(t) = peak * exp(-t / T) + steady, the form of
the GOGLA Connect overload curve (14 June 2022, p. 10 and 15), and the inverse-time curves of IEC 60255-151.
"""

import math

from rig.files.limits import InverseMask, Mask
from rig.measure.masks.inverse_time import InverseTime


def crossing_time(mask: Mask | InverseMask, multiple: float) -> float:
    """Time at which the mask falls to `multiple`, s: 0 when it starts below, infinite when it never falls so far."""
    if isinstance(mask, InverseMask):
        return _inverse(mask).time(multiple / mask.setting)
    above_steady = multiple - mask.steady
    if above_steady <= 0:
        return math.inf
    return max(0.0, mask.time_constant * math.log(mask.peak / above_steady))


def crossing_slope(mask: Mask | InverseMask, multiple: float) -> float:
    """|dt/dm| of crossing_time, s per multiple; 0 where the time is 0 or infinite and so does not depend on m."""
    if isinstance(mask, InverseMask):
        slope = _inverse(mask).slope(multiple / mask.setting) / mask.setting
        return slope if math.isfinite(slope) else 0.0
    above_steady = multiple - mask.steady
    if above_steady <= 0 or above_steady >= mask.peak:
        return 0.0
    return mask.time_constant / above_steady


def _inverse(mask: InverseMask) -> InverseTime:
    return InverseTime(mask.k, mask.alpha, mask.c, mask.tms)
