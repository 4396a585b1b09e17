"""Keysight N6900 and N7900 Advanced Power System: one output, 1 or 2 kW.

Source: N6900/N7900 Operating and Service Guide: page 251 (OUTP:PROT:CLE restores the output to its state before the
trip; a list goes on behind it), 252 (a trip leaves the programmed output state as it is), 286 and 287 (status
registers), 52 (least voltage 0.1 % of the rating; resolutions).
The commands, the form of the replies, CURR:LIM as the limit of voltage priority, and up to six clients on sockets and
telnet at once: from a public driver that is used on an N6974A. It covers what that unit implements, and there is no
command for remote sense among it: the sense leads are always in use. CURR:PROT:STAT ON trips at the current limit. The
unit says what it can be set to. The limit of sunk current is left as it is.
Not verified: the accuracy figures.
"""

from __future__ import annotations

from instruments.accuracy import Accuracy
from instruments.supplies.page import Ask, Rating, Setting, Status, SupplyPage, Switch, weights
from instruments.supplies.scpi_supply import ScpiSupplyDriver

SOURCE = "not verified: figures commonly quoted for the series"
TRIPS = {1: "OVP", 2: "OCP", 4: "PF", 8: "OPP", 16: "OT", 32: "OPP", 64: "OVP", 512: "INH", 2048: "WDOG", 4096: "EDP"}


def unit_rating(ask: Ask, model: str, channel: int) -> Rating:
    """What the unit can be set to, by itself; its power is in the model: N69xx and N79xx, below 60 1 kW, then 2 kW."""
    if channel != 1:
        raise LookupError(channel)

    def limit(command: str, word: str) -> float:
        return float(ask(f"{command}? {word}"))

    volts, amps = limit("VOLT", "MAX"), limit("CURR:LIM", "MAX")
    watts = 1000.0 if int(model[3:5]) < 60 else 2000.0
    ovp = (limit("VOLT:PROT", "MIN"), limit("VOLT:PROT", "MAX"))
    return Rating(volts, amps, watts, ovp, least_volts=max(limit("VOLT", "MIN"), 0.0))


PAGE = SupplyPage(
    family="Keysight N7900",
    models="N[67]9[5-7][0-9]A",
    rating=unit_rating,
    voltage=Setting("VOLT {value:.4f}", "VOLT?"),
    current=Setting("CURR:LIM {value:.4f}", "CURR:LIM?"),
    output=Switch("OUTP {word}", "OUTP?"),
    measure_voltage="MEAS:VOLT?",
    measure_current="MEAS:CURR?",
    regulation=Status("STAT:OPER:COND?", weights({4: "OFF", 1: "CV", 2: "CC"}, otherwise="UNREGULATED")),
    trips=(Status("STAT:QUES1:COND?", weights(TRIPS)),),
    clear=dict.fromkeys(TRIPS.values(), "OUTP:PROT:CLE"),
    ovp=Setting("VOLT:PROT {value:.4f}", "VOLT:PROT?"),
    trip_at_limit=Switch("CURR:PROT:STAT {word}", "CURR:PROT:STAT?"),
    second_client=True,
    accuracy=(
        Accuracy("set voltage", 80.0, gain_frac=0.0003, offset_abs=12e-3, models="N[67]974A", source=SOURCE),
        Accuracy("measure voltage", 80.0, gain_frac=0.0003, offset_abs=14e-3, models="N[67]974A", source=SOURCE),
        Accuracy("set current", 25.0, gain_frac=0.001, offset_abs=8e-3, models="N[67]974A", source=SOURCE),
        Accuracy("measure current", 25.0, gain_frac=0.001, offset_abs=10e-3, models="N[67]974A", source=SOURCE),
    ),
)
DRIVER = ScpiSupplyDriver(PAGE)
