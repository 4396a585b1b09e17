"""The bench supply: a PSB 9080-60 class bidirectional supply, 80 V, 60 A, 5 kW.

    plus ─┬─ output capacitor ─┬─ bleeder ─┬─ power stage (constant voltage or current) ─ minus

Switching the output off stops the power stage; the capacitor then empties through bleeder and load.
Figures, all [K] unverified class figures: set and read errors 0.1 % of 80 V and 0.2 % of 60 A (rectangular, drawn
once per instrument), resolution 10 mV and 10 mA, full-scale set-point slew 30 ms, OVP reaction 1 ms, output
capacitor 470 uF with 20 mohm, bleeder 500 ohm.
"""

from typing import Literal

from rig.twin.draw import rectangular
from rig.twin.network import Network
from rig.twin.probe import i, v
from rig.twin.regulator import Regulator, wire_regulator
from rig.twin.simulation import Simulation
from rig.twin.units import to_ps

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


class SupplyPhysics:
    """What the supply does at its terminals. Set values are true to within its drawn errors; all act at once.

    Every setter raises ValueError outside the instrument's range.
    """

    def __init__(self, sim: Simulation, seed: int) -> None:
        self._sim = sim
        self._volts, self._amps, self._watts = 0.0, MAX_AMPS, MAX_WATTS
        self._ovp, self._ocp = MAX_VOLTS * PROTECTION_HEADROOM, MAX_AMPS * PROTECTION_HEADROOM
        self._alarm: Alarm | None = None
        self._set_error = rectangular(seed, "supply set voltage", VOLT_CLASS * MAX_VOLTS)
        self._limit_error = rectangular(seed, "supply set current", AMP_CLASS * MAX_AMPS)
        self._read_volts_error = rectangular(seed, "supply read voltage", VOLT_CLASS * MAX_VOLTS)
        self._read_amps_error = rectangular(seed, "supply read current", AMP_CLASS * MAX_AMPS)
        self.voltage = v("supply_plus", "supply_minus")  # at the terminals [V]
        self.current = i("energy_input_plus") + i("reverse_line_plus")  # out of the plus terminal [A]
        self._stage = Regulator(sim, "supply", "supply_plus", "supply_minus", resistance=OUTPUT_OHMS, sinks=True)
        self._ovp_guard = sim.watch(self.voltage - v("supply_ovp"), 0.0, +1, self._ovp_crossed)
        self._ocp_guard = sim.watch(self.current - v("supply_ocp"), 0.0, +1, lambda: self._raise_alarm("OCP"))
        self._set_limit()

    @property
    def output_on(self) -> bool:
        return self._stage.on

    @property
    def regulation(self) -> Literal["OFF", "CV", "CC"]:
        """What the power stage holds constant."""
        names: dict[str, Literal["OFF", "CV", "CC"]] = {"off": "OFF", "cv": "CV", "cc+": "CC", "cc-": "CC"}
        return names[self._stage.mode]
