"""How the bench and the device are wired. Ground "0" is the device's minus, at its input and at its port.

                 energy_input (2 poles)                port    shunt    terminals
    supply_plus ──/─ R L ── energy_in ─[ device ]─ port ──────[====]──┬─/─ R L ── load ─[ load ]─ 0
    supply_minus ─/──────── 0                                         │ load_line
                                                                      ├── R L ─ fet ─ transistor ─ tap ─/─ 0
    reverse_line (2 poles), crossed:                                  │
    supply_plus ──/──────── 0                                         │
    supply_minus ─/─ R L ─────────────────────────────────────────────┘

A cable and its contact are one series R-L with a switch: an opening contact breaks its current at once. The arc is not
modelled; the lost energy is in the event log.
"""

from collections.abc import Mapping

from rig.twin.bench.injector import wire_injector
from rig.twin.bench.load import wire_load
from rig.twin.bench.supply import wire_supply
from rig.twin.bench.transducer import TransducerPhysics
from rig.twin.device.device import wire_device
from rig.twin.device.nodes import Nodes
from rig.twin.engine.network import Network
from rig.twin.scene.model import Scene

CONTACT_OHMS = 1e-3
LEAD_OHMS = 1e-3  # where the scene has no shunt
LEAK_OHMS = 1e9
BENCH_NODES = ("energy_in", "port")


def plugged(scene: Scene) -> Nodes:
    """The device's nodes by the places of the bench where they are plugged in."""
    wiring = scene.bench.wiring
    pairs = ((wiring.energy_in, "energy_in"), (wiring.port, "port"))
    return Nodes({node: place for node, place in pairs if node is not None})


def wire(scene: Scene, transducers: Mapping[str, TransducerPhysics]) -> Network:
    """The whole circuit of a scene."""
    network = Network()
    wire_supply(network)
    wire_device(network, scene.device, plugged(scene))
    for place in BENCH_NODES:  # what the device has nothing at still has its insulation
        network.resistor(f"{place}_leak", place, "0", LEAK_OHMS)
    wire_load(network)
    wire_injector(network, scene.bench.injector, _shunt_ohms(scene, transducers, "injector_current"))
    network.resistor("port_shunt", "port", "terminals", _shunt_ohms(scene, transducers, "port_current"))
    for name, plus, minus in (
        ("energy_input", ("supply_plus", "energy_in"), ("supply_minus", "0")),
        ("reverse_line", ("supply_minus", "terminals"), ("supply_plus", "0")),
        ("load_line", ("terminals", "load"), None),
    ):
        cable = scene.bench.cables[name]
        network.branch(name, *plus, cable.resistance, cable.inductance, switch=name)
        if minus is not None:
            network.resistor(f"{name}_return", *minus, CONTACT_OHMS, switch=name)
    return network


def _shunt_ohms(scene: Scene, transducers: Mapping[str, TransducerPhysics], senses: str) -> float:
    """All shunts of one current, in series."""
    shunts = (transducers[name].ohms for name, model in scene.bench.transducers.items() if model.senses == senses)
    return sum(ohms for ohms in shunts if ohms is not None) or LEAD_OHMS
