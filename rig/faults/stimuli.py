"""Stimuli as data: what is done to the port, in the words of a procedure.

Quantities are written as text ("10 mohm") and read at once, so that a wrong unit is found where the case is declared.
After construction every attribute is an SI float.
"""

import math
from dataclasses import dataclass
from typing import Literal

from rig.faults.carry import Carry
from rig.faults.day import Day
from rig.faults.grounds import SecondReturn
from rig.faults.other_source import ON_BUS, OnBus
from rig.faults.replay import Arc, Chopper
from rig.faults.told import plain, positive, several
from rig.files.quantity import format_quantity, parse

FREQUENCIES = ("50 Hz", "190 Hz", "730 Hz", "2.83 kHz", "10.9 kHz", "24.7 kHz")
"""About a factor of four apart, and none of them near a multiple of 2.5 kHz, the rate of a slow record: what a recorder
samples of it averages out within a period of the mains."""


@dataclass(frozen=True, slots=True, init=False)
class Short:
    """A bolted short across the port's terminals; `resistance` is that of the whole fault path, ohm."""

    resistance: float

    def __init__(self, resistance: str) -> None:
        object.__setattr__(self, "resistance", positive("Short", "resistance", resistance, "ohm"))

    @property
    def label(self) -> str:
        """For example "short 10 mΩ"."""
        return f"short {format_quantity(self.resistance, 'ohm')}"


@dataclass(frozen=True, slots=True)
class Overload:
    """A load that draws `multiple` times the rated current, the base load included.

    `beside`: another source stands 2 V below the port, and has the load for itself as soon as the port lets go.
    """

    multiple: float
    beside: bool = False

    def __post_init__(self) -> None:
        plain("Overload", "multiple", self.multiple)
        if not 1 < self.multiple < float("inf"):
            raise ValueError(f"Overload: multiple must be above 1 (of the rated current), found {self.multiple!r}")

    @property
    def label(self) -> str:
        """For example "overload 1.5 x"."""
        return f"overload {self.multiple:g} x{' beside another source' if self.beside else ''}"


@dataclass(frozen=True, slots=True, init=False)
class Reverse:
    """A supply connected backwards: `voltage` (V, its magnitude), limited to `current` (A)."""

    voltage: float
    current: float

    def __init__(self, voltage: str, current: str) -> None:
        object.__setattr__(self, "voltage", positive("Reverse", "voltage", voltage, "V"))
        object.__setattr__(self, "current", positive("Reverse", "current", current, "A"))

    @property
    def label(self) -> str:
        """For example "reverse -54 V"."""
        return f"reverse {format_quantity(-self.voltage, 'V')}"


@dataclass(frozen=True, slots=True)
class Base:
    """The load before the fault: a resistance that draws `load` (0 to 1) of the rated current, or that current itself.

    `constant`: what stays as it is when the voltage does not.
    """

    load: float
    constant: Literal["resistance", "current"] = "resistance"

    def __post_init__(self) -> None:
        plain("Base", "load", self.load)
        if not 0 <= self.load <= 1:
            raise ValueError(f"Base: load must be a fraction from 0 to 1 of the rated current, found {self.load!r}")

    @property
    def label(self) -> str:
        """For example "base 50 %"."""
        what = "" if self.constant == "resistance" else " of constant current"
        return f"base {format_quantity(self.load, '1')}{what}"

    def resistance(self, voltage: float, rated_current: float) -> float:
        """The resistance that draws this load at `voltage` (V), ohm; infinite for no load."""
        return voltage / (self.load * rated_current) if self.load else float("inf")


@dataclass(frozen=True, slots=True, init=False)
class Start:
    """The device's energy comes on, with the base load at its port; with `resistance`, ohm, that is shorted already."""

    resistance: float | None

    def __init__(self, resistance: str | None = None) -> None:
        ohms = None if resistance is None else positive("Start", "resistance", resistance, "ohm")
        object.__setattr__(self, "resistance", ohms)

    @property
    def label(self) -> str:
        """For example "start into 10 mΩ"."""
        return "start" if self.resistance is None else f"start into {format_quantity(self.resistance, 'ohm')}"


@dataclass(frozen=True, slots=True)
class Steps:
    """The load draws these shares of the rated current, one after the other, each for the hold; no fault."""

    loads: tuple[float, ...]

    def __post_init__(self) -> None:
        several("Steps", "loads", self.loads)
        if not self.loads or not all(0 <= load <= 1 for load in self.loads):
            raise ValueError(f"Steps: loads must be fractions from 0 to 1 of the rated current, found {self.loads!r}")

    @property
    def label(self) -> str:
        """For example "7 loads to 90 %"."""
        return f"{len(self.loads)} loads to {format_quantity(max(self.loads), '1')}"


@dataclass(frozen=True, slots=True, init=False)
class Draw:
    """A load of constant power, W, for the hold; no fault."""

    power: float

    def __init__(self, power: str) -> None:
        object.__setattr__(self, "power", positive("Draw", "power", power, "W"))

    @property
    def label(self) -> str:
        """For example "load of 255 W"."""
        return f"load of {format_quantity(self.power, 'W')}"


@dataclass(frozen=True, slots=True)
class Dump:
    """The base load is gone at once."""

    @property
    def label(self) -> str:
        """For lists."""
        return "load dump"


@dataclass(frozen=True, slots=True)
class Level:
    """What feeds the device goes to this voltage for the hold and back to the nominal one.

    `told`: "31 V", "50 %" of the nominal voltage, or "minimum" or "maximum" of what the maker declares.
    `to_start`: it comes back only to what the device starts from.
    """

    told: str
    to_start: bool = False

    def __post_init__(self) -> None:
        if self.told not in ("minimum", "maximum"):
            positive("Level", "voltage", self.told, "1" if self.told.endswith("%") else "V")

    def volts(self, nominal: float, minimum: float, maximum: float) -> float:
        """In V, for a device that is fed with these."""
        if self.told in ("minimum", "maximum"):
            return minimum if self.told == "minimum" else maximum
        return parse(self.told, "1") * nominal if self.told.endswith("%") else parse(self.told, "V")

    @property
    def label(self) -> str:
        """For example "fed with 31 V"."""
        then = " and back low" if self.to_start else ""
        return f"fed with {'its ' if self.told.startswith('m') else ''}{self.told}{then}"


@dataclass(frozen=True, slots=True, init=False)
class Ramp:
    """What feeds the device sinks to `voltage`, V, within the hold, and comes back within as much again."""

    voltage: float

    def __init__(self, voltage: str) -> None:
        object.__setattr__(self, "voltage", positive("Ramp", "voltage", voltage, "V"))

    @property
    def label(self) -> str:
        """For example "slow sag to 20 V"."""
        return f"slow sag to {format_quantity(self.voltage, 'V')}"


@dataclass(frozen=True, slots=True, init=False)
class Metered:
    """A steady load, and the device's energy counter watched until enough of its steps have been seen; no fault.

    `load`: share of the rated current; None of a consumer, which takes what it takes. `cut`: what feeds the device is
    away for so long in the middle, s.
    """

    load: float | None
    cut: float | None

    def __init__(self, load: float | None = None, cut: str | None = None) -> None:
        if load is not None:
            plain("Metered", "load", load)
        if load is not None and not 0 < load <= 1:
            raise ValueError(
                f"Metered: load must be a fraction above 0 and up to 1 of the rated current, found {load!r}"
            )
        object.__setattr__(self, "load", load)
        object.__setattr__(self, "cut", None if cut is None else positive("Metered", "cut", cut, "s"))

    @property
    def label(self) -> str:
        """For example "metered at 5 %"."""
        text = "metered" if self.load is None else f"metered at {format_quantity(self.load, '1')}"
        return text if self.cut is None else f"{text}, cut for {format_quantity(self.cut, 's')}"


@dataclass(frozen=True, slots=True)
class Motor:
    """A motor starts: `peak` (share of the rated current) at once, down to a fifth of it as exp(-t / 0.3 s)."""

    peak: float

    def __post_init__(self) -> None:
        plain("Motor", "peak", self.peak)
        if not 0 < self.peak <= 1:
            raise ValueError(
                f"Motor: peak must be a fraction above 0 and up to 1 of the rated current, found {self.peak!r}"
            )

    def share(self, seconds: float) -> float:
        """Of the rated current, so long after the start: Ir (1 + 4 exp(-t / 0.3 s))."""
        return self.peak / 5.0 * (1.0 + 4.0 * math.exp(-seconds / MOTOR_S))

    @property
    def label(self) -> str:
        """For example "motor start of 90 %"."""
        return f"motor start of {format_quantity(self.peak, '1')}"


@dataclass(frozen=True, slots=True, init=False)
class Interruption:
    """What feeds the device is cut off for `duration`, s, at a high impedance, and is there again."""

    duration: float

    def __init__(self, duration: str) -> None:
        object.__setattr__(self, "duration", positive("Interruption", "duration", duration, "s"))

    @property
    def label(self) -> str:
        """For example "interruption of 100 μs"."""
        return f"interruption of {format_quantity(self.duration, 's')}"


@dataclass(frozen=True, slots=True)
class Lifted:
    """A line comes off under load, for the hold: what feeds the device, or its load."""

    line: Literal["feed", "load"]

    def __post_init__(self) -> None:
        if self.line not in ("feed", "load"):
            raise ValueError(f'Lifted: line must be "feed" or "load", found {self.line!r}')

    @property
    def label(self) -> str:
        """For example "lifted load"."""
        return f"lifted {self.line}"


@dataclass(frozen=True, slots=True, init=False)
class Ripple:
    """Alternating voltage on top of what feeds the device: a sine of `peak_to_peak`, V, as an open circuit has it, of
    these frequencies, Hz, one after the other: the first for the hold, the others for as many periods, or 20 ms."""

    peak_to_peak: float
    hertz: tuple[float, ...]

    def __init__(self, peak_to_peak: str, hertz: tuple[str, ...] = FREQUENCIES) -> None:
        object.__setattr__(self, "peak_to_peak", positive("Ripple", "peak_to_peak", peak_to_peak, "V"))
        told = tuple(positive("Ripple", "hertz", one, "Hz") for one in hertz)
        if not told:
            raise ValueError("Ripple: hertz must list at least one frequency")
        object.__setattr__(self, "hertz", told)

    def seconds(self, hold_s: float) -> tuple[float, ...]:
        """How long each frequency lasts, s."""
        return tuple(max(hold_s * self.hertz[0] / one, RIPPLED_S) for one in self.hertz)

    @property
    def label(self) -> str:
        """For example "ripple of 1 V"."""
        return f"ripple of {format_quantity(self.peak_to_peak, 'V')}"


@dataclass(frozen=True, slots=True, init=False)
class Outage:
    """The mains that the device lives on is away for `duration`, s."""

    duration: float

    def __init__(self, duration: str) -> None:
        object.__setattr__(self, "duration", positive("Outage", "duration", duration, "s"))

    @property
    def label(self) -> str:
        """For example "mains away for 20 ms"."""
        return f"mains away for {format_quantity(self.duration, 's')}"


RIPPLED_S = 0.02
"""Each frequency of a ripple at least: a period of the mains."""
MOTOR_S = 0.3
"""Time constant of a motor's start (open DC grid, cable model of 2020)."""
Fault = (
    Short | Overload | Reverse | Start | Steps | Draw | Dump | Level | Ramp | Metered | Motor | Interruption
    | Lifted | Ripple | Arc | Chopper | Outage | Day | Carry | SecondReturn | OnBus
)  # fmt: skip
AMPLIFIED = (Ripple, Arc, Chopper)
"""What comes from a generator, by an amplifier in what feeds the device."""
UNTRIGGERED = (
    Start, Steps, Draw, Level, Ramp, Lifted, *AMPLIFIED, Metered, Motor, Outage, Day, Carry, SecondReturn, *ON_BUS
)  # fmt: skip
"""What the digitizer need not see: nothing in it is a fault."""
GIVES = (Short, Overload, Steps, Draw, Dump, Motor, Outage, Day, *ON_BUS)
"""What only a port that gives current can be put through."""


def on_bus(fault: Fault) -> bool:
    """Whether it takes another source at the port."""
    return isinstance(fault, ON_BUS) or (isinstance(fault, Overload) and fault.beside)
