"""What voltages a wiring can make: sources in series over every state that a change of route passes through.

Nets are joined by contacts; a source pushes from its minus to its plus net with anything from nothing to its ceiling.
Between two nets the worst is the largest sum along a path of sources, each counted when it helps (DESIGN 5.2): that is
what an insulation, a hand or an open switch between them has to bear. A contactor may be open, closed, on its way, or
have one contact welded. Two sources that meet in a loop with nothing between them are a hazard of their own, unless the
route is declared as a shared bus, or a weld alone joins them, and their plus sides meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

__all__ = ["DEAD_V", "SAFE_BELOW_V", "Contact", "Hazard", "Source", "Wiring", "hazards", "states_between", "worst_path"]

SAFE_BELOW_V = 60.0
DEAD_V = 1.0
"""A port proved to be at or below this pushes nothing, though it counts in a sum."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact of a contactor: it joins nets `a` and `b` when closed."""

    contactor: str
    a: str
    b: str

    def __str__(self) -> str:
        return f"{self.contactor} ({self.a} to {self.b})"


@dataclass(frozen=True, slots=True)
class Source:
    """Something that can push: `ceiling` in V is the most it can have, overshoot and all."""

    name: str
    plus: str
    minus: str
    ceiling: float


@dataclass(frozen=True, slots=True)
class Wiring:
    """All contacts and sources; `ties` are nets that are always joined, such as those on earth through a scope."""

    contacts: tuple[Contact, ...]
    sources: tuple[Source, ...]
    ties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Hazard:
    """What a state of the contacts can do; the sentence has contact, loop and sum."""

    kind: str
    volts: float
    sentence: str


_Path = tuple[tuple[Source, bool], ...]
"""Sources in order, each with whether it pushes along the path."""


def states_between(before: Iterable[str], after: Iterable[str]) -> Iterator[frozenset[str]]:
    """Every set of closed contactors from one route to another, break before make, in whichever order they move."""
    old, new = frozenset(before), frozenset(after)
    kept = old & new
    for moving in (old - new, new - old):
        for some in _subsets(moving):
            yield kept | frozenset(some)


def hazards(wiring: Wiring, closed: Iterable[str], *, shared_bus: Sequence[str] = ()) -> list[Hazard]:
    """All of one state of the contactors, and of the same with any one further contact welded.

    shared_bus: names of sources that may meet, plus to plus.
    """
    shut = frozenset(closed)
    found: dict[str, Hazard] = {}
    for welded in (None, *(one for one in wiring.contacts if one.contactor not in shut)):
        joined = [one for one in wiring.contacts if one.contactor in shut or one is welded]
        for hazard in _of_state(wiring, joined, welded, shared_bus):
            found.setdefault(hazard.sentence, hazard)
    return sorted(found.values(), key=lambda hazard: -hazard.volts)


def worst_path(sources: Sequence[Source], nodes: Mapping[str, str]) -> tuple[float, tuple[Source, ...], str, str]:
    """(V, sources that add up, net, net): the largest voltage between two nets; `nodes` maps nets to what they join.

    Over simple paths: a net is passed once. A source whose nets are joined is shorted and counts nothing.
    """
    edges = [(nodes[one.plus], nodes[one.minus], one) for one in sources if nodes[one.plus] != nodes[one.minus]]
    best: tuple[float, tuple[Source, ...], str, str] = (0.0, (), "", "")
    ends = {node for plus, minus, _ in edges for node in (plus, minus)}
    for start in sorted(ends):
        for end, path in _paths(start, edges):
            helping = tuple(one for one, up in path if up)
            volts = sum(one.ceiling for one in helping)
            if volts > best[0]:
                best = (volts, helping, start, end)
    return best


def _paths(
    start: str, edges: Sequence[tuple[str, str, Source]]
) -> Iterator[tuple[str, tuple[tuple[Source, bool], ...]]]:
    """Every simple path of sources from `start`: its end, and each source with whether it pushes along the path."""
    stack: list[tuple[str, frozenset[str], _Path]] = [(start, frozenset((start,)), ())]
    while stack:
        here, seen, path = stack.pop()
        if path:
            yield here, path
        for plus, minus, source in edges:
            for nearer, farther, up in ((minus, plus, True), (plus, minus, False)):
                if nearer == here and farther not in seen:
                    stack.append((farther, seen | {farther}, (*path, (source, up))))


def _of_state(
    wiring: Wiring, joined: Sequence[Contact], welded: Contact | None, shared_bus: Sequence[str]
) -> Iterator[Hazard]:
    nodes = _nodes(wiring, joined)
    because = f" with contact {welded} welded" if welded is not None else ""
    volts, helping, low, high = worst_path(wiring.sources, nodes)
    if volts >= SAFE_BELOW_V:
        total = " + ".join(f"{one.name} {one.ceiling:g} V" for one in helping)
        through = ", ".join(dict.fromkeys(str(one) for one in joined if _touches(one, helping, nodes)))
        yield Hazard(
            "sum", volts, f"{total} = {volts:g} V between {low} and {high}{because}; closed: {through or 'nothing'}"
        )
    for one, other in combinations([source for source in wiring.sources if source.ceiling > DEAD_V], 2):
        pair = (nodes[one.plus], nodes[one.minus]), (nodes[other.plus], nodes[other.minus])
        if pair[0][0] == pair[0][1] or set(pair[0]) != set(pair[1]):
            continue
        same_way = pair[0] == pair[1]
        if same_way and (welded is not None or {one.name, other.name} <= set(shared_bus)):
            continue  # by a weld: no more than the higher of the two, and the auxiliary contact tells
        how = "plus to plus" if same_way else "plus to minus"
        yield Hazard(
            "sources meet", one.ceiling + (0.0 if same_way else other.ceiling),
            f"{one.name} and {other.name} meet {how}{because}; only a declared shared bus may join them",
        )  # fmt: skip


def _touches(contact: Contact, sources: Sequence[Source], nodes: Mapping[str, str]) -> bool:
    ends = {nodes[net] for source in sources for net in (source.plus, source.minus)}
    return nodes[contact.a] in ends


def _nodes(wiring: Wiring, joined: Iterable[Contact]) -> dict[str, str]:
    """Each net's representative among the nets that are joined to it: the first by name."""
    nets = {net for one in wiring.contacts for net in (one.a, one.b)}
    nets |= {net for one in wiring.sources for net in (one.plus, one.minus)} | set(chain.from_iterable(wiring.ties))
    group = {net: net for net in nets}
    for a, b in (*((one.a, one.b) for one in joined), *wiring.ties):
        one, other = sorted((group[a], group[b]))
        if one != other:
            group = {net: one if found == other else found for net, found in group.items()}
    return group


def _subsets(items: Iterable[str]) -> Iterator[tuple[str, ...]]:
    listed = sorted(items)
    return chain.from_iterable(combinations(listed, n) for n in range(len(listed) + 1))
