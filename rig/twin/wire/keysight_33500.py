"""Keysight 33522B on its raw socket 5025, channel 1.

Written from the command spellings and replies that a public driver's tests pin (pymeasure): numbers as +1.0E+03 with
15 digits, signed codes in the error queue, 9.9E+37 for a load of INFinity. VOLTage is from peak to peak, at the load
that OUTPut:LOAD tells: with 50 ohm (as after *RST) an open circuit has twice of it, and the setting follows a change of
the load. [K]: spans of 1 uHz to 30 MHz, 1 mV to 10 V into 50 ohm, twice that open; that an offset leaves less room for
the amplitude is not simulated. Only the sine is: other shapes are refused.
"""

from rig.twin.wire import scpi
from rig.twin.wire.roles import Generator
from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.scpi_args import Number, between, boolean, choice
from rig.twin.wire.scpi_instrument import Command, Dialect, ScpiInstrument

IDENTITY = "Agilent Technologies,33522B,MY52800001,3.03-1.19-2.00-52-00"
MOST_HERTZ = 30e6
LEAST_V, MOST_V = 1e-3, 10.0  # from peak to peak, into 50 ohm
OWN_OHMS = 50.0
OPEN = "INF"


class Front:
    """Settings of channel 1."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self.defaults()

    def defaults(self) -> None:
        """*RST: 1 kHz, 100 mV from peak to peak into 50 ohm, off."""
        self.hertz, self.open_volts, self.offset, self.is_open, self.on = 1e3, 0.2, 0.0, False, False
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

    def apply(self) -> None:
        self._generator.set_sine(self.hertz, self.open_volts / 2.0 if self.on else 0.0)


def build(generator: Generator) -> ScpiInstrument:
    """The instrument in front of `generator`."""
    front = Front(generator)
    volts = Number(lambda: LEAST_V * 2.0 / front.factor, lambda: MOST_V * 2.0 / front.factor, "V")
    return ScpiInstrument(
        IDENTITY,
        [
            Command("[:SOURce]:FUNCtion", lambda: "SIN", lambda _: None, (choice("SINusoid"),)),
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
        dialect=Dialect(signed=True),
    )


def _form(value: float) -> str:
    return f"{value:+.15E}"


def _load(text: str) -> object:
    """INFinity, or the 50 ohm that it has itself; other loads are not simulated."""
    word = text.upper()
    if word in ("INF", "INFINITY"):
        return OPEN
    if word in ("50", "50.0"):
        return OWN_OHMS
    raise ScpiError(scpi.ILLEGAL_VALUE)
