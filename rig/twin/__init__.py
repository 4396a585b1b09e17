"""The twin: an exact simulated bench. Its engine is usable alone:

    from rig.twin import Loop, Network, Simulation, i, truth, v, wire_loop

    net = Network()
    wire_loop(net, "supply", "out", "0", bandwidth=2e3, farads=470e-6, esr=0.02, resistance=5e-3)
    net.branch("cable", "out", "in", 0.05, 2e-6)  # 50 mohm, 2 uH
    net.capacitor("input", "in", "0", 10e-6, 0.05)
    net.resistor("load", "in", "0", 24.0)
    net.resistor("breaker", "in", "port", 0.01, switch="breaker")
    net.capacitor("output", "port", "0", 4.7e-6, 0.05)
    net.branch("short", "port", "0", 0.1, 1e-6, switch="short")
    sim = Simulation(net)
    supply = Loop(sim, "supply", "out", "0")
    supply.set_limit(10.0)
    supply.set_voltage(48.0, slew=4800.0)
    supply.turn_on()
    sim.set_switch("breaker", True)
    sim.run_until(50_000_000_000)  # 50 ms, in picoseconds

    def trip():
        sim.log("breaker", "trips")
        sim.set_switch("breaker", False)

    sim.watch(i("breaker"), 20.0, +1, lambda: sim.at(sim.now_ps + 3_000_000, trip))  # 3 us later
    sim.set_switch("short", True)
    sim.run_until(100_000_000_000)
    top, when_ps = truth.peak(sim, i("breaker"), 50_000_000_000, sim.now_ps)
    joule_integral = truth.i2t(sim, i("breaker"), 50_000_000_000, sim.now_ps)
    window = sim.render([v("port"), i("short")], 49_999_000_000, 100_000.0, 500)  # 50 us at 10 MS/s

The names are loaded when they are first used, so that starting a twin's process stays quick (PEP 562).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rig.twin.engine import truth
    from rig.twin.engine.loop import Loop, wire_loop
    from rig.twin.engine.network import Network, NetworkError
    from rig.twin.engine.ports import CassieArc, ConstantPower, MayrArc, StaticArc
    from rig.twin.engine.probe import Probe, i, slope, v
    from rig.twin.engine.regulator import Regulator, wire_regulator
    from rig.twin.engine.signals import Samples, noise, recording
    from rig.twin.engine.simulation import Simulation
    from rig.twin.engine.snapshot import Snapshot
    from rig.twin.engine.units import to_ps
    from rig.twin.engine.watch import ZenoError

__all__ = [
    "CassieArc",
    "ConstantPower",
    "Loop",
    "MayrArc",
    "Network",
    "NetworkError",
    "Probe",
    "Regulator",
    "Samples",
    "Simulation",
    "Snapshot",
    "StaticArc",
    "ZenoError",
    "i",
    "noise",
    "recording",
    "slope",
    "to_ps",
    "truth",
    "v",
    "wire_loop",
    "wire_regulator",
]

_HOMES = {
    "loop": ("Loop", "wire_loop"),
    "network": ("Network", "NetworkError"),
    "ports": ("CassieArc", "ConstantPower", "MayrArc", "StaticArc"),
    "probe": ("Probe", "i", "slope", "v"),
    "regulator": ("Regulator", "wire_regulator"),
    "signals": ("Samples", "noise", "recording"),
    "simulation": ("Simulation",),
    "snapshot": ("Snapshot",),
    "units": ("to_ps",),
    "watch": ("ZenoError",),
}


def __getattr__(name: str) -> Any:
    if name == "truth":
        return import_module("rig.twin.engine.truth")
    for module, public in _HOMES.items():
        if name in public:
            return getattr(import_module(f"rig.twin.engine.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it offers {', '.join(__all__)}")
