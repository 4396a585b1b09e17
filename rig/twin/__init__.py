"""The twin: an exact simulated bench. Its engine is usable alone:

    from rig.twin import Network, Simulation, i, truth, v

The names are loaded when they are first used, so that starting a twin's process stays quick (PEP 562).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rig.twin.engine import truth
    from rig.twin.engine.loop import Loop, wire_loop
    from rig.twin.engine.network import Network, NetworkError
    from rig.twin.engine.probe import Probe, i, slope, v
    from rig.twin.engine.regulator import Regulator, wire_regulator
    from rig.twin.engine.simulation import Simulation
    from rig.twin.engine.units import to_ps
    from rig.twin.engine.watch import ZenoError

__all__ = [
    "Loop",
    "Network",
    "NetworkError",
    "Probe",
    "Regulator",
    "Simulation",
    "ZenoError",
    "i",
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
    "probe": ("Probe", "i", "slope", "v"),
    "regulator": ("Regulator", "wire_regulator"),
    "simulation": ("Simulation",),
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
