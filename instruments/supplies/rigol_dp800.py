"""Rigol DP811, DP821, DP831, DP832 and their A models: one to three outputs.

Sources: "DP800 Programming Guide" (PGH03108-1110: pages 1-10 status registers, 2-35 and 2-56 to 2-63 OUTPut commands),
"DP800 User's Guide" (August 2014, pages 5-1 and 5-2: specifications of the DP832), "DP800 Performance Verification
Manual" (constant current tests: accuracy), public drivers and a bench log of a DP832A for YES and NO,
`5.0114,0.0000,0.000` and SYST:ERR? without its colon.
:OUTP:OVP:CLE leaves the output off; :SOUR:VOLT:PROT:CLE would switch it on (DP2000 guide, page 48) and is not used.
:OUTP:MODE? still answers CV for an output that is off (seen on hardware by the authors of a public driver), so the
channel's status register tells. On single-output models that register has another name, so they answer it here too
only if they know ISUM1: not verified. Nor are the highest levels (105 % of nominal, OVP and OCP 110 %).
The two manuals do not agree on the offset of a DP832's set current (5 mA and 10 mA): the wider one is taken. Of the
voltage of the DP811, DP821 and DP831 no figure of the maker was found, so they have no rows for it.
Negative outputs (output 3 of the DP831) and the low range of the DP811 are left out.
"""

from __future__ import annotations

from instruments.accuracy import Accuracy, Function
from instruments.supplies.page import Rating, Setting, Status, SupplyPage, Switch, listed, weights, words
from instruments.supplies.scpi_supply import ScpiSupplyDriver

MANUAL = "DP800 Performance Verification Manual, sections on CC programming and readback accuracy"
GUIDE = "DP800 User's Guide (August 2014), pages 5-1 and 5-2"
VOLTAGE: tuple[Function, Function] = ("set voltage", "measure voltage")
CURRENT: tuple[Function, Function] = ("set current", "measure current")
SIMILAR = "not verified: figures of the DP832, whose outputs are the same"
GUIDE_CONDITIONS = "25 +- 5 degC, 30 min warm-up"


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
        *(
            Accuracy(
                function,
                volts,
                gain,
                offset,
                resolution=step,
                tempco_frac_per_k=1e-4,
                tempco_abs_per_k=drift,
                interval="1 year",
                conditions=GUIDE_CONDITIONS,
                models=model,
                source=source,
                verified=source == GUIDE,
            )
            for model, step, source in (("DP832", 10e-3, GUIDE), ("DP832A", 1e-3, SIMILAR))
            for volts, gain, set_offset, read_offset, drift in (
                (30.0, 0.0005, 20e-3, 10e-3, 5e-3),
                (5.0, 0.001, 5e-3, 5e-3, 2e-3),
            )
            for function, offset in zip(VOLTAGE, (set_offset, read_offset), strict=True)
        ),
        *(
            Accuracy(
                function,
                amps,
                gain,
                offset,
                resolution=1e-3 if model == "DP832" else 0.0,
                tempco_frac_per_k=1e-4 if model == "DP832" else 0.0,
                tempco_abs_per_k=2e-3 if model == "DP832" else 0.0,
                interval="1 year",
                conditions="25 +- 5 degC, 1 h warm-up",
                models=model,
                source=f"{MANUAL}; {GUIDE}" if model == "DP832" else MANUAL,
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
            for function, (gain, offset) in zip(CURRENT, (set_row, read_row), strict=True)
        ),
    ),
)
DRIVER = ScpiSupplyDriver(PAGE)
