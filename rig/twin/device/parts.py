"""The parts of a device together: wired by their kinds, then started and stopped by the control.

What converts power starts first; what draws it when the ports are closed. A part that runs `always` starts at time
zero and never stops.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from rig.twin.device.battery import BatteryPhysics, wire_battery
from rig.twin.device.charger import ChargerPhysics, wire_charger
from rig.twin.device.converter import ConverterPhysics, wire_converter
from rig.twin.device.inverter import InverterPhysics, wire_inverter
from rig.twin.device.load import LoadPhysics, wire_load
from rig.twin.device.mains import MainsPhysics, wire_mains
from rig.twin.device.nodes import Nodes
from rig.twin.device.panel import PanelPhysics, wire_panel
from rig.twin.device.segment import SegmentPhysics, wire_segment
from rig.twin.device.stages import StagesPhysics, wire_stages
from rig.twin.device.storage import StoragePhysics, wire_storage
from rig.twin.engine.network import Network
from rig.twin.engine.simulation import Simulation
from rig.twin.scene.converters import Charger, Converter, Storage
from rig.twin.scene.loads import Inverter, Load, Stages
from rig.twin.scene.parts import Battery, Capacitor, Mains, Panel, Part, Resistor, Segment


class Source(Protocol):
    """What converts power. `ramp`: seconds from `start` to full output."""

    @property
    def ramp(self) -> float: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def recovered(self, node: str) -> None:
        """A port fed from `node` has come back after a trip."""


class Sink(Protocol):
    """What draws power."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


def wire_part(network: Network, name: str, part: Part, nodes: Nodes) -> None:
    """Add the elements of part `name`."""
    match part:
        case Capacitor() | Resistor():
            wire_passive(network, name, part, nodes)
        case Segment():
            wire_segment(network, name, part, nodes)
        case Battery():
            wire_battery(network, name, part, nodes)
        case Panel():
            wire_panel(network, name, part, nodes)
        case Mains():
            wire_mains(network, name, part, nodes)
        case Converter():
            wire_converter(network, name, part, nodes)
        case Charger():
            wire_charger(network, name, part, nodes)
        case Storage():
            wire_storage(network, name, part, nodes)
        case Load():
            wire_load(network, name, part, nodes)
        case Stages():
            wire_stages(network, name, part, nodes)
        case Inverter():
            wire_inverter(network, name, part, nodes)


def wire_passive(network: Network, name: str, part: Capacitor | Resistor, nodes: Nodes) -> None:
    """Add a part that only hangs there."""
    if isinstance(part, Capacitor):
        network.capacitor(nodes(name), nodes(part.node), "0", part.capacitance, part.esr)
    else:
        network.resistor(nodes(name), nodes(part.node), "0", part.resistance)


class PartsPhysics:
    """All parts by name and kind; a scene's order is the order in which they start."""

    def __init__(self, sim: Simulation, models: Mapping[str, Part], nodes: Nodes) -> None:
        self.batteries: dict[str, BatteryPhysics] = {}
        self.panels: dict[str, PanelPhysics] = {}
        self.mains: dict[str, MainsPhysics] = {}
        self.segments: dict[str, SegmentPhysics] = {}
        self.sources: dict[str, Source] = {}
        self.sinks: dict[str, Sink] = {}
        for name, part in models.items():
            self._build(sim, name, part, models, nodes)
        free = [name for name, part in models.items() if getattr(part, "always", False)]
        for name in free:
            (self.sources.get(name) or self.sinks[name]).start()
        self._sources = [source for name, source in self.sources.items() if name not in free]
        self._sinks = [sink for name, sink in self.sinks.items() if name not in free]

    def charge(self) -> Callable[[], float] | None:
        """The state of charge of the first battery, a fraction, as its firmware knows it; None without a battery."""
        first = next(iter(self.batteries.values()), None)
        return None if first is None else lambda: first.charge

    def start_sources(self) -> float:
        """Seconds until the slowest has come up."""
        for source in self._sources:
            source.start()
        return max((source.ramp for source in self._sources), default=0.0)

    def start_sinks(self) -> None:
        for sink in self._sinks:
            sink.start()

    def stop(self) -> None:
        for part in (*self._sources, *self._sinks):
            part.stop()

    def recovered(self, node: str) -> None:
        """A port fed from `node` has come back after a trip."""
        for source in self.sources.values():
            source.recovered(node)

    def _build(self, sim: Simulation, name: str, part: Part, models: Mapping[str, Part], nodes: Nodes) -> None:
        match part:
            case Segment():
                self.segments[name] = SegmentPhysics(sim, name, part, nodes)
            case Battery():
                self.batteries[name] = BatteryPhysics(sim, name, part, nodes)
            case Panel():
                self.panels[name] = PanelPhysics(sim, name, part, nodes)
            case Mains():
                self.mains[name] = MainsPhysics(sim, name, part, nodes)
            case Converter():
                self.sources[name] = ConverterPhysics(sim, name, part, nodes)
            case Charger():
                self.sources[name] = ChargerPhysics(sim, name, part, nodes)
            case Storage():
                self.sources[name] = StoragePhysics(sim, name, part, models, nodes)
            case Load():
                self.sinks[name] = LoadPhysics(sim, name, part, nodes)
            case Stages():
                self.sinks[name] = StagesPhysics(sim, name, part, nodes)
            case Inverter():
                self.sinks[name] = InverterPhysics(sim, name, part, nodes)
