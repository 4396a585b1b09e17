"""Parameter types of SCPI commands: text in, value out, or an ScpiError.

Numbers are NRf with an optional unit of their quantity (5 A, 500mA); MINimum, MAXimum and DEFault name limits.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rig.twin.wire.scpi import (
    DATA_TYPE_ERROR,
    ILLEGAL_VALUE,
    INVALID_SUFFIX,
    OUT_OF_RANGE,
    SETTINGS_CONFLICT,
    SUFFIX_NOT_ALLOWED,
    ScpiError,
)

_NUMBER = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?)\s*([A-Za-z]*)\Z")
# SCPI-99 volume 1 table 7-1; M is milli except before HZ and OHM, where it is mega.
_PREFIXES = {"": 1.0, "U": 1e-6, "M": 1e-3, "K": 1e3}


LIMIT_WORDS = ("MIN", "MINIMUM", "MAX", "MAXIMUM", "DEF", "DEFAULT")

Argument = Callable[[str], object]  # reads one parameter; raises ScpiError


@dataclass(frozen=True, slots=True)
class Omissible:
    """A parameter that may be left out; `missing` gives its value then."""

    read: Argument
    missing: Callable[[], object]

    def __call__(self, text: str) -> object:
        return self.read(text)


@dataclass(frozen=True, slots=True)
class Rest:
    """All parameters from here on, as one tuple; the last of a command."""

    read: Argument

    def __call__(self, text: str) -> object:
        return (self.read(text),)


@dataclass(frozen=True, slots=True)
class Span:
    """What a setting may be, both ends included; `default` answers DEFault."""

    low: float
    high: float
    default: float = 0.0

    def named(self, word: str) -> float:
        return {"MIN": self.low, "MAX": self.high, "DEF": self.default}[word[:3]]

    def take(self, value: float) -> float:
        if not self.low <= value <= self.high:
            raise ScpiError(OUT_OF_RANGE)
        return value


Wanted = Callable[[Span], float]


def wanted(unit: str) -> Callable[[str], Wanted]:
    """A number with an optional unit, or the name of a limit, for a span that only the rest of the command tells."""

    def read(text: str) -> Wanted:
        word = text.upper()
        if word in LIMIT_WORDS:
            return lambda span: span.named(word)
        value = _number(text, unit)
        return lambda span: span.take(value)

    return read


@dataclass(frozen=True, slots=True)
class Number:
    """A number within limits, both inclusive; `unit` is what may follow it, "" for none.

    The limits may depend on the instrument's state, so they are functions. `default` answers DEFault.
    """

    low: Callable[[], float]
    high: Callable[[], float]
    unit: str = ""
    default: Callable[[], float] | None = None
    names: bool = True

    def __call__(self, text: str) -> float:
        named = self.limit(text) if self.names else None
        value = _number(text, self.unit) if named is None else named
        if not self.low() <= value <= self.high():
            raise ScpiError(OUT_OF_RANGE)
        return value

    def limit(self, text: str) -> float | None:
        """The value of MIN, MAX or DEF; None for any other text."""
        word = text.upper()
        if word in ("MIN", "MINIMUM"):
            return self.low()
        if word in ("MAX", "MAXIMUM"):
            return self.high()
        if word in ("DEF", "DEFAULT") and self.default is not None:
            return self.default()
        return None


def between(low: float, high: float, unit: str = "", default: float | None = None, *, names: bool = True) -> Number:
    """A number with fixed limits."""
    return Number(lambda: low, lambda: high, unit, None if default is None else lambda: default, names)


def boolean(text: str) -> bool:
    """ON or OFF, or a number: 0 is off, all others on (SCPI-99 volume 1 section 7.3)."""
    word = text.upper()
    if word in ("ON", "OFF"):
        return word == "ON"
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]*)?", word):
        raise ScpiError(DATA_TYPE_ERROR)
    return round(float(word)) != 0


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several words, in long or short form (the capitals); the value is the short form."""

    words: tuple[str, ...]

    def __call__(self, text: str) -> str:
        wanted = text.upper()
        for word in self.words:
            short = "".join(letter for letter in word if not letter.islower())
            if wanted in (short, word.upper()):
                return short
        raise ScpiError(ILLEGAL_VALUE)


def choice(*words: str) -> Choice:
    """One of `words`, written as manuals print them: CURRent."""
    return Choice(words)


def supported(*words: str, refused: Sequence[str]) -> Callable[[str], str]:
    """One of `words`; those in `refused` are right for the instrument but not for what is behind it: a conflict."""
    known = choice(*words, *refused)
    conflicts = {choice(word)(word) for word in refused}

    def read(text: str) -> str:
        value = known(text)
        if value in conflicts:
            raise ScpiError(SETTINGS_CONFLICT)
        return value

    return read


def channel_list(channels: Sequence[int], code: int = OUT_OF_RANGE) -> Callable[[str], tuple[int, ...]]:
    """A channel list, `(@1)`, `(@1,3:5)`; ranges run over those of `channels`. Another channel raises `code`."""

    def read(text: str) -> tuple[int, ...]:
        inside = re.fullmatch(r"\(\s*@\s*([0-9:,\s]*)\)", text)
        if inside is None:
            raise ScpiError(DATA_TYPE_ERROR)
        found: list[int] = []
        for part in inside[1].replace(" ", "").split(","):
            ends = re.fullmatch(r"([0-9]+)(?::([0-9]+))?", part)
            if ends is None:
                raise ScpiError(DATA_TYPE_ERROR)
            first, last = int(ends[1]), int(ends[2] or ends[1])
            if first not in channels or last not in channels:
                raise ScpiError(code)
            low, high = sorted((first, last))
            run = [channel for channel in channels if low <= channel <= high]
            found += run if first <= last else run[::-1]
        return tuple(found)

    return read


def integer(text: str) -> int:
    """A whole number; a decimal fraction is rounded, as IEEE 488.2 asks of a receiver of NR1."""
    return round(_number(text, ""))


def _number(text: str, unit: str) -> float:
    match = _NUMBER.match(text)
    if match is None:
        raise ScpiError(DATA_TYPE_ERROR)
    value, suffix = float(match[1]), match[2].upper()
    if not suffix:
        return value
    if not unit:
        raise ScpiError(SUFFIX_NOT_ALLOWED)
    if not suffix.endswith(unit.upper()) or suffix.removesuffix(unit.upper()) not in _PREFIXES:
        raise ScpiError(INVALID_SUFFIX)
    prefix = suffix.removesuffix(unit.upper())
    return value * (1e6 if prefix == "M" and unit.upper() == "OHM" else _PREFIXES[prefix])
