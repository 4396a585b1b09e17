"""Resistances of the lines from three looks: whatever the supply really gives, and only where something has grown."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.bench.proof import Reading
from rig.files import document
from rig.files.bench import Bench
from rig.run import proof_hand
from rig.run.proof_lines import known_resistor, line_resistances

BENCH = document.load(document.resolve("benches", "twin"), Bench)
KNOWN, LOAD_A = 2.5, 4.0
DECLARED = {"energy_input": 12e-3, "reverse_line": 15e-3, "feed_line": 15e-3}
ohms = st.floats(0.0, 0.2)


class Hand:
    """Zeros of zero, and no noise."""

    bench, declared = BENCH, BENCH.proof

    def __init__(self):
        self.slopes = {"port_voltage": 1e-3, "port_current": 2e-3, "input_voltage": 6e-3}
        self.zero = dict.fromkeys(self.slopes, at(0.0))

    def seen(self, read, signal):
        return read[signal].mean

    def step(self, signal, read):
        return 0.0

    error = proof_hand.Hand.error


def looks(supply_v: float, line: dict[str, float]) -> tuple[dict, dict]:
    """What the signals show of each fed line, and of the feed line with the load."""
    amps = {name: supply_v / (KNOWN + one) for name, one in line.items()}
    fed = {
        "energy_input": {"input_voltage": at(amps["energy_input"] * KNOWN)},
        "reverse_line": {"port_voltage": at(-amps["reverse_line"] * KNOWN)},
        "feed_line": {"port_voltage": at(amps["feed_line"] * KNOWN), "port_current": at(-amps["feed_line"])},
    }
    loaded = (supply_v - LOAD_A * line["feed_line"]) / (1 + line["feed_line"] / KNOWN)
    return fed, {"port_voltage": at(loaded)}


def at(value: float) -> Reading:
    return Reading(value, 0.0, 0.0)


@given(st.floats(4.8, 5.2), st.fixed_dictionaries(dict.fromkeys(DECLARED, ohms)))
def test_each_line_has_its_own_resistance_whatever_the_supply_gives(supply_v, line):
    fed, loaded = looks(supply_v, line)
    found = {one.part: one.found for one in line_resistances(Hand(), fed, loaded, LOAD_A)}
    assert set(found) == {f"resistance of {name}" for name in line}
    for name, value in line.items():
        assert math.isclose(found[f"resistance of {name}"], value, abs_tol=1e-9)


@pytest.mark.parametrize("grown", [*DECLARED, None])
def test_only_the_line_that_has_grown_is_named(grown):
    line = {name: value + (0.1 if name == grown else 5e-3) for name, value in DECLARED.items()}
    wrong = [one.part for one in line_resistances(Hand(), *looks(4.93, line), LOAD_A) if not one.ok]
    assert wrong == ([f"resistance of {grown}"] if grown else [])


@pytest.mark.parametrize(("real", "ok"), [(2.5, True), (2.51, True), (2.46, False), (2.56, False)])
def test_the_known_resistor_is_voltage_over_current(real, ok):
    read = {"port_voltage": at(-4.9), "port_current": at(4.9 / real)}
    found = known_resistor(Hand(), "5 V through reverse_line", read)
    assert found.found == pytest.approx(real)
    assert found.ok is ok
    assert found.part == "known resistor at the port behind proof_line"


def test_a_signal_that_is_not_there_is_never_inside():
    lost = {"feed_line": {"port_voltage": at(math.nan)}}
    (found,) = line_resistances(Hand(), lost, {"port_voltage": at(4.9)}, LOAD_A)
    assert not found.ok
