"""A charger: from a panel into a battery, at the panel's maximum power point or at the battery's end of charge.

source ─┬─ hold (its voltage, `track`)       node ─┬─ hold current / ratio
        └─ ratio x end-of-charge current           └─ end of charge (voltage behind a resistance, `absorb`)

off ── start ──> idle ── input above hold, battery below voltage ──> track <── input falls to hold ── absorb
                   ^──────── no current ──────────────────────────── track ──── battery at voltage ──> absorb
"""

from functools import partial
from typing import Literal

from rig.twin.device.nodes import INSULATION_OHMS, Nodes
from rig.twin.engine.network import Network
from rig.twin.engine.probe import i, v
from rig.twin.engine.simulation import Simulation
from rig.twin.scene.converters import Charger

State = Literal["off", "idle", "track", "absorb"]

_RUNNING: tuple[State, ...] = ("idle", "track", "absorb")
BAND = 1e-9  # V or A
_HOLD_OHMS = 1e-3


def wire_charger(network: Network, name: str, model: Charger, nodes: Nodes) -> None:
    """Add the elements of charger `name`."""
    own, source, node = nodes(name), nodes(model.source), nodes(model.node)
    network.resistor(f"{own}_insulation", source, "0", INSULATION_OHMS)
    network.source(f"{own}_hold", source, "0", _HOLD_OHMS, switch=f"{own}_track")
    network.mirror(f"{own}_tracked", "0", node, -1.0 / model.ratio, f"{own}_hold")
    network.source(f"{own}_end", node, "0", model.resistance, switch=f"{own}_absorb")
    network.mirror(f"{own}_absorbed", source, "0", model.ratio, f"{own}_end")


class ChargerPhysics:
    """The charger's states; `state` and `current` (out of it, into the battery [A]) are its truth."""

    ramp = 0.0

    def __init__(self, sim: Simulation, name: str, model: Charger, nodes: Nodes) -> None:
        self._sim, self._own, self._model = sim, nodes(name), model
        self.state: State = "off"
        hold, end = i(f"{self._own}_hold"), i(f"{self._own}_end")
        self._input, self._output = v(nodes(model.source)), v(nodes(model.node))
        self.current = end - (1.0 / model.ratio) * hold
        sim.set_input(f"{self._own}_hold", model.hold)
        sim.set_input(f"{self._own}_end", model.voltage)
        full = self._output - (model.resistance / model.ratio) * hold  # what end of charge would need as set point
        idle, track, absorb = (partial(self._enter, state) for state in _RUNNING)
        self._guards = {
            "idle": (
                sim.watch(self._input, model.hold + BAND, +1, self._ready, level=True, name=f"{name} has sun"),
                sim.watch(self._output, model.voltage - BAND, -1, self._ready, level=True, name=f"{name} is not full"),
            ),
            "track": (
                sim.watch(hold, BAND, +1, idle, level=True, name=f"{name} is dark"),
                sim.watch(full, model.voltage + BAND, +1, absorb, level=True, name=f"{name} is full"),
            ),
            "absorb": (
                sim.watch(end, -BAND, -1, idle, level=True, name=f"{name} rests"),
                sim.watch(self._input, model.hold - BAND, -1, track, level=True, name=f"{name} tracks"),
            ),
        }
        self._arm()

    def start(self) -> None:
        self._enter("idle")

    def stop(self) -> None:
        if self.state != "off":
            self._enter("off")

    def recovered(self, node: str) -> None:
        """A port has come back: nothing to do."""

    def _ready(self) -> None:
        if self._sim.value(self._input) > self._model.hold and self._sim.value(self._output) < self._model.voltage:
            self._enter("track")

    def _enter(self, state: State) -> None:
        self.state = state
        self._sim.log("device", f"{self._own} {state}")
        for mode in ("track", "absorb"):
            self._sim.set_switch(f"{self._own}_{mode}", on=mode == state)
        self._arm()

    def _arm(self) -> None:
        for state, guards in self._guards.items():
            for guard in guards:
                guard.enabled = state == self.state
