"""A second return in a bench file: what belongs to it, and what it must never be closed with."""

from __future__ import annotations

import pytest

from rig.bench.file import load_bench
from rig.files.bench import Bench
from rig.files.document import resolve


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  - [reverse_line, second_return]\n", "",
         "must never close together with reverse_line: write [reverse_line, second_return] under exclusive"),
        ("  - [neighbour_line, second_return]\n", "",
         "must never close together with neighbour_line: write [neighbour_line, second_return] under exclusive"),
        ("  second_return: {resistance: 470 mohm, inductance: 2 uH}", "  tap_1: {resistance: 1 mohm, inductance: 2 uH}",
         "has no resistance: describe its lead in cables"),
        ("    slow: {channel: AIN8, transducer: ground_shunt, range: 0.1 V}",
         "    fast: {channel: 4, transducer: ground_shunt}",
         "has nobody who sees its current: add a slow record of the signal ground_current"),
        ("neighbour: neighbour, ", "", "leads to nobody: name a second supply in roles, as neighbour"),
    ],
)  # fmt: skip
def test_what_belongs_to_it(mistakes_after, old, new, expected) -> None:
    found = mistakes_after("benches/full", Bench, [(old, new)])
    assert f"contactors.second_return: {expected}" in "\n".join(found)


def test_a_route_that_closes_it_with_the_reversed_supply_is_refused(mistakes_after) -> None:
    """The supply backwards at the port and a volt at the screen are 60 V from one to the other."""
    closed = "  reversed: [reverse_line"
    (found,) = mistakes_after("benches/full", Bench, [(closed, f"{closed}, second_return")])
    assert "routes.reversed: closes reverse_line and second_return together, which exclusive[" in found


def test_a_bench_without_one_is_a_bench() -> None:
    assert "second_return" not in load_bench(resolve("benches", "twin")).contactors
    assert "second_return" in load_bench(resolve("benches", "full")).contactors
