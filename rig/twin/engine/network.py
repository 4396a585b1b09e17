"""The circuit as it is drawn: named elements between named nodes. Ground is node "0".

Every path carries a resistance above zero, so that each set of closed switches has exactly one solution.
A switch is a name: elements that share it move together, and all switches are open at the start.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rig.twin.engine.ports import Law

GROUND = "0"


class NetworkError(ValueError):
    """The network, or a question about it, makes no sense; the message names the element, node or switch."""


@dataclass(frozen=True, slots=True)
class Resistor:
    """i = v(a, b) / ohms."""

    name: str
    a: str
    b: str
    ohms: float
    switch: str | None


@dataclass(frozen=True, slots=True)
class Branch:
    """v(a, b) = ohms * i + henries * di/dt; an opening switch sets i to zero."""

    name: str
    a: str
    b: str
    ohms: float
    henries: float
    amps: float
    switch: str | None


@dataclass(frozen=True, slots=True)
class Capacitor:
    """An ideal capacitor behind its series resistance."""

    name: str
    a: str
    b: str
    farads: float
    ohms: float
    volts: float
    switch: None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Voltage input `name` behind a resistance; plus is a; i is what a delivers."""

    name: str
    a: str
    b: str
    ohms: float
    switch: str | None


@dataclass(frozen=True, slots=True)
class CurrentSource:
    """Current input `name`, delivered into node a and taken out of node b."""

    name: str
    a: str
    b: str
    switch: str | None


@dataclass(frozen=True, slots=True)
class Mirror:
    """Draws gain * i(of) from a to b, whatever the voltage."""

    name: str
    a: str
    b: str
    gain: float
    of: str
    switch: None = None


@dataclass(frozen=True, slots=True)
class Transconductance:
    """Draws siemens * v(plus, minus) from a to b; takes no current from plus and minus."""

    name: str
    a: str
    b: str
    siemens: float
    plus: str
    minus: str
    switch: str | None


@dataclass(frozen=True, slots=True)
class Diode:
    """Open below v(a, b) = volts, volts + ohms * i above."""

    name: str
    a: str
    b: str
    volts: float
    ohms: float
    switch: None = None


@dataclass(frozen=True, slots=True)
class Port:
    """Draws from a to b what its law says; the law is a matter of the simulation."""

    name: str
    a: str
    b: str
    law: Law
    switch: str | None


Element = Resistor | Branch | Capacitor | Source | CurrentSource | Mirror | Transconductance | Diode | Port


class Network:
    """A list of elements under construction; `check` is called by the simulation that takes it over."""

    def __init__(self) -> None:
        self.elements: dict[str, Element] = {}

    def resistor(self, name: str, a: str, b: str, ohms: float, switch: str | None = None) -> None:
        """A resistance, or with `switch` a contact."""
        self._add(Resistor(name, a, b, _positive(name, "resistance", ohms), switch))

    def branch(
        self, name: str, a: str, b: str, ohms: float, henries: float, switch: str | None = None, *, amps: float = 0.0
    ) -> None:
        """A series R-L with initial current `amps` (a to b). Switched branches start open, so theirs must be zero."""
        if switch is not None and amps != 0.0:
            raise NetworkError(f"branch {name!r}: a switched branch starts open; its initial current must be 0 A")
        resistance = _positive(name, "resistance", ohms)
        inductance = _positive(name, "inductance", henries)
        self._add(Branch(name, a, b, resistance, inductance, _finite(name, "initial current", amps), switch))

    def capacitor(self, name: str, a: str, b: str, farads: float, esr: float, *, volts: float = 0.0) -> None:
        """A capacitor with series resistance `esr` and initial voltage `volts` (a against b)."""
        capacitance, resistance = _positive(name, "capacitance", farads), _positive(name, "esr", esr)
        self._add(Capacitor(name, a, b, capacitance, resistance, _finite(name, "initial voltage", volts)))

    def source(self, name: str, a: str, b: str, ohms: float, switch: str | None = None) -> None:
        """A voltage source (input `name`, V, plus at a) behind `ohms`."""
        self._add(Source(name, a, b, _positive(name, "resistance", ohms), switch))

    def current_source(self, name: str, a: str, b: str, switch: str | None = None) -> None:
        """A current source (input `name`, A) into a, out of b."""
        self._add(CurrentSource(name, a, b, switch))

    def mirror(self, name: str, a: str, b: str, gain: float, of: str) -> None:
        """Draws gain * i(of) from a to b; `of` is a branch or a source."""
        self._add(Mirror(name, a, b, _finite(name, "gain", gain), of))

    def transconductance(
        self, name: str, a: str, b: str, siemens: float, plus: str, minus: str, switch: str | None = None
    ) -> None:
        """Draws siemens * v(plus, minus) from a to b: a voltage-controlled current source."""
        self._add(Transconductance(name, a, b, _finite(name, "transconductance", siemens), plus, minus, switch))

    def port(self, name: str, a: str, b: str, law: Law, switch: str | None = None) -> None:
        """A smooth nonlinear two-terminal (`rig.twin.engine.ports`); with `switch` only while that is closed."""
        for other in self.elements.values():
            if isinstance(other, Port) and {other.a, other.b} == {a, b}:
                raise NetworkError(f"ports {other.name!r} and {name!r} are both between {a!r} and {b!r}: make them one")
        self._add(Port(name, a, b, law, switch))

    def diode(self, name: str, a: str, b: str, volts: float, ohms: float) -> None:
        """A piecewise-linear diode: conducts from a to b above `volts` with slope resistance `ohms`."""
        self._add(Diode(name, a, b, _finite(name, "threshold", volts), _positive(name, "resistance", ohms)))

    def _add(self, element: Element) -> None:
        if element.name in self.elements:
            raise NetworkError(f"element {element.name!r} exists already: give every element its own name")
        if element.a == element.b:
            raise NetworkError(f"element {element.name!r}: both terminals are at node {element.a!r}")
        self.elements[element.name] = element

    def check(self) -> None:
        """Raise NetworkError for a mirror or sense of nothing, and for a node that floats when every switch is open."""
        nodes = {GROUND, *(node for e in self.elements.values() for node in (e.a, e.b))}
        for element in self.elements.values():
            if isinstance(element, Transconductance):
                for node in (element.plus, element.minus):
                    if node not in nodes:
                        raise NetworkError(f"transconductance {element.name!r}: there is no node {node!r} to sense")
            if isinstance(element, Mirror) and not isinstance(self.elements.get(element.of), Branch | Source):
                raise NetworkError(f"mirror {element.name!r}: {element.of!r} is not a branch or a source")
        self._check_floating()

    def _check_floating(self) -> None:
        fixed = [
            (e.a, e.b)
            for e in self.elements.values()
            if isinstance(e, Resistor | Capacitor | Source) and e.switch is None
        ]
        grounded = _reach(GROUND, fixed)
        for element in self.elements.values():
            for node in (element.a, element.b):
                if node not in grounded:
                    raise NetworkError(
                        f"node {node!r} (element {element.name!r}) floats when every switch is open: "
                        "tie it to ground through an unswitched resistor, capacitor or source"
                    )


def _reach(start: str, edges: Iterable[tuple[str, str]]) -> set[str]:
    neighbours: dict[str, list[str]] = {}
    for a, b in edges:
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    seen, todo = {start}, [start]
    while todo:
        new = [n for n in neighbours.get(todo.pop(), []) if n not in seen]
        seen.update(new)
        todo.extend(new)
    return seen


def _finite(name: str, what: str, value: float) -> float:
    if not math.isfinite(value):
        raise NetworkError(f"element {name!r}: {what} is {value}; give a finite number")
    return float(value)


def _positive(name: str, what: str, value: float) -> float:
    if not _finite(name, what, value) > 0.0:
        raise NetworkError(f"element {name!r}: {what} is {value:g}; it must be above zero")
    return float(value)
