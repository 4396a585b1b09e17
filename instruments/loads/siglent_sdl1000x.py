"""Siglent SDL1000X: DC electronic load, 150 V, 30 A, 200 or 300 W.

Sources: "SDL1000X Programming Guide" (E02B), pages 5, 6 (grammar, FUNCtion, INPut, IRANGe, SHORt), 44 and 48
(CURRent:PROTection) read; all commands of its sections 3.2 to 3.4 as a public driver lists them (V1.0).
Verified there: the spellings below, [:SOURce] optional, replies 0 or 1 for states, SLEW[:BOTH] sets both slopes, POS
and NEG answer them; a value out of range makes the command invalid. Where it prints the query of
CURRent:PROTection:STATe it prints EXT:INPUT?: copied, like the VRANGe of RESistance.
From public drivers of the series: slew in A/us, 0.001 to 2.5 in the 30 A range (0.5 in the 5 A range), both slopes on
the same side of 0.1, which BOTH sees to; VRANGe below RESistance; SYSTem:ERRor? is answered.
The guide has no query for a protection that has tripped: a trip is an input that is off and has not been switched off.
Not verified: what RESistance:RRANGe holds (left alone), the accuracy, SYSTem:SENSe (from a public controller).
"""

from __future__ import annotations

from instruments.accuracy import Accuracy
from instruments.loads.page import LoadPage, Mode, Model, Setting, Span, Switch
from instruments.loads.scpi_load import SensingLoadDriver
from instruments.records import Limits

_SOURCE = "not verified: figures commonly quoted; two public programs give those of the current from data sheet 2019.10"

_ACCURACY = (
    Accuracy("set current", 30.0, gain_frac=0.0005, offset_frac_of_range=0.0005, resolution=0.001, source=_SOURCE),
    Accuracy("measure current", 30.0, gain_frac=0.0005, offset_frac_of_range=0.0005, resolution=0.001, source=_SOURCE),
    Accuracy("set voltage", 150.0, gain_frac=0.0005, offset_frac_of_range=0.0002, resolution=0.001, source=_SOURCE),
    Accuracy("measure voltage", 150.0, gain_frac=0.0005, offset_frac_of_range=0.0002, resolution=0.001, source=_SOURCE),
)


def _mode(word: str) -> Mode:
    """In the widest ranges of current and voltage, which hold every level of the mode."""
    return Mode(
        (f":SOUR:FUNC {word}", f":SOUR:{word}:IRANG 30", f":SOUR:{word}:VRANG 150"),
        Setting(f":SOUR:{word}:LEV:IMM {{value:.3f}}", (f":SOUR:{word}:LEV:IMM?",)),
    )


def _model(number: str, watts: float) -> Model:
    return Model(
        pattern=rf"{number}(-E)?",
        limits=Limits(150.0, 30.0, watts),
        spans={
            "CC": (Span("", 0.0, 30.0),),
            "CR": (Span("", 0.03, 10e3),),
            "CV": (Span("", 0.0, 150.0),),
            "CP": (Span("", 0.0, watts),),
        },
        slew=(1e3, 2.5e6),
        accuracy=_ACCURACY,
    )


PAGE = LoadPage(
    family="SDL1020X or SDL1030X",
    maker=r"Siglent.*",
    models=(_model("SDL1020X", 200.0), _model("SDL1030X", 300.0)),
    modes={"CC": _mode("CURR"), "CR": _mode("RES"), "CV": _mode("VOLT"), "CP": _mode("POW")},
    function=":SOUR:FUNC?",
    input=Switch(":SOUR:INP:STAT {word}", ":SOUR:INP:STAT?"),
    measure_voltage="MEAS:VOLT?",
    measure_current="MEAS:CURR?",
    short=Switch(":SOUR:SHOR:STAT {word}", ":SOUR:SHOR:STAT?"),
    slew=(
        Setting(
            ":SOUR:CURR:SLEW:BOTH {value:.3f}",
            (":SOUR:CURR:SLEW:POS?", ":SOUR:CURR:SLEW:NEG?"),
            factor=1e-6,
            step=1e3,
        ),
    ),
    sense=":SYST:SENS ON",
    von=Setting(":SOUR:VOLT:LEV:ON {value:.3f}", (":SOUR:VOLT:LEV:ON?",)),
)
DRIVER = SensingLoadDriver(PAGE)
