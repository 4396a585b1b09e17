"""One family of electronic loads as data: what its manual says to send, and what its replies mean.

Templates are in the maker's spelling and units. They take `{channel}`, settings also `{value}`, switches `{word}` and
what chooses a mode `{range}`. A mainframe that has to be told its channel is told in the same message, which makes it
one act whoever else talks: `CHAN {channel};:LOAD {word}`. Everything that is no template is SI.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from instruments.accuracy import Accuracy
from instruments.records import Limits
from instruments.roles import Capability

ModeName = Literal["CC", "CR", "CV", "CP"]
ALIKE = 1e-3
"""A read-back that differs by less than this part of the value, and one step, is the value."""

MODES: Mapping[ModeName, Capability] = {
    "CC": "constant current",
    "CR": "constant resistance",
    "CV": "constant voltage",
    "CP": "constant power",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A number that the load keeps: SI value * factor is in its unit. What all of `ask` answer has to be alike."""

    write: str
    ask: tuple[str, ...]
    factor: float = 1.0
    step: float = 0.001
    """One step of the answer, SI."""

    def alike(self, wanted: float, seen: float) -> bool:
        return abs(seen - wanted) <= self.step + ALIKE * abs(wanted)


@dataclass(frozen=True, slots=True)
class Switch:
    """Something on or off. The query answers ON, OFF, 1 or 0."""

    write: str
    ask: str
    on: str = "ON"
    off: str = "OFF"


@dataclass(frozen=True, slots=True)
class Span:
    """A range of a mode: the word that chooses it, and the least and the greatest level it holds."""

    word: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Mode:
    """Something the load can hold constant: what chooses mode and range, then the level."""

    select: tuple[str, ...]
    level: Setting
    answers: str = ""
    """How the answer to the page's `function` begins then; empty: with the last word of the first of `select`."""


@dataclass(frozen=True, slots=True)
class Trips:
    """What has switched the input off: a register, its bits with a cause before its consequences, what clears it."""

    ask: str
    bits: Mapping[int, str]
    clear: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """`pattern` is of the model's whole name; `spans` of a mode come in the order of preference; slew in A/s."""

    pattern: str
    limits: Limits
    spans: Mapping[ModeName, tuple[Span, ...]]
    slew: tuple[float, float]
    accuracy: tuple[Accuracy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPage:
    """`maker` is a pattern of the maker's field of *IDN?; None stands for what the family cannot do."""

    family: str
    maker: str
    models: tuple[Model, ...]
    modes: Mapping[ModeName, Mode]
    function: str
    """Query for the mode in use."""
    input: Switch
    measure_voltage: str
    measure_current: str
    short: Switch | None = None
    slew: tuple[Setting, ...] = ()
    """Both edges of constant current, by one command or by two."""
    slew_of_range: bool = False
    """Whether each range of current keeps slopes of its own."""
    von: Setting | None = None
    trips: Trips | None = None
    prologue: tuple[str, ...] = ()
    """Sent on a fresh connection, before settings are accepted."""
    sense: str = ""
    """What has it measure voltage at its sense terminals; empty: it has none, or they need no command."""
    channel: str = ""
    """Query for the channel in use, where there are several: it is another one if there is no such channel."""
    module: str = ""
    """Query for the module in the channel, in the form of *IDN?, which then names the mainframe."""
    second_client: bool | None = None

    @property
    def capabilities(self) -> frozenset[Capability]:
        offered: dict[Capability, object] = {MODES[name]: mode for name, mode in self.modes.items()}
        offered |= {"short": self.short, "slew": self.slew or None, "von": self.von}
        return frozenset(name for name, how in offered.items() if how is not None)

    @property
    def accuracy(self) -> tuple[Accuracy, ...]:
        """Of all models."""
        return tuple(dict.fromkeys(row for model in self.models for row in model.accuracy))
