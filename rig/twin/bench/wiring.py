"""How the bench and the device are wired. Ground "0" is the device's minus, at its input and at its port.

                 energy_input (2 poles)                port    shunt    terminals
    supply_plus ──/─ R L ── energy_in ─[ device ]─ port ──────[====]──┬─/─ R L ── load ─[ load ]─ 0
    supply_minus ─/──────── 0                                         │ load_line
                                                                      ├── R L ─ fet ─ transistor ─ tap ─/─ 0
    reverse_line (2 poles), crossed:                                  │
    supply_plus ──/──────── 0                                         │
    supply_minus ─/─ R L ─────────────────────────────────────────────┤
    feed_line (2 poles, optional):                                    │
    supply_plus ──/─ R L ─────────────────────────────────────────────┘
    supply_minus ─/──────── 0
    series switch (optional): between supply_plus and the lines energy_input and feed_line, see `series_switch`.
    amplifier (optional): between the series switch and those lines, see `amplifier`.
    neighbour_line (optional): a second supply beside the load
    neighbour_plus ─/─ R L ─────────────────────────────────────────────┘
    neighbour_minus ────────── 0
    second_return (optional): the same supply at the ground of the device's data connector
    neighbour_plus ─/─ R L ── screen ─[ device ]─ 0
    proof_line (changeover, optional) sits where the bench meets the device: at rest it joins "port_bench" to "port" and
    "input_bench" to "energy_in" (and "screen_bench" to "screen"), operated each of them to a known resistor to 0.
    Without it they are one node each.

A cable and its contact are one series R-L with a switch: an opening contact breaks its current at once. The arc is not
modelled; the lost energy is in the event log. Each pole has a switch of its own, named like its element.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rig.twin.bench.amplifier import AMPLIFIED, wire_amplifier
from rig.twin.bench.injector import wire_injector
from rig.twin.bench.load import wire_load
from rig.twin.bench.mains_switch import IMAGE, wire_image
from rig.twin.bench.series_switch import FED, wire_series_switch
from rig.twin.bench.supply import wire_supply
from rig.twin.bench.supply_class import SUPPLIES
from rig.twin.bench.transducer import TransducerPhysics
from rig.twin.device.device import SIGNAL_GROUND, wire_device
from rig.twin.device.nodes import DEVICE, Nodes
from rig.twin.engine.network import GROUND, Network
from rig.twin.engine.probe import Probe, i, slope
from rig.twin.scene.bench import SECOND_RETURN, Bench
from rig.twin.scene.device import Device
from rig.twin.scene.model import Scene
from rig.twin.scene.others import split

CONTACT_OHMS = 1e-3
LEAD_OHMS = 1e-3  # where the scene has no shunt
LEAK_OHMS = 1e9
SWITCHED = ("energy_input", "feed_line")
"""Lines behind the series switch, where the bench has one."""
BENCH_NODES = ("energy_in", "port", "other", IMAGE)
PROOF = "proof_line"
SCREEN = "screen"  # the ground of the device's data connector
BEHIND = {"energy_in": "input_bench", "port": "port_bench"}  # the bench's side of the changeover
BEHIND_TOO = {SCREEN: "screen_bench"}  # with a second return
CHANGEOVER_OHMS = 0.1e-3


Ends = tuple[str, str]  # nodes: near, far


@dataclass(frozen=True, slots=True)
class Line:
    """A cable behind its contactor: the conductor with the cable's R and L, and the one back."""

    plus: Ends
    back: Ends

    def conductors(self, name: str) -> dict[str, Ends]:
        """Element -> ends; what joins a node to itself is left out."""
        both = {name: self.plus, f"{name}_return": self.back}
        return {element: ends for element, ends in both.items() if ends[0] != ends[1]}


LINES = {
    "energy_input": Line(("supply_plus", "energy_in"), ("supply_minus", GROUND)),
    "reverse_line": Line(("supply_minus", "terminals"), ("supply_plus", GROUND)),
    "feed_line": Line(("supply_plus", "terminals"), ("supply_minus", GROUND)),
    "load_line": Line(("terminals", "load"), (GROUND, GROUND)),
    "neighbour_line": Line(("neighbour_plus", "terminals"), (GROUND, GROUND)),
    SECOND_RETURN: Line(("neighbour_plus", SCREEN), (GROUND, GROUND)),
}


@dataclass(frozen=True, slots=True)
class Joined:
    """Who is really joined to whom."""

    lines: Mapping[str, Line]
    load_minus: str
    injector_at: str
    switched: bool
    """A series switch lies between the supply and what it feeds."""
    places: Mapping[str, str]
    """Where the bench's side of the device's input and port is, and of its signal ground."""

    @property
    def grounded(self) -> bool:
        """Whether there is a second return."""
        return SECOND_RETURN in self.lines

    @property
    def changeover(self) -> list[str]:
        """The bench's sides of the changeover, one for each of its poles."""
        return [side for place, side in self.places.items() if side != place]

    def conductors(self) -> dict[str, Ends]:
        """All of them."""
        return {element: ends for name, line in self.lines.items() for element, ends in line.conductors(name).items()}

    def supply_current(self) -> Probe:
        """Out of the supply's plus terminal [A]."""
        return self._out_of("supply_plus")

    def neighbour_current(self) -> Probe:
        """Out of the neighbour's plus terminal [A]."""
        return self._out_of("neighbour_plus")

    def load_current(self) -> Probe:
        """Into the load's plus terminal [A]."""
        return -self._out_of("load")

    def shunt_slope(self) -> Probe:
        """Of the port shunt's current [A/s]: the sum of what the branches at the terminals carry away."""
        total = slope("injector") if self.injector_at == "terminals" else Probe(())
        for name, line in self.lines.items():
            sign = (line.plus[0] == "terminals") - (line.plus[1] == "terminals")
            if name == "load_line" and self.load_minus == "terminals":
                sign = -1  # the load passes on what its other terminal takes
            if sign:
                total = total + slope(name) * sign
        return total

    def _out_of(self, node: str) -> Probe:
        total = Probe(())
        for element, (near, far) in self.conductors().items():
            if node in (near, far):
                total = total + i(element) * (1.0 if node == near else -1.0)
        return total + i("series_switch") + i("series_soft") if self.switched and node == "supply_plus" else total


def join(bench: Bench) -> Joined:
    """The wiring of a scene's bench, its mistakes included."""
    places = BEHIND | (BEHIND_TOO if SECOND_RETURN in bench.contactors else {})
    if PROOF not in bench.contactors:
        places = {place: place for place in places}
    lines = {
        name: replace(line, plus=(line.plus[0], places.get(line.plus[1], line.plus[1])))
        for name, line in LINES.items()
        if name in bench.contactors
    }
    load_minus, injector_at = GROUND, "terminals"
    for fault in bench.faults:
        match fault.fault, fault.part, fault.other:
            case "reversed", "load_line", _:
                lines["load_line"], load_minus = Line((GROUND, "load"), (GROUND, GROUND)), "terminals"
            case "reversed", name, _:
                line = lines[name]
                lines[name] = Line((line.back[0], line.plus[1]), (line.plus[0], line.back[1]))
            case "cables_swapped", name, str(other):
                one, two = lines[name], lines[other]
                lines[name] = replace(one, plus=(one.plus[0], two.plus[1]), back=(one.back[0], two.back[1]))
                lines[other] = replace(two, plus=(two.plus[0], one.plus[1]), back=(two.back[0], one.back[1]))
            case "injector_inside", _, _:
                injector_at = places["port"]
    if bench.series_switch is not None:
        begin = FED if bench.amplifier is None else AMPLIFIED
        lines = {name: _beginning(line, begin) if name in SWITCHED else line for name, line in lines.items()}
    return Joined(lines, load_minus, injector_at, bench.series_switch is not None, places)


def _beginning(line: Line, place: str) -> Line:
    """Whichever of its conductors begins at the supply's plus begins behind the series switch, at `place`."""
    plus, back = (tuple(place if node == "supply_plus" else node for node in ends) for ends in (line.plus, line.back))
    return Line((plus[0], plus[1]), (back[0], back[1]))


def plugged(scene: Scene) -> dict[str, Nodes]:
    """The nodes of each device, by its name: where the bench is plugged in, and where they are joined to each other."""
    wiring = scene.bench.wiring
    places = ((wiring.energy_in, "energy_in"), (wiring.port, "port"), (wiring.other, "other"))
    plugs = [(*split(node), place) for node, place in places if node is not None]
    own = {node: place for name, node, place in plugs if not name}
    if SECOND_RETURN in scene.bench.contactors and scene.device.signal_ground is not None:
        own[SIGNAL_GROUND] = SCREEN
    found = {DEVICE: Nodes(own)}
    for name, other in scene.others.items():
        own = {node: place for at, node, place in plugs if at == name}
        for node, target in other.joined.items():
            at, its = split(target)
            own[node] = found[at or DEVICE](its)
        found[name] = Nodes(own, name)
    return found


def devices(scene: Scene) -> dict[str, Device]:
    """The tested device and the others by name."""
    return {DEVICE: scene.device, **{name: other.device for name, other in scene.others.items()}}


def wire(scene: Scene, transducers: Mapping[str, TransducerPhysics], joined: Joined) -> Network:
    """The whole circuit of a scene."""
    network = Network()
    wire_supply(network, SUPPLIES[scene.bench.instruments.supply.model])
    if scene.bench.instruments.neighbour is not None:
        wire_supply(network, SUPPLIES[scene.bench.instruments.neighbour.model], "neighbour")
        network.resistor("neighbour_lead", "neighbour_minus", GROUND, LEAD_OHMS)
    nodes = plugged(scene)
    for name, device in devices(scene).items():
        wire_device(network, device, nodes[name])
    wire_image(network, scene.device, nodes[DEVICE])
    for place in (
        *BENCH_NODES,
        *([SCREEN] if joined.grounded else []),
    ):  # what the device has nothing at still has its insulation
        network.resistor(f"{place}_leak", place, "0", LEAK_OHMS)
    for place, side in joined.places.items():
        if side != place:  # break and make contact of the changeover; between them a node hangs on its insulation
            network.resistor(f"{side}_leak", side, "0", LEAK_OHMS)
            network.resistor(f"{side}_device", side, place, CHANGEOVER_OHMS, switch=f"{side}_device")
            network.resistor(f"{side}_known", side, "0", scene.bench.known, switch=f"{side}_known")
    wire_load(network, joined.load_minus)
    shunt = _shunt_ohms(scene, transducers, "injector_current")
    wire_injector(network, scene.bench.injector, shunt, joined.injector_at)
    if scene.bench.series_switch is not None:
        wire_series_switch(network, scene.bench.series_switch)
        if scene.bench.amplifier is not None:
            wire_amplifier(network, scene.bench.amplifier)
    network.resistor("port_shunt", joined.places["port"], "terminals", _shunt_ohms(scene, transducers, "port_current"))
    for name in joined.lines:
        cable = scene.bench.cables[name]
        for element, ends in joined.lines[name].conductors(name).items():
            if element == name:
                network.branch(element, *ends, cable.resistance, cable.inductance, switch=element)
            else:
                network.resistor(element, *ends, CONTACT_OHMS, switch=element)
    return network


def pole_ohms(bench: Bench, joined: Joined, contactor: str) -> dict[str, float]:
    """The poles of a contactor by element, with the resistance of each [ohm]."""
    if contactor in bench.injector.taps:
        return {contactor: bench.injector.taps[contactor]}
    if contactor == PROOF:
        return {f"{side}_known": bench.known for side in joined.changeover}
    elements = joined.lines[contactor].conductors(contactor)
    return {name: bench.cables[contactor].resistance if name == contactor else CONTACT_OHMS for name in elements}


def break_pole_ohms(joined: Joined, contactor: str) -> dict[str, float]:
    """The poles that are closed while a contactor is at rest, with the resistance of each [ohm]."""
    return {f"{side}_device": CHANGEOVER_OHMS for side in joined.changeover} if contactor == PROOF else {}


def _shunt_ohms(scene: Scene, transducers: Mapping[str, TransducerPhysics], senses: str) -> float:
    """All shunts of one current, in series."""
    shunts = (transducers[name].ohms for name, model in scene.bench.transducers.items() if model.senses == senses)
    return sum(ohms for ohms in shunts if ohms is not None) or LEAD_OHMS
