"""A converter of the device: constant voltage, current limit, bulk capacitor.

    source ─ draw      node ─┬─ regulated output (reverse-blocking)
                             ├─ bulk capacitor, bleeder, freewheeling diode
                             └─ what it feeds

The converter draws `ratio` x its output current in constant voltage; at its current limit the draw falls with the
output voltage, as the power does, so that a short does not starve the energy input.
"""

from functools import partial

from rig.twin.device.nodes import Nodes
from rig.twin.engine.network import Network
from rig.twin.engine.regulator import Regulator, wire_regulator
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Timer
from rig.twin.scene.parts import Converter

REGULATION_SLEW = 1e6  # V/s: a control loop of some microseconds; a true step would see no current limit at first
BLEEDER_OHMS = 4.7e3  # empties the bulk capacitor within seconds when the energy is gone
_SENSE_OHMS = 10e3


def wire_converter(network: Network, name: str, model: Converter, nodes: Nodes) -> None:
    """Add the elements of converter `name`."""
    output, own = nodes(model.node), nodes(name)
    wire_regulator(network, own, output, "0", resistance=model.resistance)
    network.capacitor(f"{own}_capacitor", output, "0", model.capacitance, model.esr)
    network.resistor(f"{own}_bleeder", output, "0", BLEEDER_OHMS)
    network.diode(f"{own}_freewheel", "0", output, 0.6, 5e-3)
    if model.source is None:
        return
    source = nodes(model.source)
    network.mirror(f"{own}_draw_cv", source, "0", model.ratio, f"{own}_cv")
    # At the limit: ratio x limit at full output voltage, in proportion below. The sense "source" is a resistor.
    network.source(f"{own}_sense", output, "0", _SENSE_OHMS, switch=f"{own}_cc")
    gain = model.ratio * model.current_limit * _SENSE_OHMS / model.voltage
    network.mirror(f"{own}_draw_cc", source, "0", -gain, f"{own}_sense")


class ConverterPhysics:
    """Starts with a ramp, and overshoots after a recovery if its model says so."""

    def __init__(self, sim: Simulation, name: str, model: Converter, nodes: Nodes) -> None:
        self._sim, self._model = sim, model
        self._timers: list[Timer] = []
        self._output = Regulator(sim, nodes(name), nodes(model.node), "0", resistance=model.resistance)
        self._output.set_limit(model.current_limit)

    @property
    def ramp(self) -> float:
        """Seconds from `start` to full voltage."""
        return self._model.ramp

    def start(self) -> None:
        volts = self._model.voltage
        self._output.turn_on()
        self._output.set_voltage(volts, slew=volts / self._model.ramp, start=0.0)

    def stop(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._output.turn_off()

    def recovered(self) -> None:
        """A port that this converter feeds has come back after a trip."""
        if (overshoot := self._model.overshoot) is None:
            return
        self._output.set_voltage(overshoot.voltage, slew=REGULATION_SLEW)
        back = partial(self._output.set_voltage, self._model.voltage, slew=REGULATION_SLEW)
        self._timers.append(self._sim.at(self._sim.now_ps + to_ps(overshoot.duration), back))
