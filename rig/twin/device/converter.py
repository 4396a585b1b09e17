"""A converter of the device: constant voltage, current limit, bulk capacitor.

    source ─ draw      node ─┬─ regulated output (reverse-blocking)
                             ├─ bulk capacitor, bleeder, freewheeling diode
                             └─ what it feeds

The converter draws `ratio` x its output current in constant voltage; at its current limit the draw falls with the
output voltage, as the power does, so that a short does not starve the energy input.
"""

from functools import partial

from rig.twin.device.nodes import Nodes
from rig.twin.device.power_limit import PowerLimitPhysics, wire_power_limit
from rig.twin.engine.loop import Loop, wire_loop
from rig.twin.engine.network import Network
from rig.twin.engine.regulator import Regulator, wire_regulator
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Timer
from rig.twin.scene.converters import Converter

REGULATION_SLEW = 1e6  # V/s: a control loop of some microseconds; a true step would see no current limit at first
BLEEDER_OHMS = 4.7e3  # empties the bulk capacitor within seconds when the energy is gone


def wire_converter(network: Network, name: str, model: Converter, nodes: Nodes) -> None:
    """Add the elements of converter `name`."""
    output, own = nodes(model.node), nodes(name)
    source = None if model.source is None else nodes(model.source)
    if model.loop is None:
        wire_regulator(network, own, output, "0", resistance=model.resistance)
        network.capacitor(f"{own}_capacitor", output, "0", model.capacitance, model.esr)
    else:
        bandwidth = model.loop.bandwidth
        wire_loop(
            network, own, output, "0",
            bandwidth=bandwidth, farads=model.capacitance, esr=model.esr, resistance=model.resistance,
        )  # fmt: skip
    wire_bulk(network, own, output)
    if model.power is not None:
        wire_power_limit(network, own, output, source)
    if source is None:
        return
    if model.loop is None:
        network.mirror(f"{own}_draw_cv", source, "0", model.ratio, f"{own}_cv")
    else:
        network.transconductance(f"{own}_draw_cv", source, "0", model.ratio, f"{own}_comp", "0", switch=f"{own}_cv")
    if model.power is None:
        wire_limited_draw(network, own, source, output, model.ratio * model.current_limit / model.voltage)


def wire_bulk(network: Network, own: str, output: str) -> None:
    """What is across every output: a bleeder and a freewheeling diode."""
    network.resistor(f"{own}_bleeder", output, "0", BLEEDER_OHMS)
    network.diode(f"{own}_freewheel", "0", output, 0.6, 5e-3)


def wire_limited_draw(network: Network, own: str, source: str, output: str, slope: float) -> None:
    """What an output at its limit draws from `source`: slope [A/V] x its voltage."""
    network.transconductance(f"{own}_draw_cc", source, "0", slope, output, "0", switch=f"{own}_cc")


class ConverterPhysics:
    """Starts with a ramp; after a recovery it overshoots, or stays lower for good, if its model says so."""

    def __init__(self, sim: Simulation, name: str, model: Converter, nodes: Nodes) -> None:
        self._sim, self._model, self._own = sim, model, nodes(name)
        self._timers: list[Timer] = []
        self._voltage = model.voltage
        output = nodes(model.node)
        self._output: Regulator | Loop = (
            Regulator(sim, self._own, output, "0", resistance=model.resistance)
            if model.loop is None
            else Loop(sim, self._own, output, "0")
        )
        if model.power is None:
            self._output.set_limit(model.current_limit)
        else:
            ratio = None if model.source is None else model.ratio
            PowerLimitPhysics(
                sim, self._own, output,
                power=model.power, current_limit=model.current_limit, voltage=model.voltage, ratio=ratio,
            )  # fmt: skip

    @property
    def ramp(self) -> float:
        """Seconds from `start` to full voltage."""
        return self._model.ramp

    def start(self) -> None:
        self._output.turn_on()
        self._output.set_voltage(self._voltage, slew=self._model.voltage / self._model.ramp, start=0.0)
        if (ripple := self._model.ripple) is not None:
            self._sine(ripple.amplitude, ripple.frequency)

    def stop(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._output.turn_off()
        if self._model.ripple is not None:
            self._sine(0.0, self._model.ripple.frequency)

    def recovered(self, node: str) -> None:
        """A port fed from `node` has come back after a trip."""
        if node != self._model.node:
            return
        if (fatigue := self._model.fatigue) is not None:
            self._voltage -= fatigue
            self._output.set_voltage(self._voltage, slew=REGULATION_SLEW)
        if (overshoot := self._model.overshoot) is None:
            return
        self._output.set_voltage(overshoot.voltage, slew=REGULATION_SLEW)
        back = partial(self._output.set_voltage, self._voltage, slew=REGULATION_SLEW)
        self._timers.append(self._sim.at(self._sim.now_ps + to_ps(overshoot.duration), back))

    def _sine(self, amplitude: float, hertz: float) -> None:
        for source in ("set",) if self._model.loop is not None else ("set", "cv"):
            self._sim.set_sine(f"{self._own}_{source}", amplitude, hertz)
