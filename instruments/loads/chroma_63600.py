"""Chroma 63600: mainframe with electronic load modules; one channel of it.

Sources: "63600 Series Operation & Programming Manual" (Chroma, version 2.2), pages 5-18, 5-70 (POWer:STATic), 5-86
(STATus:CHANnel:CONDition?) and table 6-1 (its bits); the manual of the older 6310 series with the same words, pages
7-7 to 7-19 (CHAN:ID?, CONFigure, LOAD, MEASure); pymeasure's driver and its replies of a 63600-5; two public drivers
with the ranges of the modules, which agree.
Verified there: `CHAN n` selects, and the rest of the message acts on that channel; the range is part of the mode word
(MODE CCL, CCM, CCH), there is none of its own; CURR:STAT:RISE and FALL in A/us; LOAD ON, LOAD? -> ON; LOAD:SHOR;
CONF:VOLT:ON; the status bits stay until LOAD:PROT:CLE. CONF:REM ON counts on RS-232 alone.
The highest range that holds a level is taken: the low ranges of current also cut the power (63640: 60 W).
Measured by others on a 63004, the newer family: a value that the range does not hold is refused with 2,"Data Range
Error" and the old one stays, so levels are read back; LOAD:PROT:CLE clears and queues 4,"Execution Error".
Not verified: SYSTem:ERRor? on the 63600, the lower ends of the resistance ranges (2000th part of the upper ones, which
two drivers have for two modules) and of the slew (500th part), the accuracy (second-hand).
"""

from __future__ import annotations

from instruments.accuracy import Accuracy
from instruments.loads.page import LoadPage, Mode, Model, ModeName, Setting, Span, Switch, Trips
from instruments.loads.scpi_load import ScpiMainframeDriver
from instruments.records import Limits

_SOURCE = "not verified: module specifications as a public driver gives them"
_MEASURED = "not verified: taken to measure no worse than it sets, whose figures a public driver gives"
_CHANNEL = "CHAN {channel};:"
_RESISTANCE_SPAN, _SLEW_SPAN = 2000.0, 500.0  # highest over lowest


def _mode(letter: str, word: str, digits: int, step: float) -> Mode:
    return Mode(
        (f"{_CHANNEL}MODE C{letter}{{range}}",),
        Setting(f"{_CHANNEL}{word}:STAT:L1 {{value:.{digits}f}}", (f"{_CHANNEL}{word}:STAT:L1?",), step=step),
    )


def _edge(word: str) -> Setting:
    command = f"{_CHANNEL}CURR:STAT:{word}"
    return Setting(f"{command} {{value:.4f}}", (f"{command}?",), factor=1e-6, step=1e3)


def _model(pattern: str, amps: float, watts: float, *, ohms: tuple[float, float, float], slew: float) -> Model:
    """An 80 V module; `ohms`: the tops of its three resistance ranges; `slew`: the fastest, A/s."""
    low, middle, high = ohms
    spans: dict[ModeName, tuple[Span, ...]] = {
        "CC": (Span("H", 0.0, amps),),
        "CR": tuple(Span(word, top / _RESISTANCE_SPAN, top) for word, top in (("H", high), ("M", middle), ("L", low))),
        "CV": (Span("H", 0.0, 80.0),),
        "CP": (Span("H", 0.0, watts),),
    }
    return Model(
        pattern=pattern,
        limits=Limits(80.0, amps, watts),
        spans=spans,
        slew=(slew / _SLEW_SPAN, slew),
        accuracy=(
            Accuracy(
                "set current",
                amps,
                gain_frac=0.001,
                offset_frac_of_range=0.001,
                resolution=0.001,
                models=pattern,
                source=_SOURCE,
            ),
            Accuracy(
                "set voltage",
                80.0,
                gain_frac=0.0005,
                offset_frac_of_range=0.001,
                resolution=0.001,
                models=pattern,
                source=_SOURCE,
            ),
            Accuracy(
                "measure current", amps, gain_frac=0.001, offset_frac_of_range=0.001, models=pattern, source=_MEASURED
            ),
            Accuracy(
                "measure voltage", 80.0, gain_frac=0.0005, offset_frac_of_range=0.001, models=pattern, source=_MEASURED
            ),
        ),
    )


PAGE = LoadPage(
    family="Chroma 63600 with module 63610-80-20, 63630-80-60 or 63640-80-80",
    maker=r"Chroma( ATE)?",
    models=(
        _model(r"63610-80-20[LR]?", 20.0, 100.0, ohms=(80.0, 2900.0, 12e3), slew=2e6),
        _model(r"63630-80-60", 60.0, 300.0, ohms=(30.0, 600.0, 3000.0), slew=6e6),
        _model(r"63640-80-80", 80.0, 400.0, ohms=(20.0, 720.0, 2900.0), slew=8e6),
    ),
    modes={
        "CC": _mode("C", "CURR", 4, 0.002),
        "CR": _mode("R", "RES", 4, 0.01),
        "CV": _mode("V", "VOLT", 4, 0.002),
        "CP": _mode("P", "POW", 3, 0.02),
    },
    function=f"{_CHANNEL}MODE?",
    input=Switch(f"{_CHANNEL}LOAD {{word}}", f"{_CHANNEL}LOAD?"),
    measure_voltage=f"{_CHANNEL}MEAS:VOLT?",
    measure_current=f"{_CHANNEL}MEAS:CURR?",
    short=Switch(f"{_CHANNEL}LOAD:SHOR {{word}}", f"{_CHANNEL}LOAD:SHOR?"),
    slew=(_edge("RISE"), _edge("FALL")),
    slew_of_range=True,
    von=Setting(f"{_CHANNEL}CONF:VOLT:ON {{value:.3f}}", (f"{_CHANNEL}CONF:VOLT:ON?",), step=0.002),
    trips=Trips(
        f"{_CHANNEL}STAT:CHAN:COND?",
        {2: "OCP", 3: "OPP", 1: "OVP", 0: "OT", 4: "reversed", 5: "SYNC", 6: "MAX LIM", 7: "FAN", 8: "INHIBIT"},
        f"{_CHANNEL}LOAD:PROT:CLE",
    ),
    prologue=("CONF:REM ON",),
    channel="CHAN {channel};:CHAN?",
    module=f"{_CHANNEL}CHAN:ID?",
)
DRIVER = ScpiMainframeDriver(PAGE)
