"""The current and power limits of the bench supply: how they become the limits of its power stage, and when.

The stage has a limit of its own, 110 % of nominal, which acts at once. The set value is kept by a slower regulator: it
takes over `TAKEOVER` after the wanted current has passed the set value and stays until less is wanted. A power limit
is the current of power over voltage, renewed whenever the voltage has moved by `STEP` of itself.
"""

from dataclasses import dataclass

from rig.twin.engine.loop import BAND, Loop
from rig.twin.engine.network import Network
from rig.twin.engine.probe import v
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Watch

TAKEOVER = 100e-6  # s
STAGE_HEADROOM = 1.1
STEP = 0.03  # of a power: the class is 1 % of 5 kW
LOWEST_VOLTS = 0.1  # a power over less is not a limit


def wire_supply_limits(network: Network, name: str) -> None:
    """Add the node that holds the current limit in use, 1 V per ampere."""
    network.source(f"{name}_wanted_limit", f"{name}_wanted_limit", "0", 1.0)


@dataclass(frozen=True, slots=True)
class Hyperbola:
    """At most `amps` and at most `watts`, and at most what `ohms` would take unless that is 0: the least of them."""

    amps: float
    watts: float
    ohms: float = 0.0

    @property
    def corner(self) -> float:
        """The voltage above which the power is the limit, V."""
        return self.watts / self.amps if self.amps > 0.0 and self.watts > 0.0 else float("inf")

    def by_power(self, volts: float) -> bool:
        return volts >= max(self.corner, LOWEST_VOLTS) * (1.0 - 1e-6)

    def limit(self, volts: float) -> float:
        least = min(self.amps, self.watts / max(volts, LOWEST_VOLTS))
        return min(least, max(volts, 0.0) / self.ohms) if self.ohms else least


class SupplyLimits:
    """Keeps the limits of `stage` to the set values; `error` [A] is by how much the true current limit is higher.

    The sink may take nothing back at first.
    """

    def __init__(self, sim: Simulation, stage: Loop, amps: float, watts: float, error: float, name: str) -> None:
        self._sim, self._stage, self._error, self._name = sim, stage, error, name
        self.source, self.sink = Hyperbola(amps, watts), Hyperbola(0.0, 0.0)
        self._own = amps * STAGE_HEADROOM
        self._held = False
        self.wanted = v(f"{name}_comp") - v(f"{name}_wanted_limit")  # by how much more than the limit is wanted [A]
        self._over = sim.watch(self.wanted, BAND, +1, self._passed, level=True, name=f"{name} over its limit")
        self._under = sim.watch(self.wanted, -BAND, -1, self._release, level=True, name=f"{name} under its limit")
        self._under.enabled = False
        self._takeover = sim.at(sim.now_ps, lambda: None)
        self._band: list[Watch] = []
        stage.set_limit(self._own)
        self._renew()

    @property
    def by_power(self) -> bool:
        """Whether the power is what limits the current."""
        return self.source.by_power(self._sim.value(self._stage.voltage))

    def set_source(self, limits: Hyperbola) -> None:
        self.source = limits
        self._renew()

    def set_sink(self, limits: Hyperbola) -> None:
        self.sink = limits
        self._renew()

    def _renew(self) -> None:
        """The limits at the present voltage, good until the voltage leaves a band around it."""
        volts = self._sim.value(self._stage.voltage)
        amps = self.source.limit(volts)
        true = max(amps + self._error, 0.0) if amps > 0.0 else 0.0
        self._sim.set_input(f"{self._name}_wanted_limit", true)
        if self._held:
            self._stage.set_limit(true)
        self._stage.set_sink(self.sink.limit(volts))
        self._watch_band(volts)

    def _watch_band(self, volts: float) -> None:
        for watch in self._band:
            watch.cancel()
        self._band.clear()
        edges: list[tuple[float, int]] = []
        for limits in (self.source, self.sink):
            if limits.ohms:
                edges.append((max(volts * (1.0 + STEP), LOWEST_VOLTS), +1))
                edges += [(volts * (1.0 - STEP), -1)] if volts > LOWEST_VOLTS else []
            elif limits.by_power(volts):
                edges += [(max(volts * (1.0 - STEP), LOWEST_VOLTS / 2.0), -1), (volts * (1.0 + STEP), +1)]
            elif limits.corner < float("inf"):
                edges.append((max(limits.corner, LOWEST_VOLTS), +1))
        for edge, direction in edges:
            watch = self._sim.watch(
                self._stage.voltage, edge, direction, self._renew, level=True, name=f"{self._name} power limit"
            )
            self._band.append(watch)

    def _passed(self) -> None:
        self._takeover.cancel()
        self._takeover = self._sim.at(self._sim.now_ps + to_ps(TAKEOVER), self._hold)

    def _hold(self) -> None:
        if self._sim.value(self.wanted) > 0.0:
            self._held, self._over.enabled, self._under.enabled = True, False, True
            self._stage.set_limit(self._sim.value(v(f"{self._name}_wanted_limit")))

    def _release(self) -> None:
        self._held, self._over.enabled, self._under.enabled = False, True, False
        self._stage.set_limit(self._own)
