"""Keysight E36311A, E36312A, E36313A: three isolated outputs, 6 V and twice 25 V.

Sources: "E36300 Series Programming Guide" (E36311-90008) through its table of contents and three public drivers that
quote it: channel lists behind every command, a space before that of a query or -103, VOLT:PROT:TRIP?, CURR:PROT:TRIP?,
OUTP:PROT:CLE; E3633A/E3634A User's Guide for the wording both series share: a release restores the output to its state
before the trip; E3631A User's Guide table 4-1 for programming ranges 3 % above nominal.
OCP is the current limit with CURR:PROT:STAT ON; there is no level of its own.
Not verified on a device: the weights of the channel's status register (1 CC, 2 CV, 3 a fault, as of the E3631A),
the reply to VOLT:SENS:SOUR? (0 and 1 on the E36100), the highest OVP level (110 % of nominal), and the accuracy;
no data sheet was found, and of the currents of the E36313A nothing at all. Output 3 of the E36311A is negative and
left out.
"""

from __future__ import annotations

from instruments.accuracy import Accuracy
from instruments.supplies.page import Rating, Setting, Status, SupplyPage, Switch, listed, weights, words
from instruments.supplies.scpi_supply import ScpiSupplyDriver

SOURCE = "not verified: figures commonly quoted for the E36311A, which are those of the E3631A before it"
_6V5A, _25V1A = Rating(6.18, 5.15, 31.8, ovp=(0.5, 6.6)), Rating(25.75, 1.03, 26.5, ovp=(1.0, 27.5))
_6V10A, _25V2A = Rating(6.18, 10.3, 63.7, ovp=(0.5, 6.6)), Rating(25.75, 2.06, 53.0, ovp=(1.0, 27.5))

PAGE = SupplyPage(
    family="Keysight E36300",
    models="E3631[123]A",
    rating=listed(
        {
            "E36311A": (_6V5A, _25V1A),
            "E36312A": (_6V5A, _25V1A, _25V1A),
            "E36313A": (_6V10A, _25V2A, _25V2A),
        }
    ),
    voltage=Setting("VOLT {value:.4f},(@{channel})", "VOLT? (@{channel})"),
    current=Setting("CURR {value:.4f},(@{channel})", "CURR? (@{channel})"),
    output=Switch("OUTP {word},(@{channel})", "OUTP? (@{channel})"),
    measure_voltage="MEAS:VOLT? (@{channel})",
    measure_current="MEAS:CURR? (@{channel})",
    regulation=Status(
        "STAT:QUES:INST:ISUM{channel}:COND?", weights({3: "UNREGULATED", 1: "CC", 2: "CV"}, otherwise="OFF")
    ),
    trips=(
        Status("VOLT:PROT:TRIP? (@{channel})", words({"0": None, "1": "OVP"})),
        Status("CURR:PROT:TRIP? (@{channel})", words({"0": None, "1": "OCP"})),
    ),
    clear={"OVP": "OUTP:PROT:CLE (@{channel})", "OCP": "OUTP:PROT:CLE (@{channel})"},
    ovp=Setting("VOLT:PROT {value:.4f},(@{channel})", "VOLT:PROT? (@{channel})", arm="VOLT:PROT:STAT ON,(@{channel})"),
    trip_at_limit=Switch("CURR:PROT:STAT {word},(@{channel})", "CURR:PROT:STAT? (@{channel})"),
    remote_sense=Switch("VOLT:SENS:SOUR {word},(@{channel})", "VOLT:SENS:SOUR? (@{channel})", on="EXT", off="INT"),
    accuracy=(
        Accuracy("set voltage", 6.0, gain_frac=0.001, offset_abs=5e-3, source=SOURCE),
        Accuracy("set voltage", 25.0, gain_frac=0.0005, offset_abs=20e-3, source=SOURCE),
        Accuracy("measure voltage", 6.0, gain_frac=0.001, offset_abs=5e-3, source=SOURCE),
        Accuracy("measure voltage", 25.0, gain_frac=0.0005, offset_abs=10e-3, source=SOURCE),
        Accuracy("set current", 5.0, gain_frac=0.002, offset_abs=10e-3, models="E3631[12]A", source=SOURCE),
        Accuracy("set current", 1.0, gain_frac=0.0015, offset_abs=4e-3, models="E3631[12]A", source=SOURCE),
        Accuracy("measure current", 5.0, gain_frac=0.002, offset_abs=10e-3, models="E3631[12]A", source=SOURCE),
        Accuracy("measure current", 1.0, gain_frac=0.0015, offset_abs=4e-3, models="E3631[12]A", source=SOURCE),
    ),
)
DRIVER = ScpiSupplyDriver(PAGE)
