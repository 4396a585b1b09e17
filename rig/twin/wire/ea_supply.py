"""EA supplies over SCPI in front of a supply's power stage: PS, which source only, and PSB, which sink too.

Written from PGMBEN revision 24, sections 5.4.3 (set values; here they end at 100 % of nominal, the guide's at 102 %),
5.4.6 (protection up to 110 %), 5.4.8 (adjustment limits) and 5.4.15 (counters of the sink). Over-power protection and
the protection of the sink stand at their ends. A resistance acts in U/I/R only, and here for the sink only.
"""

from collections.abc import Callable

from rig.twin.wire.ea_forms import amps, resistance, volts, watts
from rig.twin.wire.ea_front import EaFront
from rig.twin.wire.ea_ratings import PROTECTION, EaModel, assemble, nominal_rows
from rig.twin.wire.roles import Supply
from rig.twin.wire.scpi_instrument import Command, ScpiInstrument


class SupplyTerminal:
    """The DC terminal of a supply."""

    def __init__(self, supply: Supply) -> None:
        self._supply = supply

    @property
    def on(self) -> bool:
        return self._supply.output_on

    @property
    def regulation(self) -> str:
        return self._supply.regulation

    def switch(self, on: bool) -> None:
        self._supply.set_output(on)

    def alarm(self) -> str | None:
        return self._supply.alarm()

    def clear_alarm(self) -> None:
        self._supply.clear_alarm()

    def measure(self) -> tuple[float, float]:
        return self._supply.measure()


def build(model: EaModel, supply: Supply, local: Callable[[], bool] = lambda: False) -> ScpiInstrument:
    """The instrument in front of `supply`; a sink too if the model has a resistance. `local`: its panel is LOCAL."""
    front = EaFront(SupplyTerminal(supply), local, bidirectional=model.ohms is not None)
    rows = front.rows("OUTPut") + nominal_rows(model) + _source_rows(front, model, supply)
    if model.ohms is not None:
        rows += _sink_rows(front, model, model.ohms, supply)
    return assemble(model, front, rows)


def _source_rows(front: EaFront, model: EaModel, supply: Supply) -> list[Command]:
    ovp, ocp = supply.rating.ovp, supply.rating.ocp
    return [
        *front.adjustable("[:SOURce]:VOLTage", 0.0, (0.0, model.volts), volts, supply.set_voltage, low=True),
        *front.adjustable("[:SOURce]:CURRent", model.amps, (0.0, model.amps), amps, supply.set_current, low=True),
        *front.adjustable("[:SOURce]:POWer", model.watts, (0.0, model.watts), watts, supply.set_power),
        front.kept("[:SOURce]:VOLTage:PROTection[:LEVel]", ovp, ovp, volts, supply.set_ovp),
        front.kept("[:SOURce]:CURRent:PROTection[:LEVel]", ocp, ocp, amps, supply.set_ocp),
        front.only("[:SOURce]:POWer:PROTection[:LEVel]", model.watts * PROTECTION, watts),
    ]


def _sink_rows(front: EaFront, model: EaModel, ohms: tuple[float, float], supply: Supply) -> list[Command]:
    held = [ohms[1]]

    def apply() -> None:
        supply.set_sink_resistance(held[0] if front.resistance_mode else None)

    def set_mode(mode: str) -> None:
        front.set_mode(mode)
        apply()

    def set_ohms(value: float) -> None:
        held[0] = value
        if front.resistance_mode:
            apply()

    return [
        *front.adjustable("SINK:CURRent", 0.0, (0.0, model.amps), amps, supply.set_sink_current, low=True),
        *front.adjustable("SINK:POWer", 0.0, (0.0, model.watts), watts, supply.set_sink_power),
        *sink_constants(front, model),
        *front.adjustable("SINK:RESistance", ohms[1], ohms, resistance, set_ohms),
        front.mode_row(set_mode),
    ]


def sink_constants(front: EaFront, model: EaModel) -> list[Command]:
    """Of the sink: protection, which nothing here changes, and its counters, which never count."""
    return [
        front.only("SINK:CURRent:PROTection[:LEVel]", model.amps * PROTECTION, amps),
        front.only("SINK:POWer:PROTection[:LEVel]", model.watts * PROTECTION, watts),
        Command("SYSTem:SINK:ALARm:COUNt:OCURrent", lambda: "0"),
        Command("SYSTem:SINK:ALARm:COUNt:OPOWer", lambda: "0"),
    ]
