"""The bench supply: a PSB 9080-60 class supply, 80 V, 60 A, 5 kW, its sink set values at zero.

    plus ─┬─ output capacitor ─┬─ bleeder ─┬─ power stage (constant voltage or current) ─ minus

Switching the output off stops the power stage; the capacitor then empties through bleeder and load.
Figures, all [K] unverified class figures: set and read errors 0.1 % of 80 V and 0.2 % of 60 A (rectangular, drawn
once per instrument), resolution 10 mV and 10 mA, full-scale set-point slew 30 ms, OVP reaction 1 ms, output
capacitor 470 uF with 20 mohm, bleeder 500 ohm.
"""

from typing import Literal

from rig.twin.bench.draw import rectangular
from rig.twin.engine.network import Network
from rig.twin.engine.probe import Probe, v
from rig.twin.engine.regulator import Regulator, wire_regulator
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps

MAX_VOLTS, MAX_AMPS, MAX_WATTS = 80.0, 60.0, 5000.0
PROTECTION_HEADROOM = 1.1  # OVP and OCP go to 110 % of nominal
VOLT_CLASS, AMP_CLASS = 0.001, 0.002  # of full scale
RESOLUTION = 0.01  # V and A
SLEW = MAX_VOLTS / 30e-3  # V/s
OVP_REACTION = 1e-3  # s
OUTPUT_OHMS = 5e-3

Alarm = Literal["OVP", "OCP"]


def wire_supply(network: Network) -> None:
    """Add the supply between nodes `supply_plus` and `supply_minus`, floating but for its insulation."""
    wire_regulator(network, "supply", "supply_plus", "supply_minus", resistance=OUTPUT_OHMS)
    network.capacitor("supply_capacitor", "supply_plus", "supply_minus", 470e-6, 20e-3)
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
        self._volts, self._amps, self._watts = 0.0, MAX_AMPS, MAX_WATTS
        self._ovp, self._ocp = MAX_VOLTS * PROTECTION_HEADROOM, MAX_AMPS * PROTECTION_HEADROOM
        self._alarm: Alarm | None = None
        self._set_error = rectangular(seed, "supply set voltage", VOLT_CLASS * MAX_VOLTS)
        self._limit_error = rectangular(seed, "supply set current", AMP_CLASS * MAX_AMPS)
        self._read_volts_error = rectangular(seed, "supply read voltage", VOLT_CLASS * MAX_VOLTS)
        self._read_amps_error = rectangular(seed, "supply read current", AMP_CLASS * MAX_AMPS)
        self.voltage = v("supply_plus", "supply_minus")  # at the terminals [V]
        self.current = current  # out of the plus terminal [A]
        self._stage = Regulator(sim, "supply", "supply_plus", "supply_minus", resistance=OUTPUT_OHMS)
        sim.set_input("supply_ovp", self._ovp)
        sim.set_input("supply_ocp", self._ocp)
        sim.watch(self.voltage - v("supply_ovp"), 0.0, +1, self._ovp_crossed, level=True)
        sim.watch(self.current - v("supply_ocp"), 0.0, +1, lambda: self._raise_alarm("OCP"), level=True)
        self._set_limit()

    @property
    def output_on(self) -> bool:
        return self._stage.on

    @property
    def regulation(self) -> Literal["OFF", "CV", "CC"]:
        """What the power stage holds constant."""
        names: dict[str, Literal["OFF", "CV", "CC"]] = {"off": "OFF", "cv": "CV", "cc": "CC", "blocked": "CV"}
        return names[self._stage.mode]

    def alarm(self) -> Alarm | None:
        return self._alarm

    def clear_alarm(self) -> None:
        """Forget the alarm; the output stays off."""
        self._alarm = None

    def set_voltage(self, volts: float) -> None:
        self._volts = self._accept("voltage", volts, MAX_VOLTS)
        if self.output_on:
            self._stage.set_voltage(self._true_volts(), slew=SLEW)
            self._set_limit()

    def set_current(self, amps: float) -> None:
        self._amps = self._accept("current", amps, MAX_AMPS)
        self._set_limit()

    def set_power(self, watts: float) -> None:
        """Power limit, kept as a current limit of power over set voltage: exact in constant voltage, safe below it."""
        self._watts = self._accept("power", watts, MAX_WATTS)
        self._set_limit()

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

    def _set_limit(self) -> None:
        by_power = self._watts / self._volts if self._volts > 0 else MAX_AMPS
        amps = min(self._amps, by_power)
        self._stage.set_limit(max(amps + self._limit_error, 0.0) if amps > 0 else 0.0)

    def _ovp_crossed(self) -> None:
        def confirm() -> None:
            if self._sim.value(self.voltage) > self._ovp and not self.ovp_dead:
                self._raise_alarm("OVP")

        self._sim.at(self._sim.now_ps + to_ps(OVP_REACTION), confirm)

    def _raise_alarm(self, alarm: Alarm) -> None:
        if self.output_on:
            self._alarm = alarm
            self._sim.log("supply", f"alarm {alarm}")
            self.set_output(on=False)


def _displayed(value: float) -> float:
    return round(round(value / RESOLUTION) * RESOLUTION, 2)
