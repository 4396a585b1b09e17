"""What can be observed in a network: a linear combination of node voltages and element currents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["v", "i", "slope"]
Term = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Probe:
    """An immutable linear combination; `terms` maps (kind, node or element name) to its factor.

    Units follow the terms: V for `v`, A for `i`, A/s for `slope`. Mixing units is the caller's decision.
    """

    terms: tuple[tuple[Term, float], ...]

    def __add__(self, other: Probe) -> Probe:
        return _combine(self, other, 1.0)

    def __sub__(self, other: Probe) -> Probe:
        return _combine(self, other, -1.0)

    def __mul__(self, factor: float) -> Probe:
        return _probe({term: float(factor) * weight for term, weight in self.terms})

    __rmul__ = __mul__

    def __neg__(self) -> Probe:
        return self * -1.0

    def __str__(self) -> str:
        parts = [f"{kind}({name})" if w == 1.0 else f"{w:g}*{kind}({name})" for (kind, name), w in self.terms]
        return " + ".join(parts) or "0"


def v(node: str, reference: str = "0") -> Probe:
    """Voltage of `node` against `reference` (ground by default), in V."""
    return _combine(Probe(((("v", node), 1.0),)), Probe(((("v", reference), 1.0),)), -1.0)


def i(name: str) -> Probe:
    """Current of element `name` in A: from a to b through the element; for a source, delivered out of terminal a."""
    return Probe(((("i", name), 1.0),))


def slope(branch: str) -> Probe:
    """Rate of change of the current of an inductive branch, in A/s."""
    return Probe(((("slope", branch), 1.0),))


def _combine(left: Probe, right: Probe, sign: float) -> Probe:
    weights: dict[Term, float] = dict(left.terms)
    for term, weight in right.terms:
        weights[term] = weights.get(term, 0.0) + sign * weight
    return _probe(weights)


def _probe(weights: dict[Term, float]) -> Probe:
    # Ground is the zero of voltage; dropping it (and what cancelled) keeps equal probes equal.
    return Probe(tuple((t, w) for t, w in sorted(weights.items()) if w != 0.0 and t != ("v", "0")))
