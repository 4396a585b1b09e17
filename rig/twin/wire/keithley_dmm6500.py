"""Keithley DMM6500, SCPI on its raw socket 5025, front terminals.

Written from the command spellings and replies that a public driver's tests pin (pymeasure): *LANG?, functions in
quotes, ranges and NPLC by function with optional SENSe and DC nodes, readings as +d.dddddd E, the error queue's texts
with an event number and a time. [K]: limits of NPLC, that a range is the lowest one that holds the value, the form of
readings (7 digits), what an unknown command set answers. A reading beyond 120 % of its range is 9.9E+37. Currents are
0 A: the bench measures them with shunts. The digitizer and scanner cards are not simulated.
"""

import math
from typing import Literal

from rig.twin.wire import scpi
from rig.twin.wire.roles import Meter
from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.scpi_args import between, boolean, choice
from rig.twin.wire.scpi_instrument import TEXTS, Command, Dialect, ScpiInstrument

IDENTITY = "KEITHLEY INSTRUMENTS,MODEL DMM6500,04592448,1.7.12b"
Word = Literal["VOLT", "CURR"]

RANGES: dict[Word, tuple[float, ...]] = {
    "VOLT": (0.1, 1.0, 10.0, 100.0, 1000.0),
    "CURR": (10e-6, 100e-6, 1e-3, 10e-3, 0.1, 1.0, 3.0),
}
OVERFLOW = "9.9E+37"
_STAMP = "1;2024/01/01 00:00:00.000"  # number and time of an event
LEAST_NPLC, MOST_NPLC = 0.0005, 15.0


class Front:
    """Settings by function."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self.defaults()

    def defaults(self) -> None:
        """*RST: DC voltage, automatic range."""
        self.function: Word = "VOLT"
        self.ranges: dict[Word, float] = {"VOLT": 1000.0, "CURR": 3.0}
        self.auto: dict[Word, bool] = {"VOLT": True, "CURR": True}
        self.nplc: dict[Word, float] = {"VOLT": 1.0, "CURR": 1.0}
        self.autozero: dict[Word, bool] = {"VOLT": True, "CURR": True}
        self._last = ""

    def set_range(self, word: Word, value: float) -> None:
        """The lowest range that holds the value; automatic ranging ends."""
        self.ranges[word] = next(each for each in RANGES[word] if each >= value * (1 - 1e-9))
        self.auto[word] = False

    def read(self) -> str:
        word = self.function
        if self.auto[word]:
            self.ranges[word] = next(
                (each for each in RANGES[word] if math.isfinite(self._reading(word, each))), RANGES[word][-1]
            )
        value = self._reading(word, self.ranges[word])
        self._last = f"{value:.6E}" if math.isfinite(value) else f"{'-' if value < 0 else ''}{OVERFLOW}"
        return self._last

    def fetch(self) -> str:
        if not self._last:
            raise ScpiError(scpi.DATA_STALE)
        return self._last

    def _reading(self, word: Word, full_scale: float) -> float:
        return self._meter.read("front", full_scale) if word == "VOLT" else 0.0


def build(meter: Meter) -> ScpiInstrument:
    """The instrument in front of `meter`."""
    front = Front(meter)
    instrument = ScpiInstrument(
        IDENTITY,
        [
            Command("*LANG", lambda: "SCPI", lambda _: None, (choice("SCPI"),)),
            Command(
                "[:SENSe]:FUNCtion[:ON]",
                lambda: f"{front.function}:DC",
                lambda word: setattr(front, "function", word),
                (_function,),
            ),
            *_function_rows(front, "VOLT", "VOLTage"),
            *_function_rows(front, "CURR", "CURRent"),
            Command(":READ", front.read),
            Command(":FETCh", front.fetch),
            Command(":ABORt", set=lambda: None),
            Command(":ROUTe:TERMinals", lambda: "FRON"),
            Command(":SYSTem:ERRor:COUNt", lambda: str(len(instrument.errors))),
        ],
        reset=front.defaults,
        dialect=Dialect(texts={code: f"{text};{'0;0 0' if code == 0 else _STAMP}" for code, text in TEXTS.items()}),
    )
    return instrument


def _function(text: str) -> Word:
    """A function in quotes, long or short, with or without DC."""
    if len(text) < 2 or text[0] not in "\"'" or text[-1] != text[0]:
        raise ScpiError(scpi.DATA_TYPE_ERROR)
    word, _, kind = text[1:-1].upper().partition(":")
    if kind not in ("", "DC") or word not in ("VOLT", "VOLTAGE", "CURR", "CURRENT"):
        raise ScpiError(scpi.ILLEGAL_VALUE)
    return "VOLT" if word.startswith("VOLT") else "CURR"


def _function_rows(front: Front, word: Word, node: str) -> list[Command]:
    """The settings of one function."""
    start = f"[:SENSe]:{node}[:DC]"
    return [
        Command(
            f"{start}:RANGe[:UPPer]",
            lambda: f"{front.ranges[word]:G}",
            lambda value: front.set_range(word, value),
            (between(0.0, RANGES[word][-1]),),
        ),
        Command(
            f"{start}:RANGe:AUTO",
            lambda: str(int(front.auto[word])),
            lambda on: front.auto.__setitem__(word, on),
            (boolean,),
        ),
        Command(
            f"{start}:NPLCycles",
            lambda: f"{front.nplc[word]:G}",
            lambda value: front.nplc.__setitem__(word, value),
            (between(LEAST_NPLC, MOST_NPLC),),
        ),
        Command(
            f"{start}:AZERo[:STATe]",
            lambda: str(int(front.autozero[word])),
            lambda on: front.autozero.__setitem__(word, on),
            (boolean,),
        ),
    ]
