"""One family of SCPI supplies as data: what its manual says to send, and what its replies mean.

Templates take `{channel}`, settings also `{value}` (V or A) and switches `{word}`. The form of the channel is the
template's own: `VOLT {value:.3f},(@{channel})`, `SOUR{channel}:VOLT {value:.3f}`, or, for a supply that has to be told
its output first, `INST:NSEL {channel};:VOLT {value:.3f}`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from instruments.accuracy import Accuracy
from instruments.roles import Capability, Regulation

Decode = Callable[[str], str | None]
"""A reply to its meaning; ValueError or KeyError for one that the manual does not print."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What one output can be set to: V, A, W; the least and the greatest OVP and OCP level."""

    volts: float
    amps: float
    watts: float
    ovp: tuple[float, float] = (0.0, 0.0)
    ocp: tuple[float, float] = (0.0, 0.0)
    least_volts: float = 0.0
    least_amps: float = 0.0
    model: str = ""
    """Of a plug-in module, which the accuracy rows go by; empty: the instrument's."""


Ask = Callable[[str], str]
Rate = Callable[[Ask, str, int], Rating]
"""The rating of output `channel` of `model`, asking the instrument where only it knows. LookupError: no such output."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A number that the supply keeps. `arm` is sent after it, where a level has to be put in force."""

    write: str
    ask: str
    arm: str = ""


@dataclass(frozen=True, slots=True)
class Switch:
    """Something on or off. The query answers a word of these or 1 and 0, or `absent` where an output has no such."""

    write: str
    ask: str
    on: str = "ON"
    off: str = "OFF"
    absent: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    query: str
    decode: Decode


def weights(names: Mapping[int, str], *, otherwise: str | None = None) -> Decode:
    """A status register by the decimal weights of the manual's table: the first entry whose bits are all set counts."""

    def decode(reply: str) -> str | None:
        register = int(reply)
        return next((name for weight, name in names.items() if register & weight == weight), otherwise)

    return decode


def words(names: Mapping[str, str | None]) -> Decode:
    """A reply in words, or a bare digit."""
    return lambda reply: names[reply.strip().upper()]


def listed(models: Mapping[str, tuple[Rating, ...]]) -> Rate:
    """Ratings from a table of models with their outputs, the first being output 1."""
    return lambda _ask, model, channel: dict(enumerate(models[model], 1))[channel]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyPage:
    """`models` is a pattern of the model field of *IDN?; None stands for what the family cannot do.

    `trips` are asked in order, the first that has tripped counts. `clear` says for each name what releases it, if that
    takes more than switching the output off; it is sent with the output off, because many families restore the output.
    """

    family: str
    models: str
    rating: Rate
    accuracy: tuple[Accuracy, ...]
    voltage: Setting
    current: Setting
    output: Switch
    measure_voltage: str
    measure_current: str
    regulation: Status
    """Decodes to one of `Regulation`."""
    trips: tuple[Status, ...]
    clear: Mapping[str, str] = field(default_factory=dict)
    ovp: Setting | None = None
    ocp: Setting | None = None
    trip_at_limit: Switch | None = None
    remote_sense: Switch | None = None
    errors_on: str = ""
    """What makes the supply keep errors, where it does not do so by itself; sent on every fresh connection."""
    second_client: bool | None = None
    pace_s: float = 0.0
    """Least time between two commands."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        offered: dict[Capability, object] = {
            "ovp": self.ovp,
            "ocp": self.ocp,
            "trip at limit": self.trip_at_limit,
            "remote sense": self.remote_sense,
        }
        return frozenset(name for name, how in offered.items() if how is not None)


REGULATIONS: Mapping[str, Regulation] = {"CV": "CV", "CC": "CC", "CP": "CP", "OFF": "OFF", "UNREGULATED": "UNREGULATED"}
