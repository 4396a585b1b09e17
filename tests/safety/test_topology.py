"""Sums of sources over the states of a wiring: the 108 V case, welded contacts, shared buses, and random wirings."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.safety.topology import Contact, Source, Wiring, hazards, states_between, worst_path

SUPPLY = Source("supply", "supply+", "supply-", 59.5)
PORT = Source("grid port", "inside", "return", 54.0)
CONTACTS = (
    Contact("energy_input", "supply+", "input+"), Contact("energy_input", "supply-", "return"),
    Contact("reverse_line", "supply+", "return"), Contact("reverse_line", "supply-", "port+"),
    Contact("feed_line", "supply+", "port+"), Contact("feed_line", "supply-", "return"),
    Contact("port switch", "inside", "port+"),
)  # fmt: skip
LIVE = Wiring(CONTACTS, (SUPPLY, PORT))
DEAD = Wiring(CONTACTS, (SUPPLY, Source("grid port", "inside", "return", 0.4)))


def said(wiring: Wiring, *closed: str, **more) -> list[str]:
    return [one.sentence for one in hazards(wiring, closed, **more)]


def test_a_reversed_source_on_a_live_port_is_refused_with_its_loop():
    """54 V against 54 V: 108 V across the port's own switch (DESIGN 5.2)."""
    wiring = Wiring(CONTACTS, (Source("supply", "supply+", "supply-", 54.0), PORT))
    first = hazards(wiring, ["reverse_line"])[0]
    assert (first.kind, first.volts) == ("sum", 108.0)
    assert "supply 54 V + grid port 54 V = 108 V between" in first.sentence or (
        "grid port 54 V + supply 54 V = 108 V between" in first.sentence
    )
    assert "reverse_line (supply+ to return)" in first.sentence


def test_a_reversed_source_on_a_dead_port_is_allowed():
    assert said(DEAD, "reverse_line") == []


def test_feeding_a_device_through_its_input_is_allowed_and_so_is_everything_open():
    assert said(Wiring(CONTACTS[:4], LIVE.sources), "energy_input") == []
    assert said(Wiring(CONTACTS[:2], LIVE.sources)) == []


def test_one_welded_contact_is_enough():
    """Two sources of 40 V on a chain: in series only when the contact between them, meant to be open, has welded."""
    chain_ = Wiring(
        (Contact("between", "a+", "b-"), Contact("tap", "b+", "load")),
        (Source("first", "a+", "a-", 40.0), Source("second", "b+", "b-", 40.0)),
    )
    (found,) = hazards(chain_, ["tap"])
    assert (found.kind, found.volts) == ("sum", 80.0)
    assert "with contact between (a+ to b-) welded" in found.sentence
    assert hazards(Wiring(chain_.contacts[1:], chain_.sources), ["tap"]) == []


def test_two_sources_meet_only_on_a_declared_bus():
    joined = ("feed_line", "port switch")
    (one,) = [one for one in hazards(LIVE, joined) if "welded" not in one.sentence]
    assert (one.kind, "plus to plus" in one.sentence) == ("sources meet", True)
    meeting = [one for one in hazards(LIVE, joined, shared_bus=("supply", "grid port")) if one.kind == "sources meet"]
    assert meeting == [], "with one contact more welded the supply is shorted, and does not meet anybody"


def test_reversed_sources_may_not_meet_even_on_a_bus():
    found = hazards(LIVE, ("reverse_line", "port switch"), shared_bus=("supply", "grid port"))
    assert any(one.kind == "sources meet" and "plus to minus" in one.sentence for one in found)


def test_earth_through_two_scope_grounds_joins_nets():
    floating = Wiring((), (SUPPLY, Source("battery", "b+", "b-", 30.0)))
    assert worst_path(floating.sources, {net: net for net in ("supply+", "supply-", "b+", "b-")})[0] == 59.5
    assert said(floating) == []
    grounded = Wiring((), floating.sources, ties=(("supply+", "b-"),))
    assert [one.volts for one in hazards(grounded, [])] == [89.5]


def test_the_states_of_a_change_break_before_they_make():
    states = set(states_between(["a", "b"], ["b", "c"]))
    assert states == {frozenset("ab"), frozenset("b"), frozenset("bc")}
    assert frozenset("abc") not in states
    assert len(set(states_between(["a", "b"], ["c", "d"]))) == 7


NETS = st.sampled_from("uvwxyz")


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(NETS, NETS, st.floats(1.0, 50.0)), min_size=1, max_size=4),
    st.lists(st.tuples(st.sampled_from("kl"), NETS, NETS), max_size=4),
)
def test_the_worst_path_is_what_potentials_say(sources, contacts):
    """Against brute force: where no loop of sources forbids it, potentials are sums; the largest difference counts."""
    made = tuple(Source(f"s{n}", plus, minus, volts) for n, (plus, minus, volts) in enumerate(sources))
    wiring = Wiring(tuple(Contact(*one) for one in contacts), made)
    closed = {"k", "l"}
    group = {net: net for net in "uvwxyz"}
    for _, a, b in contacts:
        group = {net: group[a] if found == group[b] else found for net, found in group.items()}
    useful = [one for one in made if group[one.plus] != group[one.minus]]
    tree = len({frozenset((group[one.plus], group[one.minus])) for one in useful}) == len(useful) and _is_forest(
        [(group[one.plus], group[one.minus]) for one in useful]
    )
    if not tree:
        return  # with loops a potential may not exist; those are another hazard
    worst = 0.0
    for on in product((0.0, 1.0), repeat=len(useful)):
        worst = max(
            worst, _spread([(group[s.plus], group[s.minus], k * s.ceiling) for s, k in zip(useful, on, strict=True)])
        )
    found = max((one.volts for one in hazards(wiring, closed) if one.kind == "sum"), default=0.0)
    assert found == pytest.approx(worst if worst >= 60.0 else 0.0)


def _is_forest(edges) -> bool:
    group = {net: net for edge in edges for net in edge}
    for a, b in edges:
        if group[a] == group[b]:
            return False
        group = {net: group[a] if found == group[b] else found for net, found in group.items()}
    return True


def _spread(edges) -> float:
    """The largest difference of potential within a connected part."""
    worst = 0.0
    for start in {edge[0] for edge in edges}:
        known, todo = {start: 0.0}, [start]
        while todo:
            here = todo.pop()
            for plus, minus, volts in edges:
                for near, far, step in ((minus, plus, volts), (plus, minus, -volts)):
                    if near == here and far not in known:
                        known[far] = known[here] + step
                        todo.append(far)
        worst = max(worst, max(known.values()) - min(known.values()))
    return worst


# -- the shared-bus cases of the catalogue


def bus(*names: str, volts: float = 56.7) -> tuple[Source, ...]:
    """Sources that share the return; each pushes onto a net of its own."""
    return tuple(Source(name, f"{name}+", "return", volts) for name in names)


SEGMENTS = tuple(Contact(f"segment {a}{b}", f"node {a}", f"node {b}") for a, b in ("12", "23", "34", "41"))
SHARED = {
    "OC-03, a source on an output port": (
        (Contact("feed", "supply+", "port+"), Contact("switch", "port+", "inside")),
        (Source("supply", "supply+", "return", 58.8), Source("port", "inside", "return", 56.7)),
    ),
    "OC-04, a line that is fed at both ends": (
        (Contact("near end", "one+", "line near"), Contact("line", "line near", "line far"),
         Contact("far end", "two+", "line far"), Contact("load", "line far", "load+")),
        bus("one", "two"),
    ),
    "SCAL-01, two sources": (tuple(Contact(f"line {n}", f"{n}+", "bus") for n in ("a", "b")), bus("a", "b")),
    "SCAL-01, four sources": (tuple(Contact(f"line {n}", f"{n}+", "bus") for n in "abcd"), bus(*"abcd")),
    "MESH-01, a ring of four with two sources": (
        (*SEGMENTS, Contact("line a", "a+", "node 1"), Contact("line b", "b+", "node 3")), bus("a", "b"),
    ),
    "DUMB-02, a bare supply on a bridge port": (
        (Contact("bridge", "bare+", "bridge port"), Contact("switch", "bridge port", "bus"),
         Contact("grid", "node+", "bus")),
        (Source("bare", "bare+", "return", 58.8), Source("node", "node+", "return", 56.7)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SHARED)
def test_the_shared_bus_cases_of_the_catalogue_are_allowed_when_declared_and_only_then(case):
    contacts, sources = SHARED[case]
    wiring, names = Wiring(contacts, sources), [one.name for one in sources]
    closed = {one.contactor for one in contacts}
    for state in states_between((), closed):
        assert said(wiring, *state, shared_bus=names) == [], "in every state on the way, and with any contact welded"
    undeclared = hazards(wiring, closed)
    assert undeclared
    assert all(one.kind == "sources meet" and "plus to plus" in one.sentence for one in undeclared)


@pytest.mark.parametrize("case", SHARED)
def test_one_of_its_sources_reversed_is_refused_although_declared(case):
    contacts, sources = SHARED[case]
    first = sources[0]
    crossed = (Source(first.name, first.minus, first.plus, first.ceiling), *sources[1:])
    wiring, names = Wiring(contacts, crossed), [one.name for one in sources]
    closed = {one.contactor for one in contacts}
    found = [one for state in states_between((), closed) for one in hazards(wiring, state, shared_bus=names)]
    assert {one.kind for one in found} == {"sum", "sources meet"}
    assert max(one.volts for one in found) >= 60.0


def test_a_ring_with_every_segment_open_in_turn():
    contacts, sources = SHARED["MESH-01, a ring of four with two sources"]
    wiring = Wiring(contacts, sources)
    for gone in SEGMENTS:
        closed = {one.contactor for one in contacts} - {gone.contactor}
        assert said(wiring, *closed, shared_bus=["a", "b"]) == []


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(NETS, NETS, st.floats(1.0, 50.0)), min_size=1, max_size=4),
    st.lists(st.tuples(st.sampled_from("klm"), NETS, NETS), max_size=5),
    st.sets(st.sampled_from("klm")),
)
def test_a_weld_is_what_closing_that_contact_alone_would_be(sources, contacts, closed):
    """Against the same question asked of each wiring in which the welded contact is no contact but a tie."""
    made = tuple(Source(f"s{n}", plus, minus, volts) for n, (plus, minus, volts) in enumerate(sources))
    parts = tuple(Contact(*one) for one in contacts)
    found = max((one.volts for one in hazards(Wiring(parts, made), closed) if one.kind == "sum"), default=0.0)
    worst = 0.0
    for tie in (None, *(one for one in parts if one.contactor not in closed)):
        kept = tuple(one for one in parts if one.contactor in closed)
        ties = ((tie.a, tie.b),) if tie is not None else ()
        sums = [one.volts for one in hazards(Wiring(kept, made, ties), closed) if one.kind == "sum"]
        worst = max(worst, *sums, 0.0)
    assert found == pytest.approx(worst)
