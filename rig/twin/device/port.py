"""A port of the device: its switch, soft start, trip and recovery.

inside ── switch ──┬── port terminals
                   ├── port capacitor
                   └── leakage
"""

from collections.abc import Callable
from functools import partial
from typing import Literal

from rig.twin.device.nodes import Nodes
from rig.twin.device.protection import ProtectionPhysics
from rig.twin.engine.network import Network
from rig.twin.engine.probe import i
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Timer
from rig.twin.scene.ports import Port

State = Literal["off", "starting", "on", "tripped", "latched"]

SOFT_START_STEPS = 10  # few enough to be cheap, fine enough that no step looks like a short
SOFT_START_OHMS = 100.0


def wire_port(network: Network, name: str, model: Port, nodes: Nodes) -> None:
    """Add the elements of port `name` between its inside node and its terminals."""
    port = nodes(name)
    network.resistor(f"{port}_switch", nodes(model.inside), port, model.switch.resistance, switch=f"{port}_switch")
    network.capacitor(f"{port}_capacitor", port, "0", model.capacitance, model.esr)
    network.resistor(f"{port}_leakage", port, "0", model.leakage)


class PortPhysics:
    """The port's own sequence. `state` and `trips` are its truth; `recovered` is called after each restart."""

    def __init__(
        self, sim: Simulation, name: str, model: Port, nodes: Nodes, recovered: Callable[[], None] = lambda: None
    ) -> None:
        self._sim, self._name, self._model, self._recovered = sim, name, model, recovered
        self._switch = f"{nodes(name)}_switch"
        self.state: State = "off"
        self.trips: list[tuple[int, str]] = []  # (time of the decision [ps], what decided)
        self._timers: list[Timer] = []
        self._protection = ProtectionPhysics(sim, model.protection, i(self._switch), self._trip)

    def close(self) -> None:
        """Soft start: the switch comes on in geometric steps of its resistance."""
        self._enter("starting")
        soft_start, final = self._model.switch.soft_start, self._model.switch.resistance
        self._protection.arm()
        for step in range(SOFT_START_STEPS):
            ohms = SOFT_START_OHMS * (final / SOFT_START_OHMS) ** (step / (SOFT_START_STEPS - 1))
            self._after(soft_start * step / (SOFT_START_STEPS - 1), partial(self._conduct, ohms))
        self._after(soft_start, partial(self._enter, "on"))

    def drop(self) -> None:
        """The control has lost its energy: off, and everything forgotten, a latched trip too."""
        self._forget()
        self._protection.disarm()
        self._sim.set_switch(self._switch, on=False)
        if self.state != "off":
            self._enter("off")

    def _enter(self, state: State) -> None:
        self.state = state
        self._sim.log("device", f"{self._name} {state}")

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        self._timers.append(self._sim.at(self._sim.now_ps + to_ps(seconds), action))

    def _forget(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _conduct(self, ohms: float) -> None:
        self._sim.set_ohms(self._switch, ohms)
        self._sim.set_switch(self._switch, on=True)

    def _trip(self, reason: str) -> None:
        self._forget()
        self._protection.disarm()
        self.trips.append((self._sim.now_ps, reason))
        self._enter("tripped")
        self._sim.log("device", f"{self._name} trip by {reason}")
        self._after(self._model.switch.turn_off, self._open)

    def _open(self) -> None:
        self._sim.set_switch(self._switch, on=False)
        if self._model.recovery.policy == "latch":
            self._enter("latched")
        else:
            self._after(self._model.recovery.delay, self._restart)

    def _restart(self) -> None:
        self.close()
        self._after(self._model.switch.soft_start, self._recovered)
