"""The series element of a port: off, conducting, or regulating the current.

    inside ──┬── switch ─────────────────┬── port
             ├── current source (limit) ─┤
             ├── sense resistances ──────┤
             ├── diode: breakdown ───────┤
             └── diode: body (inwards) ──┘

Only what the model has is in the network.
"""

from rig.twin.device.nodes import Nodes
from rig.twin.engine.network import GROUND, Network
from rig.twin.engine.probe import Probe, i, v
from rig.twin.engine.simulation import Simulation
from rig.twin.scene.ports import Port

FOLD_OHMS = 10e3  # "source" that senses the voltage outside for a limit that folds back
FORWARD_VOLTS, FORWARD_OHMS = 0.0, 1e-3  # of the diode in series with the sense resistance of a reverse block
BODY_VOLTS, BODY_OHMS = 0.7, 5e-3
TIE_OHMS = 1e9  # keeps a node defined while everything at it is off


def wire_series(network: Network, name: str, model: Port, nodes: Nodes) -> None:
    """Add the elements between the inside and the terminals of port `name`."""
    inside, port = nodes(model.inside), nodes(name)
    network.resistor(f"{port}_switch", inside, port, model.switch.resistance, switch=f"{port}_switch")
    if model.switch.body_diode:
        network.diode(f"{port}_body", port, inside, BODY_VOLTS, BODY_OHMS)
    if (limit := model.protection.limit) is not None:
        network.current_source(f"{port}_limit", port, inside, switch=f"{port}_limit")
        if limit.foldback is not None and limit.foldback_volts is not None:
            network.source(f"{port}_fold", port, GROUND, FOLD_OHMS, switch=f"{port}_limit")
            gain = (limit.current - limit.foldback) / limit.foldback_volts
            network.mirror(f"{port}_folded", inside, port, -gain * FOLD_OHMS, f"{port}_fold")
    detects = [r.detect for r in (model.recovery, *model.recovery_after.values()) if r.detect is not None]
    for ohms in dict.fromkeys(detect.resistance for detect in detects):
        name_of = detect_switch(port, ohms)
        network.resistor(name_of, inside, port, ohms, switch=name_of)
    if (reverse := model.protection.reverse) is not None and reverse.clear is not None:
        network.diode(f"{port}_forward", inside, f"{port}_forward", FORWARD_VOLTS, FORWARD_OHMS)
        network.resistor(f"{port}_forward_tie", f"{port}_forward", GROUND, TIE_OHMS)
        network.resistor(f"{port}_sense", f"{port}_forward", port, reverse.clear.resistance, switch=f"{port}_sense")
    if (polarity := model.polarity) is not None:
        network.diode(f"{port}_breakdown", inside, port, polarity.breakdown, polarity.resistance)
        if polarity.leakage is not None:
            network.diode(f"{port}_reverse_leakage", GROUND, port, 0.0, polarity.leakage)


def detect_switch(port: str, ohms: float) -> str:
    """The switch (and resistor) that pulls up the open port for load detection."""
    return f"{port}_detect_{ohms!r}"


class SeriesPhysics:
    """Three states; `current` is what it carries outwards, `loss` the voltage it carries it at."""

    def __init__(self, sim: Simulation, name: str, model: Port, nodes: Nodes) -> None:
        self._sim, self._port = sim, nodes(name)
        self._limit = model.protection.limit
        self.loss = v(nodes(model.inside), self._port)
        self.ohms = model.switch.resistance
        self.regulates = False
        self.conducts = False
        self.current = i(f"{self._port}_switch")
        if self._limit is not None:
            self.current += i(f"{self._port}_limit")
            sim.set_input(f"{self._port}_limit", self._limit.foldback or self._limit.current)
            if self._limit.foldback is not None:
                self.current += i(f"{self._port}_folded")
        if model.switch.body_diode:
            self.current -= i(f"{self._port}_body")

    def limit(self) -> tuple[float, Probe | None]:
        """The limit [A]: a constant, plus what depends on the voltage outside."""
        limit = self._limit
        if limit is None:
            return float("inf"), None
        if limit.foldback is None or limit.foldback_volts is None:
            return limit.current, None
        return limit.foldback, v(self._port) * ((limit.current - limit.foldback) / limit.foldback_volts)

    def preset(self, ohms: float) -> None:
        """The resistance that the switch has when it conducts."""
        self.ohms = ohms
        self._sim.set_ohms(f"{self._port}_switch", ohms)

    def conduct(self, ohms: float) -> None:
        """Closed, with `ohms`; a regulator that works goes on and has them when it is done."""
        self.preset(ohms)
        if not self.regulates:
            self._set(switch=True)

    def regulate(self, on: bool) -> None:
        """Hold the current at the limit, or conduct again."""
        self._set(switch=not on, limit=on)

    def open(self) -> None:
        self._set()

    def _set(self, *, switch: bool = False, limit: bool = False) -> None:
        self._sim.set_switch(f"{self._port}_switch", on=switch)
        if self._limit is not None:
            self._sim.set_switch(f"{self._port}_limit", on=limit)
        self.conducts, self.regulates = switch or limit, limit
