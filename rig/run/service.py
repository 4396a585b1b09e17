"""By what a port shows that it does what it is for: a source by its voltage, a consumer by what it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rig.files.device import Port

__all__ = ["PERIOD_S", "USABLE", "Service", "service"]

PERIOD_S = 0.02
"""Over which a consumer's current is averaged: a period of the mains that an inverter makes."""
MOST, MOST_A = 1.5, 1e3
"""Of its rated current, beyond which a consumer does not work as declared whatever it does; and no end."""
USABLE = 0.75
"""Of the link's nominal voltage: below it consumers may stop (36 of 48 V, IEEE 2030.10 as told to the open DC grid)."""


@dataclass(frozen=True, slots=True)
class Service:
    """Signal and bands of FS1 and FS2; outside both nothing works, and that is FS3 if it comes back by itself."""

    signal: str
    unit: str
    full: tuple[float, float]
    partly: tuple[float, float]

    @property
    def bands(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The best first."""
        return self.full, self.partly


def service(port: Port, *, fed_otherwise: bool = False) -> Service:
    """What is declared of a port, also while it is fed with another voltage than the nominal one.

    The current that a port takes is negative.
    """
    if port.role == "sink" and port.consumption is not None:
        taken = port.consumption
        return Service("port_current", "A", (-MOST * port.rated_current, -taken.working), (-MOST_A, -taken.partly))
    band = port.voltage * (1 - port.band), port.highest_voltage
    if fed_otherwise and port.follows is not None:
        band = port.follows.minimum, port.follows.maximum
    return Service("port_voltage", "V", band, (min(USABLE * port.link, band[0]), band[1]))
