"""Keysight 33522B on its raw socket 5025, channel 1.

Written from the command spellings and replies that a public driver's tests pin (pymeasure): numbers as +1.0E+03 with
15 digits, signed codes in the error queue, 9.9E+37 for a load of INFinity. VOLTage is from peak to peak, at the load
that OUTPut:LOAD tells: with 50 ohm (as after *RST) an open circuit has twice of it, and the setting follows a change of
the load. [K]: spans of 1 uHz to 30 MHz, 1 mV to 10 V into 50 ohm, twice that open; that an offset leaves less room for
the amplitude is not simulated. The shapes are a sine and a table of samples (ARB); others are refused.

Of tables: a name that is in memory already is an error until DATA:VOLatile:CLEar (pymeasure); that it is +785, and
+786 for a name that is not there, is [K], as is a memory for one list of 8 to 65536 codes. What is simulated is the
output that steps from sample to sample (FILTer OFF), of a table that spans the DAC: with another filter, or without
such a table, FUNC ARB is a settings conflict. The table begins when the output or its shape is switched, and anew with
every change of a setting while it plays; its step is rounded to a picosecond.
"""

from rig.twin.wire import scpi
from rig.twin.wire.roles import Generator
from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.scpi_args import Number, Rest, between, boolean, choice, integer
from rig.twin.wire.scpi_instrument import Command, Dialect, ScpiInstrument

IDENTITY = "Agilent Technologies,33522B,MY52800001,3.03-1.19-2.00-52-00"
MOST_HERTZ = 30e6
LEAST_V, MOST_V = 1e-3, 10.0  # from peak to peak, into 50 ohm
OWN_OHMS = 50.0
OPEN = "INF"
FULL = 32767
POINTS = 8, 65536
MOST_RATE = 250e6
ALREADY, UNKNOWN = 785, 786
TEXTS = {ALREADY: "Specified arb waveform already exists", UNKNOWN: "Specified arb waveform does not exist"}
PS = 1e12


class Front:
    """Settings of channel 1."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self._playing = False
        self.defaults()

    def defaults(self) -> None:
        """*RST: 1 kHz, 100 mV from peak to peak into 50 ohm, off; no table."""
        self.hertz, self.open_volts, self.offset, self.is_open, self.on = 1e3, 0.2, 0.0, False, False
        self.shape, self.filter, self.rate = "SIN", "NORM", 40e3
        self.tables: dict[str, tuple[int, ...]] = {}
        self.selected = ""
        self.apply()

    @property
    def factor(self) -> float:
        """Open-circuit volts for one volt at the load that it is told."""
        return 1.0 if self.is_open else 2.0

    def set_hertz(self, value: float) -> None:
        self.hertz = value
        self.apply()

    def set_volts(self, value: float) -> None:
        self.open_volts = value * self.factor
        self.apply()

    def set_load(self, value: object) -> None:
        self.is_open = value == OPEN

    def switch(self, on: bool) -> None:
        self.on = on
        self.apply()

    def set_shape(self, shape: str) -> None:
        self._agree(shape, self.filter, self.selected)
        self.shape = shape
        self.apply()

    def set_filter(self, name: str) -> None:
        self._agree(self.shape, name, self.selected)
        self.filter = name

    def set_rate(self, value: float) -> None:
        self.rate = value
        self.apply()

    def load(self, name: str, codes: tuple[int, ...]) -> None:
        if not POINTS[0] <= len(codes) <= POINTS[1] or not all(-FULL <= code <= FULL for code in codes):
            raise ScpiError(scpi.OUT_OF_RANGE)
        if name in self.tables:
            raise ScpiError(ALREADY)
        self.tables[name] = codes

    def clear(self) -> None:
        """The memory; a table that is played is gone with it, and a sine is what is left."""
        self.tables.clear()
        self.selected, self.shape = "", "SIN" if self.shape == "ARB" else self.shape
        self.apply()

    def select(self, name: str) -> None:
        self.points(name)
        self._agree(self.shape, self.filter, name)
        self.selected = name
        self.apply()

    def _agree(self, shape: str, filtered: str, selected: str) -> None:
        """Raises ScpiError for a table whose output is not simulated."""
        table = self.tables.get(selected, ())
        if shape == "ARB" and (filtered != "OFF" or not table or (min(table), max(table)) != (-FULL, FULL)):
            raise ScpiError(scpi.SETTINGS_CONFLICT)

    def points(self, name: str) -> str:
        if name not in self.tables:
            raise ScpiError(UNKNOWN)
        return f"{len(self.tables[name]):+d}"

    def apply(self) -> None:
        half = self.open_volts / 2.0
        self._generator.set_sine(self.hertz, half if self.on and self.shape == "SIN" else 0.0)
        plays = self.on and self.shape == "ARB"
        if plays or self._playing:  # a generator that never plays a table is told of none
            codes = self.tables[self.selected] if plays else ()
            self._generator.play([code / FULL * half for code in codes], round(PS / self.rate))
        self._playing = plays


def build(generator: Generator) -> ScpiInstrument:
    """The instrument in front of `generator`."""
    front = Front(generator)
    volts = Number(lambda: LEAST_V * 2.0 / front.factor, lambda: MOST_V * 2.0 / front.factor, "V")
    return ScpiInstrument(
        IDENTITY,
        [
            Command("[:SOURce]:FUNCtion", lambda: front.shape, front.set_shape, (choice("SINusoid", "ARBitrary"),)),
            Command("[:SOURce]:FUNCtion:ARBitrary", None, front.select, (_name,)),
            Command(
                "[:SOURce]:FUNCtion:ARBitrary:FILTer",
                lambda: front.filter,
                front.set_filter,
                (choice("NORMal", "STEP", "OFF"),),
            ),
            Command(
                "[:SOURce]:FUNCtion:ARBitrary:SRATe",
                lambda: _form(front.rate),
                front.set_rate,
                (between(1e-6, MOST_RATE),),
            ),
            Command("[:SOURce]:DATA:ARBitrary:DAC", None, front.load, (_name, Rest(integer))),
            Command("[:SOURce]:DATA:VOLatile:CLEar", None, front.clear),
            Command("[:SOURce]:DATA:ATTRibute:POINts", front.points, asks=(_name,)),
            Command(
                "[:SOURce]:FREQuency", lambda: _form(front.hertz), front.set_hertz, (between(1e-6, MOST_HERTZ, "HZ"),)
            ),
            Command("[:SOURce]:VOLTage", lambda: _form(front.open_volts / front.factor), front.set_volts, (volts,)),
            Command("[:SOURce]:VOLTage:UNIT", lambda: "VPP", lambda _: None, (choice("VPP"),)),
            Command(
                "[:SOURce]:VOLTage:OFFSet",
                lambda: _form(front.offset),
                lambda value: setattr(front, "offset", value),
                (between(0.0, 0.0, "V"),),
            ),
            Command(
                "OUTPut:LOAD",
                lambda: "+9.900000000000000E+37" if front.is_open else _form(OWN_OHMS),
                front.set_load,
                (_load,),
            ),
            Command("OUTPut[:STATe]", lambda: str(int(front.on)), front.switch, (boolean,)),
        ],
        reset=front.defaults,
        dialect=Dialect(signed=True, texts=TEXTS),
    )


def _form(value: float) -> str:
    return f"{value:+.15E}"


def _name(text: str) -> str:
    """Of a table, with or without quotes; capitals or not is the same."""
    return text.strip("\"'").upper()


def _load(text: str) -> object:
    """INFinity, or the 50 ohm that it has itself; other loads are not simulated."""
    word = text.upper()
    if word in ("INF", "INFINITY"):
        return OPEN
    if word in ("50", "50.0"):
        return OWN_OHMS
    raise ScpiError(scpi.ILLEGAL_VALUE)
