"""Laws of smooth nonlinear ports: constant power and arcs. Each gives the current that goes with a voltage.

A law with a memory (a dynamic arc) keeps the logarithm of its conductance and its rate; over a step of h seconds the
logarithm moves by the trapezoidal rule. Laws are odd: a reversed voltage gives the reversed current.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from rig.twin.engine.network import NetworkError

Memory = tuple[float, float]  # ln(conductance / S), its rate in 1/s

JUMP = 3.0  # a conductance that moves by more than e^3 in one step has to take smaller ones


class Law(Protocol):
    """What a port does; frozen and without state of its own."""

    min_amps: float
    """Below this current the port goes out, until it is switched off and on again [A]; 0 never."""

    def begin(self) -> Memory:
        """The memory of a port that starts."""

    def draw(self, volts: float, h: float, memory: Memory) -> tuple[float, float]:
        """Current [A] and its derivative [S] at `volts`, h seconds after `memory`; infinite when h is too long."""

    def later(self, volts: float, h: float, memory: Memory) -> Memory:
        """The memory h seconds on, with `volts` then."""

    def low(self) -> float:
        """A voltage on its lowest branch [V], where the search for an operating point starts anew."""


@dataclass(frozen=True, slots=True)
class ConstantPower:
    """Draws `watts` at `min_volts` and above; below it is the resistance min_volts^2 / watts, so that it can start.

    A source that cannot give the power has no operating point on the upper branch: the port then falls to the
    resistance, as a converter does at its minimum input voltage.
    """

    watts: float
    min_volts: float
    min_amps: float = 0.0

    def __post_init__(self) -> None:
        _positive("constant power", watts=self.watts, min_volts=self.min_volts)

    def begin(self) -> Memory:
        return 0.0, 0.0

    def draw(self, volts: float, h: float, memory: Memory) -> tuple[float, float]:
        if abs(volts) >= self.min_volts:
            return self.watts / volts, -self.watts / volts**2
        siemens = self.watts / self.min_volts**2
        return siemens * volts, siemens

    def later(self, volts: float, h: float, memory: Memory) -> Memory:
        return memory

    def low(self) -> float:
        return self.min_volts / 2.0


@dataclass(frozen=True, slots=True)
class StaticArc:
    """|v| = base_volts + volts * (|i| / 1 A)^exponent: an arc whose conductance follows at once.

    Goes out below `min_amps` (copper about 0.43 A, silver 0.4 A [K] unverified).
    """

    volts: float
    exponent: float = 0.12
    base_volts: float = 0.0
    min_amps: float = 0.4

    def __post_init__(self) -> None:
        _positive("static arc", volts=self.volts, exponent=self.exponent)
        _not_negative("static arc", base_volts=self.base_volts, min_amps=self.min_amps)

    @classmethod
    def of_gap(cls, millimetres: float) -> StaticArc:
        """Stokes and Oppenlander: v = (20 + 0.534 g / mm) i^0.12 [K] unverified."""
        return cls(20.0 + 0.534 * millimetres)

    def begin(self) -> Memory:
        return 0.0, 0.0

    def draw(self, volts: float, h: float, memory: Memory) -> tuple[float, float]:
        over = abs(volts) - self.base_volts
        if over <= 0.0:
            return 0.0, 0.0
        grown = math.log(over / self.volts) / self.exponent
        if grown > 200.0:
            return math.inf, math.inf
        amps = math.exp(grown)
        return math.copysign(amps, volts), amps / (self.exponent * over)

    def later(self, volts: float, h: float, memory: Memory) -> Memory:
        return memory

    def low(self) -> float:
        return self.base_volts


@dataclass(frozen=True, slots=True)
class CassieArc:
    """dg/dt = g / tau (v^2 / volts^2 - 1), from `siemens` on: the law of large currents."""

    volts: float
    tau: float
    siemens: float
    min_amps: float = 0.0

    def __post_init__(self) -> None:
        _positive("Cassie arc", volts=self.volts, tau=self.tau, siemens=self.siemens)
        _not_negative("Cassie arc", min_amps=self.min_amps)

    def begin(self) -> Memory:
        return math.log(self.siemens), 0.0

    def later(self, volts: float, h: float, memory: Memory) -> Memory:
        rate = ((volts / self.volts) ** 2 - 1.0) / self.tau
        grown = h / 2.0 * (memory[1] + rate)
        return (memory[0] + grown if grown < JUMP else math.inf), rate

    def draw(self, volts: float, h: float, memory: Memory) -> tuple[float, float]:
        level = self.later(volts, h, memory)[0]
        if level == math.inf:
            return math.inf, math.inf
        g = math.exp(level)
        return g * volts, g * (1.0 + h * (volts / self.volts) ** 2 / self.tau)

    def low(self) -> float:
        return 0.0


@dataclass(frozen=True, slots=True)
class MayrArc:
    """dg/dt = g / tau (v i / watts - 1), from `siemens` on: the law of small currents and of extinction."""

    watts: float
    tau: float
    siemens: float
    min_amps: float = 0.0

    def __post_init__(self) -> None:
        _positive("Mayr arc", watts=self.watts, tau=self.tau, siemens=self.siemens)
        _not_negative("Mayr arc", min_amps=self.min_amps)

    def begin(self) -> Memory:
        return math.log(self.siemens), 0.0

    def later(self, volts: float, h: float, memory: Memory) -> Memory:
        """ln g = a + b g by Newton from below: the smaller root is the arc's."""
        a = memory[0] + h / 2.0 * (memory[1] - 1.0 / self.tau)
        b = h * volts**2 / (2.0 * self.tau * self.watts)
        level = a
        for _ in range(60):
            g = math.exp(min(level, 300.0))
            if b * g >= 1.0 or level - memory[0] > JUMP:
                return math.inf, math.inf
            step = (a + b * g - level) / (1.0 - b * g)
            level += step
            if abs(step) < 1e-15 * (1.0 + abs(level)):
                break
        return level, (math.exp(level) * volts**2 / self.watts - 1.0) / self.tau

    def draw(self, volts: float, h: float, memory: Memory) -> tuple[float, float]:
        level = self.later(volts, h, memory)[0]
        if level == math.inf:
            return math.inf, math.inf
        g = math.exp(level)
        share = h * volts**2 / (2.0 * self.tau * self.watts) * g
        return g * volts, g * (1.0 + 2.0 * share / (1.0 - share))

    def low(self) -> float:
        return 0.0


def _positive(what: str, **values: float) -> None:
    for name, value in values.items():
        if not 0.0 < value < math.inf:
            raise NetworkError(f"{what}: {name} is {value}; it must be finite and above zero")


def _not_negative(what: str, **values: float) -> None:
    for name, value in values.items():
        if not 0.0 <= value < math.inf:
            raise NetworkError(f"{what}: {name} is {value}; it must be finite and not negative")
