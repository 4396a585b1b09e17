"""Nonsense is refused with the name of the element."""

import pytest

from rig.twin.engine.network import Network, NetworkError
from rig.twin.engine.probe import i, slope, v
from rig.twin.engine.simulation import Simulation


def small() -> Network:
    net = Network()
    net.source("e", "a", "0", 1.0)
    net.resistor("contact", "a", "b", 0.01, switch="k")
    net.capacitor("c", "b", "0", 1e-6, 0.1)
    return net


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_values_must_be_positive_and_finite(bad):
    net = Network()
    for build in (
        lambda: net.resistor("part", "a", "0", bad),
        lambda: net.branch("part", "a", "0", bad, 1.0),
        lambda: net.branch("part", "a", "0", 1.0, bad),
        lambda: net.capacitor("part", "a", "0", bad, 1.0),
        lambda: net.capacitor("part", "a", "0", 1.0, bad),
        lambda: net.source("part", "a", "0", bad),
        lambda: net.diode("part", "a", "0", 0.6, bad),
    ):
        with pytest.raises(NetworkError, match=r"'part'"):
            build()
    assert net.elements == {}


def test_duplicate_name():
    net = small()
    with pytest.raises(NetworkError, match=r"'c' exists already"):
        net.resistor("c", "x", "0", 1.0)


def test_both_terminals_at_one_node():
    with pytest.raises(NetworkError, match=r"'r'.*'a'"):
        Network().resistor("r", "a", "a", 1.0)


def test_switched_branch_starts_without_current():
    with pytest.raises(NetworkError, match=r"'l'.*starts open"):
        Network().branch("l", "a", "0", 1.0, 1.0, switch="k", amps=1.0)


@pytest.mark.parametrize(
    "hang",
    [
        lambda net: net.resistor("loose", "b", "float", 1.0, switch="k"),
        lambda net: net.branch("loose", "b", "float", 1.0, 1.0),
        lambda net: net.diode("loose", "b", "float", 0.5, 1.0),
        lambda net: net.current_source("loose", "float", "0"),
        lambda net: net.capacitor("loose", "float", "island", 1.0, 1.0),
    ],
)
def test_floating_node_names_node_and_element(hang):
    net = small()
    hang(net)
    with pytest.raises(NetworkError, match=r"'float'.*'loose'"):
        Simulation(net)


@pytest.mark.parametrize("of", ["nobody", "c", "contact"])
def test_mirror_of_something_without_a_mirrored_current(of):
    net = small()
    net.mirror("m", "b", "0", 1.0, of)
    with pytest.raises(NetworkError, match=f"'m': '{of}'"):
        Simulation(net)


def test_mirror_that_leaves_no_unique_solution():
    net = Network()
    net.source("e", "a", "0", 1.0)
    net.mirror("m", "a", "0", 1.0, "e")  # cancels the conductance of the source
    with pytest.raises(NetworkError, match=r"'m'"):
        Simulation(net)


def test_unknown_names_at_run_time():
    sim = Simulation(small())
    for ask in (
        lambda: sim.value(v("nowhere")),
        lambda: sim.value(v("a", "nowhere")),
        lambda: sim.value(i("nowhere")),
        lambda: sim.watch(v("nowhere"), 1.0, 1, lambda: None),
        lambda: sim.set_input("nowhere", 1.0),
        lambda: sim.set_switch("nowhere", True),
        lambda: sim.set_ohms("nowhere", 1.0),
    ):
        with pytest.raises(NetworkError, match=r"'nowhere'"):
            ask()
    with pytest.raises(NetworkError, match=r"slope\('c'\)"):
        sim.value(slope("c"))
    with pytest.raises(NetworkError, match=r"'contact'.*above zero"):
        sim.set_ohms("contact", 0.0)
    with pytest.raises(NetworkError, match=r"'e'.*finite"):
        sim.set_input("e", float("nan"))


def test_time_runs_forward_only():
    sim = Simulation(small())
    sim.run_until(100)
    with pytest.raises(NetworkError, match="cannot run back to 99"):
        sim.run_until(99)
    with pytest.raises(NetworkError, match="cannot schedule at 99"):
        sim.at(99, lambda: None)
    with pytest.raises(NetworkError, match="not within 0 to 100"):
        sim.render([v("a")], 0, 1.0, 102)
    sim.at(200, lambda: sim.run_until(300))
    with pytest.raises(NetworkError, match="inside a callback"):
        sim.run_until(400)


def test_probe_algebra():
    assert v("a", "b") == v("a") - v("b")
    assert v("a") - v("a") == 0.0 * v("b")
    assert 2.0 * v("a") + v("a") == v("a") * 3.0
    assert v("0") == v("a") * 0.0
    assert str(-i("x") + v("n")) == "-1*i(x) + v(n)"
