"""What an electronic load draws from a node: a current or a power, a share of it, down to a minimum voltage.

    node ─┬─ current ─┬─ fall of a constant power with the voltage ─┬─ resistance below the minimum ─ 0

A power is drawn along secants of its hyperbola (`secants`).
"""

from functools import partial

from rig.twin.device.nodes import INSULATION_OHMS
from rig.twin.device.secants import Secants, joints, line, set_slope, wire_slope
from rig.twin.engine.network import Network
from rig.twin.engine.probe import i, v
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Timer

TOP_VOLTS = 120.0  # twice what any port may ever see
STEPS = 10  # of a ramp of power


def wire_draw(network: Network, own: str, node: str) -> None:
    """Add the elements of a Draw of that name."""
    network.current_source(own, "0", node)
    wire_slope(network, f"{own}_fall", node, node, 1.0)
    network.resistor(f"{own}_low", node, "0", 1.0, switch=f"{own}_low")
    network.resistor(f"{own}_insulation", node, "0", INSULATION_OHMS)


class Draw:
    """Draws nothing at first. One of `amps` and `watts`; `minimum` in V."""

    def __init__(
        self, sim: Simulation, own: str, node: str, minimum: float, *, amps: float = 0.0, watts: float = 0.0
    ) -> None:
        self._sim, self._own, self._minimum, self._amps, self._watts = sim, own, minimum, amps, watts
        self.share = 0.0
        self.current = i(own) + i(f"{own}_fall") + i(f"{own}_low")
        self._timers: list[Timer] = []
        self._joints = joints(minimum, TOP_VOLTS) if watts else [minimum]
        self._secants = Secants(sim, v(node), self._joints[: max(1, len(self._joints) - 1)], self._set, own)
        self._secants.look()

    def rise(self, seconds: float) -> None:
        """From nothing to all in `seconds`: in equal steps."""
        self.cease()
        for step in range(1, STEPS + 1):
            at = self._sim.now_ps + to_ps(seconds * step / STEPS)
            self._timers.append(self._sim.at(at, partial(self._take, step / STEPS)))

    def cease(self) -> None:
        """Nothing from now on."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._take(0.0)

    def _take(self, share: float) -> None:
        self.share = share
        self._set()

    def _set(self) -> None:
        """The straight piece of the voltage as it is, for the share that is drawn."""
        at, share = self._secants.at, self.share
        low = at == 0 and share > 0.0
        amps, slope = self._amps, 0.0
        if self._watts and at > 0:
            amps, slope = (self._watts * x for x in line(*self._joints[at - 1 : at + 1]))
        if low:
            least = self._amps or self._watts / self._minimum
            self._sim.set_ohms(f"{self._own}_low", self._minimum / (share * least))
            amps, slope = 0.0, 0.0
        self._sim.set_switch(f"{self._own}_low", on=low)
        self._sim.set_input(self._own, share * amps)
        set_slope(self._sim, f"{self._own}_fall", share * slope)
