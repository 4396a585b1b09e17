"""What is looked for and what is found: a level with its direction, and a placed crossing of it."""

import math
from dataclasses import dataclass
from typing import Literal

Direction = Literal["rising", "falling"]


@dataclass(frozen=True, slots=True)
class Threshold:
    """Where an edge is looked for: `level` in the signal's unit, absolute = on |signal|, which a reversed port
    needs."""

    signal: str
    level: float
    direction: Direction = "rising"
    absolute: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """A placed crossing. t and the u_ parts in s (standard uncertainties); slope in unit/s of the analysed signal (of
    |x| when absolute).

    resolved False: shorter than one sample, then slope is infinite and level errors do not move it. polarity: sign of
    the signal, -1 only for |x| of a negative one. The u_ parts are noise, quantisation, sampling (unresolved) and
    curvature between the samples.
    """

    t: float
    level: float
    slope: float
    polarity: int
    resolved: bool
    u_noise: float
    u_quantisation: float
    u_sampling: float
    u_curvature: float
    noise_dof: float

    @property
    def u(self) -> float:
        """All parts that do not come from the channel's accuracy."""
        return math.hypot(self.u_noise, self.u_quantisation, self.u_sampling, self.u_curvature)
