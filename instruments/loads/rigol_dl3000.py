"""Rigol DL3000: DC electronic load, 150 V, 40 A and 200 W (DL3021) or 60 A and 350 W (DL3031), A models alike.

Sources: "DL3000 Programming Guide" (Rigol), pages 1-7 (questionable status), 2-24 (CURRent:VON), 2-37 and 2-40 read;
its pages 2-20 to 2-24 as public programs quote them; the "DL3000 Data Sheet" (DSJ01109-1110, 2025.11), pages 3 and 4,
as one of them copies it; what drivers that ran on a DL3021, DL3031 and DL3031A say.
Verified there: the spellings below, [:SOURce] optional; FUNCtion? answers CC, CR, CV or CP where CURR, RES, VOLT or POW
is set; SLEW in A/us; VON exists for constant current only, and a latch that only the panel can switch (on as delivered)
keeps the load drawing once it has started; no command for a short, so there is none; no command that clears a
protection or tells one that is over, so a trip is an input that is off and has not been switched off.
The wide range of each mode is used: a range should be changed with the input off. A resistance range that does not hold
the present level is refused, and a change of the current range sets the level to 0 (read back).
A load in LIST, BATTery, OCP or OPP may ignore FUNCtion:MODE FIXed until it is switched off and on (DL3031A, firmware
00.01.05.00.01); replies of its functions have disagreed with its panel there. An old entry may stay in the error queue
until *CLS, which is sent first.
Not verified: figures of models other than the DL3031A, its accuracy of set voltages, slew limits of the others, the
port, and whether a second line ("0") that one DL3021 sent after a reading comes on the LAN too (refused as a desync).
"""

from __future__ import annotations

from instruments.accuracy import Accuracy, Function
from instruments.loads.page import LoadPage, Mode, Model, Setting, Span, Switch
from instruments.loads.scpi_load import ScpiLoadDriver
from instruments.records import Limits

_DATA_SHEET = "DL3000 Data Sheet (Rigol, DSJ01109-1110, 2025.11), pages 3 and 4"
_SIMILAR = "not verified: figures of the DL3031A"
_WARM = "25 +- 5 degC, 30 min warm-up"


def _model(pattern: str, amps: float, watts: float, *, verified: bool = False) -> Model:
    """0.05 % + 0.05 % of the range of current, set and read; 0.05 % + 0.02 % of 150 V, read."""

    def row(function: Function, top: float, offset: float, step: float, *, known: bool = verified) -> Accuracy:
        return Accuracy(
            function,
            top,
            gain_frac=0.0005,
            offset_frac_of_range=offset,
            resolution=step,
            conditions=_WARM,
            models=pattern,
            source=_DATA_SHEET if known else _SIMILAR,
            verified=known,
        )

    return Model(
        pattern=pattern,
        limits=Limits(150.0, amps, watts),
        spans={
            "CC": (Span(f"{amps:g}", 0.0, amps),),
            "CR": (Span("15000", 2.0, 15e3),),
            "CV": (Span("150", 0.0, 150.0),),
            "CP": (Span("", 0.0, watts),),
        },
        slew=(1e3, 1e6),
        accuracy=(
            row("set current", amps, 0.0005, 0.001),
            row("measure current", amps, 0.0005, 0.0001),
            row("set voltage", 150.0, 0.0002, 0.001, known=False),
            row("measure voltage", 150.0, 0.0002, 0.0001),
        ),
    )


def _mode(word: str, answers: str, *ranges: str, step: float) -> Mode:
    level = f":SOUR:{word}:LEV:IMM"
    return Mode(
        (":SOUR:FUNC:MODE FIX", f":SOUR:FUNC {word}", *ranges),
        Setting(f"{level} {{value:.3f}}", (f"{level}?",), step=step),
        answers,
    )


PAGE = LoadPage(
    family="DL3021, DL3021A, DL3031 or DL3031A",
    maker=r"RIGOL TECHNOLOGIES",
    models=(
        _model("DL3021A?", 40.0, 200.0),
        _model("DL3031A", 60.0, 350.0, verified=True),
        _model("DL3031", 60.0, 350.0),
    ),
    modes={
        "CC": _mode("CURR", "CC", ":SOUR:CURR:RANG {range}", step=0.001),
        "CR": _mode("RES", "CR", ":SOUR:RES:RANG {range}", step=0.01),
        "CV": _mode("VOLT", "CV", ":SOUR:VOLT:RANG {range}", step=0.001),
        "CP": _mode("POW", "CP", step=0.1),
    },
    function=":SOUR:FUNC?",
    input=Switch(":SOUR:INP:STAT {word}", ":SOUR:INP:STAT?"),
    measure_voltage=":MEAS:VOLT?",
    measure_current=":MEAS:CURR?",
    slew=(Setting(":SOUR:CURR:SLEW:BOTH {value:.3f}", (":SOUR:CURR:SLEW:BOTH?",), factor=1e-6, step=1e3),),
    von=Setting(":SOUR:CURR:VON {value:.3f}", (":SOUR:CURR:VON?",), step=0.01),
    prologue=("*CLS",),
)
DRIVER = ScpiLoadDriver(PAGE)
