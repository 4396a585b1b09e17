"""Rigol DP811, DP821, DP831, DP832 and their A models: one to three outputs.

Sources: "DP800 Programming Guide" (PGH03108-1110: pages 1-10 status registers, 2-35 and 2-56 to 2-63 OUTPut commands),
"DP800 Performance Verification Manual" (constant current tests: accuracy), public drivers and a bench log of a DP832A
for YES and NO, `5.0114,0.0000,0.000` and SYST:ERR? without its colon.
:OUTP:OVP:CLE leaves the output off; :SOUR:VOLT:PROT:CLE would switch it on (DP2000 guide, page 48) and is not used.
:OUTP:MODE? still answers CV for an output that is off (seen on hardware by the authors of a public driver), so the
channel's status register tells. On single-output models that register has another name, so they answer it here too
only if they know ISUM1: not verified. Nor are the highest levels (105 % of nominal, OVP and OCP 110 %), and voltage
accuracy. Negative outputs (output 3 of the DP831) and the low range of the DP811 are left out.
"""

from __future__ import annotations

from instruments.accuracy import Accuracy
from instruments.supplies.page import Rating, Setting, Status, SupplyPage, Switch, listed, weights, words
from instruments.supplies.scpi_supply import ScpiSupplyDriver

MANUAL = "DP800 Performance Verification Manual, CC programming and readback accuracy"
FORUM = "not verified: figures of the DP832 data sheet as quoted in public"


def _output(volts: float, amps: float) -> Rating:
    """Nominal values; settable to 5 % more, protections to 10 % more."""
    top = (round(1.05 * volts, 3), round(1.05 * amps, 4))
    return Rating(
        *top, watts=volts * amps, ovp=(0.01, round(1.1 * volts, 3)), ocp=(0.001, round(1.1 * amps, 4))
    )  # fmt: skip


_MODELS = {
    "DP811": (_output(40.0, 5.0),),
    "DP821": (_output(60.0, 1.0), _output(8.0, 10.0)),
    "DP831": (_output(8.0, 5.0), _output(30.0, 2.0)),
    "DP832": (_output(30.0, 3.0), _output(30.0, 3.0), _output(5.0, 3.0)),
}

PAGE = SupplyPage(
    family="Rigol DP800",
    models="DP8[123][12]A?",
    rating=listed(_MODELS | {f"{model}A": outputs for model, outputs in _MODELS.items()}),
    voltage=Setting(":SOUR{channel}:VOLT {value:.3f}", ":SOUR{channel}:VOLT?"),
    current=Setting(":SOUR{channel}:CURR {value:.4f}", ":SOUR{channel}:CURR?"),
    output=Switch(":OUTP CH{channel},{word}", ":OUTP? CH{channel}"),
    measure_voltage=":MEAS:VOLT? CH{channel}",
    measure_current=":MEAS:CURR? CH{channel}",
    regulation=Status(
        ":STAT:QUES:INST:ISUM{channel}:COND?", weights({3: "UNREGULATED", 1: "CC", 2: "CV"}, otherwise="OFF")
    ),
    trips=(
        Status(":OUTP:OVP:QUES? CH{channel}", words({"NO": None, "YES": "OVP"})),
        Status(":OUTP:OCP:QUES? CH{channel}", words({"NO": None, "YES": "OCP"})),
    ),
    clear={"OVP": ":OUTP:OVP:CLE CH{channel}", "OCP": ":OUTP:OCP:CLE CH{channel}"},
    ovp=Setting(":OUTP:OVP:VAL CH{channel},{value:.3f}", ":OUTP:OVP:VAL? CH{channel}", arm=":OUTP:OVP CH{channel},ON"),
    ocp=Setting(":OUTP:OCP:VAL CH{channel},{value:.4f}", ":OUTP:OCP:VAL? CH{channel}", arm=":OUTP:OCP CH{channel},ON"),
    remote_sense=Switch(":OUTP:SENS CH{channel},{word}", ":OUTP:SENS? CH{channel}", absent="NONE"),
    accuracy=(
        Accuracy("set voltage", 30.0, gain_frac=0.0005, offset_abs=20e-3, models="DP832", source=FORUM),
        Accuracy("measure voltage", 30.0, gain_frac=0.0005, offset_abs=10e-3, models="DP832", source=FORUM),
        *(
            Accuracy(
                function,
                amps,
                gain,
                offset,
                interval="1 year",
                conditions="25 +- 5 degC, 1 h warm-up",
                models=model,
                source=MANUAL,
                verified=True,
            )
            for model, amps, set_row, read_row in (
                ("DP811A", 5.0, (0.001, 10e-3), (0.001, 10e-3)),
                ("DP821A", 10.0, (0.002, 10e-3), (0.0015, 10e-3)),
                ("DP831A", 5.0, (0.002, 10e-3), (0.002, 10e-3)),
                ("DP831A", 2.0, (0.002, 5e-3), (0.001, 5e-3)),
                ("DP832A", 3.0, (0.002, 5e-3), (0.0015, 5e-3)),
                ("DP832", 3.0, (0.002, 10e-3), (0.0015, 5e-3)),
            )
            for function, (gain, offset) in (("set current", set_row), ("measure current", read_row))
        ),
    ),
)
DRIVER = ScpiSupplyDriver(PAGE)
