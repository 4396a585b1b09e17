"""The bench supply: a PSB 9080-60 class supply, 80 V, 60 A, 5 kW, two quadrants.

    plus ─┬─ output capacitor ─┬─ bleeder ─┬─ power stage in a PI voltage loop (`rig.twin.engine.loop`) ─ minus

The loop regulates with finite bandwidth: a load step of I dips the terminals by about I / (2 pi f C) and is over within
1 ms. Into a short the output capacitor empties first, whatever the current set value; the stage itself gives up to its
own limit of 110 % of nominal until the current regulator has taken over, and the set value from then on. Once the
current is wanted below the set value again, the voltage loop is back at once.
The power limit is a constant-power hyperbola in steps of 3 % of the voltage. The sink set values let the stage take
current back while the terminals are above the set voltage, so that it can program downwards; at zero, as at the start,
only bleeder and load empty the capacitor. Switching the output off stops the power stage in both directions.

Figures, all [K] unverified class figures: set and read errors 0.1 % of 80 V and 0.2 % of 60 A (rectangular, drawn
once per instrument), resolution 10 mV and 10 mA, full-scale voltage slew 30 ms (current set values act at once),
regulation bandwidth 5 kHz (recovery from a load step within the class of 1.5 ms), output capacitor 470 uF with 20 mohm,
bleeder 500 ohm, current regulator 100 us late, OVP and OCP reaction 1 ms. That an alarm switches the output off is from
the maker's manual (section on alarm signals); no figure for the reaction times was found.
"""

from dataclasses import replace
from typing import Literal

from rig.twin.bench.draw import rectangular
from rig.twin.bench.overrun import Overrun
from rig.twin.bench.supply_limits import SupplyLimits, wire_supply_limits
from rig.twin.engine.loop import Loop, wire_loop
from rig.twin.engine.network import Network
from rig.twin.engine.probe import Probe, v
from rig.twin.engine.simulation import Simulation

MAX_VOLTS, MAX_AMPS, MAX_WATTS = 80.0, 60.0, 5000.0
PROTECTION_HEADROOM = 1.1  # OVP and OCP go to 110 % of nominal
VOLT_CLASS, AMP_CLASS = 0.001, 0.002  # of full scale
RESOLUTION = 0.01  # V and A
SLEW = MAX_VOLTS / 30e-3  # V/s
OVP_REACTION = OCP_REACTION = 1e-3  # s
OUTPUT_OHMS = 5e-3
BANDWIDTH = 5e3  # Hz
CAPACITANCE, CAPACITOR_OHMS = 470e-6, 20e-3

Alarm = Literal["OVP", "OCP"]


def wire_supply(network: Network) -> None:
    """Add the supply between nodes `supply_plus` and `supply_minus`, floating but for its insulation."""
    wire_loop(
        network,
        "supply",
        "supply_plus",
        "supply_minus",
        bandwidth=BANDWIDTH,
        farads=CAPACITANCE,
        esr=CAPACITOR_OHMS,
        resistance=OUTPUT_OHMS,
    )
    wire_supply_limits(network)
    network.resistor("supply_bleeder", "supply_plus", "supply_minus", 500.0)
    for pole in ("plus", "minus"):
        network.resistor(f"supply_{pole}_leak", f"supply_{pole}", "0", 10e6)
    for protection in ("ovp", "ocp"):  # set-point nodes, 1 V per volt or ampere
        network.source(f"supply_{protection}", f"supply_{protection}", "0", 1.0)


class SupplyPhysics:
    """What the supply does at its terminals. Set values are true to within its drawn errors; all act at once.

    Every setter raises ValueError outside the instrument's range.
    """

    def __init__(self, sim: Simulation, seed: int, current: Probe) -> None:
        self._sim = sim
        self.ovp_dead = False
        self._volts = 0.0
        self._ovp, self._ocp = MAX_VOLTS * PROTECTION_HEADROOM, MAX_AMPS * PROTECTION_HEADROOM
        self._alarm: Alarm | None = None
        self._set_error = rectangular(seed, "supply set voltage", VOLT_CLASS * MAX_VOLTS)
        self._limit_error = rectangular(seed, "supply set current", AMP_CLASS * MAX_AMPS)
        self._read_volts_error = rectangular(seed, "supply read voltage", VOLT_CLASS * MAX_VOLTS)
        self._read_amps_error = rectangular(seed, "supply read current", AMP_CLASS * MAX_AMPS)
        self.voltage = v("supply_plus", "supply_minus")  # at the terminals [V]
        self.current = current  # out of the plus terminal [A]
        self._stage = Loop(sim, "supply", "supply_plus", "supply_minus")
        self.stage_current = self._stage.current  # of the power stage alone [A]
        self._limits = SupplyLimits(sim, self._stage, MAX_AMPS, MAX_WATTS, self._limit_error)
        sim.set_input("supply_ovp", self._ovp)
        sim.set_input("supply_ocp", self._ocp)
        over, much = self.voltage - v("supply_ovp"), self.current - v("supply_ocp")
        Overrun(sim, over, 0.0, OVP_REACTION, lambda: self._raise_alarm("OVP"), "supply OVP")
        Overrun(sim, much, 0.0, OCP_REACTION, lambda: self._raise_alarm("OCP"), "supply OCP")

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
        self._volts = self._accept("voltage", volts, MAX_VOLTS)
        if self.output_on:
            self._stage.set_voltage(self._true_volts(), slew=SLEW)

    def set_current(self, amps: float) -> None:
        accepted = self._accept("current", amps, MAX_AMPS)
        self._limits.set_source(replace(self._limits.source, amps=accepted))

    def set_power(self, watts: float) -> None:
        accepted = self._accept("power", watts, MAX_WATTS)
        self._limits.set_source(replace(self._limits.source, watts=accepted))

    def set_sink_current(self, amps: float) -> None:
        """What the stage may take back while the terminals are above the set voltage."""
        accepted = self._accept("sink current", amps, MAX_AMPS)
        self._limits.set_sink(replace(self._limits.sink, amps=accepted))

    def set_sink_power(self, watts: float) -> None:
        accepted = self._accept("sink power", watts, MAX_WATTS)
        self._limits.set_sink(replace(self._limits.sink, watts=accepted))

    def set_ovp(self, volts: float) -> None:
        self._ovp = self._accept("OVP", volts, MAX_VOLTS * PROTECTION_HEADROOM)
        self._sim.set_input("supply_ovp", self._ovp)

    def set_ocp(self, amps: float) -> None:
        self._ocp = self._accept("OCP", amps, MAX_AMPS * PROTECTION_HEADROOM)
        self._sim.set_input("supply_ocp", self._ocp)

    def set_output(self, on: bool) -> None:
        """Switch the power stage. Raises RuntimeError when an alarm has not been cleared."""
        if on and self._alarm is not None:
            raise RuntimeError(f"the supply's output stays off until its {self._alarm} alarm is cleared")
        if on == self.output_on:
            return
        self._sim.log("supply", f"output {'on' if on else 'off'}")
        if not on:
            self._stage.turn_off()
            return
        # The set point starts where the terminals are, so that switching on never steps the voltage.
        start = min(max(self._sim.value(self.voltage), 0.0), MAX_VOLTS)
        self._stage.set_voltage(start)
        self._stage.turn_on()
        self._stage.set_voltage(self._true_volts(), slew=SLEW)

    def measure(self) -> tuple[float, float]:
        """(V, A) as displayed: terminal values with the drawn reading errors, in steps of the resolution."""
        volts = self._sim.value(self.voltage) + self._read_volts_error
        amps = self._sim.value(self.current) + self._read_amps_error
        return _displayed(volts), _displayed(amps)

    def _accept(self, what: str, value: float, top: float) -> float:
        if not 0.0 <= value <= top:
            raise ValueError(f"the supply's {what} must be between 0 and {top:g}, not {value:g}")
        self._sim.log("supply", f"{what} {value:g}")
        return float(value)

    def _true_volts(self) -> float:
        return max(self._volts + self._set_error, 0.0) if self._volts > 0 else 0.0

    def _raise_alarm(self, alarm: Alarm) -> None:
        if self.output_on and not (self.ovp_dead and alarm == "OVP"):
            self._alarm = alarm
            self._sim.log("supply", f"alarm {alarm}")
            self.set_output(on=False)


def _displayed(value: float) -> float:
    return round(round(value / RESOLUTION) * RESOLUTION, 2)
