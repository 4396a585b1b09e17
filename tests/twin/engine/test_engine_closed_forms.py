"""Networks whose motion is known in closed form."""

import numpy as np
import pytest

from rig.twin.engine import truth
from rig.twin.engine.network import Network
from rig.twin.engine.probe import i, slope, v
from rig.twin.engine.simulation import Simulation

US = 1_000_000  # ps


def test_rc_charge_follows_the_exponential_and_crosses_at_the_known_picosecond():
    net = Network()
    net.source("e", "in", "0", 9.0)
    net.capacitor("c", "in", "0", 1e-6, 1.0)
    sim = Simulation(net)
    sim.set_input("e", 10.0)
    seen = []
    sim.watch(i("c"), 0.25, -1, lambda: seen.append(sim.now_ps))
    sim.run_until(100 * US)
    assert seen == [13862944]  # 10 us * ln 4 = 13.862943 61 us, rounded up
    t = np.arange(101) * 1e-6
    current, volts = sim.render([i("c"), v("in")], 0, US, 101)
    np.testing.assert_allclose(current, np.exp(-t / 10e-6), atol=1e-14)
    np.testing.assert_allclose(volts, 10.0 - 9.0 * np.exp(-t / 10e-6), rtol=1e-13)


def test_rl_rise_current_slope_and_source_current():
    net = Network()
    net.source("e", "in", "0", 0.5)
    net.branch("l", "in", "0", 1.5, 1e-3)
    sim = Simulation(net)
    sim.set_input("e", 4.0)
    sim.run_until(700 * US)
    expected = 2.0 * (1 - np.exp(-700e-6 * 2e3))
    assert sim.value(i("l")) == pytest.approx(expected, rel=1e-13)
    assert sim.value(i("e")) == pytest.approx(expected, rel=1e-13)
    assert sim.value(slope("l")) == pytest.approx(4e3 * np.exp(-1.4), rel=1e-12)
    assert sim.value(v("in") - 4.0 * v("0") + i("e") * 0.5) == pytest.approx(4.0, rel=1e-13)


def test_series_rlc_rings_at_the_damped_frequency():
    r, ind, cap = 0.2, 2e-6, 5e-6
    net = Network()
    net.source("e", "in", "0", r / 4)
    net.branch("l", "in", "out", r / 4, ind)
    net.capacitor("c", "out", "0", cap, r / 2)
    sim = Simulation(net)
    sim.set_input("e", 1.0)
    sim.run_until(100 * US)
    alpha = r / (2 * ind)
    wd = np.sqrt(1 / (ind * cap) - alpha**2)
    t = np.arange(1001) * 1e-7
    expected = np.exp(-alpha * t) * np.sin(wd * t) / (wd * ind)
    (current,) = sim.render([i("l")], 0, US / 10, 1001)
    np.testing.assert_allclose(current, expected, atol=1e-13)
    top, at = truth.peak(sim, i("l"), 0, 100 * US)
    known = np.arctan2(wd, alpha) / wd
    assert at == round(known * 1e12)
    assert top == pytest.approx(np.exp(-alpha * known) * np.sin(wd * known) / (wd * ind), rel=1e-12)
    zeros = truth.crossings(sim, i("l"), 0.0, 1, 20 * US)
    assert [d for _, d in zeros] == [-1, 1, -1, 1][: len(zeros)]
    assert len(zeros) == int(20e-6 * wd / np.pi)
    for k, (ps, _) in enumerate(zeros, 1):
        assert abs(ps * 1e-12 - k * np.pi / wd) < 2e-12


def test_ramped_input_into_rc_lags_by_tau():
    net = Network()
    net.source("e", "in", "0", 99.0)
    net.capacitor("c", "in", "0", 1e-6, 1.0)
    sim = Simulation(net)
    sim.run_until(5 * US)
    sim.set_input("e", 0.0, slope=1e4)
    sim.run_until(405 * US)
    tau, t = 1e-4, 4e-4
    across = 1e4 * (t - tau * (1 - np.exp(-t / tau)))
    assert sim.value(v("in") - i("c")) == pytest.approx(across, rel=1e-12)
    sim.set_input("e", 4.0)  # where the ramp is: its slope ends
    sim.run_until(100_000 * US)
    assert sim.value(v("in")) == pytest.approx(4.0, rel=1e-12)


def test_current_source_into_capacitor_integrates_without_a_pole_to_divide_by():
    net = Network()
    net.capacitor("c", "top", "0", 2e-6, 0.1, volts=1.0)
    net.current_source("j", "top", "0")
    sim = Simulation(net)
    sim.set_input("j", 0.5, slope=1e3)
    sim.run_until(1000 * US)
    assert sim.value(i("j")) == pytest.approx(1.5, rel=1e-14)
    assert sim.value(v("top")) == pytest.approx(1.0 + (0.5e-3 + 0.5e3 * 1e-6) / 2e-6 + 0.15, rel=1e-13)


def test_opening_switch_cuts_the_branch_and_logs_the_lost_energy():
    net = Network()
    net.source("e", "in", "0", 1.0)
    net.branch("coil", "in", "0", 1.0, 4e-3, switch="k")
    sim = Simulation(net)
    sim.set_input("e", 6.0)
    sim.set_switch("k", True)
    sim.run_until(10**12)
    assert sim.value(i("coil")) == pytest.approx(3.0, rel=1e-12)
    sim.set_switch("k", False)
    assert sim.value(i("coil")) == 0.0
    assert sim.value(slope("coil")) == 0.0
    assert sim.value(v("in")) == 6.0
    assert sim.events.lines == ["1000000000000 cut branch coil 0.018 J"]


def test_mirror_loads_its_input_with_the_mirrored_current():
    net = Network()
    net.source("e", "in", "0", 0.5)
    net.resistor("leak", "in", "0", 1e6)
    net.source("f", "out", "0", 1.0)
    net.resistor("r", "out", "0", 9.0)
    net.mirror("m", "in", "0", 2.0, "f")
    sim = Simulation(net)
    sim.set_input("e", 48.0)
    sim.set_input("f", 10.0)
    assert sim.value(i("f")) == pytest.approx(1.0, rel=1e-14)
    assert sim.value(i("m")) == pytest.approx(2.0, rel=1e-14)
    assert sim.value(v("in")) == pytest.approx((48.0 - 1.0) * 1e6 / (1e6 + 0.5), rel=1e-13)


def test_mirror_of_a_branch_follows_its_current_with_sign():
    net = Network()
    net.branch("l", "0", "x", 1.0, 1e-3, amps=3.0)
    net.resistor("r", "x", "0", 1.0)
    net.resistor("load", "y", "0", 10.0)
    net.mirror("m", "0", "y", 0.5, "l")
    sim = Simulation(net)
    sim.run_until(500 * US)
    assert sim.value(v("y")) == pytest.approx(10.0 * 0.5 * 3.0 * np.exp(-1.0), rel=1e-12)


def test_critically_damped_circuit_has_no_eigenbasis_and_is_exact_all_the_same():
    ind, cap = 1e-6, 1e-6
    net = Network()
    net.source("e", "in", "0", 0.5)
    net.branch("l", "in", "out", 1.0, ind)
    net.capacitor("c", "out", "0", cap, 0.5)
    sim = Simulation(net)
    assert sim.history.segments[-1].mode.ladder is not None
    sim.set_input("e", 1.0)
    hits = []
    sim.watch(i("l"), 0.3, 1, lambda: hits.append(sim.now_ps))
    sim.watch(i("l"), 0.3, -1, lambda: hits.append(sim.now_ps))
    sim.run_until(20 * US)
    w = 1e6
    t = np.arange(2001) * 1e-8
    (current,) = sim.render([i("l")], 0, 1e4, 2001)
    np.testing.assert_allclose(current, t / ind * np.exp(-w * t), atol=1e-12)
    top, at = truth.peak(sim, i("l"), 0, 20 * US)
    assert at == US
    assert top == pytest.approx(np.exp(-1.0), rel=1e-12)
    assert truth.integral(sim, i("l"), 0, 20 * US) == pytest.approx(1e-6 * (1 - 21 * np.exp(-20.0)), rel=1e-11)
    whole = 0.25 * w / (w * w * 1.0)  # integral of (t w)^2 exp(-2 w t) = 1 / (4 w)
    assert truth.i2t(sim, i("l"), 0, 20 * US) == pytest.approx(whole, rel=1e-10)
    assert len(hits) == 2
    for ps in hits:
        assert w * ps * 1e-12 * np.exp(-w * ps * 1e-12) == pytest.approx(0.3, abs=1e-6)


def test_equal_parts_keep_their_eigenbasis():
    net = Network()
    for k in "abc":
        net.source(f"e{k}", f"in{k}", "0", 0.1)
        net.branch(f"l{k}", f"in{k}", f"out{k}", 0.1, 1e-6)
        net.capacitor(f"c{k}", f"out{k}", "0", 1e-6, 0.1)
    sim = Simulation(net)
    assert sim.history.segments[-1].mode.ladder is None


def test_four_diodes_agree_at_once_after_every_jump_of_the_source():
    net = Network()
    net.source("e", "p", "m", 0.01)
    net.resistor("ref", "m", "0", 1e6)
    for name, a, b in (("d1", "p", "top"), ("d2", "m", "top"), ("d3", "bottom", "p"), ("d4", "bottom", "m")):
        net.diode(name, a, b, 0.7, 0.02)
    net.resistor("load", "top", "bottom", 10.0)
    net.resistor("leak top", "top", "0", 1e6)
    net.resistor("leak bottom", "bottom", "0", 1e6)
    sim = Simulation(net)
    for volts in (20.0, -20.0, 1.0, -30.0, 0.0, 5.0):
        sim.set_input("e", volts)
        expected = max(0.0, abs(volts) - 1.4) / 10.05
        assert sim.value(i("load")) == pytest.approx(expected, rel=1e-4, abs=2e-6)
        on = ("d1", "d4") if volts > 0 else ("d2", "d3")
        if expected:
            assert sim.value(i(on[0]) + i(on[1])) == pytest.approx(2 * expected, rel=1e-4)
    sim.set_input("e", 5.0, -1e6)
    sim.run_until(10 * US)
    assert sim.value(i("load")) == pytest.approx(3.6 / 10.05, rel=1e-4)
    assert [d for _, d in truth.crossings(sim, i("load"), 0.1, 0, 10 * US)] == [-1, 1]


def test_resistance_changes_at_once():
    net = Network()
    net.source("e", "a", "0", 1.0)
    net.resistor("r", "a", "0", 1.0)
    sim = Simulation(net)
    sim.set_input("e", 12.0)
    assert sim.value(v("a")) == pytest.approx(6.0)
    sim.set_ohms("r", 3.0)
    assert sim.value(v("a")) == pytest.approx(9.0)
    sim.set_ohms("e", 5.0)
    assert sim.value(i("r")) == pytest.approx(1.5)
