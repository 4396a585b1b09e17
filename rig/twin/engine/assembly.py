"""From elements to state space: nodal elimination for one set of closed switches.

States are branch currents and capacitor voltages, scaled by sqrt(L) and sqrt(C): the squared length of the state
vector is then twice the stored energy, passive networks contract in it, and their eigenvectors are well conditioned.

A bench mixes 2.5 mohm with 10 Mohm and nanoseconds with minutes. Elimination subtracts nearly equal numbers there, so
it is done in extended precision (80 bits on x86-64; where long double is double, slow discharge is less accurate).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

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
from rig.twin.engine.probe import Probe, Term

Array = npt.NDArray[np.float64]
Long = npt.NDArray[np.longdouble]
Index = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

SINGULAR = 1e-16  # pivot relative to its row: nothing a bench is made of gets near


class Layout:
    """Where each node, state, input and element of a network sits in the matrices; the same for every mode.

    The last node is ground; the last input is the constant 1 (threshold voltages of diodes).
    """

    def __init__(self, elements: Mapping[str, Element]) -> None:
        self.elements = dict(elements)
        every = list(self.elements.values())
        names = dict.fromkeys(node for e in every for node in (e.a, e.b) if node != GROUND)
        self.node = {name: k for k, name in enumerate([*names, GROUND])}
        stores = [e for e in every if isinstance(e, Branch | Capacitor)]
        self.state = {e.name: k for k, e in enumerate(stores)}
        inputs = [e.name for e in every if isinstance(e, Source | CurrentSource | Port)]
        self.input = {name: k for k, name in enumerate([*inputs, ""])}
        self.stored: Long = np.array([e.henries if isinstance(e, Branch) else e.farads for e in stores], np.longdouble)
        self.scale: Long = np.sqrt(self.stored)
        start = [e.amps if isinstance(e, Branch) else e.volts for e in stores]
        self.start: Array = (self.scale * np.array(start, dtype=np.longdouble)).astype(np.float64)
        self.switches = sorted({e.switch for e in every if e.switch is not None})
        self.diodes = [e for e in every if isinstance(e, Diode)]
        self.element = {e.name: k for k, e in enumerate(every)}
        self.currents = Currents(self)

    def locate(self, term: Term) -> int:
        """The row of a term of a probe in `StateSpace.terms`; unknown names raise NetworkError."""
        kind, name = term
        if kind == "v":
            if name not in self.node:
                raise NetworkError(f"no node {name!r}; the nodes are {sorted(self.node)}")
            return self.node[name]
        if name not in self.elements:
            raise NetworkError(f"no element {name!r}; the elements are {sorted(self.elements)}")
        if kind == "i":
            return len(self.node) + self.element[name]
        if not isinstance(self.elements[name], Branch):
            raise NetworkError(f"slope({name!r}): only a branch has a rate of change of current")
        return len(self.node) + len(self.element) + self.state[name]


class Currents:
    """The current a -> b of each element as siemens * v(plus, minus) + factor * [y; u][column], by element number.

    A mirror has the current of the element it mirrors, times a gain.
    """

    def __init__(self, layout: Layout) -> None:
        every = list(layout.elements.values())
        behind = [layout.elements[e.of] if isinstance(e, Mirror) else e for e in every]
        node, states = layout.node, len(layout.state)
        self.a, self.b = _index(node[e.a] for e in every), _index(node[e.b] for e in every)
        sensed = [(e.plus, e.minus) if isinstance(e, Transconductance) else (e.a, e.b) for e in behind]
        self.plus, self.minus = _index(node[p] for p, _ in sensed), _index(node[m] for _, m in sensed)
        self.of = _index(layout.element[e.name] for e in behind)
        # A source's current is what its plus terminal delivers: opposite to a -> b through the element.
        delivers = np.array([-1.0 if isinstance(e, Source | CurrentSource) else 1.0 for e in every])
        gain = np.array([e.gain if isinstance(e, Mirror) else 1.0 for e in every])
        mirrors = np.array([isinstance(e, Mirror) for e in every], dtype=bool)
        self.gain: Long = np.where(mirrors, gain * delivers[self.of], 1.0).astype(np.longdouble)
        self.sign: Long = delivers.astype(np.longdouble)  # by the rule of `probe.i`
        self.column = _index(
            layout.state[e.name]
            if e.name in layout.state
            else states + layout.input[e.name if isinstance(e, Source | CurrentSource | Port) else ""]
            for e in behind
        )
        # factor = constant + proportion * siemens
        self.constant: Long = np.array(
            [-1.0 if isinstance(e, CurrentSource) else 1.0 if isinstance(e, Port) else 0.0 for e in every],
            dtype=np.longdouble,
        )
        self.proportion: Long = np.array(
            [-1.0 if isinstance(e, Source) else -e.volts if isinstance(e, Diode) else 0.0 for e in every],
            dtype=np.longdouble,
        )
        for name, k in layout.state.items():
            share = np.longdouble(1.0) / layout.scale[k]
            if isinstance(layout.elements[name], Branch):
                self.constant[layout.element[name]] = share
            else:
                self.proportion[layout.element[name]] = -share
        # Where the two numbers go in [G | J], ground's row and column included.
        width = len(node) + states + len(layout.input)
        rows = np.stack([self.a, self.a, self.b, self.b, self.a, self.b], axis=1)
        own = len(node) + self.column
        self.places: Index = rows * width + np.stack([self.plus, self.minus, self.plus, self.minus, own, own], axis=1)


def _index(numbers: Iterable[int]) -> Index:
    return np.array(list(numbers), dtype=np.intp)


class StateSpace:
    """y' = A y + B u and all terms of probes as rows of [y; u], for one mode (u includes the constant input).

    Everything is in extended precision; the terms are the nodes (ground last), the elements' currents and the rates
    of change of the unscaled states.
    """

    def __init__(self, layout: Layout, active: frozenset[str], ohms: Mapping[str, float]) -> None:
        states, cur = len(layout.state), layout.currents
        on = np.array([name in active for name in layout.element], dtype=bool)
        on &= on[cur.of]
        siemens = np.array([_siemens(e, ohms) for e in layout.elements.values()], dtype=np.longdouble)
        gain = np.where(on, cur.gain, 0.0)
        factor = gain * (cur.constant + cur.proportion * siemens)[cur.of]
        siemens = gain * siemens[cur.of]

        nodes = _nodes(layout, siemens, factor)
        if nodes is None:
            controlled = [e.name for e in layout.elements.values() if isinstance(e, Mirror | Transconductance)]
            raise NetworkError(
                f"no unique solution with {sorted(active)} active: check the mirrors and transconductances {controlled}"
            )
        through = siemens[:, None] * (nodes[cur.plus] - nodes[cur.minus])
        through[np.arange(len(through)), cur.column] += factor

        rates = through[[layout.element[name] for name in layout.state]]
        for name, k in layout.state.items():
            branch = layout.elements[name]
            if isinstance(branch, Branch):  # zero for one that is cut off
                rates[k] = nodes[layout.node[branch.a]] - nodes[layout.node[branch.b]] if name in active else 0.0
                rates[k, k] -= ohms[name] / layout.scale[k] if name in active else 0.0
        rates /= layout.stored[:, None]
        motion = rates * layout.scale[:, None]
        self.A: Long = motion[:, :states]
        self.B: Long = motion[:, states:]
        self.terms: Long = np.concatenate([nodes, cur.sign[:, None] * through, rates])
        self._layout = layout

    def rows(self, probes: Sequence[Probe]) -> Array:
        """Probes as rows of [y; u]; unknown names raise NetworkError."""
        out: Long = np.zeros((len(probes), self.terms.shape[1]), dtype=np.longdouble)
        found = [[(self._layout.locate(term), weight) for term, weight in probe.terms] for probe in probes]
        for j in range(max(map(len, found), default=0)):
            lines = [k for k, terms in enumerate(found) if len(terms) > j]
            weights = np.array([found[k][j][1] for k in lines])
            out[lines] += weights[:, None] * self.terms[[found[k][j][0] for k in lines]]
        return out.astype(np.float64)


def _siemens(element: Element, ohms: Mapping[str, float]) -> np.longdouble:
    """Conductance of an element that has one; a branch has none of its own."""
    if isinstance(element, Branch | CurrentSource | Mirror | Port):
        return np.longdouble(0.0)
    if isinstance(element, Transconductance):
        return np.longdouble(element.siemens)
    return np.longdouble(1.0) / ohms[element.name]


def _nodes(layout: Layout, siemens: Long, factor: Long) -> Long | None:
    """Solve Kirchhoff's current law for the node voltages; the ground row stays zero. None when G is singular."""
    nodes = len(layout.node)
    table: Long = np.zeros((nodes, nodes + len(layout.state) + len(layout.input)), dtype=np.longdouble)
    amounts = np.stack([siemens, -siemens, -siemens, siemens, -factor, factor], axis=1)
    np.add.at(table.reshape(-1), layout.currents.places.reshape(-1), amounts.reshape(-1))
    table[:-1, nodes - 1] = 0.0  # ground
    if not _eliminate(table[:-1]):
        return None
    table[-1] = 0.0
    return table[:, nodes:]


def _eliminate(table: Long) -> bool:
    """Gauss-Jordan with row pivoting on [G | J], in place: J becomes G^-1 J. False when G is singular."""
    count = len(table)
    size = np.abs(table[:, :count]).max(axis=1, initial=0.0)
    size[size == 0.0] = 1.0
    for k in range(count):
        rank = np.abs(table[k:, k]) / size[k:]
        best = k + int(rank.argmax())
        if not rank[best - k] > SINGULAR:
            return False
        if best != k:
            table[[k, best]], size[[k, best]] = table[[best, k]], size[[best, k]]
        row = table[k, k:]  # what is left of it is done already
        row /= row[0]
        factor = table[:, k].copy()
        factor[k] = 0.0
        rows = factor.nonzero()[0]
        table[rows, k:] -= factor[rows, None] * row
    return True
