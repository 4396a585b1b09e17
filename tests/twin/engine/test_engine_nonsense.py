"""Networks that make no sense end in a sentence with a name in it, never in a NaN or a hang."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rig.twin.engine.network import Network, NetworkError
from rig.twin.engine.ports import ConstantPower
from rig.twin.engine.probe import i, v
from rig.twin.engine.simulation import Simulation

US = 1_000_000


def unstable(clamp=False):
    """A negative resistance of 100 ohm across 1 uF: grows by 1e4 per second."""
    net = Network()
    net.capacitor("c", "a", "0", 1e-6, 1e-3, volts=1e-3)
    net.transconductance("g", "a", "0", -0.01, "a", "0")
    if clamp:
        net.diode("clamp", "a", "0", 10.0, 1.0)
    return Simulation(net)


def test_a_diverging_network_says_what_diverges():
    sim = unstable()
    sim.watch(v("a"), 1e40, 1, lambda: None)
    with pytest.raises(NetworkError, match=r"'c' diverges: the network is unstable \(it grows by 1e\+04/s\)"):
        sim.run_until(10**12)


def test_growth_that_a_clamp_ends_is_followed():
    sim = unstable(clamp=True)
    sim.run_until(10**12)
    assert sim.value(v("a")) == pytest.approx(10.0 / 0.99, rel=1e-6)


def test_mirrors_of_mirrors_and_of_themselves():
    for of in ("m", "n"):
        net = Network()
        net.source("e", "a", "0", 1.0)
        net.mirror("m", "a", "0", 0.5, of)
        net.mirror("n", "a", "0", 0.5, "m")
        with pytest.raises(NetworkError, match=f"mirror 'm': '{of}' is not"):
            Simulation(net)


def test_transconductance_that_senses_nothing():
    net = Network()
    net.source("e", "a", "0", 1.0)
    net.transconductance("g", "a", "0", 1.0, "nowhere", "0")
    with pytest.raises(NetworkError, match="'g': there is no node 'nowhere'"):
        Simulation(net)


def test_a_loop_of_ideal_sources_cannot_be_drawn():
    with pytest.raises(NetworkError, match="'e': resistance is 0"):
        Network().source("e", "a", "0", 0.0)


def test_a_port_alone_on_its_node():
    net = Network()
    net.source("e", "a", "0", 1.0)
    net.port("p", "b", "0", ConstantPower(1.0, 1.0))
    with pytest.raises(NetworkError, match=r"'b' .*'p'.* floats"):
        Simulation(net)


@pytest.mark.parametrize("ask", [lambda s: s.set_switch("x", True), lambda s: s.set_ohms("x", 1.0)])
def test_unknown_names(ask):
    with pytest.raises(NetworkError, match="'x'"):
        ask(unstable())


KINDS = ("resistor", "branch", "capacitor", "source", "current_source", "mirror", "transconductance", "diode", "port")
VALUES = st.sampled_from([*(1e-3, 0.1, 1.0, 47.0, 1e4) * 10, -1.0, 0.0, math.nan])
PART = st.tuples(
    st.sampled_from(KINDS),
    st.sampled_from("ab0"),
    st.sampled_from("abc0"),
    VALUES,
    VALUES,
    st.sampled_from((None, "k")),
)


def draw(parts):
    net = Network()
    net.source("e", "a", "0", 0.5)
    net.capacitor("c0", "b", "0", 1e-6, 0.1)
    for n, (kind, a, b, x, y, switch) in enumerate(parts):
        name = f"{kind}{n}"
        if kind == "resistor":
            net.resistor(name, a, b, x, switch)
        elif kind == "branch":
            net.branch(name, a, b, x, y * 1e-6, switch)
        elif kind == "capacitor":
            net.capacitor(name, a, b, x * 1e-6, y)
        elif kind == "source":
            net.source(name, a, b, x, switch)
        elif kind == "current_source":
            net.current_source(name, a, b, switch)
        elif kind == "mirror":
            net.mirror(name, a, b, x, "e")
        elif kind == "transconductance":
            net.transconductance(name, a, b, x, "b", "0", switch)
        elif kind == "diode":
            net.diode(name, a, b, x, y)
        else:
            net.port(name, a, b, ConstantPower(x, y), switch)
    return net


@given(st.lists(PART, min_size=1, max_size=5))
@settings(max_examples=30, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_networks_are_refused_by_name_or_obey_kirchhoff(parts):
    refusal = ""
    try:
        net = draw(parts)
        sim = Simulation(net)
        sim.set_input("e", 12.0)
        sim.run_until(20 * US)
        if any(element.switch for element in net.elements.values()):
            sim.set_switch("k", True)
        sim.run_until(60 * US)
        currents = {name: sim.value(i(name)) for name in net.elements}
    except NetworkError as error:
        refusal = str(error)
    if refusal:
        assert "'" in refusal or refusal.startswith("constant power")
        return
    assert np.isfinite(list(currents.values())).all()
    sign = {name: -1.0 if name[0] == "e" or "source" in name else 1.0 for name in currents}
    size = sum(abs(x) for x in currents.values()) + 1.0
    for node in {n for e in net.elements.values() for n in (e.a, e.b)} - {"0"}:
        total = sum(sign[name] * currents[name] * ((e.a == node) - (e.b == node)) for name, e in net.elements.items())
        assert abs(total) < 1e-6 * size
