"""A converter's power limit: its current limit follows power / voltage above v0 = power / current_limit.

What the converter draws meanwhile is constant, and falls with the voltage below v0.
"""

from rig.twin.device.secants import Secants, joints, line, set_slope, wire_slope
from rig.twin.engine.network import Network
from rig.twin.engine.probe import v
from rig.twin.engine.simulation import Simulation


def wire_power_limit(network: Network, own: str, node: str, source: str | None) -> None:
    """Let the limit of the regulated output `own` depend on the voltage of `node`, and what it draws from `source`."""
    wire_slope(network, f"{own}_fall", f"{own}_limit", node, -1.0)
    if source is not None:
        network.source(f"{own}_drain", f"{own}_drain", "0", 1.0)  # 1 V per ampere, as the limit
        wire_slope(network, f"{own}_rise", f"{own}_drain", node, 1.0)
        network.transconductance(f"{own}_draw_cc", source, "0", 1.0, f"{own}_drain", "0", switch=f"{own}_cc")


class PowerLimitPhysics:
    """Sets limit and draw anew whenever the voltage comes to another secant. `ratio`: input current per output current,
    None where there is no source to draw from.
    """

    def __init__(
        self,
        sim: Simulation,
        own: str,
        node: str,
        *,
        power: float,
        current_limit: float,
        voltage: float,
        ratio: float | None,
    ) -> None:
        self._sim, self._own, self._ratio = sim, own, ratio
        self._power, self._limit, self._top = power, current_limit, voltage
        self._joints = joints(power / current_limit, voltage)
        # Above the last joint the last secant goes on: there the droop line is what counts.
        self._secants = Secants(sim, v(node), self._joints[:-1], self._set, f"{own} power")
        self._secants.look()

    def _set(self) -> None:
        if self._secants.at == 0:
            amps, slope, draw, rise = self._limit, 0.0, 0.0, self._limit / self._top
        else:
            amps, slope = (self._power * x for x in line(*self._joints[self._secants.at - 1 : self._secants.at + 1]))
            draw, rise = self._power / self._top, 0.0
        self._sim.set_input(f"{self._own}_limit", amps)
        set_slope(self._sim, f"{self._own}_fall", slope)
        if self._ratio is not None:
            self._sim.set_input(f"{self._own}_drain", self._ratio * draw)
            set_slope(self._sim, f"{self._own}_rise", self._ratio * rise)
