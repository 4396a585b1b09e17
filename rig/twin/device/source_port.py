"""The device under test: an energy input, a converter and one switched, protected source port.

    energy_in ─┬─ input capacitor    bulk ─┬─ converter (constant voltage, current limit, reverse-blocking)
               ├─ idle resistor            ├─ bulk capacitor, bleeder, freewheeling diode
               └─ converter's draw         └─ port switch ─ port ─┬─ port capacitor
                                                                  └─ leakage

The converter draws `ratio` x its output current in constant voltage; at its current limit the draw falls with the
output voltage, as the power does, so that a short does not starve the energy input.
"""

from collections.abc import Callable
from functools import partial
from typing import Literal

from rig.twin.device.protection import ProtectionPhysics
from rig.twin.engine.network import Network
from rig.twin.engine.probe import i, v
from rig.twin.engine.regulator import Regulator, wire_regulator
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Timer
from rig.twin.scene.device import SourcePort

State = Literal["dead", "starting", "on", "tripped", "latched"]

SOFT_START_STEPS = 10  # few enough to be cheap, fine enough that no step looks like a short
SOFT_START_OHMS = 100.0
REGULATION_SLEW = 1e6  # V/s: a control loop of some microseconds; a true step would see no current limit at first
BLEEDER_OHMS = 4.7e3  # empties the bulk capacitor within seconds when the energy is gone
_SENSE_OHMS = 10e3


def wire_source_port(network: Network, model: SourcePort) -> None:
    """Add the device between nodes `energy_in`, `port` and ground."""
    supply, converter, port = model.energy_input, model.converter, model.port
    network.capacitor("input_capacitor", "energy_in", "0", supply.capacitance, supply.esr)
    network.resistor("idle", "energy_in", "0", supply.idle)
    wire_regulator(network, "converter", "bulk", "0", resistance=converter.resistance)
    network.capacitor("bulk_capacitor", "bulk", "0", converter.bulk, converter.bulk_esr)
    network.resistor("bulk_bleeder", "bulk", "0", BLEEDER_OHMS)
    network.diode("freewheel", "0", "bulk", 0.6, 5e-3)
    network.mirror("draw_cv", "energy_in", "0", supply.ratio, "converter_cv")
    # At the limit: ratio x limit at full output voltage, in proportion below. The sense "source" is a resistor.
    network.source("converter_sense", "bulk", "0", _SENSE_OHMS, switch="converter_cc")
    gain = supply.ratio * converter.current_limit * _SENSE_OHMS / converter.voltage
    network.mirror("draw_cc", "energy_in", "0", -gain, "converter_sense")
    network.resistor("port_switch", "bulk", "port", model.switch.resistance, switch="port_switch")
    network.capacitor("port_capacitor", "port", "0", port.capacitance, port.esr)
    network.resistor("port_leakage", "port", "0", port.leakage)


class SourcePortPhysics:
    """The device's own sequence: start, soft start, trip, recovery. `state` is its truth.

    Without energy everything is off and forgotten, a latched trip too.
    """

    def __init__(self, sim: Simulation, model: SourcePort) -> None:
        self._sim, self._model = sim, model
        self.state: State = "dead"
        self.trips: list[tuple[int, str]] = []  # (time of the decision [ps], what decided)
        self._timers: list[Timer] = []
        self._converter = Regulator(sim, "converter", "bulk", "0", resistance=model.converter.resistance)
        self._converter.set_limit(model.converter.current_limit)
        self._protection = ProtectionPhysics(sim, model.protection, i("port_switch"), self._trip)
        sim.watch(v("energy_in"), model.energy_input.start, +1, self._energy_came, level=True)
        sim.watch(v("energy_in"), model.energy_input.stop, -1, self._energy_went, level=True)

    def _enter(self, state: State) -> None:
        self.state = state
        self._sim.log("device", state)

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        self._timers.append(self._sim.at(self._sim.now_ps + to_ps(seconds), action))

    def _forget(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _energy_came(self) -> None:
        if self.state == "dead":
            self._enter("starting")
            self._after(self._model.energy_input.start_delay, self._start_converter)

    def _energy_went(self) -> None:
        self._forget()
        self._protection.disarm()
        self._sim.set_switch("port_switch", on=False)
        self._converter.turn_off()
        if self.state != "dead":
            self._enter("dead")

    def _start_converter(self) -> None:
        volts, ramp = self._model.converter.voltage, self._model.converter.ramp
        self._converter.turn_on()
        self._converter.set_voltage(volts, slew=volts / ramp, start=0.0)
        self._after(ramp, self._close_port)

    def _close_port(self) -> None:
        """Soft start: the switch comes on in geometric steps of its resistance."""
        final = self._model.switch.resistance
        self._protection.arm()
        for step in range(SOFT_START_STEPS):
            ohms = SOFT_START_OHMS * (final / SOFT_START_OHMS) ** (step / (SOFT_START_STEPS - 1))
            self._after(self._model.switch.soft_start * step / (SOFT_START_STEPS - 1), partial(self._conduct, ohms))
        self._after(self._model.switch.soft_start, partial(self._enter, "on"))

    def _conduct(self, ohms: float) -> None:
        self._sim.set_ohms("port_switch", ohms)
        self._sim.set_switch("port_switch", on=True)

    def _trip(self, reason: str) -> None:
        self._forget()
        self._protection.disarm()
        self.trips.append((self._sim.now_ps, reason))
        self._enter("tripped")
        self._sim.log("device", f"trip by {reason}")
        self._after(self._model.switch.turn_off, self._open_port)

    def _open_port(self) -> None:
        self._sim.set_switch("port_switch", on=False)
        if self._model.recovery.policy == "latch":
            self._enter("latched")
        else:
            self._after(self._model.recovery.delay, self._restart)

    def _restart(self) -> None:
        self._enter("starting")
        self._close_port()
        if (overshoot := self._model.recovery.overshoot) is not None:
            start = self._model.switch.soft_start
            self._after(start, partial(self._converter.set_voltage, overshoot.voltage, slew=REGULATION_SLEW))
            back = partial(self._converter.set_voltage, self._model.converter.voltage, slew=REGULATION_SLEW)
            self._after(start + overshoot.duration, back)
