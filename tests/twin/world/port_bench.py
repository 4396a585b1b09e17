"""One port of a device alone: a stiff inside, a load, a short and an outer source that can be switched to it.

feed 54 V ─ 40 mohm ─┬─ inside ─[ port ]─┬─ load ohms
                     └─ 470 uF           ├─ short 5 mohm + 1 uH
                                         └─ outer source, 50 mohm
"""

from rig.files.document import validate
from rig.files.yaml import Place
from rig.twin.device.nodes import Nodes
from rig.twin.device.port import PortPhysics, wire_port
from rig.twin.engine.network import Network
from rig.twin.engine.probe import v
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.load import merge
from rig.twin.scene.ports import Port

US, MS, S = 10**6, 10**9, 10**12

PLAIN = {
    "inside": "inside",
    "switch": {"resistance": "10 mohm", "turn_off": "300 ns", "soft_start": "5 ms"},
    "capacitance": "4.7 uF",
    "esr": "250 mohm",
    "leakage": "33 kohm",
    "protection": {},
    "recovery": {"policy": "auto", "delay": "800 ms"},
}


def port_model(**over) -> Port:
    """The plain port with some keys replaced, as a scene would."""
    return validate(merge(PLAIN, over), lambda path: Place("port.yaml", 1, 1, len(path)), Port)


class PortBench:
    """The port comes on at time zero unless `on` is false; times in seconds."""

    def __init__(self, *, on: bool = True, reboot=None, **over) -> None:
        network, nodes, model = Network(), Nodes({}), port_model(**over)
        network.source("feed", "device_inside", "0", 40e-3)
        network.capacitor("bulk", "device_inside", "0", 470e-6, 20e-3)
        wire_port(network, "port", model, nodes)
        network.resistor("load", "device_port", "0", 10.0, switch="load")
        network.branch("short", "device_port", "0", 5e-3, 1e-6, switch="short")
        network.source("outer", "device_port", "0", 50e-3, switch="outer")
        self.sim = Simulation(network)
        self.sim.set_input("feed", 54.0)
        self.recovered = []
        self.port = PortPhysics(self.sim, "port", model, nodes, lambda: self.recovered.append(self.sim.now_ps), reboot)
        self.volts, self.inside, self.current = v("device_port"), v("device_inside"), self.port.series.current
        if on:
            self.port.close()
            self.wait(20e-3)

    @property
    def now(self) -> int:
        return self.sim.now_ps

    @property
    def trips(self) -> list[tuple[int, str]]:
        return self.port.trips

    @property
    def reasons(self) -> list[str]:
        return [reason for _, reason in self.port.trips]

    def wait(self, seconds: float) -> None:
        self.sim.run_until(self.sim.now_ps + to_ps(seconds))

    def load(self, ohms: float | None) -> int:
        """Put a resistance on the port, None takes it off; the time."""
        if ohms is not None:
            self.sim.set_ohms("load", ohms)
        self.sim.set_switch("load", ohms is not None)
        return self.now

    def draw(self, amps: float) -> int:
        """A resistance that draws `amps` when the port is on; the time."""
        return self.load(54.0 / amps - 0.05)

    def short(self, *, on: bool) -> int:
        self.sim.set_switch("short", on)
        return self.now

    def outer(self, volts: float | None) -> int:
        """Switch the outer source to the port at a voltage; the time."""
        if volts is not None:
            self.sim.set_input("outer", volts)
        self.sim.set_switch("outer", volts is not None)
        return self.now

    def value(self, probe) -> float:
        return self.sim.value(probe)
