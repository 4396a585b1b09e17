"""Constant-power and arc ports against Radau at tight tolerance, and what they do where there is no solution."""

from math import sqrt

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from rig.twin.engine import truth
from rig.twin.engine.network import Network, NetworkError
from rig.twin.engine.ports import CassieArc, ConstantPower, MayrArc, StaticArc
from rig.twin.engine.probe import i, v
from rig.twin.engine.simulation import Simulation

US = 1_000_000
MS = 1000 * US
S = 1000 * MS


def radau(rhs, t, y0, events=(), **options):
    out = solve_ivp(rhs, (t[0], t[-1]), y0, "Radau", t_eval=t, rtol=1e-10, atol=1e-12, events=list(events), **options)
    assert out.success
    return out


def fed(law, *, ohms=0.2, henries=20e-6, farads=470e-6, esr=0.01):
    """48 V behind a cable and an input capacitor, charged."""
    net = Network()
    net.source("e", "source", "0", 1e-3)
    net.branch("cable", "source", "in", ohms, henries)
    net.capacitor("c", "in", "0", farads, esr, volts=48.0)
    net.port("load", "in", "0", law, switch="load")
    sim = Simulation(net)
    sim.set_input("e", 48.0)
    return sim


def test_constant_power_at_the_edge_of_stability_against_radau():
    """The negative resistance v^2 / P takes most of the damping away: the step rings long."""
    ohms, henries, farads, esr, watts = 0.15, 200e-6, 470e-6, 0.01, 300.0
    sim = fed(ConstantPower(watts, 20.0), ohms=ohms, henries=henries, farads=farads, esr=esr)
    sim.set_switch("load", True)
    sim.run_until(5 * MS)

    def port(il, vc):
        a = vc + esr * il
        return (a + sqrt(a * a - 4 * esr * watts)) / 2

    def rhs(_, y):
        il, vc = y
        vin = port(il, vc)
        return [(48.0 - (ohms + 1e-3) * il - vin) / henries, (vin - vc) / esr / farads]

    t = np.arange(501) * 1e-5
    ref = radau(rhs, t, [0.0, 48.0])
    volts, amps = sim.render([v("in"), i("cable")], 0, 1e7, 500)
    expected = np.array([port(*y) for y in ref.y.T])[:500]
    np.testing.assert_allclose(volts, expected, atol=2e-3)
    np.testing.assert_allclose(amps, ref.y[0, :500], atol=5e-3)
    dense = radau(rhs, np.linspace(0, 3e-3, 30_001), [0.0, 48.0])
    assert truth.peak(sim, i("cable"), 0, 3 * MS)[0] == pytest.approx(dense.y[0].max(), rel=1e-4)
    draw = sim.render([i("load")], 1, 1e7, 500)[0]
    np.testing.assert_allclose(draw * volts, watts, rtol=1e-3)


def test_a_watch_across_the_steps_is_exact():
    sim = fed(ConstantPower(200.0, 20.0))
    sim.set_switch("load", True)
    seen = []
    sim.watch(v("in"), 47.0, -1, lambda: seen.append(sim.now_ps))
    sim.run_until(5 * MS)

    def port(il, vc):
        a = vc + 0.01 * il
        return (a + sqrt(a * a - 4 * 0.01 * 200.0)) / 2

    def rhs(_, y):
        vin = port(*y)
        return [(48.0 - 0.201 * y[0] - vin) / 20e-6, (vin - y[1]) / 0.01 / 470e-6]

    def falls(_, y):
        return port(*y) - 47.0

    falls.direction = -1
    out = solve_ivp(rhs, (0, 5e-3), [0.0, 48.0], "Radau", rtol=1e-11, atol=1e-13, events=[falls])
    assert len(seen) == len(out.t_events[0])
    np.testing.assert_allclose(np.array(seen) * 1e-12, out.t_events[0], atol=1e-8)
    assert seen[0] * 1e-12 == pytest.approx(out.t_events[0][0], abs=1e-9)


def test_a_port_at_rest_costs_no_history():
    sim = fed(ConstantPower(200.0, 20.0))
    sim.set_switch("load", True)
    sim.run_until(100 * MS)
    before = len(sim.history)
    sim.run_until(24 * 3600 * S)
    assert len(sim.history) - before < 40
    current = (48 - sqrt(48**2 - 4 * 0.201 * 200)) / (2 * 0.201)
    assert sim.value(i("load")) == pytest.approx(current, rel=1e-9)
    assert len(sim.events.lines) == 0
    before = len(sim.history)
    for k in range(1000):
        sim.run_until(24 * 3600 * S + k * 130 * US)
    assert len(sim.history) == before


def test_starting_from_nothing_and_collapse_beyond_the_greatest_power():
    """Beyond E^2 / 4 R there is no operating point: the port falls to its resistance, and climbs when it can."""
    net = Network()
    net.source("e", "in", "0", 1.0)
    net.resistor("bleed", "in", "0", 1e6)
    net.port("load", "in", "0", ConstantPower(100.0, 15.0))
    sim = Simulation(net)
    sim.run_until(MS)
    assert sim.value(v("in")) == 0.0
    sim.set_input("e", 48.0, 0.0)
    upper = (48 + sqrt(48**2 - 400)) / 2
    assert sim.value(v("in")) == pytest.approx(upper, rel=1e-5)
    sim.set_input("e", 48.0, -10e3)  # 20 V is the edge, passed after 2.8 ms
    sim.run_until(2 * MS)
    assert sim.value(v("in")) == pytest.approx((38 + sqrt(38**2 - 400)) / 2, rel=1e-4)
    sim.run_until(int(3.5 * MS) + MS)
    low = sim.value(v("in"))
    resistance = 15.0**2 / 100.0
    assert low == pytest.approx(13.0 * resistance / (1 + resistance), rel=1e-4)
    assert np.isfinite(sim.render([v("in"), i("load")], 0, 1e6, 4500)).all()
    sim.set_input("e", 48.0)
    assert sim.value(v("in")) == pytest.approx(upper, rel=1e-5)


def test_collapse_behind_a_cable_is_deterministic_and_finite():
    """600 W over 1 ohm from 48 V (576 W at most): the capacitor discharges and the port ends on its resistance."""
    logs = []
    for _ in range(2):
        sim = fed(ConstantPower(700.0, 20.0), ohms=1.0)
        seen = []
        sim.watch(v("in"), 20.0, -1, lambda sim=sim, seen=seen: seen.append(sim.now_ps))
        sim.set_switch("load", True)
        sim.run_until(200 * MS)
        logs.append(seen)
        resistance = 400.0 / 700.0
        assert sim.value(v("in")) == pytest.approx(48.0 * resistance / (1.001 + resistance), rel=1e-6)
    assert logs[0] == logs[1]
    assert len(logs[0]) == 1


def test_static_arc_in_a_load_circuit_against_its_algebra():
    """A series arc at 48 V: the current falls by the arc's voltage, and the inductance makes it gradual."""
    net = Network()
    net.source("e", "a", "0", 0.01)
    net.resistor("contact", "a", "b", 1e-3, switch="contact")
    net.port("arc", "a", "b", StaticArc.of_gap(0.5), switch="arc")
    net.branch("load", "b", "0", 4.0, 100e-6)
    net.resistor("stray", "b", "0", 1e3)
    sim = Simulation(net)
    sim.set_input("e", 48.0)
    sim.set_switch("contact", True)
    sim.run_until(MS)
    assert sim.value(i("load")) == pytest.approx(48 / 4.011, rel=1e-4)
    sim.set_switch("contact", False)
    sim.set_switch("arc", True)
    start = sim.now_ps
    sim.run_until(start + MS // 5)
    volts = 20 + 0.534 * 0.5

    def rhs(_, y):
        b = 20.0
        for _ in range(40):  # of the arc's current a thousandth goes into the stray
            b = 48.0 - volts * (y[0] + b / 1e3) ** 0.12 - 0.01 * (y[0] + b / 1e3)
        return [(b - 4.0 * y[0]) / 100e-6]

    t = np.linspace(0, 199e-6, 200)
    ref = radau(rhs, t, [sim.render([i("load")], start, 1.0, 1)[0, 0]])
    (amps,) = sim.render([i("load")], start, US, 200)
    np.testing.assert_allclose(amps, ref.y[0], atol=2e-3)
    assert 0.2 < 1 - sim.value(i("load")) / (48 / 4.011) < 0.6
    sim.set_ohms("load", 100.0)  # the arc cannot hold below 0.4 A
    sim.run_until(sim.now_ps + MS)
    assert sim.value(i("arc")) == 0.0
    assert [line.split()[1:] for line in sim.events.lines] == [["out", "arc"]]
    assert sim.value(v("a", "b")) == pytest.approx(48.0, rel=2e-3)
    sim.set_switch("arc", False)
    sim.set_ohms("load", 4.0)
    sim.set_switch("contact", True)
    sim.run_until(sim.now_ps + MS)
    sim.set_switch("contact", False)
    sim.set_switch("arc", True)
    sim.run_until(sim.now_ps + MS)
    assert sim.value(i("arc")) > 1.0


@pytest.mark.parametrize("law", [CassieArc(20.0, 50e-6, 1.0), MayrArc(60.0, 40e-6, 1.0)])
def test_dynamic_arcs_against_radau(law):
    ohms, henries = 4.0, 100e-6
    net = Network()
    net.source("e", "a", "0", 0.5)
    net.port("arc", "a", "b", law, switch="arc")
    net.resistor("stray", "b", "0", 50.0)
    net.branch("load", "b", "0", ohms, henries)
    sim = Simulation(net)
    sim.set_input("e", 48.0)
    sim.set_switch("arc", True)
    sim.run_until(MS // 2)

    def rhs(_, y):
        il, u = y
        g = np.exp(u)
        # i = g (a - b), a = 48 - 0.5 i, b = 50 (i - il)
        amps = g * (48 + 50 * il) / (1 + 50.5 * g)
        volts = amps / g
        rate = (volts / law.volts) ** 2 - 1 if isinstance(law, CassieArc) else volts * amps / law.watts - 1
        return [(50 * (amps - il) - ohms * il) / henries, rate / law.tau]

    t = np.arange(501) * 1e-6
    ref = radau(rhs, t, [0.0, 0.0])
    g = np.exp(ref.y[1])
    (amps, load) = sim.render([i("arc"), i("load")], 1, 1e6, 500)
    np.testing.assert_allclose(load, ref.y[0, :500], atol=5e-3)
    np.testing.assert_allclose(amps, (g * (48 + 50 * ref.y[0]) / (1 + 50.5 * g))[:500], atol=5e-3)
    assert len(sim.history) < 1000


def test_mayr_arc_goes_out_behind_too_high_a_resistance():
    net = Network()
    net.source("e", "a", "0", 100.0)
    net.resistor("stray", "a", "0", 1e6)
    net.port("arc", "a", "0", MayrArc(60.0, 10e-6, 1.0, min_amps=0.01), switch="arc")
    sim = Simulation(net)
    sim.set_input("e", 48.0)
    sim.set_switch("arc", True)
    sim.run_until(10 * MS)
    assert sim.value(i("arc")) == 0.0
    assert sim.value(v("a")) == pytest.approx(48.0, rel=1e-3)


def test_three_ports_share_a_bus_and_a_fourth_is_refused():
    net = Network()
    net.source("e", "bus", "0", 0.1)
    for k in range(4):
        net.resistor(f"line{k}", "bus", f"n{k}", 0.1)
        net.resistor(f"bleed{k}", f"n{k}", "0", 1e5)
        net.port(f"load{k}", f"n{k}", "0", ConstantPower(100.0, 20.0), switch=f"s{k}")
    sim = Simulation(net)
    sim.set_input("e", 48.0)
    for k in range(3):
        sim.set_switch(f"s{k}", True)
    sim.run_until(MS)
    each = sim.value(i("load0"))
    assert each * sim.value(v("n0")) == pytest.approx(100.0, rel=1e-9)
    for k in range(3):
        assert sim.value(i(f"load{k}")) == pytest.approx(each, rel=1e-9)
    sim.set_switch("s3", True)
    with pytest.raises(NetworkError, match=r"'load3'.*at most 3"):
        sim.run_until(2 * MS)


def test_power_that_is_stepped_and_sampled_input_beside_it():
    sim = fed(ConstantPower(100.0, 20.0))
    sim.set_switch("load", True)
    sim.run_until(20 * MS)
    sim.set_port("load", ConstantPower(150.0, 20.0))
    sim.set_sine("e", 1.0, 1000.0)
    sim.run_until(22 * MS)
    volts, amps = sim.render([v("in"), i("load")], 21 * MS, 3 * US, 300)
    np.testing.assert_allclose(volts * amps, 150.0, rtol=2e-4)
    assert np.ptp(volts) > 0.5


@pytest.mark.parametrize(
    ("build", "match"),
    [
        (lambda: ConstantPower(-1.0, 10.0), "constant power: watts is -1"),
        (lambda: ConstantPower(1.0, 0.0), "min_volts is 0"),
        (lambda: StaticArc(float("nan")), "static arc: volts is nan"),
        (lambda: CassieArc(20.0, 0.0, 1.0), "Cassie arc: tau is 0"),
        (lambda: MayrArc(20.0, 1.0, float("inf")), "Mayr arc: siemens is inf"),
    ],
)
def test_nonsense_laws(build, match):
    with pytest.raises(NetworkError, match=match):
        build()


def test_two_ports_on_one_pair_of_nodes_and_a_port_as_input():
    net = Network()
    net.source("e", "a", "0", 1.0)
    net.port("one", "a", "0", ConstantPower(1.0, 1.0))
    with pytest.raises(NetworkError, match=r"'one' and 'two' are both between"):
        net.port("two", "0", "a", ConstantPower(1.0, 1.0))
    sim = Simulation(net)
    with pytest.raises(NetworkError, match=r"'one' is a port"):
        sim.set_input("one", 1.0)
