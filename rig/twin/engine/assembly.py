"""From elements to state space: nodal elimination for one set of closed switches.

States are branch currents and capacitor voltages, scaled by sqrt(L) and sqrt(C): the squared length of the state
vector is then twice the stored energy, passive networks contract in it, and their eigenvectors are well conditioned.

A bench mixes 2.5 mohm with 10 Mohm and nanoseconds with minutes. Elimination subtracts nearly equal numbers there, so
it is done in extended precision (80 bits on x86-64; where long double is double, slow discharge is less accurate).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rig.twin.engine.network import (
    GROUND,
    Branch,
    Capacitor,
    CurrentSource,
    Diode,
    Element,
    Mirror,
    NetworkError,
    Port,
    Source,
    Transconductance,
)
from rig.twin.engine.probe import Term

Array = npt.NDArray[np.float64]
Long = npt.NDArray[np.longdouble]

SINGULAR = 1e-16  # pivot relative to its row: nothing a bench is made of gets near


class Layout:
    """Where each node, state and input of a network sits in the matrices; the same for every mode.

    The last node is ground; the last input is the constant 1 (threshold voltages of diodes).
    """

    def __init__(self, elements: Mapping[str, Element]) -> None:
        self.elements = dict(elements)
        names = dict.fromkeys(node for e in self.elements.values() for node in (e.a, e.b) if node != GROUND)
        self.node = {name: k for k, name in enumerate([*names, GROUND])}
        stores = [e for e in self.elements.values() if isinstance(e, Branch | Capacitor)]
        self.state = {e.name: k for k, e in enumerate(stores)}
        inputs = [e.name for e in self.elements.values() if isinstance(e, Source | CurrentSource | Port)]
        self.input = {name: k for k, name in enumerate([*inputs, ""])}
        stored = [e.henries if isinstance(e, Branch) else e.farads for e in stores]
        self.scale: Long = np.sqrt(np.array(stored, dtype=np.longdouble))
        start = [e.amps if isinstance(e, Branch) else e.volts for e in stores]
        self.start: Array = (self.scale * np.array(start, dtype=np.longdouble)).astype(np.float64)
        self.switches = sorted({e.switch for e in self.elements.values() if e.switch is not None})
        self.diodes = [e for e in self.elements.values() if isinstance(e, Diode)]


@dataclass(frozen=True, slots=True)
class LongRow:
    """One linear output in extended precision: state . y + input . u with y the scaled states."""

    state: Long
    input: Long


class StateSpace:
    """y' = A y + B u and node voltages = C y + D u for one mode (u includes the constant input)."""

    def __init__(self, layout: Layout, active: frozenset[str], ohms: Mapping[str, float]) -> None:
        self.layout = layout
        self.active = active
        self.ohms = ohms
        states = len(layout.state)
        voltages = self._nodes()
        self.C, self.D = voltages[:, :states], voltages[:, states:]
        self.A: Long = np.zeros((states, states), dtype=np.longdouble)
        self.B: Long = np.zeros((states, len(layout.input)), dtype=np.longdouble)
        for name, k in layout.state.items():
            row = self._rate(name)
            self.A[k], self.B[k] = row.state * layout.scale[k], row.input * layout.scale[k]

    def _nodes(self) -> Long:
        """Solve Kirchhoff's current law for the node voltages; the ground row stays zero."""
        lay = self.layout
        nodes = len(lay.node)
        table: Long = np.zeros((nodes, nodes + len(lay.state) + len(lay.input)), dtype=np.longdouble)
        for element in lay.elements.values():
            if element.name in self.active:
                self._stamp(table[:, :nodes], table[:, nodes:], element, (element.a, element.b), 1.0)
        table[:-1, nodes - 1] = 0.0  # ground
        if not _eliminate(table[:-1]):
            controlled = [e.name for e in lay.elements.values() if isinstance(e, Mirror | Transconductance)]
            raise NetworkError(
                f"no unique solution with {sorted(self.active)} active: check the mirrors and transconductances "
                f"{controlled}"
            )
        table[-1] = 0.0
        return table[:, nodes:]

    def _stamp(self, G: Long, J: Long, element: Element, ends: tuple[str, str], gain: float) -> None:
        """Add gain times the element's current, leaving the first node and entering the second, to G v = J [y; u].

        With other ends than the element's own this stamps a mirror of it.
        """
        if isinstance(element, Mirror):
            of = self.layout.elements[element.of]
            if of.name in self.active:
                # A source's current is what its plus terminal delivers: opposite to a -> b through the element.
                sign = -1.0 if isinstance(of, Source) else 1.0
                self._stamp(G, J, of, ends, sign * element.gain)
            return
        node = self.layout.node
        own, own_b = (node[n] for n in _sensed(element))
        g, column, factor = self._through(element)
        for n, sign in ((node[ends[0]], gain), (node[ends[1]], -gain)):
            G[n, own] += sign * g
            G[n, own_b] -= sign * g
            if column >= 0:
                J[n, column] -= sign * factor

    def _through(self, element: Element) -> tuple[np.longdouble, int, np.longdouble]:
        """Current a -> b as g * v(a, b) + factor * [y; u][column]; column -1 when there is no such term."""
        lay = self.layout
        inputs = len(lay.state)
        zero, one = np.longdouble(0.0), np.longdouble(1.0)
        if isinstance(element, Branch):
            k = lay.state[element.name]
            return zero, k, one / lay.scale[k]
        if isinstance(element, CurrentSource | Port):
            return zero, inputs + lay.input[element.name], one if isinstance(element, Port) else -one
        if isinstance(element, Mirror):
            raise TypeError(element)
        g = one * element.siemens if isinstance(element, Transconductance) else one / self.ohms[element.name]
        if isinstance(element, Capacitor):
            k = lay.state[element.name]
            return g, k, -g / lay.scale[k]
        if isinstance(element, Source):
            return g, inputs + lay.input[element.name], -g
        if isinstance(element, Diode):
            return g, inputs + lay.input[""], -g * element.volts
        return g, -1, zero

    def _rate(self, name: str) -> LongRow:
        """Time derivative of an unscaled state: zero for a branch that is cut off."""
        element = self.layout.elements[name]
        if isinstance(element, Capacitor):
            current = self.current(name)
            return LongRow(current.state / element.farads, current.input / element.farads)
        if not isinstance(element, Branch) or name not in self.active:
            return self._zero()
        a, b, k = self.layout.node[element.a], self.layout.node[element.b], self.layout.state[name]
        row = self.C[a] - self.C[b]
        row[k] -= self.ohms[name] / self.layout.scale[k]
        return LongRow(row / element.henries, (self.D[a] - self.D[b]) / element.henries)

    def _zero(self) -> LongRow:
        return LongRow(np.zeros_like(self.C[0]), np.zeros_like(self.D[0]))

    def current(self, name: str) -> LongRow:
        """Current of an element, by the sign rule of `probe.i`."""
        lay = self.layout
        element = lay.elements[name]
        if name not in self.active:
            return self._zero()
        if isinstance(element, Mirror):
            row = self.current(element.of)
            return LongRow(element.gain * row.state, element.gain * row.input)
        g, column, factor = self._through(element)
        a, b = (lay.node[n] for n in _sensed(element))
        state, inputs = g * (self.C[a] - self.C[b]), g * (self.D[a] - self.D[b])
        if column >= len(lay.state):
            inputs[column - len(lay.state)] += factor
        elif column >= 0:
            state[column] += factor
        sign = -1.0 if isinstance(element, Source | CurrentSource) else 1.0
        return LongRow(sign * state, sign * inputs)

    def term(self, term: Term) -> LongRow:
        """One term of a probe; an unknown node or element raises NetworkError."""
        kind, name = term
        if kind == "v":
            if name not in self.layout.node:
                raise NetworkError(f"no node {name!r}; the nodes are {sorted(self.layout.node)}")
            k = self.layout.node[name]
            return LongRow(self.C[k], self.D[k])
        if name not in self.layout.elements:
            raise NetworkError(f"no element {name!r}; the elements are {sorted(self.layout.elements)}")
        if kind == "slope":
            if not isinstance(self.layout.elements[name], Branch):
                raise NetworkError(f"slope({name!r}): only a branch has a rate of change of current")
            return self._rate(name)
        return self.current(name)


def _sensed(element: Element) -> tuple[str, str]:
    """The nodes whose voltage sets the element's current."""
    return (element.plus, element.minus) if isinstance(element, Transconductance) else (element.a, element.b)


def _eliminate(table: Long) -> bool:
    """Gauss-Jordan with row pivoting on [G | J], in place: J becomes G^-1 J. False when G is singular."""
    count = len(table)
    size = np.abs(table[:, :count]).max(axis=1, initial=0.0)
    for k in range(count):
        rank = np.abs(table[k:, k]) / np.where(size[k:] > 0.0, size[k:], 1.0)
        best = k + int(np.argmax(rank))
        if not rank[best - k] > SINGULAR:
            return False
        if best != k:
            table[[k, best]], size[[k, best]] = table[[best, k]], size[[best, k]]
        table[k] /= table[k, k]
        factor = table[:, k].copy()
        factor[k] = 0.0
        rows = np.flatnonzero(factor)
        table[rows] -= factor[rows, None] * table[k]
    return True
