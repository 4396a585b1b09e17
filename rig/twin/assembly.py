"""From elements to state space: nodal elimination for one set of closed switches.

States are branch currents and capacitor voltages, scaled by sqrt(L) and sqrt(C): the squared length of the state
vector is then twice the stored energy, passive networks contract in it, and their eigenvectors are well conditioned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rig.twin.network import GROUND, Branch, Capacitor, CurrentSource, Diode, Element, Mirror, NetworkError, Source
from rig.twin.probe import Term

Array = npt.NDArray[np.float64]


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
        inputs = [e.name for e in self.elements.values() if isinstance(e, Source | CurrentSource)]
        self.input = {name: k for k, name in enumerate([*inputs, ""])}
        self.scale: Array = np.sqrt([e.henries if isinstance(e, Branch) else e.farads for e in stores], dtype=float)
        start = [e.amps if isinstance(e, Branch) else e.volts for e in stores]
        self.start: Array = self.scale * np.array(start, dtype=float)
        self.switches = sorted({e.switch for e in self.elements.values() if e.switch is not None})
        self.diodes = [e for e in self.elements.values() if isinstance(e, Diode)]


@dataclass(frozen=True, slots=True)
class Row:
    """One linear output: state . y + input . u with y the scaled states."""

    state: Array
    input: Array


class StateSpace:
    """y' = A y + B u and node voltages = C y + D u for one mode (u includes the constant input)."""

    def __init__(self, layout: Layout, active: frozenset[str], ohms: Mapping[str, float]) -> None:
        self.layout = layout
        self.active = active
        self.ohms = ohms
        self.C, self.D = self._nodes()
        rows = [self._rate(name) for name in layout.state]
        empty = np.zeros((0, len(layout.state) + len(layout.input)))
        both = np.vstack([empty, *(np.concatenate([r.state, r.input])[None, :] for r in rows)])
        both *= layout.scale[:, None]
        self.A, self.B = both[:, : len(layout.state)], both[:, len(layout.state) :]

    def _nodes(self) -> tuple[Array, Array]:
        """Solve Kirchhoff's current law for the node voltages; the ground row stays zero."""
        lay = self.layout
        count = len(lay.node)
        conductance = np.zeros((count, count))
        drive = np.zeros((count, len(lay.state) + len(lay.input)))
        for element in lay.elements.values():
            if element.name in self.active:
                self._stamp(conductance, drive, element, element.a, element.b, 1.0)
        solved = np.zeros_like(drive)
        try:
            solved[:-1] = np.linalg.solve(conductance[:-1, :-1], drive[:-1])
        except np.linalg.LinAlgError:
            mirrors = [e.name for e in lay.elements.values() if isinstance(e, Mirror)]
            raise NetworkError(f"no unique solution with {sorted(self.active)} active: check mirrors {mirrors}") from None
        return solved[:, : len(lay.state)], solved[:, len(lay.state) :]

    def _stamp(self, G: Array, J: Array, element: Element, a: str, b: str, gain: float) -> None:
        """Add gain times the element's current, leaving node a and entering node b, to G v = J [y; u].

        With other nodes than the element's own this stamps a mirror of it.
        """
        if isinstance(element, Mirror):
            of = self.layout.elements[element.of]
            if of.name in self.active:
                # A source's current is what its plus terminal delivers: opposite to a -> b through the element.
                sign = -1.0 if isinstance(of, Source) else 1.0
                self._stamp(G, J, of, a, b, sign * element.gain)
            return
        node, own, own_b = self.layout.node, self.layout.node[element.a], self.layout.node[element.b]
        g, column, factor = self._through(element)
        for n, sign in ((node[a], gain), (node[b], -gain)):
            G[n, own] += sign * g
            G[n, own_b] -= sign * g
            if column >= 0:
                J[n, column] -= sign * factor

    def _through(self, element: Element) -> tuple[float, int, float]:
        """Current a -> b as g * v(a, b) + factor * [y; u][column]; column -1 when there is no such term."""
        lay = self.layout
        inputs = len(lay.state)
        if isinstance(element, Branch):
            k = lay.state[element.name]
            return 0.0, k, 1.0 / float(lay.scale[k])
        if isinstance(element, CurrentSource):
            return 0.0, inputs + lay.input[element.name], -1.0
        if isinstance(element, Mirror):
            raise TypeError(element)
        g = 1.0 / self.ohms[element.name]
        if isinstance(element, Capacitor):
            k = lay.state[element.name]
            return g, k, -g / float(lay.scale[k])
        if isinstance(element, Source):
            return g, inputs + lay.input[element.name], -g
        if isinstance(element, Diode):
            return g, inputs + lay.input[""], -g * element.volts
        return g, -1, 0.0

    def _rate(self, name: str) -> Row:
        """Time derivative of an unscaled state: zero for a branch that is cut off."""
        element = self.layout.elements[name]
        if isinstance(element, Capacitor):
            current = self.current(name)
            return Row(current.state / element.farads, current.input / element.farads)
        if not isinstance(element, Branch) or name not in self.active:
            return self._zero()
        a, b, k = self.layout.node[element.a], self.layout.node[element.b], self.layout.state[name]
        row = self.C[a] - self.C[b]
        row[k] -= self.ohms[name] / self.layout.scale[k]
        return Row(row / element.henries, (self.D[a] - self.D[b]) / element.henries)

    def _zero(self) -> Row:
        return Row(np.zeros(len(self.layout.state)), np.zeros(len(self.layout.input)))

    def current(self, name: str) -> Row:
        """Current of an element, by the sign rule of `probe.i`."""
        lay = self.layout
        element = lay.elements[name]
        if name not in self.active:
            return self._zero()
        if isinstance(element, Mirror):
            row = self.current(element.of)
            return Row(element.gain * row.state, element.gain * row.input)
        g, column, factor = self._through(element)
        a, b = lay.node[element.a], lay.node[element.b]
        state, inputs = g * (self.C[a] - self.C[b]), g * (self.D[a] - self.D[b])
        if column >= len(lay.state):
            inputs[column - len(lay.state)] += factor
        elif column >= 0:
            state[column] += factor
        sign = -1.0 if isinstance(element, Source) else 1.0
        return Row(sign * state, sign * inputs)

    def term(self, term: Term) -> Row:
        """One term of a probe; an unknown node or element raises NetworkError."""
        kind, name = term
        if kind == "v":
            if name not in self.layout.node:
                raise NetworkError(f"no node {name!r}; the nodes are {sorted(self.layout.node)}")
            k = self.layout.node[name]
            return Row(self.C[k], self.D[k])
        if name not in self.layout.elements:
            raise NetworkError(f"no element {name!r}; the elements are {sorted(self.layout.elements)}")
        if kind == "slope":
            if not isinstance(self.layout.elements[name], Branch):
                raise NetworkError(f"slope({name!r}): only a branch has a rate of change of current")
            return self._rate(name)
        return self.current(name)
