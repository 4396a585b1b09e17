"""The device under test: its parts, its ports, and the control that starts and stops them together."""

from collections.abc import Callable
from functools import partial
from typing import Literal

from rig.twin.device.nodes import Nodes
from rig.twin.device.parts import PartsPhysics, wire_part
from rig.twin.device.port import PortPhysics, wire_port
from rig.twin.device.resets import Reset, Resets
from rig.twin.engine.network import Network
from rig.twin.engine.probe import v
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Callback, Timer
from rig.twin.scene.device import Device

Control = Literal["dead", "starting", "on"]
MEAN = "control mean"  # no node of a scene can have that name
SIGNAL_GROUND = "signal ground"  # nor that one
MEAN_OHMS, MEAN_S = 1e6, 0.1  # of the mean that a dip is seen by
COMMANDS = ("reset", "reboot", "off", "on")


def wire_device(network: Network, model: Device, nodes: Nodes) -> None:
    """Add the device between the nodes it is plugged to and ground."""
    for name, part in model.parts.items():
        wire_part(network, name, part, nodes)
    for name, port in model.ports.items():
        wire_port(network, name, port, nodes)
    if model.control.dip is not None:
        mean = nodes(MEAN)
        network.resistor(mean, nodes(model.control.node), mean, MEAN_OHMS)
        network.capacitor(f"{mean} store", mean, "0", MEAN_S / MEAN_OHMS, 1.0)
    if model.signal_ground is not None and SIGNAL_GROUND in nodes.plugged:  # else nobody is there to feel it
        network.resistor(nodes.own(SIGNAL_GROUND), nodes(SIGNAL_GROUND), "0", model.signal_ground.resistance)


class DevicePhysics:
    """The control: parts start, then ports close; without energy everything is off and forgotten.

    `warmer`: by how much, K, it is warmer around the device now than in the room.
    """

    def __init__(
        self, sim: Simulation, model: Device, nodes: Nodes, seed: int = 0, warmer: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._sim, self._model, self._name = sim, model, nodes.owner
        self._control: Control = "dead"
        self._timers: list[Timer] = []
        self.parts = PartsPhysics(sim, model.parts, nodes)
        reboot = partial(self._reset, "watchdog") if model.firmware.on_trip == "reboot" else None
        self.ports = {
            name: PortPhysics(sim, name, port, nodes, partial(self.parts.recovered, port.inside), reboot, seed, warmer)
            for name, port in model.ports.items()
        }
        supply = v(nodes(model.control.node))
        self.resets = Resets(sim, model.firmware, supply, nodes.owner)
        sim.watch(supply, model.control.start, +1, self._energy_came, level=True)
        sim.watch(supply, model.control.stop, -1, self._energy_went, level=True)
        if model.control.dip is not None:
            sim.watch(supply - v(nodes(MEAN)), -model.control.dip, -1, self._dipped)
        ground = model.signal_ground
        if ground is not None and ground.shift is not None and SIGNAL_GROUND in nodes.plugged:
            sim.watch(v(nodes(SIGNAL_GROUND)), ground.shift, +1, self._shifted, level=True)

    @property
    def state(self) -> str:
        """dead or starting; else what the first port does."""
        return self._control if self._control != "on" else next(iter(self.ports.values())).state

    @property
    def trips(self) -> list[tuple[int, str]]:
        """(time of the decision [ps], what decided) of all ports, in order of time."""
        return sorted(trip for port in self.ports.values() for trip in port.trips)

    def command(self, name: str) -> None:
        """What a button or a remote says: reset (latched ports), reboot, off, on. Raises ValueError for anything else.

        Without energy nobody listens.
        """
        if name not in COMMANDS:
            raise ValueError(f"no command {name!r}; there are {', '.join(COMMANDS)}")
        if self._control == "dead":
            return
        self._sim.log(self._name, f"command {name}")
        if name == "reboot":
            self._reset("command")
            return
        for port in self.ports.values():
            if name == "reset":
                port.reset()
            else:
                port.enable(on=name == "on")

    def _enter(self, state: Control) -> None:
        self._control = state
        self._sim.log(self._name, state)

    def _energy_came(self) -> None:
        if self._control == "dead":
            self.resets.powered()
            self._enter("starting")
            self._after(self._model.control.start_delay, self._start)

    def _start(self) -> None:
        self._after(self.parts.start_sources(), self._close)

    def _close(self) -> None:
        self._enter("on")
        for port in self.ports.values():
            port.close()
        self._after(max(port.switch.soft_start for port in self._model.ports.values()), self.parts.start_sinks)

    def _energy_went(self) -> None:
        self._stop()
        if self._control != "dead":
            self.resets.died()
            self._enter("dead")

    def _dipped(self) -> None:
        if self._control == "on":
            self._reset("brown-out")

    def _shifted(self) -> None:
        if self._control == "on":
            self._reset("watchdog")

    def _reset(self, why: Reset) -> None:
        """The controller starts anew with the energy there."""
        self._stop()
        self.resets.reset(why)
        self._enter("starting")
        self._after(self._model.firmware.boot, self._start)

    def _stop(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        for port in self.ports.values():
            port.drop()
        self.parts.stop()

    def _after(self, seconds: float, action: Callback) -> None:
        self._timers.append(self._sim.at(self._sim.now_ps + to_ps(seconds), action))
