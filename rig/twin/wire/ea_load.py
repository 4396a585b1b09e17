"""EA instruments over SCPI in front of a load's power stage: EL, and a PSB that is used as a sink.

Written from PGMBEN revision 24, sections 5.4.3, 5.4.5.2 and 5.4.11. All set values of a load act at once and the one
that is reached first rules; the power stage behind does one at a time, so here the mode is: U/I/R a resistance, else a
set voltage above 0 a voltage, else a power below nominal a power, else the current. A set voltage of the PSB above 0,
which would be a source, is a settings conflict. Its sink protection and the EL's over-voltage protection do nothing.
"""

from collections.abc import Callable
from typing import Literal

from rig.twin.wire import scpi
from rig.twin.wire.ea_forms import amps, resistance, volts, watts
from rig.twin.wire.ea_front import EaFront
from rig.twin.wire.ea_ratings import PROTECTION, EaModel, assemble, nominal_rows
from rig.twin.wire.ea_supply import sink_constants
from rig.twin.wire.roles import Load, Mode
from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.scpi_instrument import Command, ScpiInstrument


class LoadTerminal:
    """The DC terminal of a load; the power stage forgets an alarm when it is switched on, an EA when it is read."""

    def __init__(self, load: Load, sign: Literal[1, -1]) -> None:
        self._load, self._sign = load, sign
        self._cleared = False
        self.mode: Mode = "CURR"

    @property
    def on(self) -> bool:
        return self._load.input_on

    @property
    def regulation(self) -> str:
        return {"CURR": "CC", "VOLT": "CV", "RES": "CR", "POW": "CP"}[self.mode] if self.on else "OFF"

    def switch(self, on: bool) -> None:
        self._cleared = self._cleared and not on
        self._load.set_input(on)

    def alarm(self) -> str | None:
        return None if self._cleared else self._load.alarm()

    def clear_alarm(self) -> None:
        self._cleared = self._load.alarm() is not None

    def measure(self) -> tuple[float, float]:
        read_volts, read_amps = self._load.measure()
        return read_volts, self._sign * read_amps


class _Levels:
    """The set values, and the one of them that the power stage holds."""

    def __init__(self, load: Load, terminal: LoadTerminal, front: EaFront, watts: float, ohms: float) -> None:
        self._load, self._terminal, self._front, self._watts = load, terminal, front, watts
        self._values: dict[Mode, float] = {"CURR": 0.0, "VOLT": 0.0, "RES": ohms, "POW": watts}

    def put(self, mode: Mode) -> Callable[[float], None]:
        def setter(value: float) -> None:
            self._values[mode] = value
            self._apply()

        return setter

    def set_mode(self, mode: str) -> None:
        self._front.set_mode(mode)
        self._apply()

    def _apply(self) -> None:
        held: Mode = "CURR"
        if self._front.resistance_mode:
            held = "RES"
        elif self._values["VOLT"] > 0.0:
            held = "VOLT"
        elif self._values["POW"] < self._watts:
            held = "POW"
        self._terminal.mode = held
        self._load.set_level(held, self._values[held])


def build(model: EaModel, load: Load, local: Callable[[], bool] = lambda: False) -> ScpiInstrument:
    """An EL in front of `load`; `local`: its panel is LOCAL."""
    terminal = LoadTerminal(load, +1)
    front = EaFront(terminal, local)
    assert model.ohms is not None
    levels = _Levels(load, terminal, front, model.watts, model.ohms[1])
    rows = [
        *front.adjustable("[:SOURce]:VOLTage", 0.0, (0.0, model.volts), volts, levels.put("VOLT"), low=True),
        *front.adjustable("[:SOURce]:CURRent", 0.0, (0.0, model.amps), amps, levels.put("CURR"), low=True),
        *front.adjustable("[:SOURce]:POWer", model.watts, (0.0, model.watts), watts, levels.put("POW")),
        *front.adjustable("[:SOURce]:RESistance", model.ohms[1], model.ohms, resistance, levels.put("RES")),
        front.mode_row(levels.set_mode),
        front.kept(
            "[:SOURce]:VOLTage:PROTection[:LEVel]", model.volts * model.ovp, model.volts * model.ovp, volts, _none
        ),
        *_protection(front, model, load),
    ]
    return assemble(model, front, front.rows("INPut") + nominal_rows(model) + rows)


def build_sink(model: EaModel, load: Load, local: Callable[[], bool] = lambda: False) -> ScpiInstrument:
    """A PSB in front of `load`, which can sink only."""
    terminal = LoadTerminal(load, -1)
    front = EaFront(terminal, local, bidirectional=True)
    assert model.ohms is not None
    levels = _Levels(load, terminal, front, model.watts, model.ohms[1])
    rows = [
        *front.adjustable("[:SOURce]:VOLTage", 0.0, (0.0, model.volts), volts, _no_source, low=True),
        *front.adjustable("[:SOURce]:CURRent", model.amps, (0.0, model.amps), amps, _none, low=True),
        *front.adjustable("[:SOURce]:POWer", model.watts, (0.0, model.watts), watts, _none),
        front.kept(
            "[:SOURce]:VOLTage:PROTection[:LEVel]", model.volts * model.ovp, model.volts * model.ovp, volts, _none
        ),
        front.only("[:SOURce]:CURRent:PROTection[:LEVel]", model.amps * PROTECTION, amps),
        front.only("[:SOURce]:POWer:PROTection[:LEVel]", model.watts * PROTECTION, watts),
        *front.adjustable("SINK:CURRent", 0.0, (0.0, model.amps), amps, levels.put("CURR"), low=True),
        *front.adjustable("SINK:POWer", model.watts, (0.0, model.watts), watts, levels.put("POW")),
        *front.adjustable("SINK:RESistance", model.ohms[1], model.ohms, resistance, levels.put("RES")),
        front.mode_row(levels.set_mode),
        *sink_constants(front, model),
    ]
    return assemble(model, front, front.rows("OUTPut") + nominal_rows(model) + rows)


def _protection(front: EaFront, model: EaModel, load: Load) -> list[Command]:
    """Thresholds above nominal are those of the power stage itself."""

    def ocp(threshold: float) -> None:
        load.set_protection("OCP", None if threshold > model.amps else (threshold, 0.0))

    def opp(threshold: float) -> None:
        load.set_protection("OPP", None if threshold > model.watts else (threshold, 0.0))

    return [
        front.kept("[:SOURce]:CURRent:PROTection[:LEVel]", model.amps * PROTECTION, model.amps * PROTECTION, amps, ocp),
        front.kept(
            "[:SOURce]:POWer:PROTection[:LEVel]", model.watts * PROTECTION, model.watts * PROTECTION, watts, opp
        ),
    ]


def _none(_value: float) -> None:
    """A set value that has no effect here."""


def _no_source(value: float) -> None:
    if value > 0.0:
        raise ScpiError(scpi.SETTINGS_CONFLICT)
