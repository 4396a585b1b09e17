"""The bench supply, two quadrants; its class (`supply_class`) says how much of what.

    plus ─┬─ output capacitor ─┬─ bleeder ─┬─ power stage in a PI voltage loop (`rig.twin.engine.loop`) ─ minus

The loop regulates with finite bandwidth: a load step of I dips the terminals by about I / (2 pi f C) and is over within
1 ms. Into a short the output capacitor empties first, whatever the current set value; the stage itself gives up to its
own limit of 110 % of nominal until the current regulator has taken over, and the set value from then on. Once the
current is wanted below the set value again, the voltage loop is back at once.
The power limit is a constant-power hyperbola in steps of 3 % of the voltage. The sink set values let the stage take
current back while the terminals are above the set voltage, so that it can program downwards; at zero, as at the start,
only bleeder and load empty the capacitor. Switching the output off stops the power stage in both directions.

Set and read errors are drawn once for each instrument. Voltage set values slew, current set values act at once. Of all
classes, [K]: bleeder 500 ohm, current regulator 100 us late. That an alarm switches the output off is from the PSB's
manual (section on alarm signals); no figure for the reaction times was found.
"""

from dataclasses import replace
from functools import partial
from typing import Literal

from rig.twin.bench.overrun import Overrun
from rig.twin.bench.supply_class import SupplyClass
from rig.twin.bench.supply_limits import SupplyLimits, wire_supply_limits
from rig.twin.draw import rectangular
from rig.twin.engine.loop import Loop, wire_loop
from rig.twin.engine.network import Network
from rig.twin.engine.probe import Probe, v
from rig.twin.engine.simulation import Simulation

Alarm = Literal["OVP", "OCP"]


def wire_supply(network: Network, rating: SupplyClass, name: str = "supply") -> None:
    """Add the supply between nodes `{name}_plus` and `{name}_minus`, floating but for its insulation."""
    wire_loop(
        network,
        name,
        f"{name}_plus",
        f"{name}_minus",
        bandwidth=rating.bandwidth,
        farads=rating.farads,
        esr=rating.esr,
        resistance=rating.ohms,
    )
    wire_supply_limits(network, name)
    network.resistor(f"{name}_bleeder", f"{name}_plus", f"{name}_minus", 500.0)
    for pole in ("plus", "minus"):
        network.resistor(f"{name}_{pole}_leak", f"{name}_{pole}", "0", 10e6)
    for protection in ("ovp", "ocp"):  # set-point nodes, 1 V per volt or ampere
        network.source(f"{name}_{protection}", f"{name}_{protection}", "0", 1.0)


class SupplyPhysics:
    """What the supply does at its terminals. Set values are true to within its drawn errors; all act at once.

    Every setter raises ValueError outside the instrument's range.
    """

    def __init__(
        self, sim: Simulation, seed: int, current: Probe, rating: SupplyClass, name: str = "supply"
    ) -> None:  # fmt: skip
        self._sim, self.rating, self._name = sim, rating, name
        self.ovp_dead = False
        self._volts = 0.0
        self._ovp, self._ocp = rating.ovp, rating.ocp
        self._alarm: Alarm | None = None
        self._set_error = rectangular(seed, f"{name} set voltage", rating.volt_error)
        self._limit_error = rectangular(seed, f"{name} set current", rating.amp_error)
        self._read_volts_error = rectangular(seed, f"{name} read voltage", rating.volt_error)
        self._read_amps_error = rectangular(seed, f"{name} read current", rating.amp_error)
        self.voltage = v(f"{name}_plus", f"{name}_minus")  # at the terminals [V]
        self.current = current  # out of the plus terminal [A]
        self._stage = Loop(sim, name, f"{name}_plus", f"{name}_minus")
        self.stage_current = self._stage.current  # of the power stage alone [A]
        self._limits = SupplyLimits(sim, self._stage, rating.amps, rating.watts, self._limit_error, name)
        sim.set_input(f"{name}_ovp", self._ovp)
        sim.set_input(f"{name}_ocp", self._ocp)
        over, much = self.voltage - v(f"{name}_ovp"), self.current - v(f"{name}_ocp")
        Overrun(sim, over, 0.0, rating.reaction, lambda: self._raise_alarm("OVP"), f"{name} OVP")
        Overrun(sim, much, 0.0, rating.reaction, lambda: self._raise_alarm("OCP"), f"{name} OCP")
        self._limit_trip: Overrun | None = None

    @property
    def output_on(self) -> bool:
        return self._stage.on

    @property
    def regulation(self) -> Literal["OFF", "CV", "CC", "CP"]:
        """What the power stage holds constant."""
        if not self.output_on:
            return "OFF"
        if self._stage.mode == "cc":
            return "CP" if self._limits.by_power else "CC"
        return "CV"

    def alarm(self) -> Alarm | None:
        return self._alarm

    def clear_alarm(self) -> None:
        """Forget the alarm; the output stays off."""
        self._alarm = None

    def set_voltage(self, volts: float) -> None:
        self._volts = self._accept("voltage", volts, self.rating.volts)
        if self.output_on:
            self._stage.set_voltage(self._true_volts(), slew=self.rating.slew)

    def set_current(self, amps: float) -> None:
        accepted = self._accept("current", amps, self.rating.amps)
        self._limits.set_source(replace(self._limits.source, amps=accepted))

    def set_power(self, watts: float) -> None:
        accepted = self._accept("power", watts, self.rating.watts)
        self._limits.set_source(replace(self._limits.source, watts=accepted))

    def set_sink_current(self, amps: float) -> None:
        """What the stage may take back while the terminals are above the set voltage."""
        accepted = self._accept("sink current", amps, self.rating.amps)
        self._limits.set_sink(replace(self._limits.sink, amps=accepted))

    def set_sink_power(self, watts: float) -> None:
        accepted = self._accept("sink power", watts, self.rating.watts)
        self._limits.set_sink(replace(self._limits.sink, watts=accepted))

    def set_sink_resistance(self, ohms: float | None) -> None:
        """Take back no more than this resistance would, in steps of 3 % of the voltage; None: whatever it would."""
        self._sim.log(self._name, f"sink resistance {ohms}")
        self._limits.set_sink(replace(self._limits.sink, ohms=ohms or 0.0))

    def set_ovp(self, volts: float) -> None:
        self._ovp = self._accept("OVP", volts, self.rating.ovp)
        self._sim.set_input(f"{self._name}_ovp", self._ovp)

    def set_ocp(self, amps: float) -> None:
        self._ocp = self._accept("OCP", amps, self.rating.ocp)
        self._sim.set_input(f"{self._name}_ocp", self._ocp)

    def set_limit_trip(self, delay: float | None) -> None:
        """Raise OCP once the current has been limited for `delay` seconds without a break; None: never."""
        self._sim.log(self._name, f"trip at limit {delay}")
        if self._limit_trip is not None:
            self._limit_trip.cancel()
        self._limit_trip = None
        if delay is not None:
            trip = partial(self._raise_alarm, "OCP")
            self._limit_trip = Overrun(self._sim, self._limits.wanted, 0.0, delay, trip, f"{self._name} at its limit")

    def set_output(self, on: bool) -> None:
        """Switch the power stage. Raises RuntimeError when an alarm has not been cleared."""
        if on and self._alarm is not None:
            raise RuntimeError(f"the {self._name}'s output stays off until its {self._alarm} alarm is cleared")
        if on == self.output_on:
            return
        self._sim.log(self._name, f"output {'on' if on else 'off'}")
        if not on:
            self._stage.turn_off()
            return
        # The set point starts where the terminals are, so that switching on never steps the voltage.
        start = min(max(self._sim.value(self.voltage), 0.0), self.rating.volts)
        self._stage.set_voltage(start)
        self._stage.turn_on()
        self._stage.set_voltage(self._true_volts(), slew=self.rating.slew)

    def power_off(self) -> None:
        """The stage stops, the alarm is forgotten, and set values become those of a start."""
        self.set_output(False)
        self.clear_alarm()
        self.set_voltage(0.0)
        self.set_current(self.rating.amps)
        self.set_power(self.rating.watts)
        self.set_sink_current(0.0)
        self.set_sink_power(0.0)
        self.set_sink_resistance(None)
        self.set_ovp(self.rating.ovp)
        self.set_ocp(self.rating.ocp)
        self.set_limit_trip(None)

    def measure(self) -> tuple[float, float]:
        """(V, A) as displayed: terminal values with the drawn reading errors, in steps of the resolution."""
        volts = self._sim.value(self.voltage) + self._read_volts_error
        amps = self._sim.value(self.current) + self._read_amps_error
        return _displayed(volts, self.rating.volt_step), _displayed(amps, self.rating.amp_step)

    def _accept(self, what: str, value: float, top: float) -> float:
        if not 0.0 <= value <= top:
            raise ValueError(f"the {self._name}'s {what} must be between 0 and {top:g}, not {value:g}")
        self._sim.log(self._name, f"{what} {value:g}")
        return float(value)

    def _true_volts(self) -> float:
        return max(self._volts + self._set_error, 0.0) if self._volts > 0 else 0.0

    def _raise_alarm(self, alarm: Alarm) -> None:
        if self.output_on and not (self.ovp_dead and alarm == "OVP"):
            self._alarm = alarm
            self._sim.log(self._name, f"alarm {alarm}")
            self.set_output(on=False)


def _displayed(value: float, step: float) -> float:
    return round(round(value / step) * step, 9)
