"""Constant power in straight pieces: current = power / voltage between joints of equal ratio.

The current is exact at every joint and at most (ln RATIO)^2 / 4 high between two (0.085 % there, 0.057 % on average).
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import partial
from math import ceil, log

from rig.twin.engine.network import Network
from rig.twin.engine.probe import Probe
from rig.twin.engine.simulation import Simulation

RATIO = 1.06
_BAND = 1e-4  # V: hysteresis at a joint; more than what a sense draws makes at an ohm in series, at a kilowatt
_GAIN = 1e6  # of a sense: it draws a millionth of what it stands for
_FLAT = 1e21  # ohm: no slope


def joints(low: float, high: float) -> list[float]:
    """Voltages from `low` to `high` at equal ratios of at most RATIO."""
    count = ceil(log(high / low) / log(RATIO))
    return [low * (high / low) ** (k / count) for k in range(count + 1)]


def line(low: float, high: float) -> tuple[float, float]:
    """(A, A/V) per watt: current = first - second x voltage, exact at both joints."""
    return 1.0 / low + 1.0 / high, 1.0 / (low * high)


def wire_slope(network: Network, name: str, at: str, of: str, sign: float) -> None:
    """A current of sign x slope x voltage of node `of` into node `at`; the slope is set by set_slope."""
    network.source(f"{name}_sense", of, "0", _FLAT)  # its input stays 0 V: a resistor that can be mirrored
    network.mirror(name, at, "0", sign * _GAIN, f"{name}_sense")


def set_slope(sim: Simulation, name: str, slope: float) -> None:
    """Set a slope [A/V], zero or more."""
    sim.set_ohms(f"{name}_sense", _GAIN / slope if slope > 0.0 else _FLAT)


class Secants:
    """Calls `changed` whenever the voltage comes to another piece; `at` is the number of joints at or below it."""

    def __init__(
        self, sim: Simulation, volts: Probe, borders: Sequence[float], changed: Callable[[], None], name: str
    ) -> None:
        self._sim, self._volts, self._borders, self._changed = sim, volts, borders, changed
        self.at = -1
        self._guards = [
            (
                sim.watch(
                    volts, border + _BAND, +1, partial(self._rose, k), level=True, name=f"{name} over {border:g} V"
                ),
                sim.watch(
                    volts, border - _BAND, -1, partial(self._fell, k), level=True, name=f"{name} under {border:g} V"
                ),
            )
            for k, border in enumerate(borders)
        ]

    def look(self) -> None:
        """Find the piece."""
        self._enter(self._found())

    def _rose(self, border: int) -> None:
        self._enter(max(border + 1, self._found()))  # a sudden change may have gone over several

    def _fell(self, border: int) -> None:
        self._enter(min(border, self._found()))

    def _found(self) -> int:
        return bisect_right(self._borders, self._sim.value(self._volts))

    def _enter(self, at: int) -> None:
        for k, (up, down) in enumerate(self._guards):
            up.enabled, down.enabled = k == at, k == at - 1
        if at != self.at:
            self.at = at
            self._changed()
