"""Quantities with units at the file border: text such as "10 mohm" in, SI floats out.

Inside the rig every number is an SI float; a file, a stimulus or a command line writes the unit, because a bare
number is how a millisecond becomes a second.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema


class QuantityError(ValueError):
    """A text that is no quantity of the expected unit; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One SI unit of the rig: `text` as written in files, `symbol` as printed, its dimension and an example."""

    text: str
    symbol: str
    dimension: str
    example: str


READ = object()  # as the context of a validation: quantities have been read already, and are SI floats
UNITS = {
    unit.text: unit
    for unit in (
        Unit("V", "V", "a voltage", "60 V"),
        Unit("A", "A", "a current", "5 A"),
        Unit("ohm", "Ω", "a resistance", "10 mohm"),
        Unit("s", "s", "a time", "500 ms"),
        Unit("F", "F", "a capacitance", "470 uF"),
        Unit("H", "H", "an inductance", "2 uH"),
        Unit("W", "W", "a power", "300 W"),
        Unit("J", "J", "an energy", "2.5 kJ"),
        Unit("Hz", "Hz", "a frequency", "2.5 kHz"),
        Unit("C", "C", "a charge", "50 Ah"),
        Unit("A2s", "A²s", "a let-through energy", "2 A2s"),
        Unit("degC", "degC", "a temperature", "25 degC"),
        Unit("K", "K", "a difference of temperatures", "2 K"),
        Unit("K/s", "K/s", "a rate of temperature", "50 mK/s"),
        Unit("K/W", "K/W", "a thermal resistance", "40 K/W"),
        Unit("V/K", "V/K", "a voltage for each kelvin", "5 mV/K"),
        Unit("/K", "/K", "a temperature coefficient", "50 ppm/K"),
        Unit("count", "count", "a number of things", "3 count"),
        Unit("1", "", "a fraction", "5 %"),
    )
}
_PREFIXES = {"p": -12, "n": -9, "u": -6, "µ": -6, "m": -3, "k": 3, "M": 6, "G": 9}
_PRINTED = {-12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}
_UNPREFIXED = {
    "min": ("s", Decimal(60)),
    "h": ("s", Decimal(3600)),
    "Ah": ("C", Decimal(3600)),
    "%": ("1", Decimal("1e-2")),
    "ppm": ("1", Decimal("1e-6")),
    "%/K": ("/K", Decimal("1e-2")),
    "ppm/K": ("/K", Decimal("1e-6")),
    "Wh": ("J", Decimal(3600)),
}
# Greek mu and the ohm sign exist twice in Unicode; squares are typed in three ways.
_SPELLINGS = str.maketrans(
    {
        "\N{GREEK SMALL LETTER MU}": "\N{MICRO SIGN}",
        "\N{OHM SIGN}": "\N{GREEK CAPITAL LETTER OMEGA}",
        "²": "2",
        "^": None,
    }
)
_SHAPE = re.compile(r"\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*([^0-9\s.+-]\S*)?\s*")


def parse(text: object, unit: str) -> float:
    """The value of `text` in SI `unit` (a key of UNITS, "1" for a fraction).

    Raises QuantityError for a bare number, a wrong or unknown unit, anything unreadable and anything not finite.
    """
    expected = UNITS[_plain(unit)]
    value, found = parse_any(text, expected.example)
    if found != expected.text:
        wanted = expected.dimension if expected.text == "1" else f"{expected.dimension} in {expected.text}"
        raise QuantityError(
            f'expected {wanted}, found "{text}" ({UNITS[found].dimension}); write for example "{expected.example}"'
        )
    return value


def parse_any(text: object, example: str = "60 V") -> tuple[float, str]:
    """The value of `text` in SI and its unit, a key of UNITS. Raises QuantityError, quoting `example`."""
    shape = _SHAPE.fullmatch(text) if isinstance(text, str) else None
    if isinstance(text, str) and shape is None:
        raise QuantityError(f'cannot read "{text}" as a quantity; write for example "{example}"')
    if shape is None or shape[2] is None:
        raise QuantityError(f'write a quantity with a unit, for example "{example}"')
    unit, scale = _unit(shape[2], shape[0], example)
    # Decimal, so that "300 ns" is the float nearest to 3e-7 and not one rounding beside it.
    value = float(Decimal(shape[1]) * scale) if 0 < abs(float(shape[1])) < math.inf else float(shape[1])
    if not math.isfinite(value):
        raise QuantityError(f'"{text}" is too large to be a number')
    return value, unit


def format_quantity(value: float, unit: str, digits: int = 4) -> str:
    """`value` (SI) with `digits` significant digits and an SI prefix, for example "65.3 µs"; parse() reads it back.

    An infinite value prints as "inf s" and a missing one as "NaN s"; neither can be read back.
    """
    known = UNITS[_plain(unit)]
    if not math.isfinite(value):
        return f"{'NaN' if math.isnan(value) else value} {known.symbol}".strip()
    if known.text == "1":
        small = 0 < abs(value) < 1e-4
        return f"{_digits(Decimal(value).scaleb(6 if small else 2), digits)} {'ppm' if small else '%'}"
    rounded = Decimal(f"{value:.{digits - 1}e}")
    exponent = rounded.adjusted() if rounded else 0
    if not -15 <= exponent < 12:
        return f"{value:.{digits - 1}e} {known.symbol}"
    thousands = min(max(exponent // 3 * 3, -12), 9)
    return f"{_digits(rounded.scaleb(-thousands), digits)} {_PRINTED[thousands]}{known.symbol}"


def format_duration(seconds: float) -> str:
    """`seconds` as people plan with it: "12.5 s", from ten minutes on "15 min", from two hours on "24 h"."""
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if math.isfinite(seconds) and seconds >= {"h": 7200.0, "min": 600.0}[unit]:
            return f"{_digits(Decimal(seconds / size), 3)} {unit}"
    return format_quantity(seconds, "s")


def _digits(number: Decimal, digits: int) -> str:
    rounded = Decimal(f"{number:.{digits - 1}e}")
    if rounded and not -6 <= rounded.adjusted() < 15:
        return f"{rounded:.{digits - 1}e}"
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain(unit: str) -> str:
    return unit.translate(_SPELLINGS).replace("Ω", "ohm")


def _unit(written: str, text: str, example: str) -> tuple[str, Decimal]:
    plain = _plain(written)
    if plain in _UNPREFIXED:
        return _UNPREFIXED[plain]
    if plain in UNITS and plain != "1":
        return plain, Decimal(1)
    if plain[:1] in _PREFIXES and plain[1:] in UNITS and plain[1:] != "1":
        return plain[1:], Decimal(1).scaleb(_PREFIXES[plain[0]])
    raise QuantityError(f'unknown unit "{written}" in "{text}"; write for example "{example}"')


def _reader(unit: str) -> Callable[[Any, ValidationInfo], float]:
    def read(text: Any, info: ValidationInfo) -> float:
        if info.context is READ and isinstance(text, float):
            return text
        return parse(text, unit)

    return read


def _schema(unit: str) -> WithJsonSchema:
    known = UNITS[unit]
    return WithJsonSchema(
        {"type": "string", "description": f"{known.dimension} with its unit", "examples": [known.example]}
    )


# The Unit in the metadata lets a limit that points into a device file check that the units agree.
Volts = Annotated[float, BeforeValidator(_reader("V")), _schema("V"), UNITS["V"]]
Amps = Annotated[float, BeforeValidator(_reader("A")), _schema("A"), UNITS["A"]]


def _volts_or_amps(text: Any, info: ValidationInfo) -> float:
    """Whichever is written; what is neither is refused as a voltage."""
    try:
        return _reader("A")(text, info)
    except QuantityError:
        return _reader("V")(text, info)


VoltsOrAmps = Annotated[
    float,
    BeforeValidator(_volts_or_amps),
    WithJsonSchema({"type": "string", "description": "voltage or current with its unit", "examples": ["10 V"]}),
]
Ohms = Annotated[float, BeforeValidator(_reader("ohm")), _schema("ohm"), UNITS["ohm"]]
Seconds = Annotated[float, BeforeValidator(_reader("s")), _schema("s"), UNITS["s"]]
Farads = Annotated[float, BeforeValidator(_reader("F")), _schema("F"), UNITS["F"]]
Henries = Annotated[float, BeforeValidator(_reader("H")), _schema("H"), UNITS["H"]]
Watts = Annotated[float, BeforeValidator(_reader("W")), _schema("W"), UNITS["W"]]
Joules = Annotated[float, BeforeValidator(_reader("J")), _schema("J"), UNITS["J"]]
Hertz = Annotated[float, BeforeValidator(_reader("Hz")), _schema("Hz"), UNITS["Hz"]]
Coulombs = Annotated[float, BeforeValidator(_reader("C")), _schema("C"), UNITS["C"]]
AmpsSquaredSeconds = Annotated[float, BeforeValidator(_reader("A2s")), _schema("A2s"), UNITS["A2s"]]
Celsius = Annotated[float, BeforeValidator(_reader("degC")), _schema("degC"), UNITS["degC"]]
Kelvin = Annotated[float, BeforeValidator(_reader("K")), _schema("K"), UNITS["K"]]
KelvinPerSecond = Annotated[float, BeforeValidator(_reader("K/s")), _schema("K/s"), UNITS["K/s"]]
KelvinPerWatt = Annotated[float, BeforeValidator(_reader("K/W")), _schema("K/W"), UNITS["K/W"]]
VoltsPerKelvin = Annotated[float, BeforeValidator(_reader("V/K")), _schema("V/K"), UNITS["V/K"]]
PerKelvin = Annotated[float, BeforeValidator(_reader("/K")), _schema("/K"), UNITS["/K"]]
Fraction = Annotated[float, BeforeValidator(_reader("1")), _schema("1"), UNITS["1"]]
