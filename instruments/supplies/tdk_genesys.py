"""TDK-Lambda Genesys (GEN, GENH) with the LAN or IEEE interface set to SCPI: one output.

Sources: LAN manual IA672-04-01 (pages 54 and 55: condition registers), GEN 3.3 kW manual section 11.8 (SYST:ERR:ENAB
empties the error queue, and with the IEEE interface nothing is queued before it), IEMD manual table 4 (weights of the
questionable register), two replies to *IDN? (GEN30-56-LAN, GEN80-187.5-LAN: the interface is part of the model), GEN
2.4 kW manual page 74 (foldback trips at the current limit; arming it again releases it), N5700 guide page 72 (the same
hardware: greatest OVP by model, least OVP 105 % of the set voltage), a public driver for the spellings OUTP:STAT,
VOLT:PROT:LEV and CURR:PROT:STAT. The supply's own language (ADR, PV, ...) is not spoken here.
Not verified on a device: that switching the output off releases an OVP (the manual: "turn off, then on"; if it does
not, clear_protection says so), the reply to OUTP:STAT?, and the accuracy figures. Remote sense is wired, not commanded.
"""

from __future__ import annotations

import re

from instruments.accuracy import Accuracy
from instruments.supplies.page import Ask, Rating, Setting, Status, SupplyPage, Switch, weights
from instruments.supplies.scpi_supply import ScpiSupplyDriver

MODELS = r"GENH?([0-9.]+)-([0-9.]+)(?:-[A-Z]+)*"
SOURCE = "not verified: figures commonly quoted for the series"
LEAST_OVP = {6.0: 0.5, 8.0: 0.5, 12.5: 1.0, 20.0: 1.0, 30.0: 2.0, 40.0: 2.0}
MOST_OVP = {6.0: 7.5, 8.0: 10.0, 12.5: 15.0, 20.0: 24.0, 30.0: 36.0, 40.0: 44.0}


def rated(_ask: Ask, model: str, channel: int) -> Rating:
    """The model's name says it: GEN60-40-LAN is 60 V, 40 A."""
    match = re.fullmatch(MODELS, model)
    if match is None or channel != 1:
        raise LookupError(channel)
    volts, amps = float(match[1]), float(match[2])
    return Rating(volts, amps, volts * amps, ovp=(LEAST_OVP.get(volts, 5.0), MOST_OVP.get(volts, 1.1 * volts)))


PAGE = SupplyPage(
    family="TDK-Lambda Genesys",
    models=MODELS,
    rating=rated,
    voltage=Setting("VOLT {value:.3f}", "VOLT?"),
    current=Setting("CURR {value:.3f}", "CURR?"),
    output=Switch("OUTP:STAT {word}", "OUTP:STAT?"),
    measure_voltage="MEAS:VOLT?",
    measure_current="MEAS:CURR?",
    regulation=Status("STAT:OPER:COND?", weights({1: "CV", 2: "CC"}, otherwise="OFF")),
    trips=(Status("STAT:QUES:COND?", weights({16: "OVP", 8: "OCP", 4: "OT", 2: "PF", 32: "SO", 128: "ENA"})),),
    clear={"OCP": "CURR:PROT:STAT ON"},
    ovp=Setting("VOLT:PROT:LEV {value:.3f}", "VOLT:PROT:LEV?"),
    trip_at_limit=Switch("CURR:PROT:STAT {word}", "CURR:PROT:STAT?"),
    errors_on="SYST:ERR:ENAB",
    accuracy=(
        Accuracy("set voltage", 60.0, offset_frac_of_range=0.0005, models="GEN60-40(-.+)?", source=SOURCE),
        Accuracy("measure voltage", 60.0, offset_frac_of_range=0.001, models="GEN60-40(-.+)?", source=SOURCE),
        Accuracy("set current", 40.0, offset_frac_of_range=0.001, models="GEN60-40(-.+)?", source=SOURCE),
        Accuracy("measure current", 40.0, offset_frac_of_range=0.003, models="GEN60-40(-.+)?", source=SOURCE),
    ),
)
DRIVER = ScpiSupplyDriver(PAGE)
